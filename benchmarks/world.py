"""Writes companies of any size as CSV exports for `sandbox serve --data`: every record invented, every record alike.

Two kinds: `linked` (both systems hold the same records and Salesforce knows the Intacct ids, so that a first sync links
everything and writes nothing) and `one_sided` (all in Intacct, Salesforce empty: a first load).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

STAMP = "2026-01-02T03:04:05Z"
CONTACTS_PER_ACCOUNT = 2
"""As in the design's table: 100 k customers, 200 k contacts."""

_WORDS = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper", "Katsura", "Larch")
_FIRST = ("Ada", "Bo", "Cleo", "Dev", "Edda", "Finn", "Gwen", "Hal", "Ines", "Jon", "Kay", "Lea", "Max", "Nia", "Otto")
_LAST = ("Adler", "Bauer", "Chen", "Diaz", "Eder", "Fisk", "Gomez", "Holt", "Ito", "Jung", "Kim", "Lopez", "Moss")


@dataclass(frozen=True)
class Size:
    """How many records: accounts, and contacts for each."""

    accounts: int
    contacts_per_account: int = CONTACTS_PER_ACCOUNT

    @property
    def contacts(self) -> int:
        """Contacts in all."""
        return self.accounts * self.contacts_per_account

    @property
    def records(self) -> int:
        """Pairs of records in a linked company."""
        return self.accounts + self.contacts


def linked(folder: Path, size: Size) -> Path:
    """Both systems full and in agreement, all linked by `IntacctID__c`."""
    _intacct(folder, size)
    _write(folder / "salesforce" / "Account.csv", _ACCOUNT, (_account(n) for n in range(size.accounts)))
    _write(folder / "salesforce" / "Contact.csv", _PERSON, (_person(n, size) for n in range(size.contacts)))
    return folder


def one_sided(folder: Path, size: Size) -> Path:
    """Everything in Intacct, nothing in Salesforce."""
    _intacct(folder, size)
    _write(folder / "salesforce" / "Account.csv", _ACCOUNT, ())
    return folder


def account_id(number: int) -> str:
    """The Salesforce id of an account (15 characters)."""
    return f"0015g{number:010d}"


def contact_id(number: int) -> str:
    """The Salesforce id of a contact (15 characters)."""
    return f"0035g{number:010d}"


def account_name(number: int) -> str:
    """The name of an account; no two alike."""
    return f"{_WORDS[number % 12]} {_WORDS[number // 12 % 12]} Works {number:07d}"


def customer_values(number: int) -> dict[str, str]:
    """An Intacct customer as the API names its members."""
    return {name: str(value) for name, value in zip(_CUSTOMER, _customer(number), strict=True)}


def account_values(number: int, edition: int = 0) -> dict[str, str]:
    """A Salesforce account as the API names its fields; another `edition` has another phone."""
    values = {name: str(value) for name, value in zip(_ACCOUNT, _account(number), strict=True)}
    return {**values, "Id": to_long(values["Id"])} | ({"Phone": _phone(number + edition)} if edition else {})


def to_long(short: str) -> str:
    """The 18-character form of a 15-character id. Source: Salesforce, "What is the 18-character ID"."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    parts = (short[at : at + 5] for at in (0, 5, 10))
    return short + "".join(letters[sum(1 << n for n, one in enumerate(part) if "A" <= one <= "Z")] for part in parts)


_ADDRESS = "contacts.default.mailingAddress."
_CUSTOMER = (
    *("key", "id", "name", "status", "contacts.default.id", "contacts.default.phone1", f"{_ADDRESS}addressLine1"),
    *(f"{_ADDRESS}city", f"{_ADDRESS}state", f"{_ADDRESS}postCode", f"{_ADDRESS}isoCountryCode"),
    "audit.modifiedDateTime",
)
_CONTACT = ("key", "id", "companyName", "firstName", "lastName", "phone1", "email1", "status", "audit.modifiedDateTime")
_ENTRY = ("key", "customer.id", "contact.id", "categoryName", "audit.modifiedDateTime")
_ACCOUNT = (
    *("Id", "Name", "Type", "AccountNumber", "IntacctID__c", "Phone", "BillingStreet", "BillingCity", "BillingState"),
    *("BillingPostalCode", "BillingCountry", "SystemModstamp"),
)
_PERSON = (*("Id", "AccountId", "IntacctID__c", "FirstName", "LastName", "Title", "Phone", "Email", "SystemModstamp"),)


def _intacct(folder: Path, size: Size) -> None:
    _write(folder / "intacct" / "customer.csv", _CUSTOMER, (_customer(n) for n in range(size.accounts)))
    _write(folder / "intacct" / "contact.csv", _CONTACT, _contacts(size))
    _write(folder / "intacct" / "customer-contact.csv", _ENTRY, (_entry(n, size) for n in range(size.contacts)))


def _contacts(size: Size) -> Iterator[Sequence[object]]:
    for n in range(size.contacts):
        first, last, phone, mail = _name(n)
        owner = account_name(n // size.contacts_per_account)
        yield 10_000_000 + n, f"K{n:07d}", owner, first, last, phone, mail, "active", STAMP


def _customer(n: int) -> Sequence[object]:
    phone, street = _phone(n), f"{n % 900 + 100} Market St"
    place = ("Phoenix", "AZ", f"85{n % 1000:03d}", "US")
    return 1_000 + n, f"C{n:07d}", account_name(n), "active", f"D{n:07d}", phone, street, *place, STAMP


def _entry(n: int, size: Size) -> Sequence[object]:
    return 1_000 + n, f"C{n // size.contacts_per_account:07d}", f"K{n:07d}", _title(n), STAMP


def _account(n: int) -> Sequence[object]:
    phone, street = _phone(n), f"{n % 900 + 100} Market St"
    place = ("Phoenix", "AZ", f"85{n % 1000:03d}", "US")
    name = account_name(n)
    return account_id(n), name, "Customer - Direct", f"C{n:07d}", f"C{n:07d}", phone, street, *place, STAMP


def _person(n: int, size: Size) -> Sequence[object]:
    first, last, phone, mail = _name(n)
    owner = account_id(n // size.contacts_per_account)
    return contact_id(n), owner, f"K{n:07d}", first, last, _title(n), phone, mail, STAMP


def _name(n: int) -> tuple[str, str, str, str]:
    first, last = _FIRST[n % 15], f"{_LAST[n // 15 % 13]}{n:07d}"
    return first, last, _phone(n), f"{first}.{last}@mail.example".lower()


def _phone(n: int) -> str:
    return f"(602) {n // 10_000 % 800 + 200:03d}-{n % 10_000:04d}"


def _title(n: int) -> str:
    return ("Buyer", "Controller", "Owner", "Engineer")[n % 4]


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
