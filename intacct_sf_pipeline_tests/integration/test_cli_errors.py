"""What goes wrong is said once, clearly, with its exit code; with `--json` as one document; never as a traceback."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from intacct_sf_pipeline.cli.app import run
from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.exits import ExitCode, exit_code_of
from intacct_sf_pipeline.cli.instance import prepare_home, shared_instance, shipped_settings
from intacct_sf_pipeline.model.errors import ConfigurationError, LeaseHeldError, LeaseLostError, SyncError, our_kind
from intacct_sf_pipeline.sandbox.server import SandboxOptions, running_sandbox
from intacct_sf_pipeline.settings import VARIABLES
from intacct_sf_pipeline.staging.glance import StagingUnavailableError
from intacct_sf_pipeline.staging.setup import NotUpToDateError

ROOT = Path(__file__).parents[2]
COMPLETE = {
    "INTACCT_CLIENT_ID": "id",
    "INTACCT_CLIENT_SECRET": "an-intacct-secret",
    "INTACCT_USERNAME": "sync@harbour",
    "SALESFORCE_LOGIN_URL": "https://harbour.my.salesforce.example",
    "SALESFORCE_CLIENT_ID": "key",
    "SALESFORCE_CLIENT_SECRET": "a-salesforce-secret",
}


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def error(self) -> dict[str, Any]:
        """The error in its JSON document, which is all of stdout."""
        found: dict[str, Any] = json.loads(self.stdout)["error"]
        return found


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Runs commands in an empty directory and an environment without any of our variables but the given ones."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str, **variables: str) -> Result:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        out, errors = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(errors):
            code = run(arguments)
        return Result(code, out.getvalue(), errors.getvalue())

    return call


def test_missing_settings_are_named_with_the_place_to_find_them(cli: Callable[..., Result]) -> None:
    result = cli("sync", "--json")
    assert result.code == ExitCode.USAGE
    assert result.error["exit_code"] == ExitCode.USAGE
    assert {"INTACCT_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"} <= set(result.error["what"].replace(",", "").split())
    assert "My Domain" in result.error["cure"]


def test_doctor_reports_missing_settings_as_findings(cli: Callable[..., Result]) -> None:
    result = cli("doctor", "--json")
    document = json.loads(result.stdout)
    assert result.code == ExitCode.FAILED
    assert [f["area"] for f in document["findings"] if f["level"] == "error"] == ["settings"]
    assert "database" in {f["area"] for f in document["findings"]}


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("sync", "nonsense"),
        ("sync", "--limit", "0"),
        ("sync", "--since", "yesterday"),
        ("explain", "accounts"),
    ],
)
def test_wrong_usage_is_one_document_and_one_line(cli: Callable[..., Result], arguments: tuple[str, ...]) -> None:
    result = cli(*arguments, "--json", **COMPLETE)
    assert result.code == ExitCode.USAGE
    assert result.error["message"]
    assert "Traceback" not in result.stderr
    assert result.stderr.count("Error:") == 1


def test_a_wrong_mapping_is_refused_with_file_line_and_cure(cli: Callable[..., Result], tmp_path: Path) -> None:
    wrong = tmp_path / "ours.yaml"
    wrong.write_text("version: 1\nentities:\n  accounts:\n    tie: intact\n", encoding="utf-8")
    for command in (("mapping", "show"), ("mapping", "check"), ("sync",)):
        result = cli(*command, "--json", SYNC_CONFIG=str(wrong), **COMPLETE)
        assert result.code == ExitCode.USAGE
        assert f"{wrong}:4" in result.error["where"]
        assert "intacct" in result.error["message"]


def test_a_plain_http_address_is_refused(cli: Callable[..., Result]) -> None:
    result = cli("sync", "--json", **{**COMPLETE, "SALESFORCE_LOGIN_URL": "http://harbour.my.salesforce.example"})
    assert result.code == ExitCode.USAGE
    assert "SALESFORCE_LOGIN_URL" in result.error["where"]


def test_a_run_that_is_refused_at_the_door_names_the_setting(tmp_path: Path) -> None:
    with running_sandbox(SandboxOptions(accounts=1, contacts=1, items=1, warehouses=1)) as sandbox:
        environment = {**os.environ, **sandbox.env, "SALESFORCE_CLIENT_SECRET": "outworn", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "intacct_sf_pipeline.cli", "sync", "products", "--json"]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
    result = Result(done.returncode, done.stdout, done.stderr)
    assert (result.code, result.error["type"]) == (ExitCode.FAILED, "AuthenticationError")
    assert "SALESFORCE_CLIENT_SECRET" in result.error["message"]
    assert "outworn" not in result.stdout + result.stderr


def test_an_error_of_ours_is_known_by_its_bases_too() -> None:
    assert [
        our_kind(kind.__name__) for kind in (SyncError, LeaseLostError, NotUpToDateError, StagingUnavailableError)
    ] == [
        "SyncError",
        "LeaseLostError",
        "ConfigurationError",
        "SyncError",
    ]
    assert our_kind("OperationalError") == our_kind("Exception") == ""


def test_a_record_that_was_never_read_is_not_explained(cli: Callable[..., Result]) -> None:
    result = cli("explain", "accounts", "4711", "--json")
    assert result.code == ExitCode.USAGE
    assert "4711" in result.error["message"]


@pytest.mark.parametrize("arguments", [("holds", "show", "9"), ("holds", "retry", "9"), ("holds", "list", "nonsense")])
def test_a_hold_that_is_not_there_is_wrong_usage(cli: Callable[..., Result], arguments: tuple[str, ...]) -> None:
    assert cli(*arguments, "--json").code == ExitCode.USAGE


def test_a_database_that_cannot_be_opened_is_reported_without_its_password(
    cli: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    result = cli("status", "--json", STAGING_DATABASE_URL=f"sqlite:///{tmp_path / 'folder'}")
    assert result.code == ExitCode.FAILED
    assert "staging database" in result.error["message"]
    assert "Traceback" not in result.stderr


def test_a_database_waits_for_its_migrations_and_gets_them(cli: Callable[..., Result]) -> None:
    before = cli("db", "check", "--json")
    assert (before.code, bool(json.loads(before.stdout)["pending"])) == (ExitCode.FAILED, True)
    assert json.loads(cli("db", "upgrade", "--json").stdout)["applied"] == json.loads(before.stdout)["pending"]
    after = cli("db", "check", "--json")
    assert (after.code, json.loads(after.stdout)["pending"]) == (ExitCode.DONE, [])


@pytest.mark.parametrize(
    ("option", "content", "said"),
    [
        ("--faults", "faults:\n  - {service: oracle, fault: slow}\n", "line 2"),
        ("--data", "Id,Nonsense\n001000000000001,x\n", "Account.csv"),
    ],
)
def test_a_sandbox_refuses_wrong_files_with_their_place(
    cli: Callable[..., Result], tmp_path: Path, option: str, content: str, said: str
) -> None:
    folder = tmp_path / "data"
    path = folder / "salesforce" / "Account.csv" if option == "--data" else tmp_path / "faults.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    result = cli("sandbox", "serve", option, str(folder if option == "--data" else path), "--json")
    assert result.code == ExitCode.USAGE
    assert said in result.error["message"]


def test_a_defect_is_named_without_its_text_and_without_a_traceback(tmp_path: Path) -> None:
    """An unexpected error may quote data; only its type and place are shown, unless asked for by `--debug`."""
    program = (
        "import sys\nfrom intacct_sf_pipeline.cli import app\n"
        "def broken(*_):\n    raise RuntimeError('private words')\n"
        "app.build_app = broken\napp.main()\n"
    )
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    shown = call("status", "--json")
    assert shown.returncode == ExitCode.FAILED
    assert json.loads(shown.stdout)["error"]["type"] == "RuntimeError"
    assert "private words" not in shown.stdout + shown.stderr
    assert "Traceback" not in shown.stderr
    assert "private words" in call("status", "--debug").stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SyncError("x"), ExitCode.FAILED),
        (ConfigurationError("x"), ExitCode.USAGE),
        (LeaseHeldError("accounts", "run 1"), ExitCode.BUSY),
    ],
)
def test_each_kind_of_error_has_its_exit_code(error: SyncError, code: ExitCode) -> None:
    assert exit_code_of(error) is code


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def expected(value: object) -> object:
    """What a program reads back: decimals and moments as text, all else as it was."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: expected(inner) for key, inner in value.items()}
    return [expected(inner) for inner in value] if isinstance(value, list) else value


@given(VALUES)
def test_documents_are_json_whatever_they_hold(value: object) -> None:
    out = io.StringIO()
    Output(json_mode=True, stdout=out, stderr=io.StringIO()).document(value)
    assert json.loads(out.getvalue()) == expected(value)


def test_in_json_mode_text_for_people_stays_off_stdout() -> None:
    out = io.StringIO()
    output = Output(json_mode=True, stdout=out, stderr=io.StringIO())
    output.show("a table")
    output.note("a note")
    assert out.getvalue() == ""


def test_the_shared_instance_has_the_projects_own_settings() -> None:
    """Storage apart, which lies in the home itself, the packaged file says what the one at the top level says."""
    ours = yaml.safe_load((ROOT / "dagster.yaml").read_text(encoding="utf-8"))
    packaged = yaml.safe_load(shipped_settings())
    assert packaged == {name: value for name, value in ours.items() if name not in ("storage", "compute_logs")}
    assert packaged["telemetry"] == {"enabled": False}


def test_a_home_is_made_once_and_then_left_alone(tmp_path: Path) -> None:
    home = prepare_home(tmp_path / "home")
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    prepare_home(home)
    assert (home / "dagster.yaml").read_text(encoding="utf-8") == "telemetry: {enabled: false}\n"
    with shared_instance(home) as instance:
        assert instance.get_runs_count() == 0


def test_a_relative_home_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="absolute path"):
        prepare_home(Path("somewhere"))


def test_what_people_typed_is_shown_as_they_typed_it() -> None:
    """A name in square brackets is no markup, and `:smile:` no emoji."""
    out = io.StringIO()
    table = Table("name")
    table.add_row("[red]Harbour[/red] :smile: Ltd")
    Output(json_mode=False, stdout=out).show(table)
    assert "[red]Harbour[/red] :smile: Ltd" in out.getvalue()
