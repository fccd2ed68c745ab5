"""The budget at work: what matters less waits, says so, loses nothing, and catches up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from intacct_sf_pipeline.model.budget import BudgetConfig
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.staging.run_report import run_report
from intacct_sf_pipeline.staging.schema import journal, run_steps
from intacct_sf_pipeline.staging.spend_report import budget_status

from .loop import Loop, connectors, running_loop


@contextmanager
def settled(folder: Path) -> Iterator[Loop]:
    """A loop whose first load is done, without a budget yet."""
    with running_loop(folder, config=load_config()) as loop:
        loop.sync()
        loop.sync()
        yield loop


def with_budget(loop: Loop, **sides: Any) -> None:
    """From here on the loop has a budget."""
    priority = load_config().budget.priority
    budget = BudgetConfig.model_validate({**sides, "priority": priority})
    loop.runtime = replace(loop.runtime, config=loop.runtime.config.model_copy(update={"budget": budget}))


def spent_today(loop: Loop, side: Side = Side.INTACCT) -> int:
    """What was billed on this day."""
    today = loop.clock().date()
    return loop.runtime.store.spent((), today=today, now=loop.clock())[side].today


def waited(loop: Loop, run_id: str) -> list[str]:
    """The flows that a run's report names as waiting."""
    report = run_report(loop.runtime.store.database, loop.runtime.config.mapping, run_id)
    assert report["status"] in ("done", "held")
    return sorted(wait["entity"] for wait in report.get("waiting", ()))


def test_below_the_reserve_stock_waits_and_accounts_go_on_and_stock_catches_up(tmp_path: Path) -> None:
    with settled(tmp_path) as loop:
        mapping = loop.runtime.config.mapping
        stock = mapping.feed(Side.INTACCT, "stock")
        before = loop.runtime.store.watermark(stock)
        used = spent_today(loop)
        with_budget(loop, intacct={"per_day": used + 200, "reserve": 90})
        account = next(iter(loop.runtime.store.pairs(mapping.entity("accounts"), size=1)))[0].link
        assert account is not None
        loop.as_person("Account", account.salesforce_id, Phone="(415) 555-0123")
        queries = loop.sandbox.company.transactions.by_object["inventory-control/item-warehouse-inventory"]
        loop.sync()
        assert "stock" in waited(loop, "run-3")
        assert "accounts" not in waited(loop, "run-3")
        assert loop.runtime.store.watermark(stock) == before
        asked = loop.sandbox.company.transactions.by_object["inventory-control/item-warehouse-inventory"]
        assert asked == queries
        assert "555-0123" in str(loop.customer(account.intacct_key, "contacts.default.phone1"))
        with_budget(loop)
        loop.sync()
        assert waited(loop, "run-4") == []
        after = loop.runtime.store.watermark(stock)
        assert before is not None
        assert after is not None
        assert after.value > before.value
        assert loop.disagreements() == {}


def test_the_steps_of_a_flow_that_waits_say_so_and_status_names_it(tmp_path: Path) -> None:
    with settled(tmp_path) as loop:
        with_budget(loop, salesforce={"per_month": spent_today(loop, Side.SALESFORCE)})
        loop.sync()
        assert waited(loop, "run-3") == ["accounts", "contacts", "prices", "products", "stock"]
        with loop.runtime.store.database.read() as connection:
            steps = connection.execute(select(run_steps.c.counts).where(run_steps.c.run_id == "run-3")).scalars().all()
        assert steps
        assert all(json.loads(counts)["waiting"] == 1 for counts in steps)
        found = budget_status(loop.runtime.store, loop.runtime.config, loop.clock())
        assert {wait["entity"] for wait in found["waiting"]} >= {"accounts", "stock", "compare"}
        (bound,) = found["bounds"]
        assert (bound["system"], bound["window"], bound["left"]) == ("salesforce", "month", 0)


def test_force_lets_everything_pass_and_is_journaled_once_per_flow(tmp_path: Path) -> None:
    with settled(tmp_path) as loop:
        with_budget(loop, intacct={"per_day": 0})
        tick = loop.sync(force=frozenset({"budget"}))
        assert tick.planned["stock"]["waiting"] == 0
        assert waited(loop, "run-3") == []
        query = select(journal.c.entity).where(journal.c.operation == "force", journal.c.field == "budget")
        with loop.runtime.store.database.read() as connection:
            forced = connection.execute(query).scalars().all()
        assert sorted(forced) == ["accounts", "contacts", "prices", "products", "stock"]
        assert "budget (stock)" in loop.runtime.store.detail("run-3")["forced"]


def test_a_flow_under_way_stops_between_batches_and_the_next_run_writes_the_rest(tmp_path: Path) -> None:
    with running_loop(tmp_path, config=load_config()) as loop:
        loop.runtime = replace(loop.runtime, connectors=connectors(loop.sandbox, write_batch=4))
        with_budget(loop, intacct={"per_day": 9, "reserve": 0})
        loop.sync()
        written = loop.sandbox.company.transactions.records_written
        customers = loop.sandbox.company.count("accounts-receivable/customer")
        assert "accounts" in waited(loop, "run-1")
        assert 0 < written <= 8
        left = loop.runtime.store.planned(
            loop.runtime.config.mapping.entity("accounts"), Side.INTACCT, run_id="run-1", limit=99
        )
        assert left
        with_budget(loop)
        loop.sync()
        loop.sync()
        assert loop.sandbox.company.transactions.records_written > written
        assert loop.sandbox.company.count("accounts-receivable/customer") >= customers
        assert loop.disagreements() == {}


@pytest.mark.parametrize("half", ["intacct", "salesforce"])
def test_a_flow_that_waits_decides_nothing_on_half_of_what_it_needs(tmp_path: Path, half: str) -> None:
    """Both sides are edited; only one of them could be read. Nothing is written, and no edit is lost later."""
    with settled(tmp_path) as loop:
        mapping = loop.runtime.config.mapping
        link = next(iter(loop.runtime.store.pairs(mapping.entity("accounts"), size=1)))[0].link
        assert link is not None
        loop.as_person("Account", link.salesforce_id, Phone="(415) 555-0177")
        side = Side(half)
        with_budget(loop, **{half: {"per_day": spent_today(loop, side) + 1, "reserve": 0}})
        loop.sync()
        assert "accounts" in waited(loop, "run-3")
        assert "0177" not in str(loop.customer(link.intacct_key, "contacts.default.phone1"))
        with_budget(loop)
        loop.sync()
        assert "0177" in str(loop.customer(link.intacct_key, "contacts.default.phone1"))
        assert loop.disagreements() == {}
