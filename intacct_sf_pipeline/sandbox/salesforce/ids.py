"""Record ids: the 15 and 18 character forms, check characters and a generator per key prefix.

What belongs here: everything that knows how an id is spelled. Source: salesforce.md section 8.
"""

from collections.abc import Container
from functools import lru_cache

CHECK_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_POD = "Ws0"
SHORT, LONG = 15, 18


def check_characters(short_id: str) -> str:
    """The three check characters of a 15-character id: one per block of five, bit k set when character k is A-Z."""
    return _mark(short_id[:5]) + _mark(short_id[5:10]) + _mark(short_id[10:])


@lru_cache(maxsize=65_536)
def _mark(block: str) -> str:
    return CHECK_ALPHABET[sum(1 << k for k, letter in enumerate(block) if "A" <= letter <= "Z")]


def looks_like_id(text: object) -> bool:
    """Whether `text` has the length and alphabet of an id (its check characters are not looked at)."""
    return isinstance(text, str) and len(text) in (SHORT, LONG) and text.isascii() and text.isalnum()


def to_long(text: str) -> str | None:
    """The 18-character form of a 15 or 18 character id, or None when `text` is not a well-formed id.

    An 18-character id folded to one letter case, as case-insensitive stores spell it, is restored from its check
    characters; one in mixed case must match them.
    """
    if not looks_like_id(text):
        return None
    short, suffix = text[:SHORT], text[SHORT:]
    if not suffix:
        return short + check_characters(short)
    if check_characters(short) == suffix:
        return text
    folded = text in (text.lower(), text.upper())
    return _restore_case(short.lower(), suffix.upper()) if folded else None


def _restore_case(short: str, suffix: str) -> str | None:
    letters = list(short)
    for block, mark in enumerate(suffix):
        bits = CHECK_ALPHABET.find(mark)
        if bits < 0:
            return None
        for k in range(5):
            if bits >> k & 1:
                letters[block * 5 + k] = letters[block * 5 + k].upper()
    restored = "".join(letters)
    return restored + suffix if check_characters(restored) == suffix else None


def prefix_of(record_id: str) -> str:
    """The three-character key prefix that names the object type."""
    return record_id[:3]


class IdFactory:
    """Hands out ids in ascending order per key prefix, skipping those already taken."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def new(self, prefix: str, taken: Container[str] = ()) -> str:
        """A fresh 18-character id that is not in `taken`."""
        while True:
            number = self._next.get(prefix, 1)
            self._next[prefix] = number + 1
            short = prefix + _POD + _base62(number, SHORT - len(prefix) - len(_POD))
            candidate = short + check_characters(short)
            if candidate not in taken:
                return candidate


def _base62(number: int, width: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return digits.rjust(width, "0")
