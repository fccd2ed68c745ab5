"""First sync, idle ticks, plans and agreement.

The promises of no duplicates, no echo and convergence, over real HTTP.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline.staging.queries import open_holds
from intacct_sf_pipeline.staging.run_report import run_report

from .loop import Loop, running_loop


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with running_loop(tmp_path, SandboxOptions(accounts=120, contacts=200, items=40, seed=11)) as running:
        yield running


@pytest.mark.both_doors
def test_first_sync_then_agreement_without_doubles_and_idle_ticks_write_nothing(loop: Loop) -> None:
    loop.sync()
    assert loop.disagreements() == {}
    for sobject in ("Account", "Contact", "Product2"):
        ids = Counter(row["IntacctID__c"] for row in loop.sandbox.org.db.table(sobject).live() if row["IntacctID__c"])
        assert set(ids.values()) == {1}, sobject
    company = loop.sandbox.company
    before = (int(company.transactions.records_written), loop.sandbox.org.count("Account"), company.count("contact"))
    for _ in range(2):
        assert loop.sync().total() == 0
    assert before == (
        int(company.transactions.records_written),
        loop.sandbox.org.count("Account"),
        company.count("contact"),
    )


def test_automatic_links_are_never_wrong_and_find_nearly_all(loop: Loop) -> None:
    loop.sync()
    store, company = loop.runtime.store, loop.sandbox.company
    objects = {"accounts": "customer", "contacts": "contact", "products": "item"}
    for entity, name in objects.items():
        true_pairs = {
            (str(company.read(name, pair.intacct_id, "key")["key"]), pair.salesforce_id)
            for pair in loop.sandbox.truth
            if pair.entity == entity
        }
        found = store.links(entity, Side.SALESFORCE, {salesforce for _, salesforce in true_pairs})
        pairs = {(link.intacct_key, link.salesforce_id) for link in found.values()}
        assert pairs <= true_pairs, f"{entity}: a wrong link"
        assert len(pairs) >= 0.95 * len(true_pairs) > 0, f"{entity}: too few links"


def test_a_plan_writes_nothing_and_says_what_the_run_then_does(loop: Loop) -> None:
    company, org = loop.sandbox.company, loop.sandbox.org
    stamps = {row["Id"]: row["SystemModstamp"] for row in org.db.table("Account").live()}
    plan = loop.sync(plan_only=True)
    assert plan.total() > 0
    assert company.transactions.records_written == 0
    assert stamps == {row["Id"]: row["SystemModstamp"] for row in org.db.table("Account").live()}
    run = loop.sync()
    kinds = ("create", "update", "link", "deactivate")
    assert {n: {k: c[k] for k in kinds} for n, c in plan.planned.items()} == {
        n: {k: c[k] for k in kinds} for n, c in run.planned.items()
    }
    assert plan.written == run.written
    with loop.runtime.store.database.read() as connection:
        found = connection.exec_driver_sql("select status, count(*) from plan_lines where run_id = 'run-1' group by 1")
        assert {row[0] for row in found} == {"preview", "nothing"}


def test_a_limit_leaves_the_rest_for_the_next_runs(loop: Loop) -> None:
    first = loop.sync(limit=10)
    assert 0 < first.total() <= 10 * 2 * len(first.written)
    loop.sync()
    loop.sync()
    assert loop.sync().total() == 0
    assert loop.disagreements() == {}


def test_an_account_that_names_an_unknown_customer_is_held_and_keeps_its_pointer(loop: Loop) -> None:
    account = loop.new("Account", Name="Points nowhere", Type="Customer - Direct", IntacctID__c="GONE-9")
    plan = loop.sync(plan_only=True)
    loop.sync()
    (hold,) = [h for h in open_holds(loop.runtime.store.database, "accounts") if h["key"] == account]
    assert hold["reason"] == "unknown_id"
    assert loop.account(account)["IntacctID__c"] == "GONE-9"
    report = run_report(loop.runtime.store.database, loop.runtime.config.mapping, "run-1")
    assert report["entities"]["accounts"]["held"] == len(open_holds(loop.runtime.store.database, "accounts"))
    assert plan.total() > 0
    loop.as_person("Account", account, IntacctID__c=None)
    loop.sync()
    assert loop.partner("accounts", "salesforce", account)


def test_twins_are_held_and_told_apart_once_one_is_linked(loop: Loop) -> None:
    twin = {"name": "Twin Works", "contacts.default.phone1": "+1 212-555-0142"}
    for number in ("T-1", "T-2"):
        loop.sandbox.company.create("customer", {"id": number, **twin})
    account = loop.new("Account", Name="Twin Works", Phone="(212) 555-0142", Type="Customer - Direct")
    loop.sync()
    holds = open_holds(loop.runtime.store.database, "accounts")
    assert any("2 in Intacct and 1 in Salesforce share the same name" in hold["message"] for hold in holds)
    loop.as_person("Account", account, IntacctID__c="T-2")
    loop.sync()
    assert loop.partner("accounts", "salesforce", account)
    loop.sync()
    (left,) = [h for h in open_holds(loop.runtime.store.database, "accounts") if h["reason"] == "ambiguous_match"]
    assert "belongs to another one already" in left["message"]
