"""The same fact written in different ways: telephone numbers, company and e-mail names, record ids. Pure functions.

Both systems hold the same company but people typed it twice; these functions make the second spelling. Nothing here
changes what a value means.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from random import Random
from typing import TypeVar

T = TypeVar("T")

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_LETTERS = "ABDEFGHJLNPRSTUWXYZ"
_EXTRA_LETTERS = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O"})
_GENERATED_POD = "9Zd"
_NOT_ALPHANUMERIC = re.compile("[^a-z0-9]+")


def pick(rng: Random, choices: Sequence[T]) -> T:
    """Return one of `choices`; the same as `rng.choice`, at a third of its cost."""
    return choices[int(rng.random() * len(choices))]


def fill(pattern: str, rng: Random) -> str:
    """Replace each `#` of `pattern` by a random digit and each `@` by a random capital letter."""
    return "".join([_random_run(run, rng) if run[0] in "#@" else run for run in _runs(pattern)])


def _random_run(run: str, rng: Random) -> str:
    if run[0] == "#":
        return f"{int(rng.random() * 10 ** len(run)):0{len(run)}d}"
    return "".join([pick(rng, _LETTERS) for _ in run])


@lru_cache(maxsize=1024)
def _runs(pattern: str) -> tuple[str, ...]:
    return tuple(re.findall("#+|@+|[^#@]+", pattern))


def unaccented(text: str) -> str:
    """Return `text` in plain ASCII letters ("Núñez" -> "Nunez"); characters without a counterpart are dropped."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_EXTRA_LETTERS))
    return decomposed.encode("ascii", "ignore").decode("ascii")


def folded(text: str) -> str:
    """Return the letters and digits of `text` alone, unaccented and lower-case: what makes two names the same."""
    return _NOT_ALPHANUMERIC.sub("", unaccented(text).lower())


@lru_cache(maxsize=8192)
def mail_word(text: str) -> str:
    """Return `text` as part of an e-mail address or domain: lower-case ASCII words joined by single hyphens."""
    return _NOT_ALPHANUMERIC.sub("-", unaccented(text).lower().replace("'", "")).strip("-")


def international(national: str, calling_code: str) -> str:
    """Return a national number with its calling code: "020 7946 0123" -> "+44 20 7946 0123"."""
    body = national[1:] if national.startswith("0") else national.replace("(", "").replace(")", "")
    return f"+{calling_code} {body}"


def e164(national: str, calling_code: str) -> str:
    """Return a national number in E.164: "020 7946 0123" -> "+442079460123"."""
    digits = "".join(char for char in national if char.isdigit())
    return f"+{calling_code}{digits.removeprefix('0')}"


def respelled_phone(national: str, calling_code: str, rng: Random) -> str:
    """Return the same telephone number as somebody else might type it."""
    draw = rng.random()
    if draw < 0.35:
        return international(national, calling_code)
    if draw < 0.55:
        return e164(national, calling_code)
    if draw < 0.75:
        return international(national, calling_code).replace(" ", "-").replace("-", " ", 1)
    if draw < 0.9:
        return ".".join(part for part in national.replace("(", "").replace(")", "").replace("-", " ").split())
    return "".join(char for char in national if char.isdigit())


def respelled_name(base: str, legal_forms: tuple[str, ...], rng: Random) -> str:
    """Return a company name with its legal form, case or spacing written another way."""
    draw = rng.random()
    name = base + pick(rng, legal_forms)
    if draw < 0.15:
        return name.upper() if "ß" not in name else name
    if draw < 0.25:
        return name.replace(" ", "  ", 1)
    return name


def salesforce_id(prefix: str, number: int) -> str:
    """Return the 18-character record id `number` of the object with key `prefix`, check characters included.

    Source: salesforce reference, Objects (each block of five characters yields one check character).
    """
    high, low = divmod(number, 62 * 62)
    fixed, checks, upper_case = _id_head(prefix, high)
    fourth, fifth = _BASE62[low // 62], _BASE62[low % 62]
    upper_case |= (8 if fourth.isupper() else 0) | (16 if fifth.isupper() else 0)
    return f"{fixed}{fourth}{fifth}{checks}{_CHECK[upper_case]}"


@lru_cache(maxsize=256)
def _id_head(prefix: str, high: int) -> tuple[str, str, int]:
    """Return the first 13 characters, two check characters, and the upper-case bits of the last block so far."""
    digits = (high // 3844 % 62, high // 62 % 62, high % 62)
    fixed = f"{prefix}{_GENERATED_POD}0000" + "".join(_BASE62[digit] for digit in digits)
    return fixed, _CHECK[_upper_case(fixed[:5])] + _CHECK[_upper_case(fixed[5:10])], _upper_case(fixed[10:])


def _upper_case(block: str) -> int:
    return sum(1 << place for place, char in enumerate(block) if char.isupper())
