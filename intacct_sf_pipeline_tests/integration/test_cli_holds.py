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
from intacct_sf_pipeline.cli.preflight import check_entity
from intacct_sf_pipeline.model.mapping import StatusFields
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import ColumnSchema, ObjectSchema
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


@pytest.fixture
def pointing_nowhere(company: Company) -> Iterator[tuple[str, int]]:
    """An account on hold because of its Intacct id: its id and the number of its hold; gone afterwards."""
    company.clock.advance(60)
    org = company.sandbox.org
    values = {"Name": "Points Nowhere Ltd", "Type": "Customer - Direct", "IntacctID__c": "GONE-9"}
    account = org.create_as(org.person, "Account", values)
    assert company("sync", "accounts")[0] == HELD
    (hold,) = company("holds", "list", "--entity", "accounts")[1]
    yield account, hold["id"]
    if org.row("Account", account):
        org.delete_as(org.person, "Account", account)
    company("sync", "accounts")


def test_a_listing_is_narrowed_and_tells_age_people_and_choices(
    company: Company, pointing_nowhere: tuple[str, int]
) -> None:
    account, number = pointing_nowhere
    company.clock.advance(3 * 86_400)
    (hold,) = company("holds", "list", "--who", "sales", "--reason", "unknown_id")[1]
    assert (hold["key"], hold["id"], hold["who"]) == (account, number, "sales")
    assert hold["resolutions"] == ["link", "create", "ignore"]
    assert hold["candidates"] == []
    assert company("holds", "list", "--who", "finance") == (DONE, [])
    assert company("holds", "list", "contacts") == (DONE, [])
    assert company("holds", "list", "--reason", "odd")[0] == USAGE


def test_a_decision_that_does_not_fit_is_refused(company: Company, pointing_nowhere: tuple[str, int]) -> None:
    for given, told in {
        ("--approve",): "approve does not answer a hold for unknown_id",
        ("--link", "NOBODY"): "there is no record Intacct accounts NOBODY",
        (): "a verdict is missing",
        ("--create", "--ignore"): "two verdicts contradict",
        ("--create", "--file", "x.csv"): "a sheet says itself what is decided",
        ("--create", "--by", "x" * 101): "a name has at most 100 characters",
    }.items():
        code, document = company("holds", "resolve", str(pointing_nowhere[1]), *given)
        assert code == USAGE
        assert told in document["error"]["message"]
    assert company("holds", "decisions") == (DONE, [])


def test_ignored_explained_withdrawn_and_then_created(company: Company, pointing_nowhere: tuple[str, int]) -> None:
    account, number = pointing_nowhere
    code, done = company("holds", "resolve", str(number), "--ignore", "--note", "a test of sales", "--by", "Jo")
    assert (code, done["stored"], done["entities"]) == (DONE, 1, ["accounts"])
    assert company("holds", "list")[1][0]["decision"] == "ignore"
    assert company("sync", "accounts")[0] == DONE
    assert company("holds", "list") == (DONE, [])
    (decision,) = company("holds", "decisions")[1]
    assert (decision["verdict"], decision["key"], decision["by"]) == ("ignore", account, "Jo")
    explained = company("explain", "accounts", account)[1]
    assert [row["note"] for row in explained["decisions"]] == ["a test of sales"]
    assert "Jo" in explained["lines"][0]["reason"]
    assert company("holds", "resolve", str(number), "--create")[0] == USAGE

    assert company("holds", "withdraw", str(decision["id"]))[1]["withdrawn"] == decision["id"]
    assert company("holds", "withdraw", str(decision["id"]))[0] == USAGE
    assert company("sync", "accounts")[0] == HELD
    (hold,) = company("holds", "list")[1]

    sheet = company.folder / "decisions.csv"
    assert company("holds", "export", str(sheet))[1]["holds"] == 1
    assert company("holds", "export", str(sheet))[0] == USAGE, "an answer once written is not overwritten"
    assert sheet.stat().st_mode & 0o077 == 0
    assert company("holds", "resolve", "--file", str(sheet))[1]["stored"] == 0
    header, row = sheet.read_text("utf-8-sig").splitlines()
    assert "Points Nowhere Ltd" in row
    sheet.write_text(f"hold_id,verdict\n{hold['id']},creat\n", encoding="utf-8")
    code, document = company("holds", "resolve", "--file", str(sheet))
    assert (code, document["error"]["where"]) == (USAGE, "decisions.csv, line 2, column verdict")
    sheet.write_text("\n".join((header, row[: -len(",,")] + "create,,yes")), encoding="utf-8-sig")
    assert company("holds", "resolve", "--file", str(sheet))[1]["decisions"][0]["note"] == "yes"
    code, report = company("sync", "accounts")
    assert (code, report["entities"]["accounts"]["written"]["intacct"]["created"]) == (DONE, 1)
    assert company("holds", "list") == (DONE, [])


def test_the_columns_that_show_the_state_are_checked(company: Company) -> None:
    ours = company.folder / "status.yaml"
    text = "version: 1\nentities: {accounts: {salesforce: {status: {field: %s, message: %s}}}}\n"
    ours.write_text(text % ("SyncStatus__c", "SyncMessage__c"), encoding="utf-8")
    assert company("mapping", "check", SYNC_CONFIG=str(ours))[0] == DONE
    ours.write_text(text % ("SyncStatus__c", "NoSuchField__c"), encoding="utf-8")
    code, found = company("mapping", "check", SYNC_CONFIG=str(ours))
    told = {finding["subject"]: finding["message"] for finding in found["findings"]}
    assert code == FAILED
    assert "there is no such field" in told["NoSuchField__c"]
    ours.write_text(text % ("Name", "SyncMessage__c"), encoding="utf-8")
    code, document = company("mapping", "check", SYNC_CONFIG=str(ours))
    assert (code, "'Name' is mapped already: name" in document["error"]["message"]) == (USAGE, True)


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (ColumnSchema("State__c", "string", max_length=255), set()),
        (ColumnSchema("State__c", "string", max_length=10), {"takes 10 characters; the longest state has 16"}),
        (ColumnSchema("State__c", "picklist", values=("Held", "Odd")), {"its list lacks In sync, Not synchronised"}),
        (ColumnSchema("State__c", "string", updatable=False), {"is read-only for this user"}),
    ],
)
def test_a_column_that_cannot_take_the_state_is_found(column: ColumnSchema, told: set[str]) -> None:
    mapping = load_config(None).mapping
    accounts = mapping.entity("accounts")
    side = accounts.salesforce.model_copy(update={"status": StatusFields(field="State__c")})
    flow = accounts.model_copy(update={"salesforce": side})
    schemas = {(Side.SALESFORCE, "Account"): ObjectSchema("Account", {"State__c": column})}
    found = check_entity(mapping, flow, schemas)
    assert {finding.message for finding in found if finding.subject == "State__c"} == told


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
        assert report["entities"]["accounts"]["read"]["intacct"] == company.sandbox.company.count(CUSTOMER)
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
