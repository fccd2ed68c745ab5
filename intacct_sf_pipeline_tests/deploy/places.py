"""A place for runs of several processes: a sandbox, a Dagster instance, a staging database, workers and a broker."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from intacct_sf_pipeline.sandbox.server import Sandbox
from intacct_sf_pipeline.settings import VARIABLES
from intacct_sf_pipeline_tests.integration.dagster_ui import WITH_SIGINT, until
from intacct_sf_pipeline_tests.integration.staged_file import StagedFile

PROJECT = Path(__file__).parents[2]
INSTANCE = """\
telemetry: {enabled: false}
concurrency: {pools: {default_limit: 1, granularity: op}}
"""
WORKER = "intacct_sf_pipeline.orchestration.celery_worker"
LEAD = """
import json, sys
import dagster as dg
from dagster._core.definitions.reconstruct import ReconstructableRepository
given = json.loads(sys.argv[1])
repository = ReconstructableRepository.for_module("intacct_sf_pipeline.definitions", "defs")
keys = [dg.AssetKey(key) for key in given["assets"]]
with dg.DagsterInstance.get() as instance:
    result = dg.execute_job(
        repository.get_reconstructable_job("sync_all"), instance=instance, run_config=given["config"],
        tags=given["tags"], asset_selection=keys, raise_on_error=False,
    )
sys.exit(0 if result.success else 1)
"""
"""A run of the sync over some assets, led by this process, as Dagster's launchers start one."""
PRODUCTS = (
    ("intacct", "items"), ("salesforce", "products"), ("salesforce", "prices"), ("staging", "products"),
    ("reconcile", "products"), ("salesforce_writeback", "products"),
)  # fmt: skip
LEASED = "SELECT COUNT(*) FROM leases WHERE holder IS NOT NULL"
SETTLED = (
    "SELECT entity, side, operation, status, COUNT(*) FROM plan_lines WHERE operation != 'none' GROUP BY 1, 2, 3, 4"
)


@dataclass(frozen=True)
class Place:
    """A folder with a Dagster instance and a staging database, on a sandbox."""

    folder: Path
    sandbox: Sandbox
    given: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """The environment of every process here."""
        own = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        here = {"DAGSTER_HOME": str(self.folder), "STAGING_DATABASE_URL": f"sqlite:///{self.database}"}
        quiet = {"PYTHONPATH": str(PROJECT), "PYTHONWARNINGS": "ignore", "DAGSTER_DISABLE_TELEMETRY": "1"}
        return own | self.sandbox.env | here | quiet | self.given

    @property
    def database(self) -> Path:
        """The file of the staging database."""
        return self.folder / "staging.db"

    def start(self, *command: str) -> subprocess.Popen[str]:
        """A Python process with this place's environment."""
        return subprocess.Popen(
            [sys.executable, *command], cwd=self.folder, env=self.env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def lead(self, assets=PRODUCTS, config: dict[str, Any] | None = None) -> subprocess.Popen[str]:
        """A run of the sync, at work."""
        tags = {"dagster/partition": datetime.now(UTC).date().isoformat(), "intacct_sf/tick": "true"}
        given = {"assets": [list(key) for key in assets], "config": config or {}, "tags": tags}
        return self.start("-c", LEAD, json.dumps(given))

    def command(self, *arguments: str) -> tuple[int, Any, str]:
        """A command of the project, run to its end: exit code, document, what it said."""
        process = self.start("-m", "intacct_sf_pipeline.cli", *arguments)
        out, said = process.communicate(timeout=180)
        return process.returncode, json.loads(out) if out.startswith("{") else out, said

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the staging database; none while it is not there yet."""
        return StagedFile(self.database).rows(query)

    def reached(self, count: str) -> None:
        """Wait until a count is no longer zero."""
        StagedFile(self.database).reached(count)

    def settled(self) -> dict[tuple[Any, ...], int]:
        """What became of all plan lines, by flow, side, operation and status."""
        return {tuple(row[:4]): row[4] for row in self.rows(SETTLED)}

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The Dagster instance."""
        with dg.DagsterInstance.from_config(str(self.folder)) as instance:
            yield instance

    def agrees(self, flow: str) -> None:
        """A fresh look at both sides finds nothing unequal in this flow."""
        code, document, said = self.command("compare", flow, "--json")
        assert code == 0, said
        assert document[flow]["equal"]
        assert not document[flow]["unexplained"]


def place(folder: Path, sandbox: Sandbox, **given: str) -> Place:
    """A place in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dagster.yaml").write_text(INSTANCE)
    return Place(folder, sandbox, given)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """How a process ended, and all it said; one that does not end is killed."""
    try:
        out, said = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        out, said = process.communicate()
        raise AssertionError(f"did not end; it said: {(out + said)[-3000:]}") from None
    return process.returncode, out + said


@contextmanager
def broker(folder: Path) -> Iterator[str]:
    """The URL of a Redis server of its own, on loopback."""
    server = shutil.which("redis-server")
    assert server is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
        try:
            until(lambda: _listens(port), "the broker", 10, every=0.05)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.kill()


@contextmanager
def workers(place: Place, *names: str) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Celery workers that take one step at a time, each with processes of its own."""
    with ExitStack() as stack:
        running = {name: stack.enter_context(_worker(place, name)) for name in names}
        for name in names:
            log = place.folder / f"{name}.log"
            until(lambda log=log: "ready" in log.read_text(), f"worker {name}", 30)
        yield running


@contextmanager
def _worker(place: Place, name: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        sys.executable, "-c", WITH_SIGINT, sys.executable, "-m", "celery", "-A", WORKER, "worker", "-n", f"{name}@%h",
        "-Q", "dagster", "--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO",
    ]  # fmt: skip
    with (place.folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=place.folder, env=place.env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
