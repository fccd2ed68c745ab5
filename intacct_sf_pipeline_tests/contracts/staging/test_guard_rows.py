"""What the guard asks of the staging database and puts on record there, on every server."""

from __future__ import annotations

import pytest

from intacct_sf_pipeline.model.plans import Decision, HoldReason, LineStatus, Operation, Settlement, Verdict
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.model.results import StepReport
from intacct_sf_pipeline.staging.checks_queries import CheckQueries
from intacct_sf_pipeline.staging.guard_queries import LimitExceeded
from intacct_sf_pipeline.staging.rehearsal import rehearsal

RUN = "run-1"


@pytest.fixture
def planned(kit, make_line):
    """Three linked pairs, two updates and a deactivation planned for them, and a record about which there is nothing
    to do.
    """
    for key in "1234":
        kit.linked("accounts", key, f"00{key}", name=key)
    lines = [
        make_line(f"{RUN}/{key}", operation=operation, target_key=f"00{key}", source_key=key)
        for key, operation in zip(
            "1234", (Operation.UPDATE, Operation.UPDATE, Operation.DEACTIVATE, Operation.NONE), strict=True
        )
    ]
    kit.store.start_run(RUN, kind="sync", entities=["accounts"], at=kit.clock())
    for key, line in zip("1234", lines, strict=True):
        kit.stage("accounts", Side.INTACCT, CanonicalRecord(key, {"name": f"new {key}"}))
        kit.reconcile("accounts", Settlement("accounts", key, f"00{key}", (line,)))
    return kit, lines


def keep_back(kit, lines, holds, status=LineStatus.HELD):
    kit.store.keep_back(kit.entity("accounts"), lines, status, holds, run_id=RUN)


def ids(pages):
    return [line.line_id for page in pages for line in page]


def test_lines_are_counted_and_streamed_by_what_they_do(planned):
    kit, lines = planned
    accounts = kit.entity("accounts")
    assert kit.store.line_counts(accounts, run_id=RUN) == {
        (Side.SALESFORCE, Operation.UPDATE, LineStatus.PLANNED): 2,
        (Side.SALESFORCE, Operation.DEACTIVATE, LineStatus.PLANNED): 1,
    }
    keep_back(kit, lines[2:3], ())
    assert kit.store.line_counts(accounts, run_id=RUN)[Side.SALESFORCE, Operation.DEACTIVATE, LineStatus.HELD] == 1
    assert ids(kit.store.planned_lines(accounts, run_id=RUN)) == [f"{RUN}/1", f"{RUN}/2"]
    assert ids(kit.store.lines_of_run(accounts, run_id=RUN)) == [f"{RUN}/1", f"{RUN}/2", f"{RUN}/3"]
    assert kit.store.line_counts(accounts, run_id="run-2") == {}
    assert kit.store.line_counts(kit.entity("products"), run_id=RUN) == {}
    assert kit.store.pair_count(accounts) == 4
    assert kit.store.pair_count(kit.entity("products")) == 0


def test_what_waits_for_approval_is_known_by_record_and_target(planned, make_hold):
    kit, lines = planned
    limit = make_hold("3", reason=HoldReason.LIMIT, state="digest:60")
    keep_back(kit, lines[2:3], [limit, make_hold("2", reason=HoldReason.BREAKER, state="x")])
    accounts = kit.entity("accounts")
    assert kit.store.awaiting_approval(accounts) == {(Side.INTACCT, "3", Side.SALESFORCE): "digest:60"}
    assert kit.store.awaiting_approval(kit.entity("products")) == {}


def test_an_approval_is_used_up_when_its_line_is_written_and_no_other_decision_is(planned, make_hold):
    kit, lines = planned
    keep_back(kit, lines[2:3], [make_hold("3", reason=HoldReason.LIMIT)])
    taken = [
        Decision("accounts", Side.INTACCT, key, reason, Verdict.APPROVE, kit.clock())
        for key, reason in (("3", HoldReason.LIMIT), ("2", HoldReason.LIMIT), ("3", HoldReason.BREAKER))
    ]
    kit.store.decide(taken)
    kit.store.commit_outcomes(
        kit.entity("accounts"),
        lines[2:3],
        {lines[2].line_id: LineStatus.WRITTEN},
        settlements=[Settlement("accounts", "3", "003")],
        journal=(),
        predicted=(),
        records=(),
        side=Side.SALESFORCE,
        run_id=RUN,
    )
    open_ = kit.rows("SELECT record_key, reason FROM decisions WHERE closed_at IS NULL ORDER BY record_key, reason")
    assert open_ == [{"record_key": "2", "reason": "limit"}, {"record_key": "3", "reason": "breaker"}]
    assert kit.store.awaiting_approval(kit.entity("accounts")) == {}


def test_refused_lines_wait_for_the_next_run_and_held_ones_keep_the_reason(planned):
    kit, lines = planned
    keep_back(kit, lines[:1], (), LineStatus.REFUSED)
    assert kit.waiting("accounts") == [("1", "001")]
    assert kit.store.planned(kit.entity("accounts"), Side.SALESFORCE, run_id=RUN, limit=10) == lines[1:3]


def test_reasons_of_lines_and_details_of_runs_are_added(planned):
    kit, _ = planned
    accounts = kit.entity("accounts")
    (page,) = kit.store.planned_lines(accounts, run_id=RUN)
    kit.store.explain_lines(accounts, [type(line)(**{**_fields(line), "reason": "why not"}) for line in page[:1]])
    assert [row["reason"] for row in kit.rows("SELECT reason FROM plan_lines WHERE line_id = 'run-1/1'")] == ["why not"]
    kit.store.note(RUN, "forced", {"a": {"limit": 1}})
    kit.store.note(RUN, "forced", {"b": {"limit": 2}})
    kit.store.note(RUN, "absent", {"accounts/intacct": ["7"]})
    assert kit.store.noted(RUN, "absent") == {"accounts/intacct": ["7"]}
    assert set(kit.store.noted(RUN, "forced")) == {"a", "b"}
    assert kit.store.noted("run-2", "forced") == {}


def _fields(line):
    return {name: getattr(line, name) for name in line.__dataclass_fields__}


def test_the_check_sees_what_the_guard_did(planned, make_hold):
    kit, lines = planned
    accounts = kit.entity("accounts")
    questions = CheckQueries(kit.store.database, kit.store.tables)
    counts = {"planned": 60, "limit": 50, "held": 60, "hold": 1}
    kit.store.record_step(RUN, "accounts", StepReport("guard", "salesforce deactivate", counts))
    kit.store.record_step("run-2", "accounts", StepReport("guard", "salesforce update", counts))
    assert questions.exceeded(accounts, RUN) == [LimitExceeded("salesforce", "deactivate", 60, 50, 60, "hold")]
    keep_back(kit, lines[2:3], [make_hold("2", "credit", reason=HoldReason.BREAKER), make_hold("1", "credit")])
    assert questions.broken(accounts) == {"credit": 1}
    assert questions.planned(accounts, RUN)[Side.SALESFORCE] == {"create": 0, "update": 2, "link": 0, "deactivate": 0}


def test_a_rehearsal_takes_decisions_and_waits_along_and_keeps_what_was_held_apart(planned, make_line, make_hold):
    kit, _ = planned
    kit.store.decide([Decision("accounts", Side.INTACCT, "3", HoldReason.LIMIT, Verdict.APPROVE, kit.clock())])
    with rehearsal(kit.store, "plan-1") as copy:
        assert copy.hold_retry_minutes == kit.store.hold_retry_minutes == (0, 60, 240)
        accounts = kit.entity("accounts")
        assert set(copy.decisions(accounts, [(Side.INTACCT, "3")])) == {(Side.INTACCT, "3")}
        copy.start_run("plan-1", kind="plan", entities=["accounts"], at=kit.clock())
        batch = copy.reconcile_batch(accounts, 10)
        lines = [make_line(f"plan-1/{key}", run_id="plan-1", source_key=key, target_key=f"00{key}") for key in "12"]
        copy.commit_reconcile(accounts, batch, [Settlement("accounts", "1", "001", tuple(lines))], run_id="plan-1")
        copy.keep_back(accounts, lines[:1], LineStatus.HELD, [make_hold("1", reason=HoldReason.LIMIT)], run_id="plan-1")
    statuses = kit.rows("SELECT line_id, status FROM plan_lines WHERE run_id = 'plan-1' ORDER BY line_id")
    assert [row["status"] for row in statuses] == ["held", "preview"]
    assert kit.store.awaiting_approval(kit.entity("accounts")) == {}
