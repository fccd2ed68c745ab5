"""Writes without an answer, by every kind of write, with and without idempotency, with both kinds of customer id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.errors import ServiceError
from intacct_sf_pipeline.model.mapping import NewId
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.plans import Decision, HoldReason, Verdict
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline.staging.queries import open_holds

from .checkpoints import Checkpoints
from .loop import Loop

CUSTOMERS = "objects/accounts-receivable/customer$"
CUSTOMER = "accounts-receivable/customer"
FAULTS = ["reset_before", "reset_after", "status_after", "html_503", "truncate", "cut_off", "partial"]


def numbered(config: SyncConfig) -> SyncConfig:
    """The configuration with customers numbered by Intacct."""
    entities = tuple(
        e
        if e.name != "accounts"
        else e.model_copy(update={"intacct": e.intacct.model_copy(update={"new_id": NewId.AUTO})})
        for e in config.mapping.entities
    )
    return config.model_copy(update={"mapping": config.mapping.model_copy(update={"entities": entities})})


@pytest.fixture(params=["derived", "numbered"])
def loop(request: pytest.FixtureRequest, tmp_path: Path, checkpoints: Checkpoints) -> Iterator[Loop]:
    auto = request.param == "numbered"
    config = numbered(load_config(None)) if auto else load_config(None)
    options = SandboxOptions(
        accounts=4, contacts=4, items=2, seed=8, company=CompanyOptions(auto_number_customers=auto)
    )
    with checkpoints.loop(tmp_path, options, config) as running:
        yield running


def sync_through(loop: Loop) -> None:
    """One tick; a service in trouble may end it."""
    try:
        loop.sync()
    except ServiceError:
        return


def customers(loop: Loop) -> Counter[object]:
    table = loop.sandbox.company.store.tables[CUSTOMER]
    return Counter(row["name"] for row in table.rows.values())


@pytest.mark.parametrize("idempotent", [True, False], ids=["idempotent", "not-idempotent"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_new_customer_is_created_once(loop: Loop, fault: str, idempotent: bool) -> None:
    accounts = [
        loop.new("Account", Name=f"Lost Answer {number}", Type="Customer - Direct", BillingCity="Bath")
        for number in range(3)
    ]
    if not idempotent:
        loop.fault(FaultRule(service="intacct", fault="idempotency_ignored", count=None))
    loop.fault(FaultRule(service="intacct", fault=fault, method=("POST",), path=CUSTOMERS, count=2))
    sync_through(loop)
    fired = [rule.fault for rule, _, _ in loop.sandbox.faults.fired]
    assert fault in fired
    loop.sandbox.faults.clear()
    loop.sync()
    loop.sync()
    assert [customers(loop)[f"Lost Answer {number}"] for number in range(3)] == [1, 1, 1]
    for account in accounts:
        key = loop.partner("accounts", "salesforce", account)
        assert loop.account(account)["IntacctID__c"] == loop.customer(key, "id")["id"]
    assert loop.sync().total() == 0
    assert loop.disagreements() == {}


@pytest.mark.both_doors
def test_two_accounts_alike_get_a_customer_each(loop: Loop) -> None:
    same = {"Name": "Alike", "Type": "Customer - Direct"}
    accounts = [loop.new("Account", **same, BillingCity=city) for city in ("Bath", "York")]
    loop.fault(FaultRule(service="intacct", fault="reset_after", method=("POST",), path=CUSTOMERS, count=2))
    sync_through(loop)
    loop.sandbox.faults.clear()
    loop.sync()
    loop.sync()
    keys = {loop.partner("accounts", "salesforce", account) for account in accounts}
    assert len(keys) == customers(loop)["Alike"] == 2
    assert loop.disagreements() == {}


@pytest.mark.both_doors
def test_an_update_that_arrived_is_journaled_as_written(loop: Loop) -> None:
    account = loop.new("Account", Name="Before", Type="Customer - Direct", BillingCity="Bath")
    loop.sync()
    key = loop.partner("accounts", "salesforce", account)
    loop.as_person("Account", account, Name="After")
    loop.fault(FaultRule(service="intacct", fault="reset_after", method=("PATCH",), path="customer", count=1))
    sync_through(loop)
    loop.sandbox.faults.clear()
    loop.sync()
    assert loop.customer(key, "name")["name"] == "After"
    with loop.runtime.store.database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT field, after_value FROM v_journal "
            "WHERE entity = 'accounts' AND side = 'intacct' AND after_value = 'After'"
        ).all()
    assert [tuple(row) for row in rows] == [("name", "After")]
    assert loop.sync().total() == 0


def test_an_update_of_a_contact_that_left_its_list_before_the_answer_was_looked_for_is_journaled(loop: Loop) -> None:
    company, store = loop.sandbox.company, loop.runtime.store
    pairs = store.pairs(loop.runtime.config.mapping.entity("contacts"), size=9)
    link = next(case.link for cases in pairs for case in cases if case.link is not None)
    loop.as_person("Contact", link.salesforce_id, Phone="+1 212-555-0177", FirstName="Unheard")
    loop.fault(FaultRule(service="intacct", fault="reset_after", method=("PATCH",), path="contact"))
    sync_through(loop)
    assert [rule.fault for rule, _, _ in loop.sandbox.faults.fired] == ["reset_after"]
    loop.sandbox.faults.clear()
    entries = company.store["accounts-receivable/customer-contact"].rows.values()
    place = next(row for row in entries if row["contact.key"] == link.intacct_key)
    off = {"key": place["key"], "ia::operation": "delete"}
    company.edit("customer", str(place["customer.key"]), {"contactList": [off]})
    loop.sync()
    loop.sync()
    query = text("select field from journal where entity = 'contacts' and side = 'intacct' and record_key = :key")
    with store.database.read() as connection:
        written = list(connection.scalars(query, {"key": link.intacct_key}))
    assert {"first_name", "phone"} <= set(written)
    assert company.read("contact", link.intacct_key, "firstName")["firstName"] == "Unheard"
    assert loop.sync().total() == 0


@pytest.mark.parametrize("edited", ["contacts.default.phone1", "name"])
def test_a_new_customer_that_somebody_edits_before_it_is_found_is_not_created_again(loop: Loop, edited: str) -> None:
    loop.new("Account", Name="Osprey Works", Type="Customer - Direct", BillingCity="Bath", Phone="+1 415 555 0142")
    loop.fault(FaultRule(service="intacct", fault="idempotency_ignored", count=None))
    loop.fault(FaultRule(service="intacct", fault="reset_after", method=("POST",), path=CUSTOMERS, count=9))
    sync_through(loop)
    loop.sandbox.faults.clear()
    loop.fault(FaultRule(service="intacct", fault="idempotency_ignored", count=None))
    (made,) = (
        str(row["key"]) for row in loop.sandbox.company.store.tables[CUSTOMER].rows.values() if "Osprey" in row["name"]
    )
    new = "Osprey Works Renamed" if edited == "name" else "+1 415 555 0199"
    loop.sandbox.company.edit("customer", made, {edited: new})
    for _ in range(3):
        loop.sync()
    assert sum(number for name, number in customers(loop).items() if "Osprey" in str(name)) == 1


EDITS = {
    "its phone": {"contacts.default.phone1": "+1 312-555-0199"},
    "its name": {"name": "Renamed Meanwhile"},
    "all of it": {
        "name": "Completely Different",
        "contacts.default.phone1": "+1 312-555-0199",
        "contacts.default.mailingAddress.city": "York",
        "contacts.default.mailingAddress.postCode": "99999",
    },
}


@pytest.fixture
def gap(tmp_path: Path, checkpoints: Checkpoints) -> Iterator[Loop]:
    """Intacct numbers customers and honours no keys; the answer to a creation is lost, and nobody has looked yet."""
    company = CompanyOptions(auto_number_customers=True, idempotency_supported=False)
    options = SandboxOptions(accounts=4, contacts=0, items=0, seed=8, company=company)
    with checkpoints.loop(tmp_path, options, numbered(load_config(None)), syncs=2) as running:
        yield running


def lose_the_answer(loop: Loop, fault: str = "reset_after") -> tuple[str, str | None]:
    """A new account whose customer's creation gets no answer; the key of that customer, if it was made."""
    known = set(loop.sandbox.company.store.tables["accounts-receivable/customer"].rows)
    values = {"Phone": "+1 415-555-0177", "BillingCity": "Bath", "BillingPostalCode": "94105"}
    account = loop.new("Account", Name="Gap Trading", Type="Customer - Direct", **values)
    loop.fault(FaultRule(service="intacct", fault=fault, method=("POST",), path=CUSTOMERS))
    sync_through(loop)
    loop.sandbox.faults.clear()
    made = set(loop.sandbox.company.store.tables["accounts-receivable/customer"].rows) - known
    return account, next(iter(made), None)


def waiting(loop: Loop) -> dict[tuple[str, str], list[str]]:
    """What waits because a creation got no answer, and for whom."""
    rows = open_holds(loop.runtime.store.database, "accounts")
    found = {(r["side"], r["key"]): [c["key"] for c in r["candidates"]] for r in rows if r["reason"] == "unanswered"}
    assert len(found) == len(rows), [(r["side"], r["key"], r["reason"], r["message"]) for r in rows]
    return found


def decide(loop: Loop, side: Side, key: str, verdict: Verdict, partner: str | None = None) -> None:
    decision = Decision("accounts", side, key, HoldReason.UNANSWERED, verdict, loop.clock(), partner_key=partner)
    loop.runtime.store.decide([decision])


@pytest.mark.parametrize("edit", list(EDITS))
def test_a_customer_edited_before_it_was_looked_for_is_not_created_again(gap: Loop, edit: str) -> None:
    account, made = lose_the_answer(gap)
    assert made
    gap.sandbox.company.edit("customer", made, EDITS[edit])
    number, accounts = gap.sandbox.company.count("customer"), gap.sandbox.org.count("Account")
    for _ in range(3):
        gap.sync()
        assert gap.sandbox.company.count("customer") == number
        assert gap.sandbox.org.count("Account") == accounts
        assert waiting(gap) == {("salesforce", account): [made], ("intacct", made): [account]}
    assert gap.disagreements() == {}
    decide(gap, Side.SALESFORCE, account, Verdict.LINK, made)
    gap.sync()
    assert gap.partner("accounts", "salesforce", account) == made
    assert (waiting(gap), gap.sandbox.company.count("customer")) == ({}, number)
    assert gap.sync().total() == 0
    assert gap.disagreements() == {}


def test_a_stranger_that_is_somebody_else_gets_an_account_once_a_person_says_create(gap: Loop) -> None:
    account, made = lose_the_answer(gap, "reset_before")
    assert made is None
    other = gap.sandbox.company.create("customer", {"name": "Somebody Else"})
    gap.sync()
    assert waiting(gap) == {("salesforce", account): [other], ("intacct", other): [account]}
    decide(gap, Side.SALESFORCE, account, Verdict.CREATE)
    gap.sync()
    assert gap.partner("accounts", "salesforce", account) != other
    assert gap.account(gap.partner("accounts", "intacct", other))["Name"] == "Somebody Else"
    assert waiting(gap) == {}
    assert gap.sync().total() == 0


def test_where_nobody_appeared_a_creation_that_got_no_answer_is_sent_again(gap: Loop) -> None:
    account, made = lose_the_answer(gap, "reset_before")
    gap.sync()
    gap.sync()
    assert (made, waiting(gap)) == (None, {})
    assert gap.partner("accounts", "salesforce", account)
    assert gap.disagreements() == {}


@pytest.mark.parametrize("idempotent", [True, False], ids=["idempotent", "not-idempotent"])
@pytest.mark.parametrize("second", ["reset_before", "reset_after"])
def test_an_account_edited_while_its_creation_has_no_answer_is_not_created_beside_it(
    loop: Loop, second: str, idempotent: bool
) -> None:
    account = loop.new("Account", Name="Twice Unheard", Type="Customer - Direct", BillingCity="Bath")
    for number, fault in enumerate(("reset_before", second)):
        if not idempotent:
            loop.fault(FaultRule(service="intacct", fault="idempotency_ignored", count=None))
        loop.fault(FaultRule(service="intacct", fault=fault, method=("POST",), path=CUSTOMERS))
        sync_through(loop)
        assert fault in [rule.fault for rule, _, _ in loop.sandbox.faults.fired]
        loop.sandbox.faults.clear()
        loop.as_person("Account", account, Phone=f"+1 415-555-013{number}")
    for _ in range(3):
        loop.sync()
    assert customers(loop)["Twice Unheard"] == 1
    key = loop.partner("accounts", "salesforce", account)
    assert str(loop.customer(key, "contacts.default.phone1")["contacts.default.phone1"]).endswith("0131")
    assert loop.sync().total() == 0
    assert loop.disagreements() == {}
    assert open_holds(loop.runtime.store.database, "accounts") == []
