"""Money: exact, by begun packs beyond the included number."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.model.costs import Costs, Overage, Tariff, overage
from intacct_sf_pipeline.model.mapping_loader import load_config

PACKS = Tariff(included=100_000, pack=10, price=Decimal("0.15"))


@pytest.mark.parametrize(
    ("units", "over", "amount"),
    [(0, 0, "0"), (100_000, 0, "0"), (100_001, 1, "0.15"), (100_010, 10, "0.15"), (100_011, 11, "0.30")],
)
def test_each_begun_pack_beyond_the_included_number_is_paid(units, over, amount):
    assert overage(PACKS, units) == Overage(over, Decimal(amount))


def test_without_price_only_units_are_told_and_without_included_number_nothing_goes_beyond():
    assert overage(Tariff(included=5), 7) == Overage(2, None)
    assert overage(Tariff(price=Decimal(3)), 10**9) == Overage(0, Decimal(0))


@given(st.integers(0, 10**9), st.integers(0, 10**6), st.integers(1, 5000), st.decimals(0, 100, places=4))
def test_the_amount_is_exact_and_grows_with_the_units(units, more, pack, price):
    tariff = Tariff(included=1000, pack=pack, price=price)
    less, greater = overage(tariff, units), overage(tariff, units + more)
    assert less.amount is not None
    assert greater.amount is not None
    assert Decimal(0) <= less.amount <= greater.amount
    assert less.amount * pack >= less.units * price


def test_a_price_is_read_digit_by_digit_and_the_lowest_tier_is_the_default(tmp_path):
    assert load_config().costs == Costs(intacct=Tariff(included=100_000, pack=10), salesforce=Tariff(pack=1000))
    file = tmp_path / "sync.yaml"
    file.write_text("version: 1\ncosts: {currency: EUR, intacct: {price: 0.15}, salesforce: {price: 25.10}}\n")
    costs = load_config(file).costs
    assert (costs.currency, costs.intacct.price, costs.salesforce.price) == ("EUR", Decimal("0.15"), Decimal("25.10"))
    assert costs.intacct.included == 100_000
