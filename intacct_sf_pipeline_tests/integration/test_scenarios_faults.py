"""Lost answers, resets and refusals in mid-run: nothing doubled, nothing lost, agreement once the faults cease."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from intacct_sf_pipeline.model.errors import ServiceError
from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline.staging.run_report import run_report

from .loop import Loop, running_loop

WRITES = {
    "customers": ("intacct", "POST", "objects/accounts-receivable/customer"),
    "contacts": ("intacct", "POST", "objects/company-config/contact"),
    "contact lists": ("intacct", "PATCH", "objects/accounts-receivable/customer"),
    "Salesforce upserts": ("salesforce", "PATCH", "composite/sobjects/[A-Z]"),
    "price entries": ("salesforce", "POST", "composite/sobjects"),
}


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with running_loop(tmp_path, SandboxOptions(accounts=24, contacts=36, items=10, seed=3)) as running:
        yield running


def doubles(loop: Loop) -> list[str]:
    """Records of the same name at the same place: what a repeated create would leave."""
    org, company = loop.sandbox.org, loop.sandbox.company
    names = [f"account {row['IntacctID__c']}" for row in org.db.table("Account").live() if row["IntacctID__c"]]
    names += [f"contact {row['IntacctID__c']}" for row in org.db.table("Contact").live() if row["IntacctID__c"]]
    entries = [(row["Product2Id"], row["Pricebook2Id"]) for row in org.db.table("PricebookEntry").live()]
    lists = company.store.tables["accounts-receivable/customer-contact"].rows
    pairs = [company.read("customer-contact", key, "customer.key", "contact.key") for key in lists]
    counted = Counter([*names, *map(str, entries), *(str(sorted(pair.items())) for pair in pairs)])
    return [name for name, number in counted.items() if number > 1]


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "html_503", "truncate"])
@pytest.mark.parametrize("what", list(WRITES))
def test_lost_answers_double_nothing_and_lose_nothing(loop: Loop, what: str, fault: str) -> None:
    service, method, path = WRITES[what]
    rule = FaultRule(service=service, fault=fault, method=(method,), path=path, count=2)
    loop.fault(rule)
    try:
        loop.sync()
    except ServiceError:
        assert fault != "reset_after"
    assert loop.sandbox.faults.fired, "the fault was never met"
    loop.sandbox.faults.clear()
    loop.sync()
    loop.sync()
    assert loop.sync().total() == 0
    assert doubles(loop) == []
    assert loop.disagreements() == {}


@pytest.mark.both_doors
def test_a_write_without_an_answer_is_not_reported_as_done(loop: Loop) -> None:
    service, method, path = WRITES["customers"]
    loop.fault(FaultRule(service=service, fault="reset_after", method=(method,), path=path, count=1))
    loop.sync()
    report = run_report(loop.runtime.store.database, loop.runtime.config.mapping, "run-1")
    assert report["status"] == "failed"
    assert report["entities"]["accounts"]["open"] == report["entities"]["accounts"]["written"]["intacct"]["failed"] > 0
    loop.sync()
    again = run_report(loop.runtime.store.database, loop.runtime.config.mapping, "run-2")
    assert again["entities"]["accounts"]["open"] == 0
    assert loop.disagreements() == {}


def test_a_write_that_got_no_answer_twice_is_not_reported_as_done(loop: Loop) -> None:
    """The run that could not settle it wrote nothing of its own; a write is open all the same."""
    database, mapping = loop.runtime.store.database, loop.runtime.config.mapping
    service, method, path = WRITES["customers"]
    loop.sync()
    loop.new("Account", Name="Unheard Of", Type="Customer - Direct")
    told = []
    for fault in ("reset_before", "reset_before", None):
        if fault is not None:
            loop.fault(FaultRule(service=service, fault=fault, method=(method,), path=path, count=1))
        loop.sync()
        loop.sandbox.faults.clear()
        run_id = f"run-{2 + len(told)}"
        report = run_report(database, mapping, run_id)
        told.append((report["status"], report["entities"]["accounts"]["open"]))
    assert told[:2] == [("failed", 1), ("failed", 1)]
    assert told[2][1] == 0
    assert told[2][0] != "failed"


@pytest.mark.both_doors
def test_a_token_that_dies_and_throttling_are_ridden_out(loop: Loop) -> None:
    for service in ("intacct", "salesforce"):
        loop.fault(FaultRule(service=service, fault="expire_token", path="objects|composite", count=1))
    loop.fault(FaultRule(service="intacct", fault="throttle", path="query", count=2))
    loop.sync()
    assert loop.sync().total() == 0
    assert loop.disagreements() == {}
