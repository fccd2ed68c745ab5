"""Agreement over real HTTP: what polling misses is seen, put right by healing, and what only waits is no alarm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from intacct_sf_pipeline.engine import steps
from intacct_sf_pipeline.engine.review.compare import CompareReport
from intacct_sf_pipeline.engine.review.compare_pair import WAITS
from intacct_sf_pipeline.engine.review.heal import compare_and_heal
from intacct_sf_pipeline.engine.review.missed import LATE, NEVER_SETTLED, NOT_POLLED
from intacct_sf_pipeline.model.config import Limits
from intacct_sf_pipeline.model.records import SIDES
from intacct_sf_pipeline.sandbox.server import SandboxOptions

from .loop import Loop, running_loop
from .test_scenarios_undo import CUSTOMER, pairs


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """A company whose first sync is done; every test leaves both sides in agreement."""
    options = SandboxOptions(accounts=16, contacts=20, items=6)
    with running_loop(tmp_path_factory.mktemp("compare"), options) as running:
        running.sync()
        running.sync()
        yield running


def heal(loop: Loop, **limits: Any) -> dict[str, CompareReport]:
    """The nightly job's work; with limits for accounts."""
    loop.clock.advance(60)
    run_id = f"compare-{next(loop.runs)}"
    ctx = loop.runtime.context(run_id)
    entities = loop.runtime.config.mapping.enabled()
    if limits:
        config = loop.runtime.config.model_copy(update={"limits": {"accounts": Limits.model_validate(limits)}})
        ctx = replace(ctx, config=config)
    ctx.store.start_run(run_id, kind="compare", entities=[entity.name for entity in entities], at=loop.clock())
    reports = compare_and_heal(ctx, entities)
    ctx.store.finish_run(run_id, status="done", at=loop.clock())
    loop.clock.advance(60)
    return reports


def shown_late(loop: Loop, account: str, **values: object) -> None:
    """A person's edit that is stamped now and becomes visible hours later, when polling has long passed it."""
    org = loop.sandbox.org
    pending = org.open_transaction(org.person)
    pending.update("Account", account, values)
    for _ in range(3):
        loop.clock.advance(3600)
        loop.sync()
    pending.commit()


def unexplained(reports: dict[str, CompareReport]) -> dict[str, int]:
    """Flows with differences that nothing explains."""
    return {name: report.unexplained for name, report in reports.items() if report.unexplained}


def test_an_edit_shown_late_is_unexplained_then_healed_and_reported(settled: Loop) -> None:
    loop, (key, account) = settled, pairs(settled)[0]
    shown_late(loop, account, Phone="+1 212-555-0188")
    assert loop.sync().total() == 0, "polling does not see it"

    reports = heal(loop)

    accounts = reports["accounts"]
    assert (accounts.unexplained, accounts.healed, accounts.healed_fields) == (0, 1, {"phone": 1})
    assert {report.stopped for report in reports.values()} == {""}
    assert accounts.causes == {LATE: 1}
    phone = "contacts.default.phone1"
    assert loop.customer(key, phone)[phone] == "+1 212-555-0188"
    assert loop.sync().total() == 0
    assert unexplained(loop.compare()) == {}


def test_reading_alone_shows_the_difference_and_writes_nothing(settled: Loop) -> None:
    loop, (key, account) = settled, pairs(settled)[1]
    loop.as_person("Account", account, Name="Fresh from sales")
    written = loop.sandbox.company.transactions.records_written
    first = loop.compare()["accounts"]
    (difference,) = [d for d in first.differences if d.verdict == "unexplained"]
    assert (first.unexplained, difference.salesforce_id, difference.field) == (1, account, "name")
    assert difference.cause == NOT_POLLED
    assert loop.sandbox.company.transactions.records_written == written
    second = loop.compare()["accounts"]
    assert second.unexplained == 0, "it is known now, and the next run settles it"
    assert WAITS in {d.reason for d in second.differences if d.salesforce_id == account}
    assert loop.sync().total("updated") >= 1
    assert loop.customer(key, "name")["name"] == "Fresh from sales"


def test_what_waits_between_two_flows_is_explained(settled: Loop) -> None:
    loop = settled
    contact = pairs(loop, "contacts")[0][1]
    account = str((loop.sandbox.org.row("Contact", contact) or {})["AccountId"])
    loop.as_person("Account", account, Name="Renamed between two syncs")
    entity = loop.runtime.config.mapping.entity("accounts")
    ctx = loop.runtime.context("accounts-only")
    loop.clock.advance(60)
    ctx.store.start_run(ctx.run_id, kind="sync", entities=["accounts"], at=loop.clock())
    for feed in loop.runtime.config.mapping.used_feeds(entity):
        steps.extract(ctx, feed)
    steps.stage(ctx, entity)
    steps.reconcile(ctx, entity)
    for side in SIDES:
        steps.write_back(ctx, entity, side)
    reports = loop.compare()
    assert unexplained(reports) == {}
    assert {d.reason for d in reports["contacts"].differences if d.field == "company_name"} == {WAITS}
    loop.sync()
    assert not [d for d in loop.compare()["contacts"].differences if d.field == "company_name"]


def test_a_record_that_was_lost_is_seen_and_gets_its_partner(settled: Loop) -> None:
    loop = settled
    before = loop.compare()["accounts"]
    account = loop.new("Account", Name="Lost on the way", Type="Customer - Direct")
    loop.new("Account", Name="Only a prospect", Type="Prospect")
    known = loop.compare()["accounts"]
    assert known.unexplained == 0, "it waits for the next run"
    assert known.unlinked["salesforce"]["waiting"] == before.unlinked["salesforce"]["waiting"] + 1
    assert known.unlinked["salesforce"]["out_of_scope"] == before.unlinked["salesforce"]["out_of_scope"] + 1
    loop.runtime.store.database.write(
        lambda connection: connection.exec_driver_sql(f"delete from reconcile_queue where record_key = '{account}'")
    )
    lost = loop.compare()["accounts"]
    (difference,) = [d for d in lost.differences if d.verdict == "unexplained"]
    assert (lost.unexplained, lost.unlinked["salesforce"]["unexplained"]) == (1, 1)
    assert (difference.salesforce_id, difference.field, difference.cause) == (account, "*", NEVER_SETTLED)

    healed = heal(loop)["accounts"]

    assert (healed.unexplained, healed.healed) == (0, 1)
    assert loop.partner("accounts", "salesforce", account)
    assert loop.sync().total() == 0


def test_a_new_record_that_only_the_full_read_sees_gets_its_partner_in_the_same_run(settled: Loop) -> None:
    loop, org = settled, settled.sandbox.org
    pending = org.open_transaction(org.person)
    pending.create("Account", {"Name": "Shown late", "Type": "Customer - Direct"})
    for _ in range(2):
        loop.clock.advance(3600)
        loop.sync()
    (account,) = pending.commit()
    assert loop.sync().total() == 0
    assert heal(loop)["accounts"].healed == 1
    assert loop.partner("accounts", "salesforce", account)
    assert loop.sync().total() == 0


def test_healing_stops_at_the_limits_and_says_so(settled: Loop) -> None:
    loop, chosen = settled, pairs(settled)[4:7]
    for key, _ in chosen:
        loop.sandbox.company.edit(CUSTOMER, key, {"name": f"Too many {key}"})
    stopped = heal(loop, update=2)["accounts"]
    assert (stopped.unexplained, stopped.healed) == (3, 0)
    assert stopped.stopped == "accounts: 3 to update in salesforce, the limit is 2"
    assert not any(str(loop.account(account)["Name"]).startswith("Too many") for _, account in chosen)
    assert heal(loop)["accounts"].unexplained == 0
    assert all(loop.account(account)["Name"] == f"Too many {key}" for key, account in chosen)
    loop.sync()
    assert loop.sync().total() == 0


def test_the_result_is_kept_in_the_ledger(settled: Loop) -> None:
    loop, reports = settled, heal(settled)
    with loop.runtime.store.database.read() as connection:
        query = "select detail from runs where kind = 'compare' order by started_at desc limit 1"
        detail = json.loads(connection.exec_driver_sql(query).scalar_one())
    assert {name: found["equal"] for name, found in detail["compare"].items()} == {
        name: report.equal for name, report in reports.items()
    }


def test_a_first_load_is_never_a_nightly_surprise(tmp_path: Path) -> None:
    with running_loop(tmp_path, SandboxOptions(accounts=4, contacts=4, items=2)) as loop:
        reports = heal(loop)
        assert all("never synchronised" in report.stopped for report in reports.values())
        assert loop.sandbox.company.transactions.records_written == 0
        loop.sync()
        loop.sync()
        assert {report.stopped for report in heal(loop).values()} == {""}
