"""The sandbox in a process of its own, a pipeline pointed at it, and a plain session to each service for the floors."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from benchmarks.processes import PYTHON, ROOT, ProgramError, Ran, run

API = "/services/data/v67.0"
CLI = (PYTHON, "-m", "intacct_sf_pipeline.cli")
_CODES = (0, 3)
"""Done, or done with records held: both are measured."""


@dataclass(frozen=True)
class Services:
    """A served sandbox: its ready document."""

    ready: Mapping[str, Any]

    @property
    def env(self) -> dict[str, str]:
        """The variables that point the pipeline at it."""
        return dict(self.ready["env"])

    @property
    def salesforce_url(self) -> str:
        """Where Salesforce's API answers."""
        return str(self.ready["salesforce"]["instance_url"])

    def salesforce_token(self) -> str:
        """An access token by client credentials."""
        given = self.ready["salesforce"]
        form = {key: given[key] for key in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
        reply = requests.post(f"{given['login_url']}/services/oauth2/token", data=form, timeout=60)
        reply.raise_for_status()
        return str(reply.json()["access_token"])

    def salesforce(self) -> requests.Session:
        """A signed-in session."""
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {self.salesforce_token()}"
        return session

    def edit_accounts(self, numbers: Sequence[str], text: str) -> None:
        """Change the phone of accounts (ids), 200 at a time, as the integration user of another program would."""
        session = self.salesforce()
        for at in range(0, len(numbers), 200):
            rows = [
                {"attributes": {"type": "Account"}, "Id": one, "Phone": f"(480) 555-{(at + n) % 10_000:04d} x{text}"}
                for n, one in enumerate(numbers[at : at + 200])
            ]
            url = f"{self.salesforce_url}{API}/composite/sobjects"
            reply = session.patch(url, json={"allOrNone": False, "records": rows}, timeout=300)
            reply.raise_for_status()
            failed = [one for one in reply.json() if not one["success"]]
            if failed:
                raise ProgramError(f"an edit was refused: {failed[0]}")


@dataclass(frozen=True)
class Pipeline:
    """The command line on one sandbox, with a home and a staging database of its own."""

    services: Services
    folder: Path
    database: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """All variables of its processes."""
        own = {
            "DAGSTER_HOME": str(self.folder / "home"),
            "STAGING_DATABASE_URL": self.database or f"sqlite:///{self.folder / 'staging.db'}",
        }
        return {**self.services.env, **own, **self.more}

    def command(self, *arguments: str) -> Ran:
        """Run `intacct-sf` with these arguments."""
        (self.folder / "home").mkdir(parents=True, exist_ok=True)
        return run([*CLI, *arguments], env=self.env, cwd=self.folder, codes=_CODES)

    def sync(self, flow: str = "all", *more: str) -> tuple[Ran, dict[str, Any]]:
        """One tick, and its report."""
        ran = self.command("sync", flow, *more, "--json")
        report: dict[str, Any] = json.loads(ran.out)
        if report["status"] == "failed":
            raise ProgramError(f"a sync failed: {report.get('error')}")
        return ran, report


@contextmanager
def served(*options: str) -> Iterator[Services]:
    """A sandbox in a process of its own until the block ends."""
    command = [*CLI, "sandbox", "serve", "--salesforce-quota", "100000000", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise ProgramError(f"the sandbox did not start: {' '.join(options)}")
        try:
            yield Services(json.loads(line))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def spent(report: Mapping[str, Any]) -> dict[str, int]:
    """What a sync's report says it cost: Intacct transactions, Salesforce calls, records written."""
    entities = report["entities"].values()
    names = ("created", "updated", "deactivated")
    return {
        "intacct": sum(entity["api"]["intacct_transactions"] for entity in entities),
        "salesforce": sum(entity["api"]["salesforce_calls"] for entity in entities),
        "read": sum(sum(entity["read"].values()) for entity in entities),
        "written": sum(counts[name] for entity in entities for counts in entity["written"].values() for name in names),
        "held": sum(entity["held"] for entity in entities),
    }
