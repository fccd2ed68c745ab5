"""Starts the real `dagster dev` against a sandbox, as a user would, and talks to it by GraphQL or a browser."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import URLError
from urllib.request import Request, urlopen

PROJECT = Path(__file__).parents[2]
T = TypeVar("T")
WITH_SIGINT = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Starts its arguments with SIGINT as it should be: inherited as ignored, Dagster would not stop at all."""


PATIENCE = 3
"""How much slower than an idle one a machine may be before a wait is given up."""


def until(look: Callable[[], T], what: str, seconds: float, every: float = 0.25) -> T:
    """The first truthy answer of `look`; polls, and fails naming `what` when the time is up."""
    deadline = time.monotonic() + PATIENCE * seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {PATIENCE * seconds} s in vain for {what}")
        time.sleep(every)


@dataclass(frozen=True)
class DagsterUi:
    """A running UI."""

    url: str
    home: Path

    def graphql(self, query: str, **variables: Any) -> Any:
        """The `data` of an answer."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=30) as response:
            answer = json.load(response)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def runs(self) -> list[dict[str, Any]]:
        """All runs, newest first."""
        query = "{runsOrError {... on Runs {results {runId jobName status tags {key value}}}}}"
        found = self.graphql(query)["runsOrError"]["results"]
        return [run | {"tags": {tag["key"]: tag["value"] for tag in run["tags"]}} for run in found]


@contextmanager
def dagster_dev(folder: Path, env: Mapping[str, str], *arguments: str) -> Iterator[DagsterUi]:
    """`dagster dev` in `folder`, with this project's own workspace.yaml and dagster.yaml, until the block ends."""
    for name in ("workspace.yaml", "dagster.yaml"):
        shutil.copy(PROJECT / name, folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {key: value for key, value in os.environ.items() if key != "DAGSTER_HOME"}
    log = (folder / "dagster-dev.log").open("w")
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            WITH_SIGINT,
            Path(sys.executable).parent / "dagster",
            "dev",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            *arguments,
        ],
        cwd=folder,
        env=own | dict(env) | {"PYTHONPATH": str(PROJECT), "PYTHONWARNINGS": "ignore"},
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    ui = DagsterUi(f"http://127.0.0.1:{port}", folder / ".intacct_sf")
    try:
        until(lambda: process.poll() is not None or _loaded(ui), "the Dagster UI", 60)
        assert process.poll() is None, (folder / "dagster-dev.log").read_text()
        yield ui
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        log.close()


def _loaded(ui: DagsterUi) -> bool:
    try:
        return bool(
            ui.graphql("{repositoriesOrError {... on RepositoryConnection {nodes {name}}}}")["repositoriesOrError"][
                "nodes"
            ]
        )
    except (URLError, ConnectionError, AssertionError, TimeoutError):
        return False
