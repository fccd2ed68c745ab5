"""The forecast counts what the schedule really does; a cadence that never comes due is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.cli.doctor_quota import Allowed, allowed, quota_findings, schedule_cost_finding
from intacct_sf_pipeline.cli.doctor_schedule import schedule_findings
from intacct_sf_pipeline.cli.findings import Level
from intacct_sf_pipeline.cli.forecast import IdleCost, idle_cost, ticks
from intacct_sf_pipeline.model.budget import BudgetConfig
from intacct_sf_pipeline.model.config import ScheduleConfig, SyncConfig
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import Quota

MONDAY = datetime(2027, 1, 4, tzinfo=UTC)


def config(**schedule: object) -> SyncConfig:
    return load_config(None).model_copy(update={"schedule": ScheduleConfig.model_validate(schedule)})


def test_a_business_day_has_as_many_ticks_as_fit_into_its_hours() -> None:
    day = list(ticks(ScheduleConfig(), "customers", MONDAY - timedelta(seconds=1), MONDAY + timedelta(days=1)))
    assert len(day) == 12 * 4
    assert (day[0].hour, day[-1].hour, day[-1].minute) == (7, 18, 45)


def test_an_idle_day_costs_one_read_per_feed_and_tick_and_one_comparison() -> None:
    settings = config()
    feeds = {side: [f for f in settings.mapping.used_feeds() if f.side is side] for side in Side}
    cost = idle_cost(settings, {}, MONDAY - timedelta(seconds=1))
    customers = {side: len([f for f in feeds[side] if f.name in CUSTOMER_FEEDS]) for side in Side}
    catalogue = {Side.INTACCT: 1, Side.SALESFORCE: 2}
    stock = {Side.INTACCT: 2, Side.SALESFORCE: 1}
    for side in Side:
        assert cost.per_day[side] == 48 * customers[side] + 24 * (catalogue[side] + stock[side]) + len(feeds[side])


CUSTOMER_FEEDS = {"customers", "contacts", "customer_contacts", "accounts", "notes", "content_notes"}


@given(rows=st.integers(0, 100_000))
def test_rows_cost_only_where_they_are_read_in_full(rows: int) -> None:
    settings = config(catalogue="02:30", stock="02:45")
    before = idle_cost(settings, {}, MONDAY)
    after = idle_cost(settings, {(Side.SALESFORCE, "accounts"): rows}, MONDAY)
    more = max(0, -(-rows // 2000) - 1)
    assert after.per_month[Side.SALESFORCE] - before.per_month[Side.SALESFORCE] == 30 * more
    assert after.per_month[Side.INTACCT] == before.per_month[Side.INTACCT]


def test_a_cadence_outside_business_hours_is_never_due() -> None:
    found = {one.subject: one for one in schedule_findings(config(customers="03:00"), MONDAY)}
    assert found["customers"].level is Level.ERROR
    assert found["catalogue"].level is Level.OK


def test_holidays_and_local_time_are_shown() -> None:
    told = {
        one.subject: one.message
        for one in schedule_findings(
            config(time_zone="Asia/Tokyo", holidays=["2027-01-06", "2027-01-09"], customers="hourly"), MONDAY
        )
    }
    assert "Mon 09:00" in told["time zone"]
    assert told["holidays"] == "next: Wed 06 Jan 2027"
    assert "Mon 04 Jan 10:00" in told["customers"]


@pytest.mark.parametrize(
    ("used", "level"), [(0, Level.OK), (79, Level.OK), (80, Level.WARNING), (95, Level.ERROR), (120, Level.ERROR)]
)
def test_the_quota_has_two_thresholds(used: int, level: Level) -> None:
    (found,) = quota_findings(Side.SALESFORCE, Quota(used, 100, MONDAY))
    assert found.level is level


def test_an_unknown_quota_is_said_to_be_unknown() -> None:
    assert [one.level for one in quota_findings(Side.SALESFORCE, None)] == [Level.OK]
    assert list(quota_findings(Side.INTACCT, None)) == []


@pytest.mark.parametrize(
    ("bound", "level"),
    [
        (Allowed("a quota", 1000, per_day=True), Level.OK),
        (Allowed("a quota", 200, per_day=True), Level.WARNING),
        (Allowed("a quota", 99, per_day=True), Level.ERROR),
        (Allowed("a quota", 0, per_day=True), Level.ERROR),
        (Allowed("a budget", 2999), Level.ERROR),
        (Allowed("what is included", 2999, firm=False), Level.WARNING),
    ],
)
def test_a_schedule_that_does_not_fit_is_told(bound: Allowed, level: Level) -> None:
    cost = IdleCost({Side.INTACCT: 100}, {Side.INTACCT: 3000})
    found = schedule_cost_finding(Side.INTACCT, cost, [Allowed("plenty", 10**9), bound])
    assert found.level is level
    assert bound.name in found.message


def test_quota_budget_and_contract_all_bound_the_schedule() -> None:
    budget = {"salesforce": {"per_day": 500, "per_month": 9000}}
    rich = load_config(None).model_copy(update={"budget": BudgetConfig.model_validate(budget)})
    found = {one.units: one.per_day for one in allowed(rich, Side.SALESFORCE, Quota(1, 1000, MONDAY))}
    assert found == {1000: True, 500: True, 9000: False}
    assert [one.firm for one in allowed(rich, Side.INTACCT, None)] == [False]
