"""Value breakers: what a slipped decimal point, a vanished price or another name does, and what may pass."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.guarding.breakers import bounds_of, breach
from intacct_sf_pipeline.model.fields import Breaker, FieldSpec, FieldType, Source
from intacct_sf_pipeline.model.mapping_loader import load_config

CENT = Decimal("0.01")
amounts = st.decimals(min_value=Decimal("0.01"), max_value=1_000_000, places=2)


def field(type_: FieldType = FieldType.DECIMAL, scale: int | None = 2, **bounds: object) -> FieldSpec:
    source = Source(columns=("x",))
    breaker = Breaker.model_validate(bounds) if bounds else None
    kept = scale if type_ is FieldType.DECIMAL else None
    return FieldSpec(name="x", intacct=source, salesforce=source, type=type_, scale=kept, breaker=breaker)


PRICE = load_config().mapping.entity("prices").by_name["unit_price"]
NAME = field(FieldType.TEXT, rename_percent=80)


@given(amounts)
def test_without_a_breaker_anything_passes(amount: Decimal) -> None:
    assert breach(field(), amount, amount * 1000) is None
    assert breach(field(), amount, None) is None


@given(amounts, st.sampled_from([Decimal(10), Decimal("0.1"), Decimal(100), Decimal("0.01")]))
def test_a_slipped_decimal_point_breaks_the_default_bounds_of_a_price_however_it_is_rounded(
    amount: Decimal, slip: Decimal
) -> None:
    after = (amount * slip).quantize(CENT, ROUND_HALF_UP)
    assume(amount >= Decimal("0.50") and after > 0)
    assert breach(PRICE, amount, after) is not None
    exact = amount * Decimal("1.004")
    slipped = (exact * slip).quantize(CENT, ROUND_HALF_UP)
    assert breach(PRICE, exact.quantize(CENT, ROUND_HALF_UP), slipped) is not None


@given(amounts, st.decimals(min_value=Decimal("0.2"), max_value=8, places=3))
def test_an_ordinary_change_of_price_passes(amount: Decimal, factor: Decimal) -> None:
    after = (amount * factor).quantize(CENT, ROUND_HALF_UP)
    assume(amount >= Decimal("0.10"))
    assert breach(PRICE, amount, after) is None


@given(amounts, amounts, st.integers(1, 5000), st.integers(1, 100))
def test_rise_and_fall_are_judged_by_their_share_of_the_former_value(
    before: Decimal, after: Decimal, rise: int, fall: int
) -> None:
    found = breach(field(scale=None, rise_percent=rise, fall_percent=fall), before, after)
    too_high = after > before and (after - before) * 100 >= rise * before
    too_low = after < before and (before - after) * 100 >= fall * before
    assert (found is not None) is (too_high or too_low)
    if found is not None:
        assert ("rises" if too_high else "falls") in found.what


@given(amounts)
def test_a_first_value_and_a_rise_from_zero_are_no_change(amount: Decimal) -> None:
    assert breach(PRICE, None, amount) is None
    assert breach(PRICE, Decimal(0), amount) is None
    assert breach(PRICE, amount, amount) is None


@given(amounts)
def test_a_price_that_vanishes_falls_by_everything(amount: Decimal) -> None:
    assert breach(PRICE, amount, None) is not None
    assert breach(PRICE, amount, Decimal(0)) is not None
    assert breach(field(rise_percent=50), amount, None) is None


@given(st.none() | amounts, amounts, amounts, st.decimals(min_value=-1000, max_value=2_000_000, places=2))
def test_bounds_are_judged_whatever_was_there_before(
    before: Decimal | None, one: Decimal, other: Decimal, after: Decimal
) -> None:
    low, high = sorted((one, other))
    found = breach(field(at_least=low, at_most=high), before, after)
    assert (found is None) is (low <= after <= high)


@pytest.mark.parametrize("before", [None, Decimal(5), Decimal(-3)])
def test_negative_stock_is_never_written(before: Decimal | None) -> None:
    on_hand = load_config().mapping.entity("stock").by_name["on_hand"]
    assert breach(on_hand, before, Decimal("-0.5")) is not None
    assert breach(on_hand, before, Decimal(0)) is None


def test_a_number_below_zero_moves_by_its_size() -> None:
    assert breach(field(rise_percent=100), Decimal(-10), Decimal(-5)) is None
    assert breach(field(rise_percent=100), Decimal(-10), Decimal(5)) is not None
    assert breach(field(fall_percent=100), Decimal(-10), Decimal(-25)) is not None


@pytest.mark.parametrize(
    ("before", "after", "held"),
    [
        ("Acme Pumps", "Acme Pumps Ltd", False),
        ("Acme Pumps", "ACME PUMPS", False),
        ("Acme Pumps", "Acme Pmups", False),
        ("Acme Pumps", "Zzyzx Holdings", True),
        ("Acme Pumps", None, True),
        (None, "Zzyzx Holdings", False),
        ("x", "y", True),
    ],
)
def test_another_name_is_held_and_a_corrected_one_is_not(before: str | None, after: str | None, held: bool) -> None:
    assert (breach(NAME, before, after) is not None) is held


@given(st.text(min_size=1), st.text())
def test_a_rename_beyond_any_bound_is_one_of_every_character(before: str, after: str) -> None:
    found = breach(field(FieldType.TEXT, rename_percent=100), before, after)
    if found is not None:
        assert not set(before.casefold()) & set(after.casefold()) or before.casefold()[0] != after.casefold()[:1]
    assert breach(NAME, before, before) is None


@given(amounts, amounts)
def test_a_breach_tells_shares_and_bounds_but_no_value(before: Decimal, after: Decimal) -> None:
    found = breach(field(rise_percent=1, fall_percent=1), before, after)
    assume(found is not None)
    exact = abs(after - before) * 100 / before
    shown = Decimal(str(found).split(" by ")[1].split(" %")[0].replace(",", ""))
    assert abs(shown - exact) <= Decimal("0.5")
    assert (shown in (0, 100)) <= (shown == exact), "neither all nor nothing is said of what is not"
    assert "1 % and more is held" in str(found)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("486.52", "1.50", "falls by 99.7 %"),
        ("1000.00", "0.01", "falls by 99.9 %"),
        ("50.00", "100.01", "rises by 100.1 %"),
        ("50.00", "100.02", "rises by 100.1 %"),
        ("50.00", "100.00", "rises by 100 %"),
        ("50.00", "0.00", "falls by 100 %"),
        ("40.00", "15.50", "falls by 61 %"),
    ],
)
def test_shares_are_rounded_but_never_to_all_or_nothing(before: str, after: str, told: str) -> None:
    found = breach(field(rise_percent=1, fall_percent=1), Decimal(before), Decimal(after))
    assert found is not None
    assert found.what == told


def test_bounds_are_told_in_words() -> None:
    assert bounds_of(PRICE) == "rise below 900 %, fall below 90 %, at least 0"
    assert bounds_of(field()) == ""
