"""What is written to the other side: the source's wording, the target's codes, address lines where they belong."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.values.normalise import NormaliseContext, ValueNotUnderstoodError, normalise
from intacct_sf_pipeline.engine.values.render import render
from intacct_sf_pipeline.model.fields import FieldType
from intacct_sf_pipeline.model.records import SIDES, Side

from .raw_values import ADDRESS_LINES, field_of, typed_text

HERE = NormaliseContext()
LINE = st.from_regex(r"\A[A-Za-z0-9ßé.'-]{1,8}(?:,? [A-Za-z0-9]{1,6})?\Z")


@pytest.mark.parametrize("kind", FieldType)
@pytest.mark.parametrize("target", SIDES)
def test_an_empty_value_clears_every_column(kind: FieldType, target: Side) -> None:
    assert render(field_of(kind), None, None, target) is None
    assert render(field_of(FieldType.STREET), None, None, target, 3) == (None, None, None)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (FieldType.TEXT, "Łódź  Tools, Inc."),
        (FieldType.PHONE, "(415) 555-0100 x12"),
        (FieldType.EMAIL, "Mia.Ray@Harbor.example"),
        (FieldType.STATE, "California"),
        (FieldType.POSTAL_CODE, "94105"),
    ],
)
def test_text_goes_over_as_it_was_typed(kind: FieldType, typed: str) -> None:
    field = field_of(kind)
    value = normalise(field, typed, Side.SALESFORCE, HERE)
    assert render(field, value, f" {typed}\u00a0", Side.INTACCT) == " ".join(typed.split())


@given(text=typed_text, target=st.sampled_from(SIDES))
def test_no_word_of_a_text_is_lost_on_the_way(text: str, target: Side) -> None:
    field = field_of(FieldType.MULTILINE)
    value = normalise(field, text, target.other, HERE)
    written = render(field, value, text, target)
    assert (str(written).split() if written else []) == (str(value).split() if value else [])


@pytest.mark.parametrize("raw", ["Deutschland", "DE", "germany", None])
def test_a_country_goes_over_in_the_targets_terms(raw: str | None) -> None:
    field = field_of(FieldType.COUNTRY)
    assert render(field, "DE", raw, Side.INTACCT) == "DE"
    assert render(field, "DE", raw, Side.SALESFORCE) == "Germany"


def test_the_name_of_the_column_says_whether_it_takes_codes() -> None:
    picklist = field_of(FieldType.COUNTRY, salesforce="BillingCountryCode", intacct="mailingAddress.country")
    assert render(picklist, "DE", "Germany", Side.SALESFORCE) == "DE"
    assert render(picklist, "DE", "DE", Side.INTACCT) == "Germany"
    state = field_of(FieldType.STATE, salesforce="BillingStateCode")
    assert render(state, "CA", "California", Side.SALESFORCE) == "CA"
    assert render(state, "CA", "California", Side.INTACCT) == "California"


def test_an_unknown_country_is_refused_where_a_code_is_wanted_and_written_where_text_is() -> None:
    field = field_of(FieldType.COUNTRY)
    with pytest.raises(ValueNotUnderstoodError, match="no country known"):
        render(field, "the moon", "The Moon", Side.INTACCT)
    assert render(field, "the moon", "The Moon", Side.SALESFORCE) == "The Moon"


@pytest.mark.parametrize(
    ("street", "columns"),
    [
        ("1 Quay", ("1 Quay", None, None)),
        ("1 Quay\r\nDock 4", ("1 Quay", "Dock 4", None)),
        ("1 Quay, Dock 4", ("1 Quay, Dock 4", None, None)),
        ("1 Quay\nDock 4\n\nHall B\nGate 7", ("1 Quay", "Dock 4", "Hall B, Gate 7")),
    ],
)
def test_a_street_fills_the_address_lines_in_order(street: str, columns: tuple[str | None, ...]) -> None:
    field = field_of(FieldType.STREET)
    value = normalise(field, street, Side.SALESFORCE, HERE)
    assert render(field, value, street, Side.INTACCT, len(ADDRESS_LINES)) == columns


@given(lines=st.lists(LINE, min_size=1, max_size=7), count=st.integers(1, 4))
def test_a_street_survives_any_number_of_address_lines(lines: list[str], count: int) -> None:
    field = field_of(FieldType.STREET)
    value = normalise(field, "\n".join(lines), Side.SALESFORCE, HERE)
    written = render(field, value, "\n".join(lines), Side.INTACCT, count)
    assert normalise(field, written, Side.INTACCT, HERE) == value


def test_address_lines_become_one_text_with_line_ends() -> None:
    field = field_of(FieldType.STREET)
    raw = ("1 Quay", None, "Hall B")
    assert render(field, normalise(field, raw, Side.INTACCT, HERE), raw, Side.SALESFORCE) == "1 Quay\nHall B"


def test_a_decimal_is_written_as_a_rounded_decimal() -> None:
    written = render(field_of(FieldType.DECIMAL), Decimal("118.505"), "118.505", Side.SALESFORCE)
    assert isinstance(written, Decimal)
    assert str(written) == "118.51"


def test_without_the_typed_text_a_phone_is_written_readably() -> None:
    assert render(field_of(FieldType.PHONE), "+14155550100;ext=12", None, Side.INTACCT) == "+1 415-555-0100 ext. 12"
