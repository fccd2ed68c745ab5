"""One place, many spellings; and two places never one."""

from __future__ import annotations

from collections.abc import Callable

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.values.places import country, country_name, is_country_code, postal_code, state

CODES = tuple(sorted(str(entry.alpha_2) for entry in pycountry.countries))
US_STATES = {str(e.code)[3:]: str(e.name) for e in pycountry.subdivisions.get(country_code="US")}
NOISE = st.sampled_from((str, str.upper, str.lower, lambda text: f"  {text} ", lambda text: f"{text}."))


@given(code=st.sampled_from(CODES), noise=NOISE)
def test_a_country_is_known_by_each_of_its_codes_and_names(code: str, noise: Callable[[str], str]) -> None:
    entry = pycountry.countries.get(alpha_2=code)
    names = [getattr(entry, kind, code) for kind in ("alpha_2", "alpha_3", "name", "common_name", "official_name")]
    assert {country(noise(name)) for name in names} == {code}


@given(code=st.sampled_from(CODES))
def test_the_english_name_that_is_written_means_the_same_country(code: str) -> None:
    assert country(country_name(code)) == code
    assert "," not in country_name(code).replace("Bonaire, ", "").replace("Saint Helena, ", "")


def test_two_countries_never_share_a_written_name() -> None:
    assert len({country_name(code) for code in CODES}) == len(CODES)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("USA", "US"), ("U.S.", "US"), ("united states of america", "US"), ("UK", "GB"), ("Great Britain", "GB"),
        ("England", "GB"), ("Deutschland", "DE"), ("Allemagne", "DE"), ("ドイツ", "DE"), ("Holland", "NL"),
        ("The Netherlands", "NL"), ("Österreich", "AT"), ("OSTERREICH", "AT"), ("Korea, Republic of", "KR"),
        ("South Korea", "KR"), ("Côte d’Ivoire", "CI"), ("Turkey", "TR"), ("Czech Republic", "CZ"), ("España", "ES"),
        ("Россия", "RU"), ("中国", "CN"), ("Kosovo", "XK"), ("Niger", "NE"), ("Nigeria", "NG"), ("Congo", "CG"),
        ("DR Congo", "CD"), ("Georgia", "GE"), ("Dominica", "DM"), ("Dominican Republic", "DO"),
    ],
)  # fmt: skip
def test_names_that_people_write(text: str, code: str) -> None:
    assert country(text) == code


def test_common_english_names_are_written() -> None:
    written = {code: country_name(code) for code in ("US", "GB", "KR", "RU", "VN", "CD", "VA", "TW", "ZZ")}
    assert written == {
        "US": "United States", "GB": "United Kingdom", "KR": "South Korea", "RU": "Russia", "VN": "Vietnam",
        "CD": "Democratic Republic of the Congo", "VA": "Vatican City", "TW": "Taiwan", "ZZ": "ZZ",
    }  # fmt: skip


def test_an_unknown_country_stays_itself() -> None:
    assert country(" The  Moon ") == "the moon"
    assert not is_country_code("the moon")


@given(code=st.sampled_from(sorted(US_STATES)), noise=NOISE)
def test_a_state_is_known_by_code_and_name(code: str, noise: Callable[[str], str]) -> None:
    assert {state(noise(spelling), "US") for spelling in (code, US_STATES[code], f"US-{code}")} == {code}


@pytest.mark.parametrize(
    ("text", "country_code", "code"),
    [
        ("Calif.", "US", "CA"), ("N.Y.", "US", "NY"), ("Mass", "US", "MA"), ("Washington, D.C.", "US", "DC"),
        ("Québec", "CA", "QC"), ("quebec", "CA", "QC"), ("Ont.", "CA", "ON"), ("N.S.W.", "AU", "NSW"),
        ("Bavaria", "DE", "BY"), ("Bayern", "DE", "BY"), ("CDMX", "MX", "CMX"), ("Jalisco", "MX", "JAL"),
        ("sao paulo", "BR", "SP"), ("Catalunya", "ES", "CT"), ("Cataluña", "ES", "CT"), ("Durham", "GB", "DUR"),
    ],
)  # fmt: skip
def test_states_that_people_write(text: str, country_code: str, code: str) -> None:
    assert state(text, country_code) == code


def test_a_state_means_something_only_within_its_country() -> None:
    assert state("California", "US") == "CA"
    assert state("California", "GB") == "California"
    assert state("Ontario", "US") == "Ontario"


def test_a_name_that_two_subdivisions_share_is_not_guessed() -> None:
    assert state("Cantabria", "ES") == "Cantabria"


def test_an_unknown_state_keeps_its_case() -> None:
    assert state("  Upper   Valley ", "US") == "Upper Valley"


@pytest.mark.parametrize(
    ("spellings", "country_code", "code"),
    [
        (("sw1a 1aa", "SW1A1AA", " SW1A  1AA ", "sw1a-1aa"), "GB", "SW1A 1AA"),
        (("94105-0001", "941050001", "94105 0001"), "US", "94105-0001"),
        (("m5v 1a1", "M5V1A1"), "CA", "M5V 1A1"),
        (("1016ab", "1016 AB"), "NL", "1016 AB"),
        (("01310100", "01310-100"), "BR", "01310-100"),
        (("104-0061", "1040061"), "JP", "104-0061"),
        (("11122", "111 22"), "SE", "111 22"),
        (("00-001", "00001"), "PL", "00-001"),
        (("D02 AF30", "d02af30"), "IE", "D02 AF30"),
    ],
)
def test_a_postal_code_is_the_same_with_and_without_its_separator(
    spellings: tuple[str, ...], country_code: str, code: str
) -> None:
    assert {postal_code(spelling, country_code) for spelling in spellings} == {code}


def test_postal_codes_that_differ_stay_different() -> None:
    assert postal_code("94105", "US") != postal_code("94105-0001", "US")
    assert postal_code("12 34", "DE") == "12 34"
