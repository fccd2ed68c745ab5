"""A refused record as the command line sees it: held, shown, tried again, mended; and the other options of `sync`."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from intacct_sf_pipeline.cli.app import run
from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.server import Sandbox, SandboxOptions, running_sandbox
from intacct_sf_pipeline.settings import VARIABLES

# A sync imports Dagster and the Salesforce client, whose own deprecations are not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
DONE, FAILED, USAGE, HELD, BUSY = range(5)
CUSTOMER = "accounts-receivable/customer"


@dataclass(frozen=True)
class Company:
    """A sandbox in this process, and commands pointed at it."""

    sandbox: Sandbox
    clock: OffsetClock
    folder: Path

    def __call__(self, *arguments: str, **extra: str) -> tuple[int, Any]:
        """Run one command with `--json`; its exit code and document. A minute passes before it."""
        self.clock.advance(60)
        out, errors = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(errors):
            for name in VARIABLES:
                patch.delenv(name, raising=False)
            for name, value in {**self.sandbox.env, **extra}.items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            code = run([*arguments, "--json"])
        return code, json.loads(out.getvalue())

    def rename(self, sobject: str, record: str, **values: object) -> None:
        """A person edits a Salesforce record."""
        self.clock.advance(60)
        self.sandbox.org.write_as(self.sandbox.org.person, sobject, record, values)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A small company whose systems agree already; each test leaves it so, but for the last."""
    clock = OffsetClock()
    options = SandboxOptions(accounts=6, contacts=8, items=4, warehouses=1, overlap=1.0)
    with running_sandbox(options, clock=clock) as sandbox:
        company = Company(sandbox, clock, tmp_path_factory.mktemp("home"))
        assert company("sync")[0] == DONE
        yield company


def linked_account(company: Company) -> str:
    """The Salesforce id of an account that has a customer."""
    pair = next(pair for pair in company.sandbox.truth if pair.entity == "accounts")
    return pair.salesforce_id


def test_a_held_record_is_listed_shown_retried_and_goes_through_once_mended(company: Company) -> None:
    account = linked_account(company)
    company.rename("Account", account, Name="N" * 120)

    code, report = company("sync")
    assert (code, report["status"], report["entities"]["accounts"]["held"]) == (HELD, "held", 1)

    code, holds = company("holds", "list")
    assert (code, [(hold["entity"], hold["reason"], hold["fields"]) for hold in holds]) == (
        DONE,
        [("accounts", "too_long", ["name"])],
    )
    assert "120" in holds[0]["message"]

    code, shown = company("holds", "show", str(holds[0]["id"]))
    assert (code, shown["explanation"]["fields"]["name"]["decision"]) == (DONE, "hold")

    assert company("holds", "retry") == (DONE, {"requeued": 1, "entities": {"accounts": 1}})
    assert company("sync", "accounts")[0] == HELD
    assert [hold["since"] for hold in company("holds", "list")[1]] == [holds[0]["since"]]

    company.rename("Account", account, Name="Harbour Lights Ltd")
    code, report = company("sync")
    assert (code, report["entities"]["accounts"]["written"]["intacct"]["updated"]) == (DONE, 1)
    assert company("holds", "list") == (DONE, [])


def test_a_plan_leaves_both_systems_alone(company: Company) -> None:
    company.rename("Account", linked_account(company), Name="Harbour Lights of the North Ltd")
    before = company.sandbox.company.transactions.total
    code, report = company("sync", "--plan")
    assert (code, report["entities"]["accounts"]["planned"]["update"]) == (DONE, 1)
    writes = [request for request in company.sandbox.org.requests if request.method in ("POST", "PATCH", "DELETE")]
    planned = len(writes)
    reads = company.sandbox.company.transactions.total - before
    assert company("sync")[1]["entities"]["accounts"]["written"]["intacct"]["updated"] == 1
    assert company.sandbox.company.transactions.total - before - reads > reads
    assert planned == len(writes)


def test_a_limit_bounds_a_run_and_the_rest_follows(company: Company) -> None:
    accounts = [pair.salesforce_id for pair in company.sandbox.truth if pair.entity == "accounts"][:3]
    for number, account in enumerate(accounts):
        company.rename("Account", account, Name=f"Harbour Lights {number} Ltd")
    first = company("sync", "accounts", "--limit", "2")[1]
    assert first["entities"]["accounts"]["written"]["intacct"]["updated"] == 2
    rest = company("sync", "accounts")[1]
    assert rest["entities"]["accounts"]["written"]["intacct"]["updated"] == 1


def test_full_and_since_read_again_and_write_nothing(company: Company) -> None:
    for options in (("--full",), ("--since", "2020-01-01")):
        code, report = company("sync", "accounts", *options)
        assert (code, sum(report["entities"]["accounts"]["planned"].values())) == (DONE, 0)
        assert report["entities"]["accounts"]["read"]["intacct"] == 6
        assert report["entities"]["accounts"]["read"]["salesforce"] >= company.sandbox.org.count("Account")


def test_a_run_that_would_exceed_its_limits_stops_before_writing(company: Company) -> None:
    ours = company.folder / "ours.yaml"
    ours.write_text("version: 1\nlimits:\n  accounts: {update: 1}\n", encoding="utf-8")
    accounts = [pair.salesforce_id for pair in company.sandbox.truth if pair.entity == "accounts"][:2]
    for number, account in enumerate(accounts):
        company.rename("Account", account, Name=f"Northern Lights {number} Ltd")
    code, report = company("sync", "accounts", SYNC_CONFIG=str(ours))
    assert (code, report["status"]) == (FAILED, "failed")
    assert "accounts" in report["error"]["message"]
    written = report["entities"]["accounts"]["written"]
    assert not any(count for side in written.values() for count in side.values())
