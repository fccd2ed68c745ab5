"""Countries: the two-letter codes the service accepts and their names (`mailingAddress.country`)."""

from functools import cache

import pycountry


@cache
def names() -> dict[str, str]:
    """Upper-case ISO 3166-1 alpha-2 code -> English name."""
    return {country.alpha_2: getattr(country, "common_name", country.name) for country in pycountry.countries}


@cache
def _codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for country in pycountry.countries:
        words = (country.name, getattr(country, "common_name", None), getattr(country, "official_name", None))
        found.update({word.casefold(): country.alpha_2 for word in (*words, country.alpha_3) if word})
    return found


def is_code(text: str) -> bool:
    """Whether the text is a country code, in any case."""
    return text.upper() in names()


def code_of(name: str) -> str | None:
    """The code for an English name or a code; None when there is no such country."""
    word = name.strip()
    return word.upper() if is_code(word) else _codes().get(word.casefold())
