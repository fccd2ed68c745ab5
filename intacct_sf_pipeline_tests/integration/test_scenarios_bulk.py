"""Loads by Salesforce bulk jobs: few calls, nothing doubled, nothing lost, whatever becomes of job or run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import SecretStr

from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.model.errors import QuotaExceededError
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.runtime import open_runtime
from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline.sandbox.server import SandboxOptions, running_sandbox
from intacct_sf_pipeline.settings import Settings
from intacct_sf_pipeline_tests.effort import thorough

from .databases import staging_url
from .kill_points import STATES, Counter, End, forked, kill_myself, watched
from .loop import Loop, connectors

SMALL = SandboxOptions(accounts=24, contacts=30, items=10, warehouses=2, seed=11)
STRIDE = int(os.environ.get("BULK_KILL_STRIDE", "19" if thorough() else "67"))
CLOSING = {"service": "salesforce", "path": "/jobs/ingest/", "method": ("PATCH",)}


@dataclass
class Waiting:
    """Time that passes by waiting only, so that patience ends without anybody waiting."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    def timing(self) -> Timing:
        return Timing(clock=lambda: datetime.now(UTC), monotonic=lambda: self.seconds, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds


class BulkLoop(Loop):
    """A loop whose Salesforce writes go by jobs from three records on."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.runtime.store.database.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def jobs(self) -> list[tuple[Any, ...]]:
        """Entity, operation, lines and state of each job, oldest first; is it open still?"""
        return self.rows("SELECT entity, operation, lines, state, closed_at IS NULL FROM v_jobs ORDER BY opened_at")

    def requests(self, method: str, part: str) -> int:
        return sum(one.method == method and part in one.path for one in self.sandbox.org.requests)

    def fault(self, **keys: Any) -> None:
        self.sandbox.faults.add(FaultRule(**{**CLOSING, **keys}))

    def assert_at_rest(self) -> None:
        """Both sides agree, nothing is doubled, nothing waits, and a further run writes nothing."""
        assert self.sync().total() == 0
        assert self.disagreements() == {}
        names = [str(row["IntacctID__c"]) for row in live(self, "Account") if row["IntacctID__c"]]
        assert len(names) == len(set(names))
        assert self.rows("SELECT count(*) FROM plan_lines WHERE status IN ('sent', 'unknown', 'planned')") == [(0,)]
        assert not any(job[-1] for job in self.jobs())


def live(loop: Loop, sobject: str) -> list[Any]:
    return list(loop.sandbox.org.db.table(sobject).live())


@contextmanager
def bulk_loop(folder: Path, options: SandboxOptions = SMALL, **wires: Any) -> Iterator[BulkLoop]:
    clock = OffsetClock()
    with running_sandbox(options, clock=clock) as sandbox:
        settings = Settings.model_construct(staging_database_url=SecretStr(staging_url(folder)), sync_config=None)
        given = connectors(sandbox, **{"by_job": 3, "write_batch": 200, **wires})
        with open_runtime(settings, connectors=given, clock=clock) as runtime:
            yield BulkLoop(sandbox, runtime, clock)


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[BulkLoop]:
    with bulk_loop(tmp_path) as running:
        yield running


def test_a_first_load_goes_by_jobs_object_by_object_and_settles(loop: BulkLoop) -> None:
    first = loop.sync()
    assert first.total("created") > 0
    assert first.total("failed", "unknown") == 0
    assert loop.requests("PATCH", "/composite/") == loop.requests("POST", "/composite/") == 0
    done = loop.jobs()
    assert {(job[0], job[1]) for job in done} >= {("accounts", "create"), ("contacts", "create"), ("prices", "create")}
    assert {job[3] for job in done} == {"JobComplete"}
    assert [job[0] for job in done] == sorted((job[0] for job in done), key=_ORDER.index)
    loop.assert_at_rest()


_ORDER = ["accounts", "contacts", "products", "prices", "stock"]


def test_few_records_go_by_single_calls(tmp_path: Path) -> None:
    with bulk_loop(tmp_path, by_job=None) as loop:
        loop.sync()
        assert loop.requests("POST", "/jobs/ingest") == 0
        assert loop.requests("PATCH", "/composite/") > 0


def test_each_write_is_journaled_with_the_run_and_its_rule(loop: BulkLoop) -> None:
    loop.sync()
    query = "SELECT count(*) FROM plan_lines l WHERE status = 'written' AND side = 'salesforce' AND NOT EXISTS"
    missing = loop.rows(
        f"{query} (SELECT 1 FROM journal j WHERE j.run_id = l.run_id AND j.record_key = l.target_key AND j.rule <> '')"
    )
    assert missing == [(0,)]


@pytest.mark.parametrize("fault", ["partial", "row_lock"])
def test_locked_rows_are_written_by_the_next_pass(loop: BulkLoop, fault: str) -> None:
    loop.fault(fault=fault)
    first = loop.sync()
    assert first.total("failed") > 0
    loop.sync()
    loop.assert_at_rest()


@pytest.mark.parametrize("records", [0, 3])
def test_a_job_that_fails_keeps_what_it_did_and_the_rest_follows(loop: BulkLoop, records: int) -> None:
    loop.fault(fault="job_failed", records=records)
    loop.sync()
    assert loop.jobs()[0][3] == "Failed"
    loop.sync()
    loop.assert_at_rest()


def test_an_org_that_refuses_jobs_is_written_by_single_calls(loop: BulkLoop) -> None:
    loop.fault(fault="status", path="/jobs/ingest", method=("POST",), status=400, code="FEATURENOTENABLED", count=None)
    assert loop.sync().total("failed", "unknown") == 0
    assert loop.requests("PATCH", "/composite/") > 0
    loop.sandbox.faults.clear()
    loop.assert_at_rest()


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "html_503", "truncate", "status_after"])
@pytest.mark.parametrize(("method", "path"), [
    ("POST", "/jobs/ingest"), ("PUT", "/batches"), ("PATCH", "/jobs/ingest/"), ("GET", "/jobs/ingest/750"),
    ("GET", "/successfulResults"),
])  # fmt: skip
def test_lost_answers_of_any_call_of_a_job(loop: BulkLoop, fault: str, method: str, path: str) -> None:
    loop.fault(fault=fault, method=(method,), path=path, count=1)
    loop.sync()
    assert loop.sandbox.faults.fired
    loop.sync()
    loop.assert_at_rest()


def test_rows_the_service_refuses_become_holds_as_with_single_calls(loop: BulkLoop) -> None:
    org = loop.sandbox.org
    loop.sync()
    hit = loop.rows("SELECT intacct_key FROM links WHERE entity = 'accounts' ORDER BY intacct_key LIMIT 4")
    org.integration_user.read_only.add("account.phone")
    for (key,) in hit:
        loop.sandbox.company.edit("customer", key, {"contacts.default.phone1": "+1 415 555 0199"})
    before = len(loop.jobs())
    tick = loop.sync()
    assert len(loop.jobs()) > before
    assert tick.written["accounts"]["failed"] == 4
    held = loop.rows("SELECT count(*) FROM v_holds WHERE entity = 'accounts' AND reason = 'rejected'")
    assert held == [(4,)]
    org.integration_user.read_only.clear()
    loop.sync(retry_holds=True)
    loop.assert_at_rest()


class TestAJobUnderWay:
    """The time for waiting ends before the job does."""

    @pytest.fixture
    def waiting(self) -> Waiting:
        return Waiting()

    @pytest.fixture
    def slow(self, tmp_path: Path, waiting: Waiting) -> Iterator[BulkLoop]:
        with bulk_loop(tmp_path, timing=waiting.timing(), job_wait=300.0) as loop:
            loop.fault(fault="job_slow", seconds=7200)
            yield loop

    def test_it_is_left_to_the_next_run_and_told_of(self, slow: BulkLoop, waiting: Waiting) -> None:
        first = slow.sync()
        assert first.written["accounts"]["unknown"] > 0
        assert [job[3:] for job in slow.jobs() if job[0] == "accounts"] == [("InProgress", 1)]
        assert waiting.seconds >= 300
        job_id = slow.rows("SELECT job_id FROM v_jobs WHERE closed_at IS NULL")[0][0]
        assert slow.requests("GET", f"/jobs/ingest/{job_id}") < 10

    def test_nothing_else_is_written_to_its_side_meanwhile(self, slow: BulkLoop) -> None:
        slow.sync()
        account = live(slow, "Account")[0]
        stamp = account["SystemModstamp"]
        slow.sync()
        assert live(slow, "Account")[0]["SystemModstamp"] == stamp
        assert len([job for job in slow.jobs() if job[0] == "accounts"]) == 1
        assert slow.requests("PATCH", "/composite/sobjects") == 0

    def test_the_run_that_finds_it_done_takes_its_results(self, slow: BulkLoop) -> None:
        slow.sync()
        slow.clock.advance(7300)
        slow.sync()
        assert {job[3:] for job in slow.jobs()} == {("JobComplete", 0)}
        slow.sync()
        slow.assert_at_rest()

    def test_edits_made_meanwhile_are_not_lost(self, slow: BulkLoop) -> None:
        slow.sync()
        keys = [str(row["Id"]) for row in live(slow, "Account") if row["Type"]][:3]
        links = slow.runtime.store.links("accounts", Side.SALESFORCE, keys)
        assert links
        for number, key in enumerate(links):
            slow.as_person("Account", key, Phone=f"+1 415 555 01{number:02d}")
        slow.sync()
        slow.clock.advance(7300)
        for _ in range(3):
            slow.sync()
        assert {str(slow.account(key)["Phone"])[-4:] for key in links} == {f"01{n:02d}" for n in range(len(links))}
        slow.assert_at_rest()

    def test_one_the_service_has_forgotten_is_settled_by_looking(self, slow: BulkLoop) -> None:
        slow.sync()
        slow.clock.advance(7300)
        org = slow.sandbox.org
        job = org.bulk.ingest(slow.rows("SELECT job_id FROM v_jobs WHERE closed_at IS NULL")[0][0])
        org.bulk.remove(job)
        for _ in range(3):
            slow.sync()
        assert slow.rows("SELECT state FROM v_jobs WHERE job_id = '" + job.id + "'") == [("gone",)]
        slow.assert_at_rest()


def test_a_quota_used_up_midway_ends_the_run_and_the_next_one_takes_the_job_up(loop: BulkLoop) -> None:
    loop.fault(fault="throttle", method=("GET",), path="/jobs/ingest/750")
    with pytest.raises(QuotaExceededError):
        loop.sync()
    assert [job[-1] for job in loop.jobs()] == [1]
    loop.sync()
    loop.sync()
    loop.assert_at_rest()


def _work(loop: BulkLoop, rng: Random) -> None:
    """Work for one run: new customers and changes enough for jobs of both kinds."""
    company = loop.sandbox.company
    mark = f"{rng.randrange(10**9):09d}"
    for number in range(4):
        company.load("customer", [{"id": f"K{mark}-{number}", "name": f"Kestrel {mark} {number}"}])
    linked = loop.rows("SELECT intacct_key FROM links WHERE entity = 'accounts'")
    for (key,) in rng.sample(linked, 4):
        company.edit("customer", key, {"contacts.default.mailingAddress.city": f"City {mark}"})


def _dying(loop: BulkLoop, nth: int) -> End:
    def live_and_die() -> None:
        loop.runtime.store.database.engine.dispose(close=False)
        with watched(loop.runtime.store.database.engine, Counter(nth, kill_myself, STATES)):
            loop.sync()

    return forked(live_and_die)


def test_a_run_killed_anywhere_in_a_job_is_taken_up_by_the_next(tmp_path: Path) -> None:
    """The points of a run are walked with a stride; the job's own calls lie between them."""
    rng = Random(7)
    with bulk_loop(tmp_path) as loop:
        loop.sync()
        loop.sync()
        _work(loop, rng)
        seen = Counter(0, lambda: None, STATES)
        with watched(loop.runtime.store.database.engine, seen):
            loop.sync()
        ends = []
        for nth in range(1 + rng.randrange(STRIDE), seen.seen, STRIDE):
            _work(loop, rng)
            customers = loop.sandbox.company.count("customer")
            ends.append(_dying(loop, nth))
            loop.clock.advance(300)
            loop.sync()
            loop.sync()
            loop.assert_at_rest()
            assert loop.sandbox.company.count("customer") == customers
            assert len([row for row in live(loop, "Account") if str(row["Name"]).startswith("Kestrel")]) == 4 * (
                len(ends) + 1
            )
        assert End.KILLED in ends


def test_a_rehearsed_plan_makes_no_job(loop: BulkLoop) -> None:
    assert loop.sync(plan_only=True).total("created") > 0
    assert (loop.jobs(), loop.requests("POST", "/jobs/ingest")) == ([], 0)
