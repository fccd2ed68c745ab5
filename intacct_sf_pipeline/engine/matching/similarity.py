"""How much alike two names or addresses are, from 0 to 1. Pure; word by word, so that another word is another name.

"Granite Holt Tools" and "Granit Holt Tools" are alike (a slip of the pen); "Granite Holt Tools" and "Granite Holt
Pumps" are not, although as many letters are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from intacct_sf_pipeline.engine.matching.name_words import plain_words, undigraphed
from intacct_sf_pipeline.engine.matching.nicknames import same_first_name
from intacct_sf_pipeline.model.fields import MatchForm

NEUTRAL = 0.6
"""Neither speaks for two records being one nor against it."""

_SWAPPED = 0.97
_CONTAINED = 0.82
_ACRONYM = 0.85
_OPPOSITE = 0.5
_OPPOSITES = frozenset(
    [
        "north",
        "south",
        "east",
        "west",
        "northern",
        "southern",
        "eastern",
        "western",
        "upper",
        "lower",
        "old",
        "new",
        "nord",
        "sud",
        "ost",
        "est",
        "oeste",
        "este",
        "norte",
        "sur",
        "ouest",
        "central",
        "i",
        "ii",
        "iii",
        "iv",
        "v",
        "vi",
        "a",
        "b",
        "c",
        "junior",
        "senior",
        "jr",
        "sr",
    ]
)
_STREET_WORDS = {
    "st": "street", "str": "strasse", "ave": "avenue", "av": "avenue", "rd": "road", "blvd": "boulevard", "ln": "lane",
    "dr": "drive", "hwy": "highway", "pkwy": "parkway", "sq": "square", "pl": "place", "ct": "court", "ul": "ulica",
    "n": "north", "s": "south", "e": "east", "w": "west",
}  # fmt: skip


def names_alike(one: tuple[str, ...], other: tuple[str, ...], form: MatchForm) -> float:
    """How much alike two names are, given as their words (`name_words`); word order does not count.

    The same both ways round, so that two records are candidates of each other or neither is.
    """
    return _names_alike(*sorted((one, other)), form)


@lru_cache(maxsize=8_192)
def _names_alike(one: tuple[str, ...], other: tuple[str, ...], form: MatchForm) -> float:
    if not one or not other:
        return 0.0
    joined = undigraphed("".join(one)), undigraphed("".join(other))
    if joined[0] == joined[1]:
        return 1.0
    if form is not MatchForm.TITLE and sorted(one) == sorted(other):
        return _SWAPPED
    pairs, left, right = _aligned(one, other, form)
    unmatched = (*left, *right)
    if any(_telling(word) for word in unmatched) and left and right:
        return min(_OPPOSITE, _share(pairs, unmatched))
    alike = _share(pairs, unmatched)
    if form is MatchForm.TITLE:
        return alike
    if bool(left) != bool(right) and any(len(a) >= 4 and worth >= 0.9 for a, _, worth in pairs):
        alike = max(alike, min(_CONTAINED, _share(pairs, ())))
    if _acronym(one, other) or _acronym(other, one):
        alike = max(alike, _ACRONYM)
    return max(alike, _as_one_word(*joined))


def streets_alike(one: str, other: str) -> float:
    """How much alike two streets are: another house number is another street; a suite or dock more is the same."""
    a, b = _street_words(one), _street_words(other)
    numbers = {w for w in a if w[0].isdigit()}, {w for w in b if w[0].isdigit()}
    if "box" in a or "box" in b or not a or not b:
        return NEUTRAL if a != b else 1.0
    if numbers[0] and numbers[1] and not numbers[0] & numbers[1]:
        return 0.0
    nested = numbers[0] <= numbers[1] or numbers[1] <= numbers[0]
    names = " ".join(w for w in a if w not in numbers[0]), " ".join(w for w in b if w not in numbers[1])
    ratio = fuzz.token_set_ratio(*names) / 100 if all(names) else NEUTRAL
    if ratio >= 0.8:
        return 1.0 if nested and bool(numbers[0]) == bool(numbers[1]) else NEUTRAL
    return 0.0 if ratio < 0.5 else NEUTRAL


def words_alike(one: str, other: str) -> float:
    """How much alike two plain texts are (cities): a slip of the pen, or one contained in the other, is still alike."""
    a, b = tuple(plain_words(one)), tuple(plain_words(other))
    if set(a) <= set(b) or set(b) <= set(a):
        return 1.0 if a and b else NEUTRAL
    return names_alike(a, b, MatchForm.WORDS)


def _aligned(
    one: Sequence[str], other: Sequence[str], form: MatchForm
) -> tuple[list[tuple[str, str, float]], list[str], list[str]]:
    """The words that stand for each other with how sure that is, and those of either side without a counterpart."""
    right = list(other)
    left: list[str] = []
    pairs: list[tuple[str, str, float]] = []
    for word in one:
        if word in right:
            right.remove(word)
            pairs.append((word, word, 1.0))
        else:
            left.append(word)
    for word in list(left):
        worth, best = max(((_word(word, w, form), w) for w in right), default=(0.0, ""))
        if worth > 0:
            left.remove(word)
            right.remove(best)
            pairs.append((word, best, worth))
    return pairs, left, right


def _word(one: str, other: str, form: MatchForm) -> float:
    """How sure two different words are meant to be the same; 0: they are not."""
    short, long = sorted((one, other), key=len)
    if any(char.isdigit() for char in short + long) or {one, other} <= _OPPOSITES:
        return 0.0
    if form is MatchForm.PERSON:
        if len(short) == 1:
            return 0.93 if long.startswith(short) else 0.0
        if same_first_name(one, other):
            return 0.95
        if long.startswith(short):
            return 0.85
    elif form is MatchForm.COMPANY:
        if len(short) == 1 and long.startswith(short):
            return 0.8
        if len(short) >= 3 and long.startswith(short):
            return 0.85
    if undigraphed(one) == undigraphed(other):
        return 1.0
    distance = OSA.distance(one, other, score_cutoff=2)
    if distance > (2 if len(short) >= 8 else 1) or len(long) < 4 or len(short) < (3 if form is MatchForm.TITLE else 4):
        return 0.0
    return 1 - distance * (0.5 if len(short) >= 6 else 0.8) / len(long)


def _share(pairs: Sequence[tuple[str, str, float]], unmatched: Sequence[str]) -> float:
    matched = sum(max(len(a), len(b), 2) * worth for a, b, worth in pairs)
    whole = sum(max(len(a), len(b), 2) for a, b, _ in pairs) + sum(max(len(word), 2) for word in unmatched) / 2
    return matched / whole if whole else 0.0


def _telling(word: str) -> bool:
    return word in _OPPOSITES or any(char.isdigit() for char in word)


def _acronym(short: Sequence[str], long: Sequence[str]) -> bool:
    return len(short) == 1 and len(long) >= 3 and short[0] == "".join(word[0] for word in long)


def _as_one_word(one: str, other: str) -> float:
    """Names that differ in their spaces and a letter ("Blueharbor Tools", "Blue Harbour Tools")."""
    length = max(len(one), len(other))
    if length < 8 or any(char.isdigit() for char in one + other):
        return 0.0
    distance = OSA.distance(one, other, score_cutoff=2)
    return 1 - distance * 0.5 / length if distance <= (2 if length >= 14 else 1) else 0.0


@lru_cache(maxsize=8_192)
def _street_words(street: str) -> tuple[str, ...]:
    spaced = street.replace("\n", " ")
    words = (_STREET_WORDS.get(word, word) for word in plain_words(spaced))
    return tuple(word.replace("strasse", "str") for word in words)
