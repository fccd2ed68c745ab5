"""Contact lists as parts of their customers, for companies where their entries cannot be queried.

Source: `read` of CUSTOMER with all fields shows the list (the reference, 4.3 and 7.1.1), as CONTACT_LIST_INFO or as
CUSTOMERCONTACTS/customerentitycontacts (customers page; types of a public client). An entry shows neither its record
number nor its contact's: it is known by customer and contact, the contact by its unique name. Nor does it have a stamp:
its customer's is taken, which moves when the list is edited; the contact's own fields have the contact's stamp.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.contact_writer import CONTACT
from intacct_sf_pipeline.connectors.intacct.entry_keys import entry_key
from intacct_sf_pipeline.connectors.intacct.paging import Pager, Row
from intacct_sf_pipeline.connectors.intacct.query import KEY, STAMP, Query, one_of
from intacct_sf_pipeline.connectors.intacct.xml.client import XmlClient
from intacct_sf_pipeline.connectors.intacct.xml.customer_columns import CUSTOMER
from intacct_sf_pipeline.connectors.intacct.xml.document import element
from intacct_sf_pipeline.connectors.intacct.xml.formats import Formats
from intacct_sf_pipeline.connectors.intacct.xml.rows import records, to_row
from intacct_sf_pipeline.model.records import Scalar

logger = logging.getLogger(__name__)
_CALL: Final = Call("intacct", f"read {CUSTOMER.xml}")
_AT_ONCE: Final = 100
"""Keys per `read`. Source: limits."""
_COLUMNS: Final = tuple(CUSTOMER.by_name[name] for name in (KEY, "id", STAMP))
_SHAPES: Final = frozenset({"CONTACT_LIST_INFO", "CUSTOMERCONTACTS"})


@dataclass(frozen=True)
class Listed:
    """One customer as it was read: its key, id and stamp, its list as (category, contact's name), and whether the reply
    shows a list at all, be it an empty one.
    """

    row: Row
    entries: tuple[tuple[str | None, str], ...]
    shows_list: bool

    @property
    def key(self) -> str:
        """The customer's key."""
        return str(self.row[KEY])


@dataclass(frozen=True)
class Lists:
    """The lists of some customers.

    Args:
        rows: their entries, as a query of entries would give them.
        customers: those that were shown.
        whole: those of them whose entries all have a contact that was found.
        empty: those of them whose list shows no entry.
        shows_list: whether any of them shows a list, be it an empty one.
    """

    rows: Sequence[Row]
    customers: frozenset[str]
    whole: frozenset[str]
    empty: frozenset[str]
    shows_list: bool


def read_listed(data: Element | None, formats: Formats) -> Iterator[Listed]:
    """The customers in a reply of `read`. Pure."""
    for record, texts in zip([] if data is None else data, records(data), strict=True):
        lists = [child for child in record if child.tag.upper() in _SHAPES]
        nodes = (node for child in lists for node in ([child] if child.tag.upper() == "CONTACT_LIST_INFO" else child))
        named = ((node.findtext("CATEGORYNAME") or None, _contact_name(node)) for node in nodes)
        entries = tuple((category, name) for category, name in named if name)
        yield Listed(to_row(texts, _COLUMNS, formats), entries, bool(lists))


def entry_rows(customer: Listed, keys: Mapping[str, str]) -> list[dict[str, Scalar]]:
    """The entries of one list as rows; those whose contact is not among `keys` (name -> key) are left out. Pure.

    A contact that stands on the list more than once has a number behind the key of its further entries. Keys sort by
    the customer's number, so that of a contact on several lists the oldest customer's entry comes first.
    """
    seen: Counter[str] = Counter()
    rows: list[dict[str, Scalar]] = []
    for category, name in customer.entries:
        contact = keys.get(name)
        if contact is None:
            continue
        seen[contact] += 1
        key = entry_key(customer.key, contact, seen[contact])
        rows.append(
            {
                KEY: key,
                "id": key,
                "categoryName": category,
                "contact.key": contact,
                "contact.id": name,
                "customer.key": customer.key,
                "customer.id": customer.row["id"],
                STAMP: customer.row[STAMP],
            }
        )
    return rows


@dataclass(frozen=True)
class CustomerLists:
    """Reads the lists of customers that are named; `pager` is for the contacts' keys, `chunk` of them at a time."""

    client: XmlClient
    pager: Pager
    chunk: int

    def read(self, customers: Sequence[str]) -> Lists:
        """The lists of customers by key: one transaction per 100 of them, and one per `chunk` contacts.

        A customer that is not shown is asked for once more before it counts as absent.

        Raises:
            ServiceError: the service refused or did not answer.
        """
        found = {listed.key: listed for listed in self._ask(sorted(set(customers)))}
        absent = sorted(set(customers) - found.keys())
        if absent:
            found.update({listed.key: listed for listed in self._ask(absent)})
        keys = self._keys(sorted({name for listed in found.values() for _, name in listed.entries}))
        rows = [row for listed in found.values() for row in entry_rows(listed, keys)]
        partly = {listed.key for listed in found.values() if any(name not in keys for _, name in listed.entries)}
        if partly:
            logger.warning("intacct: contacts on %d contact lists are not shown by the service yet", len(partly))
        return Lists(
            rows,
            frozenset(found),
            frozenset(found.keys() - partly),
            frozenset(key for key, listed in found.items() if not listed.entries),
            any(listed.shows_list for listed in found.values()),
        )

    def _ask(self, customers: Sequence[str]) -> Iterator[Listed]:
        formats = self.client.formats()
        for start in range(0, len(customers), _AT_ONCE):
            keys = element("keys", ",".join(customers[start : start + _AT_ONCE]))
            asked = element("read", None, element("object", CUSTOMER.xml), keys, element("fields", "*"))
            yield from read_listed(self.client.ask(_CALL, asked).data, formats)

    def _keys(self, names: Sequence[str]) -> dict[str, str]:
        """Keys of contacts by name. `readByName` cannot name one with a comma. Source: the reference, 4.3."""
        keys = {}
        for start in range(0, len(names), self.chunk):
            query = Query(CONTACT, (KEY, "id"), (one_of("id", names[start : start + self.chunk]),))
            keys.update({str(row["id"]): str(row[KEY]) for row in self.pager.complete(query)})
        return keys


def _contact_name(entry: Element) -> str:
    """The contact an entry names, blanks and all; in a group of its own, or beside the category (types of a public
    client).
    """
    group = entry.find("CONTACT")
    for node, name in ((group, "NAME"), (group, "CONTACTNAME"), (entry, "CONTACT.NAME"), (entry, "CONTACTNAME")):
        found = None if node is None else node.findtext(name)
        if found:
            return found
    return ""
