"""What the suites of all clients share: a served sandbox, a TLS gateway to it, and a runner for each language.

Without the clients (see `clients`) none of these tests is collected.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .clients import Clients, installed
from .gateway import Gateway, gateway
from .intacct_house import house
from .salesforce_rest import Rest

COMMAND = (sys.executable, "-m", "intacct_sf_pipeline.cli")
OPTIONS = ("--accounts", "40", "--contacts", "60", "--items", "20", "--warehouses", "2")
WALKS = Path(__file__).parent / "walks"
LONGEST_SECONDS = 300

_CLIENTS = installed()
collect_ignore_glob = [] if _CLIENTS is not None else ["test_*.py"]


@dataclass(frozen=True)
class Runner:
    """Runs walks: programs that use a client and print what they saw as one JSON document."""

    clients: Clients
    folder: Path
    given: Mapping[str, Any]
    gateway: Gateway

    def node(self, walk: str, *, through_gateway: bool = False) -> dict[str, Any]:
        """Run `walks/<walk>` under Node, with the JavaScript clients at hand."""
        # Modules are found from where the program lies, so it is put beside them.
        program = self.clients.modules / walk
        program.write_bytes((WALKS / walk).read_bytes())
        variables = self.gateway.environment if through_gateway else {}
        return self.document([str(self.clients.node), str(program)], variables)

    def python(self, environment: str, walk: str) -> dict[str, Any]:
        """Run `walks/<walk>` with the interpreter of `python/<environment>.txt`, https going through the gateway."""
        command = [str(self.clients.python(environment)), str(WALKS / walk)]
        return self.document(command, self.gateway.environment)

    def document(self, command: list[str], variables: Mapping[str, str]) -> dict[str, Any]:
        """The JSON document a program prints; it gets the sandbox's ready document on its standard input."""
        done = self.run(command, variables)
        assert done.returncode == 0, done.stderr[-4000:]
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def run(self, command: list[str], variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a program in a folder of its own."""
        return subprocess.run(
            command,
            input=json.dumps(self.given),
            cwd=self.folder,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_SECONDS,
        )


@pytest.fixture(scope="session")
def clients() -> Clients:
    assert _CLIENTS is not None
    return _CLIENTS


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The ready document of a sandbox served by the command line, the same for all suites."""
    folder = tmp_path_factory.mktemp("sandbox")
    with subprocess.Popen(
        [*COMMAND, "sandbox", "serve", *OPTIONS], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr is not None else ""
        yield json.loads(line)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


@pytest.fixture(scope="session")
def salesforce_gateway(ready: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The TLS gateway in front of the loopback Salesforce."""
    with gateway(ready["salesforce"]["instance_url"], tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture(scope="session")
def runner(
    clients: Clients, ready: dict[str, Any], salesforce_gateway: Gateway, tmp_path_factory: pytest.TempPathFactory
) -> Runner:
    return Runner(clients, tmp_path_factory.mktemp("walks"), ready, salesforce_gateway)


@pytest.fixture(scope="session")
def rest(ready: dict[str, Any]) -> Rest:
    """Plain REST against the loopback Salesforce, to check what clients did."""
    return Rest(ready["salesforce"])


@contextmanager
def intacct_runner(clients: Clients, folder: Path, *options: str) -> Iterator[Runner]:
    """Serve a sandbox with further options, a gateway to its Intacct, and a runner of walks against both."""
    with (
        house([*COMMAND, "sandbox", "serve", *OPTIONS, *options], folder) as given,
        gateway(given["intacct"]["base_url"].partition("/ia/")[0], folder) as front,
    ):
        yield Runner(clients, folder, given, front)
