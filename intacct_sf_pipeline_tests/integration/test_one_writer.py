"""One writer, with real processes: two syncs at once, syncs that are killed or stopped, and the Dagster runs left.

Every sync here is a process of its own, as a shell or Dagster starts it; the sandbox lives in the test's process.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from intacct_sf_pipeline.engine.context import utc_now
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.orchestration.dead_runs import GONE
from intacct_sf_pipeline.sandbox.server import Sandbox, SandboxOptions, running_sandbox
from intacct_sf_pipeline.settings import VARIABLES
from intacct_sf_pipeline.staging.setup import open_staging
from intacct_sf_pipeline.staging.store import SqlStagingStore
from intacct_sf_pipeline_tests.integration.dagster_ui import dagster_dev
from intacct_sf_pipeline_tests.integration.staged_file import StagedFile
from intacct_sf_pipeline_tests.integration.test_dagster_dev import LAUNCH
from intacct_sf_pipeline_tests.orchestration.jobs import population

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="kills and stops processes")]
COMMAND = (sys.executable, "-m", "intacct_sf_pipeline.cli")
DONE, FAILED, USAGE, HELD, BUSY = range(5)
OPTIONS = SandboxOptions(accounts=30, contacts=40, items=12, warehouses=2, latency_ms=50)
WRITTEN = "SELECT COUNT(*) FROM plan_lines WHERE status = 'written'"
ENTERED = "SELECT COUNT(*) FROM runs"
LEASED = "SELECT COUNT(*) FROM leases WHERE holder IS NOT NULL"


@dataclass(frozen=True)
class Place:
    """A directory with its staging database and Dagster instance, and the sandbox it works on."""

    folder: Path
    sandbox: Sandbox

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command, running."""
        own = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        return subprocess.Popen(
            [*COMMAND, *arguments], cwd=self.folder, env=own | self.sandbox.env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str) -> Ended:
        """A command, run to its end."""
        return ended(self.start(*arguments))

    @property
    def database(self) -> Path:
        """The file of the staging database."""
        return self.folder / ".intacct_sf" / "staging.db"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the staging database; none while it is not there yet."""
        return StagedFile(self.database).rows(query)

    def reached(self, count: str) -> None:
        """Wait until a count of the staging database is no longer zero."""
        StagedFile(self.database).reached(count)

    def runs(self) -> dict[str, str]:
        """Dagster's runs and their statuses."""
        with self.instance() as instance:
            return {run.run_id: run.status.value for run in instance.get_runs()}

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The Dagster instance."""
        with dg.DagsterInstance.from_config(str(self.folder / ".intacct_sf")) as instance:
            yield instance

    def agrees(self) -> None:
        """Both sides agree on every linked record."""
        compared = self.run("compare", "--json")
        assert compared.code == DONE, compared
        assert all(flow["equal"] for flow in compared.document.values())


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """Its output."""
        return json.loads(self.stdout)


def ended(process: subprocess.Popen[str]) -> Ended:
    """The end of a command."""
    out, errors = process.communicate(timeout=180)
    return Ended(process.returncode, out, errors)


def written(document: Any) -> int:
    """Records that a sync wrote, by its report."""
    sides = [side for flow in document["entities"].values() for side in flow["written"].values()]
    return sum(sum(side.values()) for side in sides)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, int]:
    """How many records there are after one sync that nothing disturbed."""
    with running_sandbox(SandboxOptions(**{**vars_of(OPTIONS), "latency_ms": 0})) as sandbox:
        assert Place(tmp_path_factory.mktemp("undisturbed"), sandbox).run("sync").code in (DONE, HELD)
        return population(sandbox)


def vars_of(options: SandboxOptions) -> dict[str, Any]:
    return {name: getattr(options, name) for name in ("accounts", "contacts", "items", "warehouses", "latency_ms")}


@pytest.fixture
def place(tmp_path) -> Iterator[Place]:
    with running_sandbox(OPTIONS) as sandbox:
        yield Place(tmp_path, sandbox)


@pytest.mark.parametrize("moment", [ENTERED, WRITTEN])
def test_after_a_kill_the_next_sync_goes_on_at_once_and_nothing_is_lost_or_doubled(place, undisturbed, moment):
    first = place.start("sync", "--json")
    place.reached(moment)
    first.kill()
    ended(first)
    ((killed, entered),) = place.rows("SELECT run_id, status FROM runs")
    assert (entered, place.runs()) == ("running", {killed: "STARTED"})

    second = place.run("sync", "--json")
    assert second.code in (DONE, HELD), second
    assert dict(place.rows("SELECT run_id, status FROM runs"))[killed] == "crashed"
    assert place.runs() == {killed: "FAILURE", second.document["run_id"]: "SUCCESS"}
    with place.instance() as instance:
        events = instance.get_records_for_run(killed, of_type=dg.DagsterEventType.PIPELINE_FAILURE).records
        assert [record.event_log_entry.message.startswith(GONE) for record in events] == [True]
    assert population(place.sandbox) == undisturbed
    place.agrees()


def test_status_alone_finds_a_killed_run(place):
    first = place.start("sync")
    place.reached(ENTERED)
    first.kill()
    ended(first)
    (shown,) = place.run("status", "--json").document["runs"]
    assert shown["status"] == "crashed"


def test_a_sync_that_is_interrupted_says_so_and_the_next_one_goes_on(place, undisturbed):
    first = place.start("sync")
    place.reached(WRITTEN)
    first.send_signal(signal.SIGTERM)
    end = ended(first)
    assert end.code == FAILED
    assert "interrupted; the next run takes up what it left" in end.stderr
    assert place.run("sync").code in (DONE, HELD)
    assert population(place.sandbox) == undisturbed


def test_of_two_syncs_at_once_one_writes_and_the_other_leaves(place, undisturbed):
    both = [ended(process) for process in [place.start("sync", "--json") for _ in range(2)]]
    loser, winner = sorted(both, key=lambda end: end.code != BUSY)
    assert loser.code == BUSY, both
    assert winner.code in (DONE, HELD), both
    assert winner.document["run_id"] in loser.document["error"]["message"]
    assert written(winner.document) > 0
    assert written(loser.document) == 0
    assert population(place.sandbox) == undisturbed
    assert place.rows(LEASED) == [(0,)]


def test_beside_another_writer_a_sync_leaves_or_waits_and_a_plan_does_not_care(place, undisturbed):
    store = open_staging(f"sqlite:///{place.database}", load_config(None).mapping, utc_now)
    with closing_engine(store), ExitStack() as work:
        work.enter_context(store.writer(["prices", "stock"], "a run of this test"))
        patient = place.start("sync", "--wait", "120", "--json")

        loser = place.run("sync", "--json")
        assert loser.code == BUSY, loser
        error = loser.document["error"]
        assert (error["type"], error["exit_code"]) == ("LeaseHeldError", BUSY)
        for said in ("a run of this test", "prices", "UTC", os.uname().nodename, f"process {os.getpid()}", "--wait"):
            assert said in error["message"]
        assert sum(sum(flow["read"].values()) for flow in loser.document["entities"].values()) == 0
        assert place.rows("SELECT * FROM run_steps") == []
        assert requests_of_data(place.sandbox) == 0

        impatient = place.run("sync", "prices", "--wait", "1", "--json")
        assert impatient.code == BUSY
        assert "Waiting up to 1 s for another run: a run of this test" in impatient.stderr
        planned = place.run("sync", "--plan", "--json")
        assert planned.code in (DONE, HELD), planned
        assert patient.poll() is None
        assert place.run("sync", "accounts", "--json").code in (DONE, HELD)
        work.close()
        waited = ended(patient)
    assert waited.code in (DONE, HELD), waited
    assert "Waiting up to 120 s for another run: a run of this test" in waited.stderr
    assert population(place.sandbox) == undisturbed


def requests_of_data(sandbox: Sandbox) -> int:
    """Requests that read or wrote records."""
    asked = [request.path for request in (*sandbox.company.requests, *sandbox.org.requests)]
    return sum("/query" in path or "/sobjects" in path or "/objects/" in path for path in asked)


@contextmanager
def closing_engine(store: SqlStagingStore) -> Iterator[None]:
    """Give the connections back at the end."""
    try:
        yield
    finally:
        store.database.engine.dispose()


def test_who_was_stopped_until_another_took_over_writes_nothing_more(place, undisturbed):
    first = place.start("sync", "--json")
    place.reached(WRITTEN)
    stop_between_transactions(place, first)
    assert place.run("sync", "--json").code == BUSY
    place.rows("UPDATE leases SET expires_at = '2026-01-01 00:00:00.000000' WHERE holder IS NOT NULL")  # time passes

    second = place.run("sync", "--json")
    assert second.code in (DONE, HELD), second
    settled = population(place.sandbox)
    lines = place.rows("SELECT COUNT(*) FROM journal")
    first.send_signal(signal.SIGCONT)
    lost = ended(first)
    assert lost.code == BUSY, lost
    assert lost.document["error"]["type"] == "LeaseLostError"
    assert place.rows("SELECT COUNT(*) FROM journal") == lines
    assert population(place.sandbox) == settled == undisturbed
    place.agrees()


def stop_between_transactions(place: Place, process: subprocess.Popen[str]) -> None:
    """Stop a process; not while it holds the lock of a SQLite file, behind which everybody waits."""
    history = place.database.parent / "history"
    files = (place.database, history / "runs.db", history / "runs" / "index.db")
    for _ in range(100):
        process.send_signal(signal.SIGSTOP)
        if all(is_free(file) for file in files):
            return
        process.send_signal(signal.SIGCONT)
    raise AssertionError("it never left the database alone")


def is_free(file: Path) -> bool:
    """Whether nobody holds the write lock of a SQLite file."""
    with closing(sqlite3.connect(file, timeout=0.2, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


def test_a_run_of_dagster_that_died_with_everything_around_it_blocks_nobody(tmp_path, undisturbed):
    with running_sandbox(OPTIONS) as sandbox:
        place = Place(tmp_path, sandbox)
        with dagster_dev(tmp_path, sandbox.env) as ui:
            selector = {
                "repositoryLocationName": "intacct_sf_pipeline",
                "repositoryName": "__repository__",
                "jobName": "sync_all",
            }
            tags = [{"key": "dagster/partition", "value": datetime.now(UTC).date().isoformat()}]
            params = {"selector": selector, "executionMetadata": {"tags": tags}}
            launched = ui.graphql(LAUNCH, params=params)["launchPipelineExecution"]["run"]["runId"]
            place.reached(WRITTEN)
            ((pid,),) = place.rows("SELECT pid FROM runs")
            kill_all(pid)
        (ui.home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
        assert place.runs() == {launched: "STARTED"}
        second = place.run("sync", "--json")
        assert second.code in (DONE, HELD), second
        assert place.runs()[launched] == "FAILURE"
        assert dict(place.rows("SELECT run_id, status FROM runs"))[launched] == "crashed"
        assert population(sandbox) == undisturbed


def kill_all(pid: int) -> None:
    """Kill a process and everything in its session, as a machine does that goes down."""
    session = os.getsid(pid)
    assert session != os.getsid(0)
    for number in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()):
        if session_of(number) == session:
            os.kill(number, signal.SIGKILL)


def session_of(pid: int) -> int | None:
    """The session of a process that may end at any moment."""
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None
