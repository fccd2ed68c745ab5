"""Plan and apply as two acts: what the file says is written, as far as it still holds, and nothing else ever is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from intacct_sf_pipeline.engine.review.apply_plan import GONE, HELD
from intacct_sf_pipeline.engine.review.plan_book import MOVED, NEEDLESS, UNPLANNED
from intacct_sf_pipeline.engine.review.plan_file import Header, PlanFile, parse_plan, plan_document
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.plans import LineStatus
from intacct_sf_pipeline.staging.run_report import run_report

from .checkpoints import Checkpoints
from .loop import Loop, Tick, running_loop
from .test_scenarios_guard import configured, pairs, reconfigure, rows

CUSTOMER = "accounts-receivable/customer"
PHONE = "contacts.default.phone1"


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with running_loop(tmp_path) as running:
        yield running


@pytest.fixture
def settled(tmp_path: Path, checkpoints: Checkpoints) -> Iterator[Loop]:
    with checkpoints.loop(tmp_path, syncs=2) as running:
        yield running


def planned(loop: Loop, **options: Any) -> PlanFile:
    """Make a plan and read it back as from its file."""
    loop.sync(plan_only=True, **options)
    (run_id,) = rows(loop, "select run_id from runs where kind = 'plan' order by started_at desc")[0]
    config = loop.runtime.config
    lines = [
        line
        for entity in config.mapping.enabled()
        for page in loop.runtime.store.lines_of_run(entity, run_id=run_id)
        for line in page
        if line.status is LineStatus.PREVIEW
    ]
    header = Header(run_id, loop.clock(), [entity.name for entity in config.mapping.enabled()])
    return parse_plan(json.dumps(plan_document(header, lines, config)), "plan.json")


def applied(loop: Loop, plan: PlanFile, **options: Any) -> tuple[Tick, Mapping[str, Any]]:
    """Apply a plan; what was done, and the run's report."""
    tick = loop.sync(plan=plan, **options)
    (run_id,) = rows(loop, "select run_id from runs order by started_at desc")[0]
    return tick, run_report(loop.runtime.store.database, loop.runtime.config.mapping, run_id)


def test_a_first_load_is_applied_as_planned_records_created_by_the_plan_included(loop: Loop) -> None:
    plan = planned(loop)
    assert plan.counts["contacts"]["create"] > 0
    text = plan.model_dump_json()
    assert '"new-' not in text
    assert "new:accounts:" in text
    tick, report = applied(loop, plan)
    assert report["refused"] == []
    assert report["applied"] == len(plan.lines)
    assert report["status"] in ("done", "held")
    assert tick.total("failed", "unknown") == 0
    assert loop.sync().total() == 0
    assert loop.disagreements() == {}


def test_a_line_whose_live_value_moved_is_refused_and_its_neighbour_written(settled: Loop) -> None:
    loop = settled
    (key, account), (other, neighbour) = pairs(loop)[:2]
    loop.as_person("Account", account, Phone="+1 212-555-0147")
    loop.as_person("Account", neighbour, Phone="+1 212-555-0148")
    plan = planned(loop)
    assert plan.counts["accounts"] == {"update": 2}
    loop.sandbox.company.edit(CUSTOMER, key, {PHONE: "+1 212-555-0101"})
    _, report = applied(loop, plan)
    assert loop.customer(key, PHONE)[PHONE] == "+1 212-555-0101"
    assert loop.customer(other, PHONE)[PHONE] == "+1 212-555-0148"
    assert report["applied"] == 1
    assert report["status"] == "held"
    reasons = {(row["key"], row["reason"]) for row in report["refused"]}
    assert (key, NEEDLESS) in reasons or (key, MOVED) in reasons
    loop.sync()
    assert loop.customer(key, PHONE)[PHONE] == loop.account(account)["Phone"]
    assert loop.disagreements() == {}


def refused_as_moved(loop: Loop, key: str, plan: PlanFile) -> None:
    """Edit the phone of customer `key` in Intacct after the plan: applied, it says so and leaves the edit alone."""
    loop.clock.advance(300)
    loop.sandbox.company.edit(CUSTOMER, key, {PHONE: "+1 212-555-0101"})
    _, report = applied(loop, plan)
    told = {(row["side"], row["key"], row["field"], row["reason"]) for row in report["refused"]}
    assert ("intacct", key, "phone", MOVED) in told
    assert NEEDLESS not in {reason for *_, reason in told}
    assert loop.customer(key, PHONE)[PHONE] == "+1 212-555-0101"


def test_a_target_that_was_edited_later_and_wins_is_told_as_moved(settled: Loop) -> None:
    """The run at hand would write the other way round; that does not make the plan's line needless."""
    loop = settled
    key, account = pairs(loop)[0]
    loop.as_person("Account", account, Phone="+1 212-555-0147")
    plan = planned(loop)
    refused_as_moved(loop, key, plan)


def test_of_a_line_with_two_fields_the_moved_one_is_told_as_moved(settled: Loop) -> None:
    """The run at hand still writes the other field; nobody may read that the moved one was not needed any more."""
    loop = settled
    key, account = pairs(loop)[0]
    loop.as_person("Account", account, Phone="+1 212-555-0147", Name="Renamed in sales")
    plan = planned(loop)
    (line,) = plan.of("accounts")
    assert {field.field for field in line.fields} == {"name", "phone"}
    refused_as_moved(loop, key, plan)
    loop.sync()
    assert loop.disagreements() == {}


def test_a_target_that_moved_back_to_what_the_plan_wanted_is_not_told_as_moved(settled: Loop) -> None:
    loop = settled
    key, account = pairs(loop)[0]
    loop.as_person("Account", account, Phone="+1 212-555-0147", Name="Renamed in sales")
    plan = planned(loop)
    loop.sandbox.company.edit(CUSTOMER, key, {PHONE: "+1 212-555-0147"})
    _, report = applied(loop, plan)
    assert [(row["field"], row["reason"]) for row in report["refused"] if row["key"] == key] == [("phone", NEEDLESS)]
    assert loop.sync().total("updated") == 1
    assert loop.disagreements() == {}


def test_a_source_that_was_edited_again_is_refused_by_field(settled: Loop) -> None:
    loop = settled
    key, account = pairs(loop)[0]
    before = loop.customer(key, PHONE)[PHONE]
    loop.as_person("Account", account, Phone="+1 212-555-0147")
    plan = planned(loop)
    loop.as_person("Account", account, Phone="+1 212-555-0199")
    _, report = applied(loop, plan)
    assert loop.customer(key, PHONE)[PHONE] == before
    assert report["refused"] == [
        {"entity": "accounts", "side": "intacct", "key": key, "field": "phone", "reason": MOVED}
    ]
    loop.sync()
    assert loop.customer(key, PHONE)[PHONE] == "+1 212-555-0199"


def test_what_came_after_the_plan_is_left_to_the_next_sync(settled: Loop) -> None:
    loop = settled
    (key, account), (other, later) = pairs(loop)[:2]
    loop.as_person("Account", account, Phone="+1 212-555-0147")
    plan = planned(loop)
    loop.as_person("Account", later, Phone="+1 212-555-0148")
    new = loop.new("Account", Name="Came later", Type="Customer - Direct")
    customers, before = loop.sandbox.company.count(CUSTOMER), loop.customer(other, PHONE)[PHONE]
    tick, report = applied(loop, plan)
    assert tick.total() == 1
    assert loop.customer(key, PHONE)[PHONE] == "+1 212-555-0147"
    assert loop.customer(other, PHONE)[PHONE] == before
    assert loop.sandbox.company.count(CUSTOMER) == customers
    assert {(row["key"], row["reason"]) for row in report["refused"]} == {(other, UNPLANNED), (new, UNPLANNED)}
    loop.sync()
    assert loop.customer(other, PHONE)[PHONE] == "+1 212-555-0148"
    assert loop.sandbox.company.count(CUSTOMER) == customers + 1
    assert loop.sync().total() == 0


def test_what_was_done_meanwhile_is_no_longer_needed(settled: Loop) -> None:
    loop = settled
    key, account = pairs(loop)[0]
    loop.as_person("Account", account, Phone="+1 212-555-0147")
    plan = planned(loop)
    loop.sync()
    tick, report = applied(loop, plan)
    assert tick.total() == 0
    assert report["applied"] == 0
    assert report["refused"] == [
        {"entity": "accounts", "side": "intacct", "key": key, "field": None, "reason": NEEDLESS}
    ]


def test_a_record_that_is_gone_is_not_written(settled: Loop) -> None:
    loop = settled
    (key, account), (other, customer_account) = pairs(loop)[:2]
    loop.as_person("Account", account, Phone="+1 212-555-0147")
    loop.sandbox.company.edit(CUSTOMER, other, {"name": "Renamed in finance"})
    plan = planned(loop)
    name = loop.account(customer_account)["Name"]
    loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
    loop.sandbox.company.delete("customer", other)
    tick, report = applied(loop, plan)
    assert tick.total() == 0
    assert loop.account(customer_account)["Name"] == name
    assert {row["key"] for row in report["refused"] if row["entity"] == "accounts"} == {key, customer_account}


def test_a_record_that_is_gone_is_not_written_even_if_nothing_else_proves_it(settled: Loop) -> None:
    loop = settled
    key, account = pairs(loop)[0]
    loop.as_person("Account", account, Phone="+1 212-555-0147")
    plan = planned(loop)
    assert len(plan.lines) == 1
    loop.sandbox.company.delete(CUSTOMER, key)
    tick, report = applied(loop, plan)
    assert tick.total() == 0
    assert report["refused"] == [{"entity": "accounts", "side": "intacct", "key": key, "field": None, "reason": GONE}]


def test_limits_apply_to_a_plan_too(settled: Loop, tmp_path: Path) -> None:
    loop = settled
    gone = [account for _, account in pairs(loop)[:3]]
    for account in gone:
        loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
    plan = planned(loop)
    reconfigure(loop, configured(tmp_path, "limits: {accounts: {deactivate: 1}}"))
    _, report = applied(loop, plan)
    held = [row for row in report["refused"] if row["reason"] == HELD]
    assert {row["entity"] for row in held} == {"accounts"}
    assert len(held) == 3
    assert report["exceeded"][0]["action"] == "hold"


def test_no_plan_is_applied_over_writes_without_an_outcome(settled: Loop) -> None:
    loop = settled
    _, account = pairs(loop)[0]
    loop.as_person("Account", account, Phone="+1 212-555-0147")
    plan = planned(loop)
    with loop.runtime.store.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "update plan_lines set status = 'unknown' where line_id = "
            "(select min(line_id) from plan_lines where status = 'written' and entity = 'accounts')"
        )
    with pytest.raises(ConfigurationError, match="no known outcome"):
        loop.sync(plan=plan)


def test_a_plan_tells_what_limits_would_hold_and_leaves_that_out(settled: Loop, tmp_path: Path) -> None:
    loop = settled
    reconfigure(loop, configured(tmp_path, "limits: {accounts: {deactivate: 0}}"))
    key, account = pairs(loop)[0]
    loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
    plan = planned(loop)
    assert "accounts" not in {line.entity for line in plan.lines}
    assert rows(loop, "select count(*) from holds where reason = 'limit'") == [(0,)]
    assert loop.sync().written["accounts"]["deactivated"] == 0
    assert rows(loop, "select record_key from holds where reason = 'limit' and entity = 'accounts'") == [(account,)]
    assert loop.customer(key, "status")["status"] == "active"


def test_the_ledger_keeps_what_became_of_the_plan(settled: Loop) -> None:
    loop = settled
    _, account = pairs(loop)[0]
    loop.as_person("Account", account, Phone="+1 212-555-0147")
    applied(loop, planned(loop))
    (detail,) = rows(loop, "select detail from runs where detail is not null")
    assert orjson.loads(detail[0])["apply"]["accounts"] == {"applied": 1, "refused": []}
