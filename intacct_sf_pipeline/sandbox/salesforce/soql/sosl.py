"""SOSL: from the text of a search to its parts. What the parts find is in `text_search`.

Each object of RETURNING becomes a SOQL statement, so that its fields and conditions are read as SOQL's are.
Source: SOQL and SOSL Reference, SOSL Syntax.
"""

import re
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError

MOST_RECORDS = 2_000
GROUPS = ("ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR")
_FIND = re.compile(r"\s*FIND\b\s*", re.IGNORECASE)
_IN = re.compile(r"\s*IN\s+(\w+)\s+FIELDS\b", re.IGNORECASE)
_RETURNING = re.compile(r"\s*RETURNING\b", re.IGNORECASE)
_OBJECT = re.compile(r"\s*([A-Za-z]\w*)\s*")
_WITH = re.compile(r"\s*WITH\s+(?:(?!\bWITH\b|\bLIMIT\b|\bUPDATE\b).)+", re.IGNORECASE | re.DOTALL)
_LIMIT = re.compile(r"\s*LIMIT\s+(\d+)", re.IGNORECASE)
_UPDATE = re.compile(r"\s*UPDATE\s+(?:TRACKING|VIEWSTAT)(?:\s*,\s*(?:TRACKING|VIEWSTAT))*", re.IGNORECASE)
_CLAUSE = re.compile(r"\b(USING|WHERE|ORDER|LIMIT|OFFSET)\b", re.IGNORECASE)
_LIST_VIEW = re.compile(r"\bUSING\s+ListView\s*=\s*\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Returning:
    """One object of a search: its name and the statement that its rows are read with."""

    sobject: str
    statement: str


@dataclass(frozen=True, slots=True)
class Search:
    """A search: the words, the group of fields they are sought in, and the objects; all of them when none is named."""

    words: str
    group: str = "ALL"
    returning: tuple[Returning, ...] = ()
    limit: int = MOST_RECORDS


def parse_search(text: str) -> Search:
    """The parts of a statement; raises `ApiError` MALFORMED_SEARCH."""
    found = _FIND.match(text)
    if found is None:
        raise malformed_search(
            f"line 1:0 mismatched input '{text.split(maxsplit=1)[0] if text.split() else ''}' expecting 'FIND'"
        )
    words, place = _words(text, found.end())
    group = "ALL"
    if (match := _IN.match(text, place)) is not None:
        group, place = match[1].upper(), match.end()
        if group not in GROUPS:
            raise malformed_search(f"unexpected token: '{match[1]}'")
    returning: list[Returning] = []
    if (match := _RETURNING.match(text, place)) is not None:
        returning, place = _returning(text, match.end())
    while (match := _WITH.match(text, place)) is not None:
        place = match.end()
    limit = MOST_RECORDS
    if (match := _LIMIT.match(text, place)) is not None:
        limit, place = min(limit, int(match[1])), match.end()
    if (match := _UPDATE.match(text, place)) is not None:
        place = match.end()
    if text[place:].strip():
        raise malformed_search(f"unexpected token: '{text[place:].split(maxsplit=1)[0]}'")
    return Search(words, group, tuple(returning), limit)


def statement_of(sobject: str, fields: str, rest: str = "") -> Returning:
    """An object with the fields and the clauses of its rows."""
    parts = ("SELECT", fields or "Id", "FROM", sobject, _LIST_VIEW.sub("", rest).strip())
    return Returning(sobject, " ".join(part for part in parts if part))


def malformed_search(message: str) -> ApiError:
    """MALFORMED_SEARCH."""
    return ApiError("MALFORMED_SEARCH", message)


def _words(text: str, place: int) -> tuple[str, int]:
    """What stands between the braces, and where they end; a backslash takes a brace's meaning away."""
    if text[place : place + 1] != "{":
        raise malformed_search("No search term found. The search term must be enclosed in braces.")
    end = place + 1
    while end < len(text) and text[end] != "}":
        end += 2 if text[end] == "\\" else 1
    if end >= len(text):
        raise malformed_search("No search term found. The search term must be enclosed in braces.")
    return text[place + 1 : end], end + 1


def _returning(text: str, place: int) -> tuple[list[Returning], int]:
    found: list[Returning] = []
    while True:
        match = _OBJECT.match(text, place)
        if match is None:
            raise malformed_search("RETURNING: an object is expected")
        place = match.end()
        inner, place = _parenthesised(text, place) if text[place : place + 1] == "(" else ("Id", place)
        clause = _CLAUSE.search(inner)
        fields = inner[: clause.start()] if clause is not None else inner
        found.append(statement_of(match[1], fields.strip(), inner[clause.start() :] if clause is not None else ""))
        following = re.compile(r"\s*,").match(text, place)
        if following is None:
            return found, place
        place = following.end()


def _parenthesised(text: str, place: int) -> tuple[str, int]:
    """What stands between a parenthesis and its partner; strings are passed over."""
    depth, quoted, position = 0, False, place
    while position < len(text):
        letter = text[position]
        if quoted:
            position += letter == "\\"
            quoted = letter != "'"
        elif letter == "'":
            quoted = True
        elif letter in "()":
            depth += 1 if letter == "(" else -1
            if not depth:
                return text[place + 1 : position], position + 1
        position += 1
    raise malformed_search("unexpected token: '<EOF>'")
