"""The read models behind `status`, `sync --json`, `explain` and previews."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from intacct_sf_pipeline.engine.spending.gate import WAITING
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.costs import Costs, Tariff
from intacct_sf_pipeline.model.plans import JournalEntry, LineStatus, Operation, Settlement
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.model.results import Spend, StepReport
from intacct_sf_pipeline.model.spend import CallKind, SpendEntry
from intacct_sf_pipeline.model.windows import Watermark
from intacct_sf_pipeline.staging.explain_rows import explain_rows
from intacct_sf_pipeline.staging.queries import status, table_preview
from intacct_sf_pipeline.staging.run_report import run_report

RUN = "run-1"


def step(name, subject, seconds=1.0, intacct=0, salesforce=0, **counts):
    counts |= {"intacct_transactions": intacct, "salesforce_calls": salesforce}
    return StepReport(name, subject, counts, Spend(intacct + salesforce, 9), seconds)


def pay(kit, subject, intacct=0, salesforce=0, run_id=RUN):
    now = kit.clock()
    kit.store.book(
        [
            SpendEntry(run_id, subject, "extract", side, CallKind.READ, billed, billed, now, now.date(), now.date())
            for side, billed in ((Side.INTACCT, intacct), (Side.SALESFORCE, salesforce))
            if billed
        ],
        {},
    )


def report(kit, *entities, run_id=RUN):
    return run_report(kit.store.database, kit.mapping, run_id, entities or None)


def test_a_run_report_has_the_documented_keys_even_when_nothing_happened(kit):
    kit.store.start_run(RUN, kind="sync", entities=["accounts"], at=kit.clock())
    kit.store.finish_run(RUN, status="done", at=kit.clock())
    sides = {"created": 0, "updated": 0, "deactivated": 0, "failed": 0}
    assert report(kit) == {
        "run_id": RUN,
        "status": "done",
        "entities": {
            "accounts": {
                "read": {"intacct": 0, "salesforce": 0},
                "planned": {"create": 0, "update": 0, "link": 0, "deactivate": 0},
                "written": {"intacct": sides, "salesforce": sides},
                "held": 0,
                "open": 0,
                "api": {"intacct_transactions": 0, "salesforce_calls": 0},
                "seconds": 0.0,
            }
        },
    }


def test_a_run_report_adds_up_steps_and_lines(kit, make_line, make_hold):
    kit.store.start_run(RUN, kind="sync", entities=["accounts"], at=kit.clock())
    kit.store.start_run(RUN, kind="sync", entities=["contacts", "accounts"], at=kit.clock())
    kit.store.record_step(RUN, "customers", step("extract", "intacct/customers", 0.5, intacct=3, read=7))
    kit.store.record_step(RUN, "accounts", step("extract", "salesforce/accounts", 0.25, salesforce=2, read=9))
    kit.store.record_step(RUN, "accounts", step("salesforce_writeback", "accounts", 0.25, salesforce=4))
    kit.store.record_step("other", "accounts", step("extract", "intacct/customers", intacct=100, read=100))
    pay(kit, "customers", intacct=3)
    pay(kit, "accounts", salesforce=2)
    pay(kit, "accounts", salesforce=4)
    pay(kit, "customers", intacct=100, run_id="other")
    lines = [
        make_line("L1"),
        make_line("L2", operation=Operation.CREATE, side=Side.INTACCT, target_key=None),
        make_line("L3"),
        make_line("L4", operation=Operation.NONE),
    ]
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", tuple(lines), holds=(make_hold("1"),)))
    kit.store.mark(lines[:2], LineStatus.WRITTEN)
    kit.store.mark(lines[2:3], LineStatus.REJECTED)
    kit.store.finish_run(RUN, status="done", at=kit.clock())
    found = report(kit)
    assert (found["status"], list(found["entities"])) == ("held", ["accounts", "contacts"])
    accounts = found["entities"]["accounts"]
    assert accounts["read"] == {"intacct": 7, "salesforce": 9}
    assert accounts["planned"] == {"create": 1, "update": 2, "link": 0, "deactivate": 0}
    assert accounts["written"]["intacct"] == {"created": 1, "updated": 0, "deactivated": 0, "failed": 0}
    assert accounts["written"]["salesforce"] == {"created": 0, "updated": 1, "deactivated": 0, "failed": 1}
    assert (accounts["held"], accounts["api"], accounts["seconds"]) == (
        1,
        {"intacct_transactions": 3, "salesforce_calls": 6},
        1.0,
    )
    assert found["entities"]["contacts"]["api"] == {"intacct_transactions": 0, "salesforce_calls": 0}


@pytest.mark.parametrize("status", [LineStatus.SENT, LineStatus.UNKNOWN])
def test_a_write_that_an_earlier_run_left_open_is_open_still(kit, make_line, status):
    lines = [make_line("L1"), make_line("L2")]
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", tuple(lines)))
    kit.store.mark(lines[:1], status)
    kit.store.mark(lines[1:], LineStatus.WRITTEN)
    for run_id, kind in (("later", "sync"), ("plan", "plan")):
        kit.store.start_run(run_id, kind=kind, entities=["accounts", "contacts"], at=kit.clock())
        kit.store.finish_run(run_id, status="done", at=kit.clock())
    found = report(kit, run_id="later")
    assert (found["status"], found["entities"]["accounts"]["open"], found["entities"]["contacts"]["open"]) == (
        "failed",
        1,
        0,
    )
    assert report(kit, "contacts", run_id="later")["status"] == "done", "a run is about its own flows"
    assert report(kit, run_id="plan")["status"] == "done", "a plan settles nothing"
    kit.store.note("later", WAITING, {"accounts": ["the budget is used up", None]})
    assert report(kit, run_id="later")["entities"]["accounts"]["open"] == 0, "it was not asked for"


def test_what_is_open_is_found_by_an_index_however_many_lines_there_are(kit):
    if kit.store.database.server != "sqlite":
        pytest.skip("the plan of a statement is asked for in SQLite's way; the indexes are the same everywhere")
    asked = []

    def keep(_connection, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    kit.store.start_run(RUN, kind="sync", entities=["accounts"], at=kit.clock())
    event.listen(kit.engine, "before_cursor_execute", keep)
    report(kit)
    event.remove(kit.engine, "before_cursor_execute", keep)
    asked = [(text, values) for text, values in asked if "plan_lines" in text]
    assert asked
    with kit.engine.connect() as connection:
        for text, values in asked:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
            assert any("SEARCH plan_lines" in step for step in plan), (text, plan)


def test_a_feed_that_several_flows_share_is_read_by_each_and_paid_by_one(kit):
    kit.store.start_run(RUN, kind="sync", entities=["products", "prices", "stock"], at=kit.clock())
    kit.store.record_step(RUN, "items", step("extract", "intacct/items", intacct=5, read=11))
    pay(kit, "items", intacct=5)
    found = report(kit)["entities"]
    assert [found[name]["read"]["intacct"] for name in ("products", "prices", "stock")] == [11, 11, 11]
    assert [found[name]["api"]["intacct_transactions"] for name in ("products", "prices", "stock")] == [5, 0, 0]
    assert report(kit, "stock")["entities"]["stock"]["api"]["intacct_transactions"] == 5


def test_status_tells_lag_holds_runs_and_what_the_month_will_cost(kit, make_hold):
    kit.clock.now = datetime(2026, 4, 11, tzinfo=UTC)
    kit.land(kit.feed("customers"), watermark=Watermark("customers", kit.clock.now - timedelta(minutes=5), None))
    kit.reconcile(
        "accounts", Settlement("accounts", "1", None, holds=(make_hold("1", "name"), make_hold("1", "phone")))
    )
    kit.store.start_run(RUN, kind="sync", entities=["accounts"], at=kit.clock.now - timedelta(seconds=8))
    kit.store.finish_run(RUN, status="held", at=kit.clock.now)
    pay(kit, "customers", intacct=60)
    pay(kit, "items", intacct=40)
    kit.clock.now = datetime(2026, 3, 31, tzinfo=UTC)
    pay(kit, "customers", intacct=5000, run_id="run-0")
    kit.clock.now = datetime(2026, 4, 11, tzinfo=UTC)
    config = SyncConfig(mapping=kit.mapping, costs=Costs(intacct=Tariff(included=80, pack=10, price=Decimal("0.15"))))
    found = status(kit.store.database, config)
    (customers,) = [row for row in found["watermarks"] if (row["side"], row["feed"]) == ("intacct", "customers")]
    assert (customers["lag_seconds"], customers["value"]) == (300.0, "2026-04-10T23:55:00+00:00")
    assert found["holds"] == [
        {"entity": "accounts", "reason": "conflict", "count": 2, "oldest": "2026-04-11T00:00:00+00:00"}
    ]
    assert [(run["run_id"], run["status"], run["seconds"]) for run in found["runs"]] == [(RUN, "held", 8.0)]
    (month,) = found["spend"]
    assert (month["system"], month["billed"], month["entities"]) == ("intacct", 100, {"customers": 60, "items": 40})
    # 60 in five days of business hours and 14 more of them ahead; 40 in six days around the clock and 20 ahead.
    assert month["forecast"] == 100 + round(Decimal(60) / 5 * 14 + Decimal(40) / 6 * 20)
    assert (month["over"], month["cost"], month["currency"]) == (20, "0.30", "USD")
    assert month["over_forecast"] == month["forecast"] - 80


@pytest.mark.parametrize("key", ["1", "001A", "C1"])
def test_a_record_is_explained_by_either_key_or_by_its_id(kit, make_line, make_hold, key):
    kit.land(kit.feed("customers"), kit.customer("1"))
    kit.linked("accounts", "1", "001A", name="A", credit=Decimal("1.50"))
    kit.land(kit.feed("customers"), kit.customer("1"))
    entry = JournalEntry(
        RUN,
        "accounts",
        Side.SALESFORCE,
        "001A",
        Operation.UPDATE,
        "credit",
        Decimal("1.50"),
        None,
        "newest",
        "why",
        kit.clock(),
    )
    kit.store.commit_outcomes(
        kit.entity("accounts"),
        [],
        {},
        settlements=[Settlement("accounts", "1", "001A", (make_line("L1"),))],
        journal=[entry],
        predicted=[],
        records=[],
        side=Side.SALESFORCE,
        run_id=RUN,
    )
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", holds=(make_hold("1", "name"),)))
    found = explain_rows(kit.store, kit.entity("accounts"), key)
    assert (found["link"]["intacct_key"], found["link"]["salesforce_id"]) == ("1", "001A")
    assert (found["intacct"]["values"]["name"], found["salesforce"]["key"], found["baseline"]) == (
        "A",
        "001A",
        {"name": "A", "credit": "1.5"},
    )
    assert [(row["field"], row["before"], row["after"]) for row in found["journal"]] == [("credit", "1.50", None)]
    assert [row["fields"] for row in found["holds"]] == [["name"]]
    assert [row["line_id"] for row in found["lines"]] == ["L1"]


def test_an_unknown_record_is_explained_as_empty(kit):
    found = explain_rows(kit.store, kit.entity("accounts"), "nobody")
    assert (found["link"], found["intacct"], found["journal"], found["lines"]) == (None, None, [], [])


def test_a_preview_shows_the_first_rows_with_long_text_cut(kit):
    kit.stage(
        "accounts",
        Side.INTACCT,
        *(CanonicalRecord(str(n), {"name": "x" * 500, "credit": Decimal("1.5")}) for n in range(5)),
    )
    rows = table_preview(kit.store.database, kit.store.tables, "canonical_accounts_intacct", limit=2)
    assert [row["record_key"] for row in rows] == ["0", "1"]
    assert (len(str(rows[0]["name"])), rows[0]["credit"], rows[0]["is_deleted"]) == (200, "1.5", False)
