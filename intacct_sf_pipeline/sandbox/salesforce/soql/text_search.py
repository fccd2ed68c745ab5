"""What a search finds: words against the texts of rows.

Texts are taken apart into words of letters and digits; a term is a word, perhaps with `*` (any run) and `?` (one
character), or a phrase in quotes. Terms that stand side by side must all be found.
Source: SOQL and SOSL Reference, FIND {SearchQuery} and IN SearchGroup.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.soql.sosl import malformed_search
from intacct_sf_pipeline.sandbox.salesforce.values import Row

Words = list[str]
Finds = Callable[[Sequence[Words]], bool]
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|((?:[^\s"()\\]|\\.)+)', re.DOTALL)
_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 2
_NAMES = ("FirstName", "LastName")


def searched_fields(user: User, sobject: SObjectType, group: str) -> tuple[Field, ...]:
    """The fields that a search group means for an object and that the user may see."""
    return tuple(field for field in user.fields(sobject) if _in_group(field, group))


def row_test(words: str, fields: Sequence[Field]) -> Callable[[Row], bool]:
    """Whether a row holds what is sought; raises `ApiError` MALFORMED_SEARCH."""
    finds = compile_search(words)
    names = [(field.name, field.type == "phone") for field in fields]

    def test(row: Row) -> bool:
        texts = []
        for name, is_phone in names:
            value = row[name]
            if isinstance(value, str):
                texts.append(_words(value))
                if is_phone:
                    texts.append(["".join(re.findall(r"\d", value))])
        return finds(texts)

    return test


def compile_search(words: str) -> Finds:
    """A search query made ready."""
    tokens = [match.groups() for match in _TOKEN.finditer(words)]
    if not tokens or not any(len("".join(_words(part or ""))) >= _SHORTEST for token in tokens for part in token):
        raise malformed_search(f"search term must be longer than one character: FIND {{{words}}}")
    found, rest = _either(tokens)
    if rest:
        raise malformed_search("unbalanced parentheses in the search term")
    return found


Tokens = list[tuple[str | None, ...]]


def _either(tokens: Tokens) -> tuple[Finds, Tokens]:
    first, rest = _both(tokens)
    parts = [first]
    while rest and rest[0][2] == "OR":
        one, rest = _both(rest[1:])
        parts.append(one)
    return (parts[0] if len(parts) == 1 else lambda texts: any(part(texts) for part in parts)), rest


def _both(tokens: Tokens) -> tuple[Finds, Tokens]:
    parts: list[Finds] = []
    rest = tokens
    while rest and rest[0][2] != "OR" and rest[0][1] != ")":
        if rest[0][2] == "AND":
            rest = rest[1:]
            continue
        negated = rest[0][2] == "NOT"
        one, rest = _term(rest[1:] if negated else rest)
        parts.append(partial(_not, one) if negated else one)
    if not parts:
        raise malformed_search("a search term is expected")
    return (parts[0] if len(parts) == 1 else lambda texts: all(part(texts) for part in parts)), rest


def _not(finds: Finds, texts: Sequence[Words]) -> bool:
    return not finds(texts)


def _term(tokens: Tokens) -> tuple[Finds, Tokens]:
    if not tokens:
        raise malformed_search("a search term is expected")
    phrase, bracket, word = tokens[0]
    if bracket == "(":
        inner, rest = _either(tokens[1:])
        if not rest or rest[0][1] != ")":
            raise malformed_search("unbalanced parentheses in the search term")
        return inner, rest[1:]
    if phrase is not None:
        return _phrase(_words(_plain(phrase))), tokens[1:]
    return _phrase(_patterns(word or "")), tokens[1:]


def _phrase(wanted: Sequence[str]) -> Finds:
    """Whether words stand side by side; patterns are matched word by word."""
    patterns = [re.compile(_expression(one)) for one in wanted]
    size = len(patterns)

    def finds(texts: Sequence[Words]) -> bool:
        return any(
            all(pattern.fullmatch(word) for pattern, word in zip(patterns, text[start:], strict=False))
            for text in texts
            for start in range(len(text) - size + 1)
        )

    return finds


def _patterns(word: str) -> list[str]:
    """The words of an unquoted term, wildcards kept; an escaped wildcard is an ordinary character."""
    kept = re.sub(r"\\(.)", lambda match: " " if not match[1].isalnum() else match[1], word)
    return [part for part in re.findall(r"[^\W_*?]*(?:[*?][^\W_*?]*)+|[^\W_]+", kept.lower()) if part]


def _expression(pattern: str) -> str:
    return "".join(".*" if letter == "*" else "." if letter == "?" else re.escape(letter) for letter in pattern)


def _plain(phrase: str) -> str:
    return re.sub(r"\\(.)", r"\1", phrase)


def _words(text: str) -> Words:
    return _WORD.findall(text.lower())


def _in_group(field: Field, group: str) -> bool:
    by_group = {
        "NAME": field.name_field or field.name in _NAMES,
        "EMAIL": field.type == "email",
        "PHONE": field.type == "phone",
    }
    if group == "SIDEBAR":
        return any(by_group.values())
    if group in by_group:
        return by_group[group]
    return (field.is_text and field.type != "picklist" and field.compound is None) or by_group["NAME"]
