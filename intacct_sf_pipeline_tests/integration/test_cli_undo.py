"""`undo` as a person and a program use it: documents, exit codes, refusals, and the run in the instance and ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.server import SandboxOptions, running_sandbox

from .test_cli_holds import DONE, HELD, USAGE, Company

# A sync imports Dagster and the Salesforce client, whose own deprecations are not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
CUSTOMER = "accounts-receivable/customer"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A small company whose systems agree already."""
    clock = OffsetClock()
    options = SandboxOptions(accounts=6, contacts=0, items=2, warehouses=1, overlap=1.0)
    with running_sandbox(options, clock=clock) as sandbox:
        company = Company(sandbox, clock, tmp_path_factory.mktemp("home"))
        assert company("sync")[0] == DONE
        yield company


def renamed(company: Company, number: int, name: str) -> tuple[str, str, str]:
    """Finance renames a customer and a sync carries it over: run id, Salesforce id, the account's name before."""
    pair = [pair for pair in company.sandbox.truth if pair.entity == "accounts"][number]
    before = str((company.sandbox.org.row("Account", pair.salesforce_id) or {})["Name"])
    key = company.sandbox.company.read(CUSTOMER, pair.intacct_id, "key")["key"]
    company.clock.advance(60)
    company.sandbox.company.edit(CUSTOMER, str(key), {"name": name})
    code, report = company("sync", "accounts")
    assert (code, report["entities"]["accounts"]["written"]["salesforce"]["updated"]) == (DONE, 1)
    return report["run_id"], pair.salesforce_id, before


def name_of(company: Company, account: str) -> str:
    """The account's name now."""
    return str((company.sandbox.org.row("Account", account) or {})["Name"])


def ledger(company: Company, run_id: str) -> Any:
    """The ledger entry of a run."""
    (database,) = company.folder.rglob("staging.db")
    engine = create_engine(f"sqlite:///{database}")
    try:
        with engine.begin() as connection:
            query = text("select kind, status, detail from runs where run_id = :run_id")
            return connection.execute(query, {"run_id": run_id}).one()
    finally:
        engine.dispose()


def test_plan_then_undo_then_nothing_is_left(company: Company) -> None:
    run_id, account, before = renamed(company, 0, "Harbour Lights Ltd")

    code, plan = company("undo", run_id[:13], "--plan")
    assert (code, plan["plan"], plan["put_back"], plan["left"]) == (DONE, True, 1, 0)
    (field,) = plan["fields"]
    assert {name: field[name] for name in ("entity", "side", "key", "field", "verdict", "from", "to")} == {
        "entity": "accounts",
        "side": "salesforce",
        "key": account,
        "field": "name",
        "verdict": "put_back",
        "from": "Harbour Lights Ltd",
        "to": before,
    }
    assert name_of(company, account) == "Harbour Lights Ltd"
    assert ledger(company, plan["run_id"]).kind == "plan"

    code, done = company("undo", run_id)
    assert (code, done["undoes"], done["put_back"], done["status"]) == (DONE, run_id, 1, "done")
    assert name_of(company, account) == before
    entry = ledger(company, done["run_id"])
    assert (entry.kind, entry.status) == ("undo", "done")
    assert run_id in entry.detail

    code, twice = company("undo", run_id)
    assert (code, twice["put_back"], twice["already"]) == (DONE, 0, 1)
    code, idle = company("sync")
    assert code == DONE
    assert not any(n for e in idle["entities"].values() for side in e["written"].values() for n in side.values())
    assert company("compare")[0] == DONE


def test_what_cannot_be_put_back_is_listed_and_ends_in_exit_code_3(company: Company) -> None:
    run_id, account, _ = renamed(company, 1, "Northern Star Ltd")
    company.rename("Account", account, Name="Northern Star and Sons Ltd")
    code, report = company("undo", run_id, "--entity", "accounts", "--record", account[:15], "--field", "name")
    assert (code, report["status"], report["left"]) == (HELD, "held", 1)
    assert report["fields"][0]["reason"] == "edited since"
    assert name_of(company, account) == "Northern Star and Sons Ltd"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("no-such-run",), "there is no run 'no-such-run'"),
        (("{run}", "--entity", "acounts"), "Did you mean 'accounts'?"),
        (("{run}", "--entity", "accounts", "--record", "999999999"), "no record of accounts has the key"),
        (("{run}", "--record", "1"), "--record"),
        (("{run}", "--field", "nmae"), "Did you mean 'name'?"),
        (("{plan}",), "is a plan: it wrote nothing"),
        (("{run}", "--force", "accounts.everything"), "accounts.everything"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_hint(
    company: Company, runs: dict[str, str], arguments: tuple[str, ...], told: str
) -> None:
    code, document = company("undo", *(argument.format(**runs) for argument in arguments))
    assert code == USAGE
    assert told in document["error"]["message"]


@pytest.fixture(scope="module")
def runs(company: Company) -> dict[str, str]:
    """A run that wrote something, and a plan."""
    return {"run": renamed(company, 2, "Southern Cross Ltd")[0], "plan": company("sync", "--plan")[1]["run_id"]}


def test_a_near_miss_of_a_run_id_is_suggested(company: Company, runs: dict[str, str]) -> None:
    run_id = runs["run"]
    wrong = run_id[:-2] + ("00" if run_id[-2:] != "00" else "11")
    code, document = company("undo", wrong)
    assert (code, run_id in document["error"]["message"]) == (USAGE, True)


def test_a_run_that_wrote_nothing_needs_no_undo(company: Company) -> None:
    company("sync")
    idle = company("sync")[1]["run_id"]
    code, report = company("undo", idle)
    assert (code, report["run_id"], report["put_back"]) == (DONE, None, 0)


def test_compare_heals_on_request_only(company: Company) -> None:
    pair = next(pair for pair in company.sandbox.truth if pair.entity == "accounts")
    company("sync")
    assert company("compare", "accounts")[1]["accounts"]["unexplained"] == 0
    company.rename("Account", pair.salesforce_id, Phone="+1 415-555-0161")
    code, seen = company("compare", "accounts")
    assert (code, seen["accounts"]["unexplained"], seen["accounts"]["healed"]) == (1, 1, 0)
    assert seen["accounts"]["causes"] == {"changed since the last poll": 1}
    company.rename("Account", pair.salesforce_id, Phone="+1 415-555-0162")
    code, healed = company("compare", "accounts", "--heal")
    assert (code, healed["accounts"]["unexplained"], healed["accounts"]["healed"]) == (DONE, 0, 1)
    assert healed["accounts"]["healed_fields"] == {"phone": 1}
    read = company.sandbox.company.read(CUSTOMER, pair.intacct_id, "contacts.default.phone1")
    assert read["contacts.default.phone1"] == "+1 415-555-0162"
    code, undone = company("undo", last_compare(company))
    assert (code, undone["put_back"]) == (DONE, 1), "what a healing comparison wrote can be put back"


def last_compare(company: Company) -> str:
    """The last comparison in the ledger."""
    (database,) = company.folder.rglob("staging.db")
    engine = create_engine(f"sqlite:///{database}")
    try:
        with engine.begin() as connection:
            query = "select run_id from runs where kind = 'compare' order by started_at desc limit 1"
            return str(connection.execute(text(query)).scalar_one())
    finally:
        engine.dispose()
