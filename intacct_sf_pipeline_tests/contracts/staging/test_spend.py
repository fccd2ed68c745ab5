"""Spend in the staging database, on every server: sums by day and month, and daily sums after pruning."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import Quota
from intacct_sf_pipeline.model.spend import CallKind, SpendEntry, Spent
from intacct_sf_pipeline.staging.schema import api_spend

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)


def entry(run_id="run-1", subject="accounts", billed=1, *, day=TODAY, side=Side.INTACCT, kind=CallKind.READ, at=NOW):
    """A booking; the local day is the one before the day in UTC."""
    return SpendEntry(run_id, subject, "extract", side, kind, billed, billed + 1, at, day, day - timedelta(days=1))


def by_day(kit):
    """Units by local day, vendor, subject and kind, as the view shows them."""
    rows = kit.rows("SELECT local_day, system, entity, kind, billed, requests FROM v_api_spend_daily")
    return sorted(tuple(row) for row in rows)


def test_day_and_month_are_local_ones_and_vendors_are_counted_apart(kit):
    kit.store.book(
        [
            entry(billed=5, day=date(2026, 3, 3)),
            entry(billed=7, day=date(2026, 3, 2)),
            entry(billed=11, day=date(2026, 3, 1)),
            entry(billed=13, side=Side.SALESFORCE, day=date(2026, 3, 3)),
        ],
        {Side.SALESFORCE: Quota(900, 1000, NOW)},
    )
    spent = kit.store.spent({"accounts"}, today=TODAY, now=NOW)
    assert (spent[Side.INTACCT].today, spent[Side.INTACCT].month) == (5, 12)
    assert spent[Side.SALESFORCE] == Spent(13, 13, Quota(900, 1000, NOW), 13)


def test_the_last_word_of_a_vendor_replaces_the_one_before(kit):
    kit.store.book([entry()], {Side.SALESFORCE: Quota(1, 1000, NOW)})
    kit.store.book([entry()], {Side.SALESFORCE: Quota(2, 1000, NOW + timedelta(minutes=1))})
    spent = kit.store.spent((), today=TODAY, now=NOW)
    assert spent[Side.SALESFORCE].quota == Quota(2, 1000, NOW + timedelta(minutes=1))
    assert spent[Side.INTACCT].quota is None


def test_the_usual_cost_is_the_mean_of_late_runs_on_the_flow(kit):
    kit.store.book([entry("run-1", billed=4), entry("run-1", "customers", 3), entry("run-2", billed=2)], {})
    kit.store.book([entry("run-0", billed=900, at=NOW - timedelta(days=3)), entry("run-2", "items", 50)], {})
    assert kit.store.spent({"accounts", "customers"}, today=TODAY, now=NOW)[Side.INTACCT].usual == 5
    kit.store.start_run("run-2", kind="compare", entities=["accounts"], at=NOW)
    assert kit.store.spent(None, today=TODAY, now=NOW)[Side.INTACCT].usual == 52


def test_pruning_keeps_the_daily_sums_and_every_total(kit):
    old = date(2026, 1, 10)
    for run in range(4):
        for kind in (CallKind.READ, CallKind.WRITE):
            kit.store.book([entry(f"run-{run}", billed=run, day=old, kind=kind), entry(f"run-{run}", day=TODAY)], {})
    before = by_day(kit)
    assert kit.store.prune_spend(TODAY, dry_run=True) == 6
    with kit.store.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(api_spend)).scalar() == 16
    assert kit.store.prune_spend(TODAY) == 6
    assert by_day(kit) == before
    with kit.store.database.read() as connection:
        runs = set(connection.execute(select(api_spend.c.run_id).where(api_spend.c.day < "2026-03-02")).scalars())
    assert runs == {""}
    assert kit.store.prune_spend(TODAY) == 0
    assert by_day(kit) == before


def test_what_is_young_stays_row_by_row(kit):
    kit.store.book([entry("run-1"), entry("run-2")], {})
    assert kit.store.prune_spend(TODAY) == 0
