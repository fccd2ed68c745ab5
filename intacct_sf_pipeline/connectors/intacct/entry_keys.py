"""Keys of contact-list entries that come without a number, and what becomes of them once entries have one. Pure.

Over XML some companies show a contact list with its customer only (`xml.customer_lists`): an entry is then known by its
customer and its contact. When the entries can be queried after all, or another interface is chosen, the same entries
have numbers; a full read says which of the older keys it replaces.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from intacct_sf_pipeline.model.records import SourceRow
from intacct_sf_pipeline.model.results import Extent

CUSTOMER_KEY: Final = "customer.key"
CONTACT_KEY: Final = "contact.key"
_BETWEEN: Final = ":"
_DIGITS: Final = 12


def entry_key(customer: str, contact: str, number: int = 1) -> str:
    """The key of the `number`th entry of a contact on a customer's list; keys sort by the customer's number."""
    again = [] if number == 1 else [str(number)]
    return _BETWEEN.join([customer.zfill(_DIGITS), contact, *again])


def customer_of(key: str) -> str:
    """The customer in such a key."""
    padded = key.partition(_BETWEEN)[0]
    return padded.lstrip("0") or padded


def replaced(rows: Iterable[SourceRow], key_column: str) -> Extent | None:
    """The keys that numbered entries had without their numbers, none of which is one any more; None where the rows do
    not tell whose they are.
    """
    keys = set[str]()
    for row in rows:
        customer, contact = row.values.get(CUSTOMER_KEY), row.values.get(CONTACT_KEY)
        if row.key.isdigit() and customer and contact:
            keys.update(entry_key(str(customer), str(contact), number) for number in (1, 2))
    return Extent(key_column, frozenset(keys)) if keys else None
