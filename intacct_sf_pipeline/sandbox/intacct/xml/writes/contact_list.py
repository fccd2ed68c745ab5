"""The contact list of a customer: from what a write names to elements of the store's `contactList`.

Source: the XML reference, 7.1.1: given entries are appended, an equal pair is skipped, an empty element empties.
"""

from collections.abc import Sequence

from intacct_sf_pipeline.sandbox.intacct.schema.customers import CONTACT, CUSTOMER_CONTACT
from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.xml.writes.chains import WriteRefused, missing_field, no_contact
from intacct_sf_pipeline.sandbox.intacct.xml.writes.given import ListEntry


def additions(store: Store, entries: Sequence[ListEntry]) -> list[dict[str, object]]:
    """Elements that add entries.

    Raises:
        WriteRefused: an entry names no contact, or one that does not exist.
    """
    elements: list[dict[str, object]] = []
    for category, name in entries:
        if not name:
            raise WriteRefused([missing_field("Contact name")])
        if name not in store[CONTACT].by_id:
            raise WriteRefused([no_contact(name)])
        elements.append({"categoryName": category or None, "contact": {"id": name}})
    return elements


def changes(store: Store, customer_key: str, entries: Sequence[ListEntry]) -> list[dict[str, object]]:
    """Elements for an update: additions, or deletions of all there are when nothing is named."""
    if entries:
        return additions(store, entries)
    return [{"key": row["key"], "ia::operation": "delete"} for row in entries_of(store, customer_key)]


def entries_of(store: Store, customer_key: str) -> list[Row]:
    """The stored entries of a customer's list, in the order they were added."""
    table = store[CUSTOMER_CONTACT]
    return [table.rows[key] for key in table.referring("customer.key", customer_key)]


def named_entries(store: Store, customer_key: str) -> list[ListEntry]:
    """The entries as (category, contact name)."""
    contacts = store[CONTACT].rows
    return [
        (str(row.get("categoryName") or ""), str(contacts[str(row["contact.key"])]["id"]))
        for row in entries_of(store, customer_key)
    ]
