"""Edits on one side and on both, notes, new records, moves and clears: no lost change, no blind overwrite."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.staging.queries import open_holds

from .checkpoints import Checkpoints
from .loop import Loop

CUSTOMER = "accounts-receivable/customer"
PHONE = "contacts.default.phone1"
COUNTRY = "contacts.default.mailingAddress.isoCountryCode"


@pytest.fixture
def loop(tmp_path: Path, checkpoints: Checkpoints) -> Iterator[Loop]:
    with checkpoints.loop(tmp_path) as running:
        yield running


def linked(loop: Loop, entity: str = "accounts") -> tuple[str, str]:
    """Some linked pair: Intacct key, Salesforce id."""
    for cases in loop.runtime.store.pairs(loop.runtime.config.mapping.entity(entity), size=5):
        link = cases[0].link
        assert link is not None
        return link.intacct_key, link.salesforce_id
    raise AssertionError("nothing is linked")


def test_edits_of_different_fields_on_both_sides_both_survive(loop: Loop) -> None:
    key, account = linked(loop)
    loop.sandbox.company.edit(CUSTOMER, key, {"name": "Renamed in finance"})
    loop.as_person("Account", account, Phone="+1 212-555-0147")
    loop.sync()
    assert loop.account(account)["Name"] == "Renamed in finance"
    assert loop.customer(key, PHONE)[PHONE] == "+1 212-555-0147"
    assert loop.sync().total() == 0


@pytest.mark.parametrize("last", ["intacct", "salesforce"])
def test_the_newer_edit_of_the_same_field_wins_and_is_explained(loop: Loop, last: str) -> None:
    key, account = linked(loop)

    def finance() -> None:
        loop.sandbox.company.edit(CUSTOMER, key, {"name": "Says finance"})

    def sales() -> None:
        loop.as_person("Account", account, Name="Says sales")

    first, second = (sales, finance) if last == "intacct" else (finance, sales)
    first()
    loop.clock.advance(5)
    second()
    loop.sync()
    winner = "Says finance" if last == "intacct" else "Says sales"
    assert loop.account(account)["Name"] == loop.customer(key, "name")["name"] == winner
    with loop.runtime.store.database.read() as connection:
        rules = connection.exec_driver_sql(
            "select rule, reason from journal where field = 'name' order by 1"
        ).fetchall()
    assert any(rule == "newest" and "newer" in reason for rule, reason in rules)


def test_there_and_back_again_changes_nothing(loop: Loop) -> None:
    key, account = linked(loop)
    before = loop.customer(key, "name", PHONE, "notes")
    loop.as_person("Account", account, Name="For a moment")
    loop.as_person("Account", account, Name=before["name"])
    assert loop.sync().total() == 0
    assert loop.customer(key, "name", PHONE, "notes") == before


def test_the_same_number_in_another_format_is_not_a_change(loop: Loop) -> None:
    key, account = linked(loop)
    loop.as_person("Account", account, Phone="(212) 555-0147", BillingCountry="United States")
    loop.sync()
    loop.sandbox.company.edit(CUSTOMER, key, {PHONE: "+1 212.555.0147"})
    assert loop.sync().total() == 0
    assert loop.account(account)["Phone"] == "(212) 555-0147"


@pytest.mark.both_doors
def test_an_emptied_field_is_emptied_on_the_other_side(loop: Loop) -> None:
    key, account = linked(loop)
    loop.as_person("Account", account, Phone="+1 212-555-0147", BillingCity="Springfield")
    loop.sync()
    loop.as_person("Account", account, Phone=None)
    loop.sandbox.company.edit(CUSTOMER, key, {"contacts.default.mailingAddress.city": None})
    loop.sync()
    assert loop.customer(key, PHONE)[PHONE] in (None, "")
    assert loop.account(account)["BillingCity"] is None


def test_description_and_both_kinds_of_notes_reach_the_customer(loop: Loop) -> None:
    key, account = linked(loop)
    loop.as_person("Account", account, Description="Buys pumps.")
    loop.new("Note", ParentId=account, Title="Call", Body="Wants 30 days")
    body = base64.b64encode(b"<p>Two sites &amp; a depot</p>").decode()
    note = loop.new("ContentNote", Title="Visit", Content=body)
    loop.new("ContentDocumentLink", ContentDocumentId=note, LinkedEntityId=account, ShareType="V")
    loop.sync()
    notes = loop.customer(key, "notes")["notes"]
    assert [part in notes for part in ("Buys pumps.", "Call\nWants 30 days", "Visit\nTwo sites & a depot")] == [
        True
    ] * 3
    loop.as_person("Account", account, Description=None)
    loop.sync()
    assert "Buys pumps." not in loop.customer(key, "notes")["notes"]
    assert loop.sync().total() == 0


@pytest.mark.both_doors
def test_a_new_customer_account_and_its_contact_become_customer_and_contact(loop: Loop) -> None:
    account = loop.new(
        "Account",
        Name="Fjord & Söhne",
        Type="Customer - Direct",
        BillingStreet="Kai 1\r\nHof 2",
        BillingCity="Köln",
        BillingPostalCode="50667",
        Phone="+49 221 5550199",
    )
    contact = loop.new(
        "Contact", LastName="Öz", FirstName="Ada", Title="Buyer", AccountId=account, Email="ada@fjord.example"
    )
    loop.new("Account", Name="Only a prospect", Type="Prospect")
    customers = loop.sandbox.company.count(CUSTOMER)
    loop.sync()
    assert loop.sandbox.company.count(CUSTOMER) == customers + 1
    key = loop.partner("accounts", "salesforce", account)
    made = loop.customer(key, "id", "name", "contacts.default.mailingAddress.addressLine2", PHONE)
    assert made == {
        "id": account,
        "name": "Fjord & Söhne",
        "contacts.default.mailingAddress.addressLine2": "Hof 2",
        PHONE: "+49 221 5550199",
    }
    assert loop.account(account)["AccountNumber"] == loop.account(account)["IntacctID__c"] == account
    person = loop.partner("contacts", "salesforce", contact)
    found = loop.sandbox.company.read("contact", person, "firstName", "lastName", "companyName", "email1")
    assert found == {
        "firstName": "Ada",
        "lastName": "Öz",
        "companyName": "Fjord & Söhne",
        "email1": "ada@fjord.example",
    }
    assert loop.sync().total() == 0
    assert loop.account(account)["BillingCountry"] is None
    assert loop.customer(key, COUNTRY)[COUNTRY] is None, "Intacct's default country must not stand for an unknown one"
    assert loop.disagreements() == {}


@pytest.mark.both_doors
@pytest.mark.parametrize("title", ["Head of Things", None])
def test_a_contact_moves_to_another_customer_and_keeps_or_changes_its_title(loop: Loop, title: str | None) -> None:
    _, contact = linked(loop, "contacts")
    others = [
        link
        for cases in loop.runtime.store.pairs(loop.runtime.config.mapping.entity("accounts"), size=50)
        for case in cases
        if (link := case.link) is not None
    ]
    now = (loop.sandbox.org.row("Contact", contact) or {})["AccountId"]
    target = next(link for link in others if link.salesforce_id != now)
    loop.as_person("Contact", contact, Title="Controller")
    loop.sync()
    loop.as_person("Contact", contact, AccountId=target.salesforce_id, **({"Title": title} if title else {}))
    loop.sync()
    assert (loop.sandbox.org.row("Contact", contact) or {})["Title"] == (title or "Controller")
    assert loop.sync().total() == 0
    assert loop.disagreements() == {}
    person = loop.partner("contacts", "salesforce", contact)
    rows = [
        loop.sandbox.company.read("customer-contact", key, "customer.key", "contact.key", "categoryName")
        for key in loop.sandbox.company.store.tables["accounts-receivable/customer-contact"].rows
    ]
    mine = [row for row in rows if row["contact.key"] == person]
    assert [(row["customer.key"], row["categoryName"]) for row in mine] == [(target.intacct_key, title or "Controller")]


@pytest.mark.both_doors
def test_item_price_and_stock_changes_reach_the_product(loop: Loop) -> None:
    key, product = linked(loop, "products")
    company = loop.sandbox.company
    item = company.read("item", key, "id")["id"]
    company.edit("item", key, {"name": "Pump, newly named", "purchasing.standardCost": "77.125", "status": "inactive"})
    warehouse = company.create("warehouse", {"id": "WH-NEW", "name": "New", "location": {"id": "E100"}}) and "WH-NEW"
    company.create("item-warehouse-inventory", {"item": {"id": item}, "warehouse": {"id": warehouse}})
    on_hand = company.read("item", key, "quantityOnHand")["quantityOnHand"]
    company.move_stock(str(item), warehouse, on_hand=12, on_hold=2)
    loop.sync()
    row = loop.sandbox.org.row("Product2", product) or {}
    assert (row["Name"], row["IsActive"]) == ("Pump, newly named", False)
    assert float(row["OnHand__c"]) == float(on_hand or 0) + 12
    standard = loop.sandbox.org.standard_pricebook_id
    prices = [
        str(entry["UnitPrice"])
        for entry in loop.sandbox.org.db.table("PricebookEntry").live()
        if entry["Product2Id"] == product and entry["Pricebook2Id"] == standard
    ]
    assert [Decimal(price) for price in prices] == [Decimal("77.13")]
    assert loop.disagreements() == {}


def test_what_the_target_refuses_is_held_its_neighbours_pass_and_it_follows_once_mended(loop: Loop) -> None:
    key, _ = linked(loop, "contacts")
    neighbour = next(
        case.link.intacct_key
        for cases in loop.runtime.store.pairs(loop.runtime.config.mapping.entity("contacts"), size=50)
        for case in cases
        if case.link is not None and case.link.intacct_key != key
    )
    loop.sandbox.company.edit("contact", key, {"email1": "not an address"})
    loop.sandbox.company.edit("contact", neighbour, {"firstName": "Nadia"})
    loop.sync()
    (hold,) = open_holds(loop.runtime.store.database, "contacts")
    assert (hold["reason"], hold["key"], hold["side"]) == ("rejected", key, "intacct")
    assert "INVALID_EMAIL_ADDRESS" in hold["message"]
    assert hold["fields"] == ["email"]
    partner = loop.partner("contacts", "intacct", neighbour)
    assert (loop.sandbox.org.row("Contact", partner) or {})["FirstName"] == "Nadia"
    loop.sandbox.company.edit("contact", key, {"email1": "mended@works.example"})
    loop.sync()
    assert open_holds(loop.runtime.store.database, "contacts") == []
    mended = loop.partner("contacts", "intacct", key)
    assert (loop.sandbox.org.row("Contact", mended) or {})["Email"] == "mended@works.example"
    assert Side.INTACCT.value == hold["side"]


def test_a_refused_record_is_tried_once_in_a_run_even_if_its_account_changes_too(loop: Loop) -> None:
    key, contact = linked(loop, "contacts")
    account = (loop.sandbox.org.row("Contact", contact) or {})["AccountId"]
    loop.sandbox.company.edit("contact", key, {"email1": "not an address"})
    loop.as_person("Account", account, Name="Renamed on the same day")
    tick = loop.sync()
    assert tick.written["contacts"]["failed"] == 1
