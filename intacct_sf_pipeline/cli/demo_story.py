"""What people do in the demo between two syncs: edits in both sandbox systems, and what became of each.

Every scene names what was done, and after the next sync tells, from the two systems themselves, what came of it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.server import Sandbox

CUSTOMER, CONTACT, ITEM = "accounts-receivable/customer", "company-config/contact", "inventory-control/item"
PHONE = "contacts.default.phone1"
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing people did; `outcome` reads both systems and says what came of it; `entity`, `key`: the record."""

    title: str
    done: str
    outcome: Callable[[], str]
    entity: str
    key: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One record that both systems hold: Intacct id and Salesforce id."""

    intacct_id: str
    salesforce_id: str


@dataclass(frozen=True, slots=True)
class Cast:
    """The linked records the story uses, by flow."""

    accounts: Sequence[Pair]
    contacts: Sequence[Pair]
    products: Sequence[Pair]


class Story:
    """The edits of the demo, on one running sandbox."""

    def __init__(self, sandbox: Sandbox, clock: OffsetClock, cast: Cast) -> None:
        self.org, self.company, self.clock, self.cast = sandbox.org, sandbox.company, clock, cast

    def play(self) -> list[Scene]:
        """Make all edits, a minute apart, and return the scenes in order."""
        scenes = []
        for scene in (
            self._different_fields,
            self._same_field,
            self._new_account,
            self._new_customer,
            self._price,
            self._stock,
            self._refused,
        ):
            self.clock.advance(MINUTE)
            scenes.append(scene())
        return scenes

    def mend(self) -> str:
        """Correct the record that was refused; what was done."""
        self.clock.advance(MINUTE)
        contact = self.cast.contacts[0]
        self.company.edit(CONTACT, contact.intacct_id, {"email1": "front.desk@harbour.example"})
        return "The e-mail address was corrected in Intacct."

    def mended(self) -> str:
        """What became of the corrected record."""
        return f"Salesforce now has {self._account(self.cast.contacts[0].salesforce_id, 'Email', 'Contact')}."

    def _different_fields(self) -> Scene:
        pair = self.cast.accounts[0]
        self.company.edit(CUSTOMER, pair.intacct_id, {PHONE: "+1 212-555-0199"})
        self._sell(pair, {"BillingStreet": "77 Wharf Road\nFloor 3"})

        def outcome() -> str:
            street = str(self._account(pair.salesforce_id, "BillingStreet")).replace("\n", ", ")
            lines = [self._customer(pair.intacct_id, f"contacts.default.mailingAddress.addressLine{n}") for n in (1, 2)]
            return (
                f"Both edits live: phone {self._account(pair.salesforce_id, 'Phone')} in Salesforce, "
                f"street {', '.join(str(line) for line in lines if line)} in Intacct (Salesforce: {street})."
            )

        return Scene(
            "Different fields of one record",
            f"Finance changed the phone of {self._name(pair)}; sales changed its street.",
            outcome,
            "accounts",
            pair.salesforce_id,
        )

    def _same_field(self) -> Scene:
        pair = self.cast.accounts[1]
        name = self._name(pair)
        self.company.edit(CUSTOMER, pair.intacct_id, {"name": f"{name} Holdings"})
        self.clock.advance(MINUTE)
        self._sell(pair, {"Name": f"{name} Group"})
        return Scene(
            "The same field on both sides",
            f'Finance renamed {name} to "{name} Holdings", a minute later sales to "{name} Group".',
            lambda: f'Both now say "{self._customer(pair.intacct_id, "name")}".',
            "accounts",
            pair.salesforce_id,
        )

    def _new_account(self) -> Scene:
        account = self.org.create_as(
            self.org.person,
            "Account",
            {
                "Name": "Blå Bølge Sejlmagere A/S",
                "Type": "Customer - Direct",
                "Phone": "+45 32 55 01 42",
                "BillingStreet": "Kajen 4",
                "BillingCity": "København",
                "BillingPostalCode": "1401",
                "BillingCountry": "Denmark",
                "Description": "Sails to measure.",
            },
        )
        self.org.create_as(
            self.org.person, "Note", {"ParentId": account, "Title": "Payment", "Body": "Wants 30 days net."}
        )
        content = base64.b64encode(b"<p>Deliver to the quay, gate 2.</p>").decode()
        note = self.org.create_as(self.org.person, "ContentNote", {"Title": "Delivery", "Content": content})
        self.org.create_as(
            self.org.person,
            "ContentDocumentLink",
            {"ContentDocumentId": note, "LinkedEntityId": account, "ShareType": "V"},
        )

        def outcome() -> str:
            customer = str(self._account(account, "IntacctID__c"))
            notes = " / ".join(str(self._customer(customer, "notes") or "").split("\n\n")).replace("\n", ": ")
            return f'Customer {customer} was created, its id is back on the account, and its notes read "{notes}".'

        return Scene(
            "A new account with notes",
            "Sales won a customer in Copenhagen: description, a classic note and an enhanced note.",
            outcome,
            "accounts",
            account,
        )

    def _new_customer(self) -> Scene:
        self.company.create(
            CUSTOMER,
            {
                "id": "C-DEMO-1",
                "name": "Fjord & Sons Chandlery",
                PHONE: "+47 21 55 01 77",
                "contacts.default.mailingAddress.addressLine1": "Brygga 9",
                "contacts.default.mailingAddress.city": "Bergen",
                "contacts.default.mailingAddress.postCode": "5003",
                "contacts.default.mailingAddress.isoCountryCode": "NO",
            },
        )

        def outcome() -> str:
            row = self._by_external_id("Account", "C-DEMO-1")
            return (
                f"Account {row['Id']} was created: {row['Name']}, {row['BillingCity']}, {row['BillingCountry']}."
                if row
                else "No account yet."
            )

        return Scene(
            "A new customer", "Finance opened Fjord & Sons Chandlery in Bergen.", outcome, "accounts", "C-DEMO-1"
        )

    def _price(self) -> Scene:
        pair = self.cast.products[0]
        before = Decimal(str(self._item(pair.intacct_id, "purchasing.standardCost") or "10"))
        after = before + Decimal("1.25")
        self.company.edit(ITEM, pair.intacct_id, {"purchasing.standardCost": str(after)})
        return Scene(
            "A price",
            f"The standard cost of {pair.intacct_id} went from {before:.2f} to {after:.2f}.",
            lambda: f"The standard price book says {self._standard_price(pair.salesforce_id):.2f}.",
            "prices",
            f"{self._item(pair.intacct_id, 'key')}|standard",
        )

    def _stock(self) -> Scene:
        pair = self.cast.products[1]
        warehouse = self._warehouse()
        self.company.move_stock(pair.intacct_id, warehouse, on_hand=25)
        return Scene(
            "Stock",
            f"25 of {pair.intacct_id} came in at warehouse {warehouse}.",
            lambda: f"Salesforce shows {self._on_hand(pair)} on hand.",
            "stock",
            pair.intacct_id,
        )

    def _refused(self) -> Scene:
        pair = self.cast.contacts[0]
        self.company.edit(CONTACT, pair.intacct_id, {"email1": "front desk at harbour"})
        return Scene(
            "A record the target refuses",
            "Somebody typed an e-mail address into Intacct that is none.",
            lambda: "Held, and only this one: see below.",
            "contacts",
            pair.salesforce_id,
        )

    def _sell(self, pair: Pair, values: dict[str, object]) -> None:
        self.org.write_as(self.org.person, "Account", pair.salesforce_id, values)

    def _name(self, pair: Pair) -> str:
        return str(self._customer(pair.intacct_id, "name"))

    def _customer(self, record: str, field: str) -> object:
        return self.company.read(CUSTOMER, record, field)[field]

    def _item(self, record: str, field: str) -> object:
        return self.company.read(ITEM, record, field)[field]

    def _account(self, record: str, field: str, sobject: str = "Account") -> object:
        row = self.org.row(sobject, record)
        return row[field] if row else None

    def _by_external_id(self, sobject: str, value: str) -> dict[str, object] | None:
        rows = self.org.db.table(sobject).find("IntacctID__c", value)
        return dict(rows[0]) if rows else None

    def _standard_price(self, product: str) -> Decimal:
        entries = self.org.db.table("PricebookEntry").find("Product2Id", product)
        standard = [row for row in entries if row["Pricebook2Id"] == self.org.standard_pricebook_id]
        return Decimal(str(standard[0]["UnitPrice"])) if standard else Decimal(0)

    def _on_hand(self, pair: Pair) -> str:
        found = Decimal(str(self._account(pair.salesforce_id, "OnHand__c", "Product2") or 0))
        return f"{found.normalize():f}"

    def _warehouse(self) -> str:
        rows = self.company.store["inventory-control/warehouse"].rows
        return str(next(iter(rows.values()))["id"])
