"""What normalising promises for every type: it is stable, survives a write to either side, and refuses rather than
guesses.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.values.normalise import (
    NormaliseContext,
    RawValue,
    ValueNotUnderstoodError,
    as_text,
    joined,
    normalise,
    salesforce_id,
)
from intacct_sf_pipeline.engine.values.places import is_country_code
from intacct_sf_pipeline.engine.values.render import render
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.records import SIDES, Canonical, Side

from .raw_values import RAW, STATUS, blanks, contexts, enum_words, field_of, moments, typed_text

HERE = NormaliseContext()
TEXT_TYPES = (
    FieldType.TEXT,
    FieldType.MULTILINE,
    FieldType.STREET,
    FieldType.PHONE,
    FieldType.EMAIL,
    FieldType.COUNTRY,
    FieldType.STATE,
    FieldType.POSTAL_CODE,
)


def raw_of(data: st.DataObject, kind: FieldType, side: Side) -> RawValue:
    listed = kind in (FieldType.ENUM, FieldType.TABLE)
    return data.draw(enum_words[side.value] if listed else RAW[kind], label="raw")


def write(field: FieldSpec, value: Canonical, raw: RawValue, target: Side, context: NormaliseContext) -> Canonical:
    """What the target reads back after the value was written to it.

    References are translated by links on their way over, so theirs is the same side.
    """
    columns = field.source(target).write_columns
    try:
        written = render(field, value, raw, target, len(columns))
    except ValueNotUnderstoodError:
        assume(field.type is not FieldType.COUNTRY or is_country_code(str(value)))
        raise
    assert (len(written) if isinstance(written, tuple) else 1) == len(columns)
    return normalise(field, written, target, context)


@pytest.mark.parametrize("kind", FieldType)
@given(data=st.data(), context=contexts, side=st.sampled_from(SIDES), target=st.sampled_from(SIDES))
def test_what_is_written_to_either_side_reads_back_as_the_same(
    kind: FieldType, data: st.DataObject, context: NormaliseContext, side: Side, target: Side
) -> None:
    field, raw = field_of(kind), raw_of(data, kind, side)
    target = side if kind is FieldType.REFERENCE else target
    value = normalise(field, raw, side, context)
    assert write(field, value, raw, target, context) == value


@pytest.mark.parametrize("kind", FieldType)
@given(data=st.data(), context=contexts, side=st.sampled_from(SIDES), target=st.sampled_from(SIDES))
def test_a_canonical_value_alone_can_be_written_too(
    kind: FieldType, data: st.DataObject, context: NormaliseContext, side: Side, target: Side
) -> None:
    field = field_of(kind)
    target = side if kind is FieldType.REFERENCE else target
    value = normalise(field, raw_of(data, kind, side), side, context)
    assert write(field, value, None, target, context) == value


@pytest.mark.parametrize("kind", TEXT_TYPES)
@given(data=st.data(), context=contexts, side=st.sampled_from(SIDES))
def test_normalising_twice_is_normalising_once(
    kind: FieldType, data: st.DataObject, context: NormaliseContext, side: Side
) -> None:
    field = field_of(kind)
    once = normalise(field, raw_of(data, kind, side), side, context)
    assert normalise(field, once, side, context) == once


@pytest.mark.parametrize("kind", FieldType)
@given(raw=st.one_of(st.none(), blanks), context=contexts, side=st.sampled_from(SIDES))
def test_nothing_and_blanks_are_the_same_nothing(
    kind: FieldType, raw: str | None, context: NormaliseContext, side: Side
) -> None:
    assert normalise(field_of(kind), raw, side, context) is None


@pytest.mark.parametrize("kind", TEXT_TYPES)
@given(data=st.data(), before=blanks, after=blanks, context=contexts)
def test_blanks_around_a_text_mean_nothing(
    kind: FieldType, data: st.DataObject, before: str, after: str, context: NormaliseContext
) -> None:
    field, raw = field_of(kind), data.draw(typed_text)
    plain = normalise(field, raw, Side.INTACCT, context)
    assert normalise(field, f"{before}{raw}{after}", Side.INTACCT, context) == plain


@given(
    words=st.lists(st.from_regex(r"\A[!-~]{1,6}\Z"), min_size=1, max_size=10),
    gaps=st.lists(st.text(" \t\n\r\u00a0\u2003", min_size=1, max_size=4), min_size=9, max_size=9),
)
def test_only_the_kind_of_blank_between_words_is_ignored(words: list[str], gaps: list[str]) -> None:
    text = words[0] + "".join(gap + word for word, gap in zip(words[1:], gaps, strict=False))
    expected = " ".join(words[: len(gaps) + 1])
    assert normalise(field_of(FieldType.TEXT), text, Side.INTACCT, HERE) == expected.strip()


@given(text=st.from_regex(r"\A[A-Za-z]{1,12}\Z"))
def test_a_corrected_capital_is_a_change_in_text_and_none_in_an_email(text: str) -> None:
    swapped = text.swapcase()
    name, email = field_of(FieldType.TEXT), field_of(FieldType.EMAIL)
    assert normalise(name, text, Side.INTACCT, HERE) != normalise(name, swapped, Side.INTACCT, HERE)
    address, other = f"{text}@harbor.example", f"{swapped}@HARBOR.example"
    assert normalise(email, address, Side.INTACCT, HERE) == normalise(email, other, Side.INTACCT, HERE)


@given(lines=st.lists(st.from_regex(r"\A[!-~](?:[ -~]{0,8}[!-~])?\Z"), min_size=1, max_size=5), data=st.data())
def test_kinds_of_line_end_and_blanks_behind_lines_mean_nothing(lines: list[str], data: st.DataObject) -> None:
    ends = st.sampled_from(("\n", "\r\n", "\r", " \n", "\u00a0\r\n"))
    typed = lines[0] + "".join(data.draw(ends) + line for line in lines[1:])
    assert normalise(field_of(FieldType.MULTILINE), typed, Side.SALESFORCE, HERE) == "\n".join(lines)


def test_inner_blank_lines_and_indentation_of_notes_stay() -> None:
    notes = "First\n\n  - a point\n  - another"
    assert normalise(field_of(FieldType.MULTILINE), f"\n{notes}\n\n", Side.SALESFORCE, HERE) == notes


@given(text=typed_text)
def test_composed_and_decomposed_characters_are_the_same(text: str) -> None:
    import unicodedata

    field = field_of(FieldType.TEXT)
    forms = {normalise(field, unicodedata.normalize(form, text), Side.INTACCT, HERE) for form in ("NFC", "NFD")}
    assert len(forms) == 1


PART = st.from_regex(r"\A[A-Za-z0-9ßéł.'-]{1,8}(?: [A-Za-z0-9]{1,6})?\Z")


@given(parts=st.lists(PART, min_size=1, max_size=6), data=st.data())
def test_a_street_is_the_same_in_lines_commas_and_address_fields(parts: list[str], data: st.DataObject) -> None:
    field = field_of(FieldType.STREET)
    gaps = st.sampled_from((", ", ",\n", "\r\n", "\n", " \r", " ,  ", "\n\n"))
    typed = parts[0] + "".join(data.draw(gaps) + part for part in parts[1:])
    fields = (parts[0], None if len(parts) < 2 else parts[1], ", ".join(parts[2:]) or "")
    expected = "\n".join(parts)
    assert normalise(field, typed, Side.SALESFORCE, HERE) == expected
    assert normalise(field, fields, Side.INTACCT, HERE) == expected


def exact(number: Fraction, scale: int) -> Decimal:
    """The oracle: half up, away from zero, by exact arithmetic."""
    scaled = abs(number) * 10**scale
    whole = int(scaled + Fraction(1, 2))
    return Decimal(whole if number >= 0 else -whole).scaleb(-scale)


@given(
    number=st.decimals(-(10**12), 10**12, allow_nan=False, places=6),
    scale=st.integers(0, 8),
    side=st.sampled_from(SIDES),
    zeros=st.integers(0, 4),
)
def test_decimals_are_rounded_half_up_and_otherwise_exact(number: Decimal, scale: int, side: Side, zeros: int) -> None:
    field = field_of(FieldType.DECIMAL, scale=scale)
    expected = exact(Fraction(number), scale)
    with localcontext() as context:
        context.prec = 3  # an engine must not depend on the precision of whoever calls it
        context.rounding = "ROUND_FLOOR"
        assert normalise(field, f"{number:f}" + "0" * zeros, side, HERE) == expected
        assert normalise(field, number, side, HERE) == expected


@given(number=st.decimals(-(10**15), 10**15, allow_nan=False, places=9), zeros=st.integers(1, 5))
def test_without_a_scale_a_decimal_keeps_every_digit_but_trailing_zeros(number: Decimal, zeros: int) -> None:
    field = field_of(FieldType.DECIMAL, scale=None)
    value = normalise(field, f"{number:f}", Side.INTACCT, HERE)
    assert isinstance(value, Decimal)
    assert Fraction(value) == Fraction(number)
    assert str(normalise(field, f"{number:f}" + "0" * zeros, Side.INTACCT, HERE)) == str(value)


@given(number=st.floats(-1e9, 1e9))
def test_a_float_means_the_digits_it_shows(number: float) -> None:
    field = field_of(FieldType.DECIMAL, scale=4)
    rounded = Decimal(repr(number)).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)
    assert normalise(field, number, Side.SALESFORCE, HERE) == rounded


def test_no_zero_is_negative() -> None:
    assert str(normalise(field_of(FieldType.DECIMAL), "-0.001", Side.INTACCT, HERE)) == "0.00"


@pytest.mark.parametrize(
    "raw",
    ["1,234.50", "12 EUR", "NaN", "Infinity", "1_000", "0x10", "٣", True, "1e999", datetime(2026, 1, 1, tzinfo=UTC)],
)
def test_what_is_no_number_is_refused(raw: RawValue) -> None:
    with pytest.raises(ValueNotUnderstoodError, match=r"^decimal: "):
        normalise(field_of(FieldType.DECIMAL), raw, Side.INTACCT, HERE)


@pytest.mark.parametrize(
    ("raw", "expected"), [("TRUE", True), ("f", False), ("1", True), (0, False), (Decimal(1), True)]
)
def test_booleans_in_the_words_of_exports(raw: RawValue, expected: bool) -> None:
    assert normalise(field_of(FieldType.BOOLEAN), raw, Side.SALESFORCE, HERE) is expected


def test_an_enum_is_translated_by_its_values_without_regard_to_case() -> None:
    field = field_of(FieldType.ENUM, values=STATUS)
    assert normalise(field, "Inactive", Side.INTACCT, HERE) == "inactive"
    assert normalise(field, False, Side.SALESFORCE, HERE) == "inactive"
    assert normalise(field, "TRUE", Side.SALESFORCE, HERE) == "active"
    assert render(field, "inactive", "inactive", Side.SALESFORCE) is False
    assert render(field, "inactive", False, Side.INTACCT) == "inactive"


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        (FieldType.ENUM, "archived", "none of the mapped values: open, wonDeal, lost"),
        (FieldType.BOOLEAN, "perhaps", "neither true nor false"),
        (FieldType.DATETIME, "2031-07-09", "not a date and time with a zone"),
        (FieldType.DATETIME, "2026-02-30T10:00:00Z", "no such date"),
        (FieldType.DATETIME, "2031-07-09T10:11:12", "with a zone"),
    ],
)
def test_a_refusal_says_what_was_wanted_and_not_what_was_found(kind: FieldType, raw: str, reason: str) -> None:
    with pytest.raises(ValueNotUnderstoodError, match=reason) as caught:
        normalise(field_of(kind), raw, Side.INTACCT, HERE)
    assert caught.value.field == kind.value
    assert raw not in str(caught.value)


@given(moment=moments, offset=st.integers(-14 * 60, 14 * 60), fraction=st.sampled_from(("", ".000", ".0")))
def test_a_moment_is_the_same_in_every_zone_and_vendor_format(moment: datetime, offset: int, fraction: str) -> None:
    field = field_of(FieldType.DATETIME)
    local = moment.replace(tzinfo=None) + timedelta(minutes=offset)
    sign, (hours, minutes) = "-" if offset < 0 else "+", divmod(abs(offset), 60)
    expected = moment.replace(microsecond=0)
    for zone in (f"{sign}{hours:02}{minutes:02}", f"{sign}{hours:02}:{minutes:02}"):
        assert normalise(field, f"{local:%Y-%m-%dT%H:%M:%S}{fraction}{zone}", Side.SALESFORCE, HERE) == expected
    value = normalise(field, f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z", Side.INTACCT, HERE)
    assert value == expected
    assert isinstance(value, datetime)
    assert value.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("001D000000IqhSL", "001D000000IqhSLIAZ"),
        ("0017000000AbCdE", "0017000000AbCdEAAV"),
        ("001000000000001", "001000000000001AAA"),
    ],
)
def test_a_short_salesforce_id_is_the_long_one(short: str, full: str) -> None:
    field = field_of(FieldType.REFERENCE)
    assert normalise(field, short, Side.SALESFORCE, HERE) == normalise(field, full, Side.SALESFORCE, HERE) == full
    assert salesforce_id(full) == full


def test_an_intacct_key_that_looks_like_a_salesforce_id_is_left_alone() -> None:
    assert normalise(field_of(FieldType.REFERENCE), "001D000000IqhSL", Side.INTACCT, HERE) == "001D000000IqhSL"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (12, "12"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (True, "true"),
    ],
)
def test_other_values_become_plain_text(raw: RawValue, expected: str) -> None:
    assert not isinstance(raw, tuple)
    assert as_text(raw) == expected


def test_several_columns_are_joined_as_lines_without_empty_ones() -> None:
    assert joined(("1 Quay", None, " ", "Dock 4")) == "1 Quay\nDock 4"
    assert joined((None, "")) is None


@pytest.mark.parametrize(
    ("country", "region"), [("GB", "GB"), (None, "DE"), ("", "DE"), ("atlantis", "DE"), ("gb", "DE"), (True, "DE")]
)
def test_the_record_names_the_region_when_it_names_a_known_country(country: Canonical, region: str) -> None:
    assert NormaliseContext(country, "DE").region == region
