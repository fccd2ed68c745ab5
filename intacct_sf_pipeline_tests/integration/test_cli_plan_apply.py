"""`sync --plan --out`, `sync --apply` and `sync --force` as people type them: files, refusals, exit codes."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from intacct_sf_pipeline.sandbox.server import Sandbox, SandboxOptions, running_sandbox

from .test_cli_loop import DONE, FAILED, HELD, USAGE, Cli

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(SandboxOptions(accounts=12, contacts=14, items=8)) as running:
        yield running


@pytest.fixture(scope="module")
def cli(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A home that was synced once."""
    cli = Cli(tmp_path_factory.mktemp("home"), sandbox.env)
    assert cli("sync", "--json").code in (DONE, HELD)
    return cli


def some_account(sandbox: Sandbox, number: int = 0) -> str:
    return [pair.salesforce_id for pair in sandbox.truth if pair.entity == "accounts"][number]


def edit(sandbox: Sandbox, record: str, **values: object) -> None:
    sandbox.org.write_as(sandbox.org.person, "Account", record, values)


def test_a_plan_is_written_read_applied_and_what_moved_is_refused(cli: Cli, sandbox: Sandbox) -> None:
    first, second = some_account(sandbox), some_account(sandbox, 1)
    edit(sandbox, first, Phone="+1 212-555-0147")
    edit(sandbox, second, Phone="+1 212-555-0148")
    made = cli("sync", "accounts", "--plan", "--out", "plan.json", "--json")
    assert made.code in (DONE, HELD), made.stderr
    path = cli.folder / "plan.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made.document["plan_hash"] == document["hash"]
    assert document["run_id"] == made.document["run_id"]
    assert [line["fields"][0]["after"] for line in document["lines"]] == ["+1 212-555-0147", "+1 212-555-0148"]

    again = cli("sync", "accounts", "--plan", "--out", "plan.json", "--json")
    assert again.code == USAGE
    assert "--overwrite" in again.document["error"]["cure"]

    edit(sandbox, second, Phone="+1 212-555-0199")
    done = cli("sync", "--apply", "plan.json", "--json")
    assert done.code == HELD, done.stderr
    assert done.document["applied"] == 1
    assert [(row["field"], row["reason"]) for row in done.document["refused"]] == [
        ("phone", "the live value has moved since")
    ]
    assert list(done.document["entities"]) == ["accounts"]
    told = cli("sync", "--apply", "plan.json")
    assert "no longer needed" in told.stdout
    assert cli("sync", "--json").code == DONE


def test_a_changed_an_old_and_a_foreign_plan_are_refused_before_anything_runs(cli: Cli, tmp_path: Path) -> None:
    made = cli("sync", "--plan", "--out", "second.json", "--json")
    assert made.code == DONE
    text = (cli.folder / "second.json").read_text(encoding="utf-8")
    changed = cli.folder / "changed.json"
    changed.write_text(text.replace('"accounts"', '"contacts"', 1), encoding="utf-8")
    assert "changed after it was written" in cli("sync", "--apply", "changed.json", "--json").document["error"]["what"]
    mapping = tmp_path / "other.yaml"
    mapping.write_text("version: 1\nentities: {stock: {enabled: false}}\n", encoding="utf-8")
    other = cli("sync", "--apply", "second.json", "--json", SYNC_CONFIG=str(mapping))
    assert other.code == USAGE
    assert "another mapping" in other.document["error"]["what"]
    assert cli("sync", "--apply", "none.json", "--json").code == USAGE
    assert cli("sync", "--apply", "second.json", "--json").code == DONE


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--out", "x.json"), "--plan"),
        (("--plan", "--overwrite"), "--out"),
        (("--plan", "--out", "no/where.json"), "folder"),
        (("--apply", "second.json", "--plan"), "--plan"),
        (("--apply", "second.json", "--full", "--limit", "3"), "--full, --limit"),
        (("--force", "everything"), "prices.unit_price"),
    ],
)
def test_options_that_do_not_go_together_are_refused_with_what_would(
    cli: Cli, arguments: tuple[str, ...], word: str
) -> None:
    refused = cli("sync", *arguments, "--json")
    assert refused.code == USAGE
    assert word in refused.document["error"]["message"]


def test_a_stopping_limit_is_told_and_lifted_by_its_name_only(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    config = tmp_path / "strict.yaml"
    config.write_text("version: 1\nlimits: {accounts: {update: 0}}\n", encoding="utf-8")
    edit(sandbox, some_account(sandbox), Phone="+1 212-555-0101")
    strict = {"SYNC_CONFIG": str(config)}
    stopped = cli("sync", "--json", **strict)
    assert stopped.code == FAILED
    assert "more than 0 to update" in stopped.document["error"]["message"]
    assert stopped.document["exceeded"][0]["action"] == "stop"
    wrong = cli("sync", "--json", "--force", "accounts.create", **strict)
    assert wrong.code == FAILED
    lifted = cli("sync", "--json", "--force", "accounts.update", **strict)
    assert lifted.code == DONE, lifted.stderr
    assert lifted.document["forced"]["accounts.update (intacct)"] == {"planned": 1, "limit": 0, "held": 0}
    assert lifted.document["entities"]["accounts"]["written"]["intacct"]["updated"] == 1
