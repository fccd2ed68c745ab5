"""What a write to a contact means for customers' contact lists: entries to add, to rename and to remove. Pure
decisions.

An Intacct contact has neither customer nor job title; both live in the customer's `contactList`
(`accounts-receivable/customer-contact`). Columns of that entry carry the prefix `customer-contact.` in a write
request. Source: owned lists guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from intacct_sf_pipeline.model.records import Scalar
from intacct_sf_pipeline.model.results import WriteRequest

PREFIX: Final = "customer-contact."
CUSTOMER: Final = "customer-contact.customer.key"
ENTRY: Final = "customer-contact.key"
CATEGORY: Final = "customer-contact.categoryName"


@dataclass(frozen=True)
class ListChange:
    """One element for the `contactList` of one customer, asked for by the request `ref` about the contact
    `contact_key`; `last` ones follow all others.
    """

    ref: str
    customer_key: str
    element: Mapping[str, object]
    last: bool = False
    contact_key: str = ""


@dataclass(frozen=True)
class Entry:
    """A contact's present place on a contact list."""

    key: str
    customer_key: str


class NoEntryError(Exception):
    """The contact is on no customer's list, so there is nothing to change."""


def touches_list(request: WriteRequest) -> bool:
    """Whether the request writes to a contact list."""
    return any(name.startswith(PREFIX) for name in request.values)


def own_part(request: WriteRequest) -> WriteRequest:
    """The request without what belongs to the contact list."""
    values = {name: value for name, value in request.values.items() if not name.startswith(PREFIX)}
    return replace(request, values=values)


def known_entry(request: WriteRequest) -> Entry | None:
    """The contact's present entry as far as the request tells."""
    key, customer = _key(request.current, ENTRY), _key(request.current, CUSTOMER)
    return Entry(key, customer) if key and customer else None


def needs_entry(request: WriteRequest) -> bool:
    """Whether the present entry has to be looked up: it matters, and the request does not name it.

    A contact that is put on a list for the first time needs none; one that changes or leaves a list does.
    """
    if request.create or known_entry(request):
        return False
    return not _key(request.values, CUSTOMER) or _key(request.current, CUSTOMER) is not None


def plan_changes(request: WriteRequest, contact_key: str, entry: Entry | None) -> list[ListChange]:
    """The list changes that give the contact the customer and category asked for.

    Args:
        request: the write; its `customer-contact.` columns say what is wanted.
        contact_key: key of the contact, which exists by now.
        entry: its present entry, None when it is on no list.

    Raises:
        NoEntryError: only the category is to change, and there is no entry.
    """
    customer = _key(request.values, CUSTOMER) if CUSTOMER in request.values else (entry.customer_key if entry else None)
    category = request.values.get(CATEGORY, request.current.get(CATEGORY))
    if customer is None:
        if CUSTOMER not in request.values:
            raise NoEntryError
        return [_removal(request.ref, entry, contact_key)] if entry else []
    if entry is None or entry.customer_key != customer:
        added = ListChange(request.ref, customer, _new_element(contact_key, category), contact_key=contact_key)
        return [added, _removal(request.ref, entry, contact_key)] if entry else [added]
    if CATEGORY in request.values:
        renamed = {"key": entry.key, "categoryName": category}
        return [ListChange(request.ref, customer, renamed, contact_key=contact_key)]
    return []


def _new_element(contact_key: str, category: Scalar) -> Mapping[str, object]:
    contact = {"contact": {"key": contact_key}}
    return contact if category in (None, "") else {"categoryName": category, **contact}


def _removal(ref: str, entry: Entry, contact_key: str) -> ListChange:
    gone = {"key": entry.key, "ia::operation": "delete"}
    return ListChange(ref, entry.customer_key, gone, last=True, contact_key=contact_key)


def _key(values: Mapping[str, Scalar], name: str) -> str | None:
    value = values.get(name)
    return None if value in (None, "") else str(value)
