"""One number, many spellings: equal forms for the same number, different ones for different numbers, and no text
lost.
"""

from __future__ import annotations

import unicodedata

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.values.phones import phone, readable

from .raw_values import COUNTRIES, phone_like, typed_text

# Numbers kept for fiction, or built around 555: (region, calling code, trunk prefix, pattern).
PLANS = (
    ("US", "1", "", "{area}5550{n:03}"),
    ("CA", "1", "", "4165550{n:03}"),
    ("GB", "44", "0", "2079460{n:03}"),
    ("DE", "49", "0", "3023125{n:03}"),
    ("FR", "33", "0", "199000{n:03}"),
    ("AU", "61", "0", "255501{n:03}"),
    ("ES", "34", "", "915550{n:03}"),
    ("BR", "55", "0", "1155550{n:03}"),
    ("JP", "81", "0", "355550{n:03}"),
    ("PL", "48", "", "225550{n:03}"),
)
E164 = st.builds(
    lambda plan, number, area: (*plan[:3], plan[3].format(n=number, area=area)),
    st.sampled_from(PLANS),
    st.integers(100, 199),
    st.sampled_from(("415", "212", "503")),
)
SEPARATORS = st.sampled_from(("", " ", "-", ".", " - ", "\u2011", "\u00a0"))


def grouped(digits: str, data: st.DataObject) -> str:
    """The digits in two or three groups, one of them perhaps in brackets."""
    cuts = sorted(data.draw(st.sets(st.integers(2, len(digits) - 2), min_size=1, max_size=2)))
    groups = [digits[start:end] for start, end in zip([0, *cuts], [*cuts, len(digits)], strict=True)]
    if data.draw(st.booleans()):
        groups[0] = f"({groups[0]})"
    return groups[0] + "".join(data.draw(SEPARATORS) + group for group in groups[1:])


@given(number=E164, data=st.data())
def test_every_spelling_of_a_number_is_that_number(number: tuple[str, str, str, str], data: st.DataObject) -> None:
    region, code, trunk, digits = number
    expected = f"+{code}{digits}"
    national = grouped(trunk + digits, data)
    international = f"+{code}{data.draw(SEPARATORS)}{grouped(digits, data)}"
    for spelling in (expected, national, international, f"Tel. {national}", f"tel:{expected}"):
        assert phone(spelling, region) == expected
    assert phone(international, data.draw(st.sampled_from(COUNTRIES))) == expected


@given(first=E164, second=E164)
def test_different_numbers_stay_different(first: tuple[str, str, str, str], second: tuple[str, str, str, str]) -> None:
    same = (first[1], first[3]) == (second[1], second[3])
    assert (phone(first[2] + first[3], first[0]) == phone(second[2] + second[3], second[0])) is same


@given(number=E164, extension=st.from_regex(r"\A[1-9][0-9]{0,4}\Z"), data=st.data())
def test_an_extension_is_kept_and_its_spelling_is_not(
    number: tuple[str, str, str, str], extension: str, data: st.DataObject
) -> None:
    region, code, trunk, digits = number
    label = data.draw(st.sampled_from((" x", "x", " ext. ", " Ext ", " extension ", ";ext=", " #", ", ext ")))
    spelling = f"{trunk}{digits}{label}{extension}"
    assert phone(spelling, region) == f"+{code}{digits};ext={extension}"
    assert phone(readable(f"+{code}{digits};ext={extension}"), region) == f"+{code}{digits};ext={extension}"


@given(
    area=st.from_regex(r"\A[2-9][0-9]{2}\Z"),
    rest=st.from_regex(r"\A[2-9][0-9]{6}\Z"),
    region=st.sampled_from(("US", "CA")),
)
def test_the_short_way_for_north_america_agrees_with_the_parser(area: str, rest: str, region: str) -> None:
    parsed = phonenumbers.parse(area + rest, region)
    assert phone(f"({area}) {rest[:3]}-{rest[3:]}", region) == phonenumbers.format_number(parsed, 0)


@given(text=phone_like, region=st.sampled_from(COUNTRIES))
def test_the_form_of_a_form_is_itself(text: str, region: str) -> None:
    form = phone(text, region)
    assert form is None or phone(form, region) == form


@given(
    number=E164,
    remark=st.from_regex(r"\A[A-Za-z]{2,10}\Z").filter(lambda word: not word.lower().startswith(("e", "x", "t", "ph"))),
)
def test_a_remark_beside_a_number_is_a_change(number: tuple[str, str, str, str], remark: str) -> None:
    region, _, trunk, digits = number
    plain = phone(trunk + digits, region)
    assert phone(f"{trunk}{digits} ({remark})", region) != plain
    assert phone(f"{remark} {trunk}{digits}", region) != plain


@given(number=E164, other=E164)
def test_two_numbers_in_one_field_are_not_the_first_one(
    number: tuple[str, str, str, str], other: tuple[str, str, str, str]
) -> None:
    region, _, trunk, digits = number
    both = phone(f"{trunk}{digits} / {other[2]}{other[3]}", region)
    assert both not in (None, phone(trunk + digits, region), phone(other[2] + other[3], region))


@given(text=typed_text, region=st.sampled_from(COUNTRIES))
def test_no_letter_or_digit_vanishes(text: str, region: str) -> None:
    content = any(char.isalnum() for char in unicodedata.normalize("NFKC", text))
    assert (phone(text, region) is not None) is content


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("(415) 555-0100", "US", "+14155550100"),
        ("+1 415-555-0100", "GB", "+14155550100"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("+44 (0)20 7946 0123", "US", "+442079460123"),
        ("0044 20 7946 0123", "US", "+442079460123"),
        ("06 555 0101", "IT", "+39065550101"),
        ("٠٢٠ ٧٩٤٦ ٠١٢٣", "GB", "+442079460123"),
        ("０２０ ７９４６ ０１２３", "GB", "+442079460123"),
    ],
)
def test_spellings_that_need_knowledge(text: str, region: str, expected: str) -> None:
    assert phone(text, region) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("555-0100", "5550100"),
        ("see reception", "seereception"),
        ("+999 123 4567", "+9991234567"),
        ("555 0100 x12", "5550100;ext=12"),
    ],
)
def test_what_is_no_full_number_is_compared_by_letters_and_digits(text: str, expected: str) -> None:
    assert phone(text, "US") == expected


@given(text=phone_like, region=st.sampled_from(COUNTRIES))
def test_the_readable_form_means_the_same(text: str, region: str) -> None:
    form = phone(text, region)
    assert form is None or phone(readable(form), region) == form
