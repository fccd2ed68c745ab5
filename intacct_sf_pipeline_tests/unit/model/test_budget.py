"""The budget's decision: who waits, when, why and until when."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.model.budget import (
    QUOTA_BELIEVED,
    Allowance,
    BudgetConfig,
    SalesforceAllowance,
    bounds,
    judge,
    next_month,
)
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import Quota
from intacct_sf_pipeline.model.spend import Spent

NOW = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
RANKS = {"accounts": "high", "products": "middle", "stock": "low"}


def budget(**intacct: object) -> BudgetConfig:
    """Bounds at Intacct only."""
    return BudgetConfig(intacct=Allowance(**intacct), priority=RANKS)


def waiting(config: BudgetConfig, spent: Spent, now: datetime = NOW) -> list[str]:
    """The flows that have to wait."""
    return [flow for flow in RANKS if judge(config, flow, {Side.INTACCT: spent}, now, ZONE)]


@pytest.mark.parametrize(
    ("used", "who"),
    [
        (0, []),
        (900, []),
        (901, ["stock"]),
        (950, ["stock"]),
        (951, ["products", "stock"]),
        (999, ["products", "stock"]),
        (1000, ["accounts", "products", "stock"]),
        (5000, ["accounts", "products", "stock"]),
    ],
)
def test_the_reserve_is_kept_for_what_matters_more(used, who):
    assert waiting(budget(per_month=1000, reserve=10), Spent(month=used)) == who


def test_what_a_run_usually_costs_is_counted_before_it_begins():
    config = budget(per_day=1000, reserve=10)
    assert waiting(config, Spent(today=850, usual=50)) == []
    assert waiting(config, Spent(today=850, usual=51)) == ["stock"]
    assert judge(config, "accounts", {Side.INTACCT: Spent(today=999, usual=500)}, NOW, ZONE) is None


def test_a_wait_says_why_and_until_when_in_the_companys_days():
    wait = judge(budget(per_day=10, reserve=0), "stock", {Side.INTACCT: Spent(today=10)}, NOW, ZONE)
    assert wait is not None
    assert wait.until == datetime(2026, 2, 1, 5, tzinfo=UTC)
    assert wait.reason == "0 of 10 transactions are left of the day at intacct"
    monthly = judge(budget(per_month=10), "stock", {Side.INTACCT: Spent(month=10)}, NOW, ZONE)
    assert monthly is not None
    assert monthly.until == datetime(2026, 2, 1, 5, tzinfo=UTC)


def test_the_orgs_allowance_counts_when_asked_for_and_as_long_as_it_is_fresh():
    quota = Quota(used=900, allowed=1000, at=NOW - timedelta(minutes=5))
    minded = BudgetConfig(salesforce=SalesforceAllowance(org_quota=True, reserve=Decimal(20)), priority=RANKS)
    spent = {Side.SALESFORCE: Spent(quota=quota)}
    wait = judge(minded, "stock", spent, NOW, ZONE)
    assert wait is not None
    assert wait.until == quota.at + timedelta(days=1)
    assert judge(minded, "accounts", spent, NOW, ZONE) is None
    assert judge(minded, "stock", spent, NOW + QUOTA_BELIEVED, ZONE) is None
    assert judge(BudgetConfig(priority=RANKS), "stock", spent, NOW, ZONE) is None


def test_without_bounds_the_budget_is_off_and_nobody_waits():
    assert BudgetConfig().off
    assert not budget(per_day=1).off
    assert waiting(budget(), Spent(today=10**9, month=10**9)) == []


@given(
    st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 1500), st.integers(0, 100), st.integers(0, 300),
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - as asked
)  # fmt: skip
def test_who_matters_more_never_waits_for_who_matters_less(today, month, bound, reserve, usual, now):
    config = budget(per_day=bound, per_month=bound * 2, reserve=reserve)
    who = waiting(config, Spent(today=today, month=month, usual=usual), now)
    assert who in ([], ["stock"], ["products", "stock"], ["accounts", "products", "stock"])
    more = waiting(config, Spent(today=today + 7, month=month + 7, usual=usual), now)
    assert set(who) <= set(more)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - as asked
def test_there_is_room_again_later_than_now(now):
    config = budget(per_day=1, per_month=1)
    found = list(bounds(config, {}, now, ZONE))
    assert [bound.window for bound in found] == ["day", "month"]
    assert all(now < bound.until for bound in found)
    assert next_month(now, ZONE).astimezone(ZONE).day == 1
