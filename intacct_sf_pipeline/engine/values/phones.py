"""Telephone numbers: one form (E.164, extension kept) for the many ways in which people write a number.

Parsing is `phonenumbers`' work. Text around a number is never dropped: what is not a number and nothing else is
compared as its letters and digits, so that "ask for the warehouse" written behind a number is still a change.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from intacct_sf_pipeline.engine.values.text import single_line

_EXTENSION = re.compile(
    r"[\s,;]*(?:;ext=|\bext(?:ension|n)?\b[.:]?|(?<![A-Za-z])x|#)\s*[.:]?\s*(\d{1,7})$", re.IGNORECASE
)
_LABEL = re.compile(r"^(?:tel(?:ephone|efon)?|phone|ph)\b[.:]*\s*", re.IGNORECASE)
_NUMBER = re.compile(r"\+?[\d\s()./\-‐-―−·]*\d[\d\s()./\-‐-―−·]*")
_VANITY = re.compile(r"[+\d\s().\-]*\d[\s.\-]*[A-Za-z][A-Za-z\s.\-]{2,}[\d\s.\-]*")
_E164 = re.compile(r"\+\d{6,15}", re.ASCII)
_NANP = re.compile(r"(?:\+?1)?([2-9]\d{9})")
_PUNCTUATION = str.maketrans("", "", " ().-")
_NANP_REGIONS = frozenset({"US", "CA"})
_SETTLED_AFTER = 6


@lru_cache(maxsize=8_192)
def phone(text: str, region: str) -> str | None:
    """The canonical form of a telephone number written in `region` (ISO alpha-2).

    "+14155550100", "+14155550100;ext=12", or the bare letters and digits of what is no number; None when none is left.
    """
    if region in _NANP_REGIONS and (quick := _NANP.fullmatch(text.translate(_PUNCTUATION))) and text.isascii():
        return f"+1{quick[1]}"
    form = single_line(_plain_digits(text))
    for _ in range(_SETTLED_AFTER):
        if form is None or (settled := _once(form, region)) == form:
            return form
        form = settled
    return form


def readable(canonical: str) -> str:
    """A canonical number as people write it: "+1 415-555-0100 ext. 12"; anything else stays as it is."""
    number, _, extension = canonical.partition(";ext=")
    if not _E164.fullmatch(number):
        return canonical
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return canonical
    if _formatted(parsed) != number:
        return canonical
    written = phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    return f"{written} ext. {extension}" if extension else str(written)


def _once(text: str, region: str) -> str | None:
    number, extension = _split(_LABEL.sub("", text))
    e164 = _e164(number, region)
    main = e164 or _bare(number)
    if not main:
        return _bare(text) or None
    return f"{main};ext={extension}" if extension else main


def _split(text: str) -> tuple[str, str]:
    found = _EXTENSION.search(text)
    if found is None or not any(char.isdigit() for char in text[: found.start()]):
        return text, ""
    return text[: found.start()].rstrip(" ,;"), found[1]


def _e164(number: str, region: str) -> str | None:
    digits_only = _NUMBER.fullmatch(number) is not None
    if not digits_only and not _VANITY.fullmatch(number):
        return None
    parsed = _parsed(number, region, strict=not digits_only)
    if parsed is None and number.startswith("00"):
        parsed = _parsed(f"+{number[2:]}", region, strict=True)
    return parsed


def _parsed(number: str, region: str, *, strict: bool) -> str | None:
    """E.164 if the number is possible (`strict`: valid) and E.164 text is read back as the same number."""
    try:
        parsed = phonenumbers.parse(number, region)
        if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
            return None
        if strict and not phonenumbers.is_valid_number(parsed):
            return None
        e164 = _formatted(parsed)
        return e164 if _is_read_back(e164, parsed.country_code or 0) else None
    except NumberParseException:
        return None


def _is_read_back(e164: str, calling_code: int) -> bool:
    """Whether reading `e164` gives itself: a second trunk prefix behind the calling code would be cut."""
    trunk = _trunk_prefix(calling_code)
    if trunk is None or not trunk.match(e164, len(str(calling_code)) + 1):
        return True
    return _formatted(phonenumbers.parse(e164)) == e164


@lru_cache(maxsize=256)
def _trunk_prefix(calling_code: int) -> re.Pattern[str] | None:
    region = phonenumbers.region_code_for_country_code(calling_code)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(calling_code, region)
    prefix = metadata.national_prefix_for_parsing if metadata else None
    return re.compile(prefix) if prefix else None


def _formatted(parsed: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(parsed, PhoneNumberFormat.E164))


def _bare(text: str) -> str:
    letters = "".join(char for char in text.casefold() if char.isalnum())
    return f"+{letters}" if text.startswith("+") and letters else letters


def _plain_digits(text: str) -> str:
    """`text` in compatibility form, every decimal digit of any script as 0 to 9."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in folded)
