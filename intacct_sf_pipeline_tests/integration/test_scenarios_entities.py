"""A company of several entities: who owns a record, where it is written, and its owner and type in Salesforce.

Over both of Intacct's doors, in a company that lets private records be changed in their entity only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures
from intacct_sf_pipeline.sandbox.salesforce.schema.fields import text
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline.staging.queries import open_holds

from .loop import Loop, connectors, running_loop

pytestmark = pytest.mark.both_doors

CUSTOMER = "accounts-receivable/customer"
CONTACT = "company-config/contact"
NORTH, SOUTH = "north.sales@holt.example", "south.sales@holt.example"
OWNED = """
version: 1
entities:
  accounts:
    intacct:
      owned_by: {column: entity.id, new: legal_entity}
    fields:
      legal_entity:
        intacct: entity.id
        salesforce: LegalEntity__c
        direction: to_salesforce
        type: table
        values: {"": Group, E100: North, E200: South}
      owner:
        intacct: entity.id
        salesforce: Owner.Username
        direction: to_salesforce
        type: table
        values: {E100: north.sales@holt.example, E200: south.sales@holt.example}
        when_empty: keep
      record_type:
        intacct: entity.id
        salesforce: RecordType.DeveloperName
        direction: to_salesforce
        type: table
        values: {"": Domestic, E100: Domestic, E200: Export}
  contacts:
    intacct:
      owned_by: {column: entity.id, new: legal_entity}
    fields:
      legal_entity:
        intacct: entity.id
        salesforce: Account.LegalEntity__c
        direction: match
        type: table
        values: {"": Group, E100: North, E200: South}
"""
FEATURES = OrgFeatures(extra_fields={"Account": (text("LegalEntity__c", "Legal entity", 40),)})
COMPANY = CompanyOptions(private_in_entity_only=True, entities=(("E100", "North"), ("E200", "South"), ("E300", "West")))


@contextmanager
def company(folder: Path) -> Iterator[Loop]:
    """A company with a customer of the top level, one of North and one of South, and nothing else of note."""
    path = folder / "owned.yaml"
    path.write_text(OWNED, encoding="utf-8")
    options = SandboxOptions(accounts=0, contacts=0, items=1, features=FEATURES, company=COMPANY)
    with running_loop(folder, options, load_config(path)) as loop:
        org = loop.sandbox.org
        for name in (NORTH, SOUTH):
            org.add_user(name.partition(".")[0].title(), "Sales", name)
        org.load(
            "RecordType",
            [
                {"Name": n, "DeveloperName": n, "SobjectType": "Account", "IsActive": True}
                for n in ("Domestic", "Export")
            ],
        )
        for number, entity in enumerate((None, "E100", "E200"), 1):
            loop.sandbox.company.load(CUSTOMER, [customer(number, entity)])
        yield loop


def customer(number: int, entity: str | None) -> dict[str, object]:
    row: dict[str, object] = {"id": f"C-{number}", "name": f"Company {number} of {entity or 'all'}"}
    return row | ({"entity.id": entity} if entity else {})


def key_of(loop: Loop, customer_id: str) -> str:
    return str(loop.sandbox.company.store[CUSTOMER].by_id[customer_id])


def account_of(loop: Loop, customer_id: str) -> dict[str, Any]:
    """The account of a customer, with the names of its owner and type."""
    row = dict(loop.account(loop.partner("accounts", "intacct", key_of(loop, customer_id))))
    db = loop.sandbox.org.db
    kind = db.table("RecordType").rows.get(row["RecordTypeId"])
    return row | {
        "owner": db.table("User").rows[row["OwnerId"]]["Username"],
        "type": kind and kind["DeveloperName"],
    }


def entity_of(loop: Loop, object_name: str, key: str) -> object:
    return loop.sandbox.company.read(object_name, key, "entity.id")["entity.id"]


def settle(loop: Loop) -> None:
    loop.sync()
    loop.sync()
    assert loop.sync().total() == 0


def holds(loop: Loop) -> list[dict[str, Any]]:
    return open_holds(loop.runtime.store.database, "accounts")


def test_an_entity_becomes_a_field_an_owner_and_a_record_type(tmp_path: Path) -> None:
    with company(tmp_path) as loop:
        settle(loop)
        shown = {
            name: tuple(account_of(loop, name)[column] for column in ("LegalEntity__c", "owner", "type"))
            for name in ("C-1", "C-2", "C-3")
        }
        assert shown["C-1"] == ("Group", loop.sandbox.org.integration_user.username, "Domestic")
        assert shown["C-2"] == ("North", NORTH, "Domestic")
        assert shown["C-3"] == ("South", SOUTH, "Export")
        assert not holds(loop)


def test_names_are_looked_up_once_for_many_records(tmp_path: Path) -> None:
    with company(tmp_path) as loop:
        loop.sandbox.company.load(CUSTOMER, [customer(number, "E200") for number in range(10, 60)])
        settle(loop)
        asked = [unquote_plus(request.query) for request in loop.sandbox.org.requests]
        assert account_of(loop, "C-59")["owner"] == SOUTH
        assert len([soql for soql in asked if "FROM User " in soql]) == 1
        assert len([soql for soql in asked if "FROM RecordType " in soql]) == 1


def test_an_edit_of_a_private_customer_is_written_in_its_entity(tmp_path: Path) -> None:
    with company(tmp_path) as loop:
        settle(loop)
        for name in ("C-1", "C-2", "C-3"):
            loop.as_person("Account", account_of(loop, name)["Id"], Phone="+1 415-555-0100", Name=f"{name} renamed")
        loop.sync()
        for name in ("C-1", "C-2", "C-3"):
            row = loop.customer(key_of(loop, name), "name", "contacts.default.phone1")
            assert row == {"name": f"{name} renamed", "contacts.default.phone1": "+1 415-555-0100"}
        assert loop.sync().total() == 0
        assert not holds(loop)


def test_an_account_becomes_a_customer_of_its_entity(tmp_path: Path) -> None:
    with company(tmp_path) as loop:
        settle(loop)
        wanted = {"North": "E100", "South": "E200", "Group": None, None: None}
        made = {
            place: loop.new("Account", Name=f"New {place} Ltd", Type="Customer - Direct", LegalEntity__c=place)
            for place in wanted
        }
        people = {
            place: loop.new("Contact", LastName=f"Ash {place}", AccountId=account) for place, account in made.items()
        }
        settle(loop)
        for place, entity in wanted.items():
            assert entity_of(loop, CUSTOMER, loop.partner("accounts", "salesforce", made[place])) == entity
            assert entity_of(loop, CONTACT, loop.partner("contacts", "salesforce", people[place])) == entity
        loop.as_person("Contact", people["North"], Title="Head of Purchasing", Phone="+1 415-555-0101")
        loop.sync()
        assert loop.sync().total() == 0
        assert not open_holds(loop.runtime.store.database)


def test_an_account_of_an_unknown_entity_is_held_and_the_table_named(tmp_path: Path) -> None:
    with company(tmp_path) as loop:
        settle(loop)
        astray = loop.new("Account", Name="Astray Ltd", Type="Customer - Direct", LegalEntity__c="Atlantis")
        fine = loop.new("Account", Name="Fine Ltd", Type="Customer - Direct", LegalEntity__c="South")
        loop.sync()
        assert loop.partner("accounts", "salesforce", fine)
        (hold,) = holds(loop)
        assert hold["key"] == astray
        assert "legal_entity.values" in hold["message"]
        loop.as_person("Account", astray, LegalEntity__c="North")
        settle(loop)
        assert entity_of(loop, CUSTOMER, loop.partner("accounts", "salesforce", astray)) == "E100"
        assert not holds(loop)


def test_a_customer_of_an_entity_without_an_entry_keeps_its_other_fields_in_agreement(tmp_path: Path) -> None:
    with company(tmp_path) as loop:
        loop.sandbox.company.load(CUSTOMER, [customer(4, "E300")])
        loop.sync()
        loop.sync()
        told = [hold["message"] for hold in holds(loop)]
        assert len(told) == 3
        assert all(".values of the mapping has no entry" in message and "E100, E200" in message for message in told)
        assert account_of(loop, "C-4")["Name"] == "Company 4 of E300"
        loop.sandbox.company.edit(CUSTOMER, key_of(loop, "C-2"), {"name": "Still in agreement"})
        loop.sync()
        assert account_of(loop, "C-2")["Name"] == "Still in agreement"


@pytest.mark.parametrize(("gone", "cure"), [(True, "Activate the user"), (False, "Correct the user name")])
def test_an_owner_who_cannot_own_is_held_with_the_cure(tmp_path: Path, gone: bool, cure: str) -> None:
    with company(tmp_path) as loop:
        org = loop.sandbox.org
        south = org.find_user(SOUTH)
        assert south is not None
        if gone:
            org.set_active(south, active=False)
        else:
            org.db.table("User").put({**org.db.table("User").rows[south.id], "Username": "other@holt.example"})
        loop.sync()
        (hold,) = holds(loop)
        assert cure in hold["cure"]
        assert "owner" in hold["fields"]
        assert account_of(loop, "C-2")["owner"] == NORTH
        if gone:
            org.set_active(south, active=True)
        else:
            org.db.table("User").put({**org.db.table("User").rows[south.id], "Username": SOUTH})
        loop.sync(retry_holds=True)
        assert account_of(loop, "C-3")["owner"] == SOUTH
        assert not holds(loop)
        assert loop.sync().total() == 0


def test_a_private_contact_is_changed_in_its_entity(tmp_path: Path) -> None:
    with company(tmp_path) as loop:
        account = loop.new("Account", Name="Rowan Ltd", Type="Customer - Direct", LegalEntity__c="South")
        person = loop.new("Contact", FirstName="Pat", LastName="Birch", AccountId=account)
        settle(loop)
        loop.as_person("Contact", person, FirstName="Patricia")
        loop.sync()
        contact = loop.partner("contacts", "salesforce", person)
        assert loop.sandbox.company.read(CONTACT, contact, "firstName") == {"firstName": "Patricia"}
        assert loop.sync().total() == 0


def test_in_one_entity_its_own_records_and_those_of_the_top_level_are_kept_in_agreement(tmp_path: Path) -> None:
    with company(tmp_path) as loop:
        door = connectors(loop.sandbox, entity="E100")[Side.INTACCT]
        loop.runtime.connectors[Side.INTACCT] = door  # type: ignore[index] # the loop's own, a dictionary
        loop.sync()
        known = loop.runtime.store.links("accounts", Side.INTACCT, loop.sandbox.company.store[CUSTOMER].rows)
        assert set(known) == {key_of(loop, "C-1"), key_of(loop, "C-2")}
        made = loop.new("Account", Name="New here Ltd", Type="Customer - Direct")
        loop.as_person("Account", account_of(loop, "C-2")["Id"], Name="Renamed")
        loop.sync()
        loop.sync()
        assert entity_of(loop, CUSTOMER, loop.partner("accounts", "salesforce", made)) == "E100"
        assert loop.customer(key_of(loop, "C-2"), "name") == {"name": "Renamed"}
        assert loop.sync().total() == 0


def test_a_generated_company_with_private_customers_agrees(tmp_path: Path) -> None:
    path = tmp_path / "owned.yaml"
    path.write_text(
        "version: 1\nentities: {accounts: {intacct: {owned_by: {}}}, contacts: {intacct: {owned_by: {}}}}\n"
    )
    options = SandboxOptions(accounts=12, contacts=12, items=1, private=0.5, company=COMPANY)
    with running_loop(tmp_path, options, load_config(path)) as loop:
        rows = loop.sandbox.company.store[CUSTOMER].rows.values()
        assert {row.get("entity.key") for row in rows} > {None}
        for _ in range(3):
            loop.sync()
        assert loop.sync().total() == 0
        assert not loop.disagreements()
        assert not [hold for hold in open_holds(loop.runtime.store.database) if hold["reason"] == "rejected"]


def test_a_company_without_entities_is_asked_for_none(tmp_path: Path) -> None:
    """The packaged mapping reads no owner, so nothing changes for companies with one entity."""
    columns = load_config().mapping.columns(load_config().mapping.feeds[0])
    assert "entity.id" not in columns
    options = replace(SandboxOptions(), accounts=3, contacts=0, items=1)
    with running_loop(tmp_path, options) as loop:
        settle(loop)
        assert {request.entity for request in loop.sandbox.company.requests} == {None}
