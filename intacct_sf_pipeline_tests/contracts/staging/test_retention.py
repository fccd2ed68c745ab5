"""Old history goes, chunk by chunk; what the pipeline rests on stays, whatever its age."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.plans import JournalEntry, LineStatus, Operation, Settlement
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import StepReport
from intacct_sf_pipeline.model.retention import RetentionConfig
from intacct_sf_pipeline.model.spend import CallKind, SpendEntry
from intacct_sf_pipeline.staging import sweeping
from intacct_sf_pipeline.staging.outbox import Outbox
from intacct_sf_pipeline.staging.retention import LAST_RUNS, prune_history, sweeps
from intacct_sf_pipeline.staging.schema import (
    api_spend,
    holds,
    journal,
    links,
    plan_lines,
    run_steps,
    runs,
    watermarks,
)
from intacct_sf_pipeline.staging.undo_target import find_target

SHORT = RetentionConfig(
    runs=5, plan_lines=5, previews=2, journal_values=5, journal=20, closed_holds=5, write_jobs=5, deleted_records=5,
    api_spend=10, daily_spend=62,
)  # fmt: skip


def prune(kit, days, *, dry_run=False, retention=SHORT):
    """Prune so many days after now."""
    return prune_history(kit.store, retention, now=kit.clock() + timedelta(days=days), dry_run=dry_run).rows


def column(kit, which):
    with kit.store.database.read() as connection:
        return list(connection.execute(select(which).order_by(which)).scalars())


def add_lines(kit, *lines):
    with kit.store.database.engine.begin() as connection:
        Outbox(kit.store.database).add(connection, lines)


def note(kit, run_id, *fields, key="001A"):
    entries = [
        JournalEntry(
            run_id, "accounts", Side.SALESFORCE, key, Operation.UPDATE, f, "old", "new", "newest", "r", kit.clock()
        )
        for f in fields
    ]
    with kit.store.database.engine.begin() as connection:
        Outbox(kit.store.database).journal(connection, entries)


def finished(kit, run_id, status="done"):
    kit.store.start_run(run_id, kind="sync", entities=["accounts"], at=kit.clock())
    kit.store.record_step(run_id, "accounts", StepReport("stage", "accounts", {"staged": 1}))
    if status != "running":
        kit.store.finish_run(run_id, status=status, at=kit.clock())


def test_settled_lines_go_and_open_ones_never(kit, make_line):
    statuses = [status for status in LineStatus if status is not LineStatus.PREVIEW]
    lines = [make_line(status.value) for status in statuses]
    add_lines(kit, *lines)
    for status, line in zip(statuses, lines, strict=True):
        kit.store.mark([line], status)
    assert prune(kit, 4)["plan_lines"] == 0
    assert prune(kit, 6)["plan_lines"] == 7
    assert set(column(kit, plan_lines.c.status)) == {"planned", "sent", "unknown"}


def test_previews_go_sooner(kit, make_line):
    add_lines(kit, make_line("seen"), make_line("written"))
    kit.store.mark([make_line("seen")], LineStatus.PREVIEW)
    kit.store.mark([make_line("written")], LineStatus.WRITTEN)
    found = prune(kit, 3)
    assert (found["previews"], found["plan_lines"]) == (1, 0)
    assert column(kit, plan_lines.c.line_id) == ["written"]


def test_nothing_of_a_run_at_work_goes(kit, make_line):
    for number in range(LAST_RUNS + 1):
        finished(kit, f"later-{number:02}")
    finished(kit, "at-work", "running")
    add_lines(kit, make_line("mine", run_id="at-work"))
    kit.store.mark([make_line("mine", run_id="at-work")], LineStatus.WRITTEN)
    prune(kit, 100)
    assert "at-work" in column(kit, runs.c.run_id)
    assert "at-work" in column(kit, run_steps.c.run_id)
    assert column(kit, plan_lines.c.line_id) == ["mine"]


def test_idle_runs_go_with_their_steps_and_the_last_ones_stay(kit):
    finished(kit, "wrote")
    note(kit, "wrote", "name")
    for number in range(3):
        finished(kit, f"idle-{number}")
    kit.clock.advance(days=1)
    last = [f"last-{number:02}" for number in range(LAST_RUNS)]
    for run_id in last:
        finished(kit, run_id)
    planned = prune(kit, 10, dry_run=True)
    done = prune(kit, 10)
    assert (planned["runs"], planned["run_steps"]) == (done["runs"], done["run_steps"]) == (3, 4)
    assert column(kit, runs.c.run_id) == [*last, "wrote"]
    assert column(kit, run_steps.c.run_id) == last


def test_of_the_journal_the_values_go_first_and_the_facts_much_later(kit):
    finished(kit, "run-a")
    note(kit, "run-a", "name", "phone")
    assert prune(kit, 6)["journal_values"] == 2
    assert prune(kit, 6)["journal_values"] == 0
    (first, _) = kit.rows("SELECT * FROM v_journal ORDER BY entry_id")
    assert (first["field"], first["run_id"], first["rule"], first["values_kept"]) == ("name", "run-a", "newest", "no")
    assert (first["before_value"], first["after_value"]) == (None, None)
    assert prune(kit, 21)["journal"] == 2
    assert column(kit, journal.c.entry_id) == []


def test_a_run_whose_values_are_gone_cannot_be_undone_by_writing_nothing_back(kit):
    finished(kit, "run-a")
    note(kit, "run-a", "name")
    assert find_target(kit.store, "run-a").entities
    prune(kit, 6)
    with pytest.raises(ConfigurationError, match="no longer kept"):
        find_target(kit.store, "run-a")


def test_closed_holds_go_and_open_or_shown_ones_stay(kit, make_hold):
    kit.linked("accounts", "1", "001A", name="A")
    kit.stage("accounts", Side.INTACCT)
    kit.reconcile(
        "accounts", Settlement("accounts", "1", "001A", holds=(make_hold("1", "name"), make_hold("1", "phone")))
    )
    numbers = column(kit, holds.c.hold_id)
    with kit.store.database.engine.begin() as connection:
        extra = {
            "entity": "accounts", "record_side": "intacct", "record_key": "9", "target": "salesforce",
            "reason": "conflict", "attempts": 0,
            "since": kit.clock(), "updated_at": kit.clock(), "run_id": "r", "closed_at": kit.clock(),
        }  # fmt: skip
        connection.execute(insert(holds), [extra | {"shown": "001A x"}, extra | {"shown": None}])
    assert prune(kit, 6)["closed_holds"] == 1
    assert column(kit, holds.c.hold_id) == [*numbers, numbers[-1] + 1]


def test_what_the_pipeline_rests_on_stays_for_ever(kit):
    kit.linked("accounts", "1", "001A", name="A")
    kit.land(kit.feed("customers"), kit.customer("2"))
    before = {
        t: kit.rows(f"SELECT * FROM {t}")
        for t in ("links", "baseline_accounts", "canonical_accounts_intacct", "stage_queue")
    }
    assert set(prune(kit, 30_000).values()) == {0}
    assert {table: kit.rows(f"SELECT * FROM {table}") for table in before} == before
    assert column(kit, watermarks.c.feed) == []
    assert column(kit, links.c.salesforce_id) == ["001A"]


def test_deleted_records_go_from_landing_unless_something_rests_on_them(kit, make_hold):
    customers = kit.feed("customers")
    kit.linked("accounts", "1", "001A", name="A")
    kit.land(customers, kit.customer("2"), kit.customer("3"))
    kit.staged_keys("accounts")
    kit.reconcile("accounts", Settlement("accounts", "3", None, holds=(make_hold("3"),)))
    kit.store.sweep(customers, {"1", "2", "3"}, run_id="r")
    assert prune(kit, 6)["deleted_records"] == 0, "still waiting to be staged"
    kit.staged_keys("accounts")
    kit.reconcile("accounts", Settlement("accounts", "3", None, holds=(make_hold("3"),)))
    assert prune(kit, 4)["deleted_records"] == 0
    assert prune(kit, 6)["deleted_records"] == 1
    assert [row["record_key"] for row in kit.rows("SELECT record_key FROM landing_intacct_customers ORDER BY 1")] == [
        "1",
        "3",
    ]


def test_the_sums_of_days_go_after_years_and_never_those_of_the_month(kit):
    day = date(2026, 3, 2)
    for back in (0, 12, 70):
        then = day - timedelta(days=back)
        entries = [
            SpendEntry(f"r{n}", "accounts", "extract", Side.INTACCT, CallKind.READ, 1, 1, kit.clock(), then, then)
            for n in range(3)
        ]
        kit.store.book(entries, {})
    found = prune(kit, 0)
    assert (found["api_spend"], found["daily_spend"]) == (4, 1)
    assert sorted((r["local_day"], r["billed"]) for r in kit.rows("SELECT * FROM v_api_spend_daily")) == [
        ("2026-02-18", 3),
        ("2026-03-02", 3),
    ]
    assert len(column(kit, api_spend.c.spend_id)) == 4


def test_a_sweep_goes_chunk_by_chunk_and_looks_no_further_than_it_must(kit):
    finished(kit, "run-a")
    note(kit, "run-a", *(f"f{n}" for n in range(23)))
    kit.clock.advance(days=10)
    note(kit, "run-b", *(f"f{n}" for n in range(23)))
    (values,) = [s for s in sweeps(kit.store, SHORT, kit.clock()) if s.name == "journal_values"]
    assert sweeping.count(kit.store.database, values) == 23
    assert sweeping.run(kit.store.database, values, chunk=5) == 23
    assert [row["run_id"] for row in kit.rows("SELECT run_id FROM v_journal WHERE values_kept = 'yes'")] == [
        "run-b"
    ] * 23
