"""Write jobs in the database: remembered with their lines in one step, followed, settled row by row, closed."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from intacct_sf_pipeline.model.jobs import JobProgress, JobState, WriteJob
from intacct_sf_pipeline.model.plans import LineStatus, Operation
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.staging.job_report import jobs_under_way

RUN, SIDE = "run-1", Side.SALESFORCE
DONE = JobProgress(JobState.ENDED, "JobComplete", 3, 1)


@pytest.fixture
def accounts(kit):
    return kit.entity("accounts")


@pytest.fixture
def planned(kit, accounts, make_line):
    """Three creations and a change that wait."""
    lines = [
        make_line(f"l{n}", operation=Operation.CREATE, target_key=None, source_key=str(n), natural_id=f"C{n}")
        for n in range(3)
    ]
    lines.append(make_line("change", target_key="001A"))
    kit.store.plan(accounts, lines)
    return lines


def opened(kit, accounts, keys, job_id="750A"):
    job = WriteJob(job_id, "accounts", SIDE, RUN, "Account", True, len(keys), kit.clock())
    kit.store.open_job(accounts, job, keys)
    return job


def statuses(kit):
    return {row["line_id"]: row["status"] for row in kit.rows("SELECT line_id, status FROM plan_lines")}


def test_waiting_lines_are_counted_and_paged_by_kind(kit, accounts, planned):
    count = kit.store.waiting_lines
    assert count(accounts, SIDE, run_id=RUN, create=True) == 3
    assert count(accounts, SIDE, run_id=RUN, create=False) == 1
    assert count(accounts, SIDE, run_id="other", create=True) == 0
    found, after = [], -1
    while page := kit.store.planned_after(accounts, SIDE, run_id=RUN, create=True, after=after, limit=2):
        found += [line.line_id for _, line in page]
        after = page[-1][0]
    assert found == ["l0", "l1", "l2"]


def test_a_job_and_its_lines_are_remembered_together(kit, accounts, planned):
    job = opened(kit, accounts, {"l0": "C0", "l1": "C1"})
    assert statuses(kit) == {"l0": "sent", "l1": "sent", "l2": "planned", "change": "planned"}
    assert list(kit.store.open_jobs(accounts, SIDE)) == [job]
    assert list(kit.store.open_jobs(accounts, Side.INTACCT)) == []
    assert kit.store.waiting_lines(accounts, SIDE, run_id=RUN, create=True) == 1


def test_a_job_that_cannot_be_entered_marks_no_line(kit, accounts, planned):
    opened(kit, accounts, {"l0": "C0"})
    with pytest.raises(IntegrityError):
        opened(kit, accounts, {"l1": "C1"})
    assert statuses(kit)["l1"] == "planned"


def test_lines_are_found_by_the_key_of_their_row_until_they_are_settled(kit, accounts, planned):
    job = opened(kit, accounts, {"l0": "C0", "l1": "C1"})
    found = kit.store.job_lines(job, ["C0", "C1", "C9"])
    assert {key: line.line_id for key, line in found.items()} == {"C0": "l0", "C1": "l1"}
    assert found["C0"].natural_id == "C0"
    kit.store.mark([found["C0"]], LineStatus.WRITTEN)
    assert list(kit.store.job_lines(job, ["C0", "C1"])) == ["C1"]
    assert [line.line_id for line in kit.store.lines_left(job, limit=10)] == ["l1"]


def test_lines_of_a_job_under_way_are_not_looked_up_and_those_of_a_closed_one_are(kit, accounts, planned):
    job = opened(kit, accounts, {"l0": "C0"})
    kit.store.mark([planned[1]], LineStatus.SENT)

    def unsettled():
        return {line.line_id for line in kit.store.unsettled(accounts, SIDE, run_id="run-2")}

    assert unsettled() == {"l1"}
    kit.store.note_job(job, JobProgress(JobState.UNDER_WAY, "InProgress", 1))
    assert unsettled() == {"l1"}
    kit.store.close_job(accounts, job, DONE)
    assert unsettled() == {"l0", "l1"}
    assert list(kit.store.open_jobs(accounts, SIDE)) == []


def test_a_job_is_shown_as_the_service_calls_it(kit, accounts, planned):
    job = opened(kit, accounts, {"l0": "C0"})
    kit.store.note_job(job, JobProgress(JobState.UNDER_WAY, "InProgress", 1))
    with kit.store.database.read() as connection:
        (shown,) = jobs_under_way(connection)
    wanted = {"job_id": "750A", "entity": "accounts", "operation": "create", "lines": 1, "state": "InProgress"}
    assert {name: shown[name] for name in wanted} == wanted
    kit.store.close_job(accounts, job, JobProgress(JobState.ENDED, "Failed", 1, 0, "TooManyLockFailure"))
    with kit.store.database.read() as connection:
        assert jobs_under_way(connection) == []
    (row,) = kit.rows("SELECT state, processed, message, closed_at FROM v_jobs")
    assert (row["state"], row["processed"], row["message"]) == ("Failed", 1, "TooManyLockFailure")
    assert row["closed_at"] is not None
