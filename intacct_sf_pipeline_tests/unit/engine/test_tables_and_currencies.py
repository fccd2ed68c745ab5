"""Tables of values (several Intacct values for one Salesforce value) and amounts with the digits of their currency."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.values.currencies import digits_of
from intacct_sf_pipeline.engine.values.normalise import NormaliseContext, ValueNotUnderstoodError, normalise
from intacct_sf_pipeline.engine.values.render import render
from intacct_sf_pipeline.model.fields import FieldType
from intacct_sf_pipeline.model.records import SIDES, Canonical, Side

from .raw_values import field_of

HERE = NormaliseContext()
MANY_TO_ONE = {"": "Group", "E100": "North", "E150": "North", "E200": "South"}
ONE_TO_ONE = {"E100": "North", "E200": "South"}
tables = st.dictionaries(
    st.from_regex(r"\A[A-Z][A-Z0-9]{0,5}\Z"), st.from_regex(r"\A[A-Za-z]{1,8}\Z"), min_size=1, max_size=6
)


def read(values: dict[str, str], raw: str | None, side: Side, direction: str = "to_salesforce") -> Canonical:
    return normalise(field_of(FieldType.TABLE, values=values, direction=direction), raw, side, HERE)


@pytest.mark.parametrize(("entity", "shown"), [("E100", "North"), ("e150", "North"), (None, "Group"), (" ", "Group")])
def test_several_intacct_values_may_stand_for_one_salesforce_value(entity: str | None, shown: str) -> None:
    assert read(MANY_TO_ONE, entity, Side.INTACCT) == read(MANY_TO_ONE, shown.lower(), Side.SALESFORCE) == shown


def test_a_table_without_an_entry_for_none_says_nothing_of_it() -> None:
    assert read(ONE_TO_ONE, None, Side.INTACCT) is None


def test_what_the_table_lacks_is_told_by_the_tables_name_without_the_value() -> None:
    with pytest.raises(
        ValueNotUnderstoodError, match=r"table\.values .* no entry for it, only for: E100, E200"
    ) as told:
        read(ONE_TO_ONE, "E300", Side.INTACCT)
    assert "E300" not in str(told.value)


def test_where_salesforce_is_only_written_to_another_value_there_is_an_edit_to_put_right() -> None:
    assert read(ONE_TO_ONE, "West", Side.SALESFORCE) == "West"
    with pytest.raises(ValueNotUnderstoodError):
        read(ONE_TO_ONE, "West", Side.SALESFORCE, "both")


@given(values=tables, data=st.data())
def test_what_is_written_to_salesforce_reads_as_the_value_it_was_written_for(
    values: dict[str, str], data: st.DataObject
) -> None:
    field = field_of(FieldType.TABLE, values=values, direction="to_salesforce")
    code = data.draw(st.sampled_from(sorted(values)))
    canonical = normalise(field, code, Side.INTACCT, HERE)
    written = render(field, canonical, code, Side.SALESFORCE)
    assert normalise(field, written, Side.SALESFORCE, HERE) == canonical


@given(code=st.sampled_from(sorted(ONE_TO_ONE)), side=st.sampled_from(SIDES))
def test_a_one_to_one_table_goes_both_ways(code: str, side: Side) -> None:
    field = field_of(FieldType.TABLE, values=ONE_TO_ONE)
    raw = code if side is Side.INTACCT else ONE_TO_ONE[code]
    assert render(field, normalise(field, raw, side, HERE), raw, Side.INTACCT) == code


@pytest.mark.parametrize(("currency", "digits"), [("USD", 2), ("jpy", 0), ("KWD", 3), ("XXX", 2)])
def test_a_currency_has_its_own_number_of_digits(currency: str, digits: int) -> None:
    assert digits_of(currency) == digits


@given(
    amount=st.decimals(min_value=0, max_value=10**9, places=6), currency=st.sampled_from(("USD", "JPY", "KWD", "EUR"))
)
def test_an_amount_is_rounded_to_its_currency_and_written_as_compared(amount: Decimal, currency: str) -> None:
    field = field_of(FieldType.DECIMAL, scale=2, currency="currency")
    canonical = normalise(field, str(amount), Side.INTACCT, NormaliseContext(currency=currency))
    assert isinstance(canonical, Decimal)
    assert abs(canonical - amount) <= Decimal("0.5").scaleb(-digits_of(currency))
    assert canonical == canonical.quantize(Decimal(1).scaleb(-digits_of(currency)))
    assert render(field, canonical, str(amount), Side.SALESFORCE) == canonical


def test_an_amount_of_no_currency_has_the_digits_of_its_scale() -> None:
    field = field_of(FieldType.DECIMAL, scale=2, currency="currency")
    assert normalise(field, "1.239", Side.INTACCT, HERE) == Decimal("1.24")
