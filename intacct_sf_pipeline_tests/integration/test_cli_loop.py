"""The commands as other programs use them: subprocesses against a served sandbox, judged by their JSON and exit codes.

The tests of this module share one sandbox and one home and run in order, as a person would go about it.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from intacct_sf_pipeline.cli.app import run
from intacct_sf_pipeline.settings import VARIABLES

# A sync imports Dagster and the Salesforce client, whose own deprecations are not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
COMMAND = (sys.executable, "-m", "intacct_sf_pipeline.cli")
DONE, FAILED, USAGE, HELD, BUSY = range(5)
FLOWS = ["accounts", "contacts", "products", "prices", "stock"]


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """Its whole stdout as one JSON document."""
        return json.loads(self.stdout)


@dataclass(frozen=True)
class Cli:
    """The command line in a directory of its own, with an environment that names a sandbox (or nothing)."""

    folder: Path
    variables: Mapping[str, str]

    def process(self, *arguments: str, **extra: str) -> Result:
        """Run a command in a process of its own, as a shell does."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self._environment(extra),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def __call__(self, *arguments: str, **extra: str) -> Result:
        """Run a command in this process: the same, without the seconds a start takes."""
        out, errors = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(errors):
            for name in VARIABLES:
                patch.delenv(name, raising=False)
            for name, value in {**self.variables, **extra}.items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            code = run(arguments)
        return Result(code, out.getvalue(), errors.getvalue())

    def _environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        return {**ours, **self.variables, **extra}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A sandbox served by the command line; what it printed first. It must leave with 0 when told to stop."""
    folder = tmp_path_factory.mktemp("sandbox")
    options = ("--accounts", "25", "--contacts", "40", "--items", "15", "--warehouses", "2")
    with subprocess.Popen(
        [*COMMAND, "sandbox", "serve", *options], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield json.loads(line)
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest, errors) == (0, "", "")


@pytest.fixture(scope="module")
def cli(served: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The command line pointed at the sandbox."""
    return Cli(tmp_path_factory.mktemp("home"), served["env"])


@pytest.fixture(scope="module")
def plan(cli: Cli) -> Result:
    """`sync --plan` on the untouched sandbox."""
    return cli.process("sync", "--plan", "--json")


@pytest.fixture(scope="module")
def first(cli: Cli, plan: Result) -> Result:
    """The first sync, after the plan."""
    assert plan.code in (DONE, HELD)
    return cli.process("sync", "--json")


@pytest.fixture(scope="module")
def idle(cli: Cli, first: Result) -> Result:
    """A second sync with nothing changed."""
    assert first.code in (DONE, HELD)
    return cli.process("sync", "--json")


def written(report: Mapping[str, Any]) -> int:
    """Records written to either side over all flows."""
    return sum(
        count
        for entity in report["entities"].values()
        for side in entity["written"].values()
        for count in side.values()
    )


def test_the_ready_line_says_where_everything_is(served: dict[str, Any]) -> None:
    assert {"base_url", "client_id", "client_secret", "username"} <= set(served["intacct"])
    assert {"login_url", "instance_url", "client_id", "client_secret"} <= set(served["salesforce"])
    assert set(served["env"]) <= set(VARIABLES)
    assert served["env"]["INTACCT_BASE_URL"].startswith("http://127.0.0.1:")
    assert served["env"]["SALESFORCE_LOGIN_URL"].startswith("http://127.0.0.1:")


def test_doctor_is_content_with_a_fresh_sandbox(cli: Cli) -> None:
    result = cli("doctor", "--json")
    assert (result.code, result.document["ok"], result.document["errors"]) == (DONE, True, 0)
    areas = {finding["area"] for finding in result.document["findings"]}
    assert {"settings", "mapping", "database", "Intacct", "Salesforce"} <= areas


def test_the_mapping_fits_the_sandbox(cli: Cli) -> None:
    result = cli("mapping", "check", "--json")
    assert (result.code, result.document["errors"]) == (DONE, 0)


def test_a_plan_writes_nothing_and_says_so(plan: Result) -> None:
    report = plan.document
    assert written(report) == 0
    assert sum(report["entities"]["accounts"]["planned"].values()) > 0


def test_the_first_sync_does_what_the_plan_said(plan: Result, first: Result) -> None:
    for flow in FLOWS:
        assert first.document["entities"][flow]["planned"] == plan.document["entities"][flow]["planned"]
    assert written(first.document) > 0


def test_a_sync_reports_every_promised_key(first: Result) -> None:
    report = first.document
    assert report["status"] in ("done", "held")
    assert first.code == (HELD if report["status"] == "held" else DONE)
    assert list(report["entities"]) == FLOWS
    for entity in report["entities"].values():
        assert set(entity["read"]) == {"intacct", "salesforce"}
        assert set(entity["planned"]) == {"create", "update", "link", "deactivate"}
        for side in ("intacct", "salesforce"):
            assert set(entity["written"][side]) == {"created", "updated", "deactivated", "failed"}
        assert set(entity["api"]) == {"intacct_transactions", "salesforce_calls"}
        assert entity["held"] >= 0
        assert entity["seconds"] >= 0


def test_an_idle_sync_writes_nothing(idle: Result) -> None:
    assert written(idle.document) == 0
    assert sum(sum(entity["planned"].values()) for entity in idle.document["entities"].values()) == 0


def test_one_flow_can_be_synced_alone(cli: Cli, idle: Result) -> None:
    assert idle.code in (DONE, HELD)
    report = cli("sync", "products", "--json").document
    assert report["status"] in ("done", "held"), report
    assert list(report["entities"]) == ["products"]
    assert report["entities"]["products"]["read"]["intacct"] == 15


def test_both_sides_agree_afterwards(cli: Cli, idle: Result) -> None:
    assert idle.code in (DONE, HELD)
    result = cli("compare", "--json")
    assert result.code == DONE
    assert list(result.document) == FLOWS
    assert [counts["unexplained"] for counts in result.document.values()] == [0] * len(FLOWS)
    assert sum(counts["equal"] for counts in result.document.values()) > 0


def test_a_record_is_explained_by_the_keys_of_either_side(cli: Cli, first: Result) -> None:
    assert first.code in (DONE, HELD)
    by_intacct = cli("explain", "accounts", "1", "--json").document
    assert {"link", "fields", "journal"} <= set(by_intacct)
    assert set(by_intacct["fields"]["name"]) == {"base", "intacct", "salesforce", "decision", "rule", "reason"}
    by_salesforce = cli("explain", "accounts", by_intacct["link"]["salesforce_id"], "--json").document
    assert by_salesforce["fields"] == by_intacct["fields"]


def test_holds_are_listed_with_every_promised_key(cli: Cli, first: Result) -> None:
    held = sum(entity["held"] for entity in first.document["entities"].values())
    rows = cli("holds", "list", "--json").document
    assert len(rows) == held
    keys = {"id", "entity", "key", "side", "reason", "message", "since", "fields"}
    assert all(keys <= set(row) for row in rows)


def test_status_knows_watermarks_runs_and_spend(cli: Cli, idle: Result) -> None:
    assert idle.code in (DONE, HELD)
    report = cli("status", "--json").document
    assert all(row["value"] for row in report["watermarks"])
    assert {"sync", "plan"} <= {run["kind"] for run in report["runs"]}
    assert {row["system"] for row in report["spend"]} == {"intacct", "salesforce"}


def test_runs_of_the_command_line_are_seen_by_dagster(cli: Cli, idle: Result) -> None:
    import dagster as dg

    with dg.DagsterInstance.from_config(str(cli.folder / ".intacct_sf")) as instance:
        runs = {run.run_id: run for run in instance.get_runs()}
    assert runs[idle.document["run_id"]].status is dg.DagsterRunStatus.SUCCESS


def test_prune_finds_nothing_to_drop_yet(cli: Cli, idle: Result) -> None:
    assert idle.code in (DONE, HELD)
    assert cli("maintenance", "prune", "--plan", "--json").document["runs"] == 0


@pytest.mark.parametrize(
    "arguments", [("status",), ("holds", "list"), ("explain", "accounts", "1"), ("mapping", "show"), ("db", "check")]
)
def test_without_json_people_get_text(cli: Cli, first: Result, arguments: tuple[str, ...]) -> None:
    assert first.code in (DONE, HELD)
    result = cli(*arguments)
    assert result.code == DONE
    assert result.stdout.strip()
    assert not result.stdout.lstrip().startswith(("{", "["))


def test_another_run_at_work_ends_in_its_own_exit_code(cli: Cli, first: Result) -> None:
    from intacct_sf_pipeline.engine.context import utc_now
    from intacct_sf_pipeline.model.mapping_loader import load_config
    from intacct_sf_pipeline.staging.setup import open_staging

    assert first.code in (DONE, HELD)
    url = f"sqlite:///{cli.folder / '.intacct_sf' / 'staging.db'}"
    store = open_staging(url, load_config(None).mapping, utc_now)
    try:
        with store.lease("products", "a run of this test"):
            result = cli("sync", "products", "--json")
    finally:
        store.database.engine.dispose()
    assert result.code == BUSY
    assert result.document["error"]["type"] == "LeaseHeldError"
    assert result.document["status"] == "failed"


def test_no_secret_is_ever_printed(cli: Cli, served: dict[str, Any], first: Result) -> None:
    secrets = {served["intacct"]["client_secret"], served["salesforce"]["client_secret"]}
    shown = [cli("doctor"), cli("sync", "--verbose"), cli("status"), first]
    assert not any(secret in result.stdout + result.stderr for secret in secrets for result in shown)


def test_wrong_credentials_are_reported_with_the_setting_to_look_at(cli: Cli) -> None:
    result = cli("doctor", "--json", SALESFORCE_CLIENT_SECRET="not-the-secret")
    assert result.code == FAILED
    wrong = [f for f in result.document["findings"] if f["level"] == "error"]
    assert [f["area"] for f in wrong] == ["Salesforce"]
    assert "SALESFORCE" in wrong[0]["cure"]
    assert "not-the-secret" not in result.stdout + result.stderr
