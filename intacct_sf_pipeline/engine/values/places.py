"""Countries, states and postal codes: one code for the many ways in which people write a place.

The ISO tables come from `pycountry`; they are read at first use and kept.
"""

from __future__ import annotations

import gettext
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

import pycountry

from intacct_sf_pipeline.engine.values.place_names import COUNTRY_ALIASES, COUNTRY_DISPLAY, POSTAL_SHAPES, STATE_ALIASES
from intacct_sf_pipeline.engine.values.text import composed, single_line, unaccented

_LANGUAGES = (
    "de", "fr", "es", "it", "pt", "pt_BR", "nl", "pl", "sv", "da", "nb_NO", "fi", "cs", "sk", "hu", "ro", "tr", "el",
    "ru", "uk", "ja", "ko", "zh_CN", "zh_TW", "he", "et", "lv", "lt", "sl", "hr", "bg", "ca", "is",
)  # fmt: skip
_BRACKETS = re.compile(r"[\[\](/*]")


@lru_cache(maxsize=8192)
def country(text: str) -> str | None:
    """The ISO 3166 alpha-2 code of a country written as a code or a name in any of the common languages.

    An unknown name stays, case-folded; None when the text is blank.
    """
    name = single_line(text)
    if name is None:
        return None
    return _country_codes().get(_folded(name)) or composed(name.casefold())


def is_country_code(code: str) -> bool:
    """Whether `code` is an ISO 3166 alpha-2 code (or XK for Kosovo)."""
    return code in _alpha_2_codes()


def country_name(code: str) -> str:
    """The common English name of a country: "South Korea", not "Korea, Republic of"; an unknown code stands for
    itself.
    """
    if code in COUNTRY_DISPLAY:
        return COUNTRY_DISPLAY[code]
    found = pycountry.countries.get(alpha_2=code)
    if found is None:
        return code
    return str(getattr(found, "common_name", found.name))


@lru_cache(maxsize=8192)
def state(text: str, country_code: str) -> str | None:
    """The subdivision code ("CA") of a state of `country_code`, written as a code, a name or a customary abbreviation.

    Anything else stays as one trimmed line, its case kept; None when the text is blank.
    """
    name = single_line(text)
    if name is None:
        return None
    return _state_codes(country_code).get(_folded(name)) or name


@lru_cache(maxsize=8_192)
def postal_code(text: str, country_code: str) -> str | None:
    """Upper case with single blanks; where a country's codes have a fixed shape, the separator in its place.

    "sw1a1aa" is "SW1A 1AA" in GB, "941050001" is "94105-0001" in US. None when the text is blank.
    """
    line = single_line(text)
    if line is None:
        return None
    upper = composed(line.upper())
    if shape := POSTAL_SHAPES.get(country_code):
        pattern, separator = shape
        if found := re.fullmatch(pattern, re.sub("[ -]", "", upper), re.ASCII):
            return f"{found[1]}{separator}{found[2]}"
    return upper


def _folded(name: str) -> str:
    letters = "".join(char for char in unaccented(name) if char.isalnum())
    return letters.removeprefix("the") if len(letters) > 6 else letters


@lru_cache(maxsize=1)
def _alpha_2_codes() -> frozenset[str]:
    return frozenset({*(str(entry.alpha_2) for entry in pycountry.countries), "XK"})


@lru_cache(maxsize=1)
def _country_codes() -> Mapping[str, str]:
    """Every known spelling, folded, and its code; names that mean different countries in two languages are left out."""
    english, foreign = dict[str, str](), defaultdict[str, set[str]](set)
    translate = [_translation(language).gettext for language in _LANGUAGES]
    for entry in pycountry.countries:
        names = [str(getattr(entry, kind)) for kind in ("name", "common_name", "official_name") if hasattr(entry, kind)]
        for name in (*names, entry.alpha_2, entry.alpha_3, *(part.partition(",")[0] for part in names[1:])):
            english[_folded(str(name))] = str(entry.alpha_2)
        for name in names:
            for spelling in {translated(name) for translated in translate}:
                foreign[_folded(spelling)].add(str(entry.alpha_2))
    curated = {_folded(name): code for name, code in {**COUNTRY_ALIASES, **_inverse(COUNTRY_DISPLAY)}.items()}
    return {**{name: next(iter(codes)) for name, codes in foreign.items() if len(codes) == 1}, **english, **curated}


def _translation(language: str) -> gettext.NullTranslations:
    return gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)


def _inverse(names: Mapping[str, str]) -> dict[str, str]:
    return {name: code for code, name in names.items()}


@lru_cache(maxsize=512)
def _state_codes(country_code: str) -> Mapping[str, str]:
    """Spellings of the subdivisions of one country; a name that two of them share stands for neither."""
    names, codes = defaultdict[str, set[str]](set), dict[str, str]()
    for entry in _subdivisions().get(country_code, ()):
        code = entry.code.partition("-")[2]
        codes[_folded(code)] = codes[_folded(entry.code)] = code
        for name in _spellings(entry.name):
            names[_folded(name)].add(code)
    unique = {name: next(iter(shared)) for name, shared in names.items() if len(shared) == 1 and name}
    aliases = {_folded(name): code for name, code in STATE_ALIASES.get(country_code, {}).items()}
    return {**unique, **aliases, **codes}


class _Subdivision(Protocol):
    code: str
    name: str
    country_code: str


@lru_cache(maxsize=1)
def _subdivisions() -> Mapping[str, list[_Subdivision]]:
    by_country = defaultdict[str, list[_Subdivision]](list)
    for entry in pycountry.subdivisions:
        by_country[entry.country_code].append(entry)
    return by_country


def _spellings(name: str) -> list[str]:
    """The names in one entry of the table: "Catalunya [Cataluña]", "Durham, County", "Bolama / Bijagós"."""
    parts = [part.strip(" )]*") for part in _BRACKETS.split(name)]
    return [spelling for part in parts if part for spelling in {part, part.partition(",")[0]}]
