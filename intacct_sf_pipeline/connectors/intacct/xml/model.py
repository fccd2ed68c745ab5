"""Which columns an object has for this company and user, under the mapping's names: the tables, checked against
`lookup` where that matters.

As with REST nothing is asked as long as the tables answer: `lookup` is called for columns that no table knows or whose
XML name is not documented, and after a query was refused. It costs nothing (UNCONFIRMED).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from intacct_sf_pipeline.connectors import capabilities
from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.query import STAMP
from intacct_sf_pipeline.connectors.intacct.xml.client import XmlClient
from intacct_sf_pipeline.connectors.intacct.xml.columns import Column, Kind, XmlObject
from intacct_sf_pipeline.connectors.intacct.xml.contact_columns import CUSTOMER_CONTACT
from intacct_sf_pipeline.connectors.intacct.xml.document import element
from intacct_sf_pipeline.connectors.intacct.xml.fields import custom_name, object_of, untabled
from intacct_sf_pipeline.connectors.intacct.xml.item_columns import ITEM, TOTALS
from intacct_sf_pipeline.connectors.intacct.xml.listing import ListedField, Listing, read_lengths, read_listing
from intacct_sf_pipeline.connectors.intacct.xml.stock_rungs import STOCK, from_ledger
from intacct_sf_pipeline.model.errors import RecordNotFoundError, ServiceError
from intacct_sf_pipeline.model.results import ColumnSchema, ObjectSchema

logger = logging.getLogger(__name__)
_NO_FIELD: Final = ListedField("")


class XmlModels:
    """Object models, asked for once each; also remembers columns that a query was refused for."""

    def __init__(self, client: XmlClient) -> None:
        self._client = client
        self._lock = threading.RLock()
        self._listings: dict[str, Listing] = {}
        self._schemas: dict[str, ObjectSchema] = {}
        self._refused: dict[str, set[str]] = {}

    def schema(self, object_name: str) -> ObjectSchema:
        """The object's columns by name.

        Raises:
            RecordNotFoundError: the company has no such object.
        """
        with self._lock:
            if object_name not in self._schemas:
                self._schemas[object_name] = self._ask_schema(object_of(object_name))
            return self._schemas[object_name]

    def usable(self, object_name: str, columns: Sequence[str]) -> tuple[str, ...]:
        """Those of `columns` that may be queried as far as is known."""
        refused = self._refused.get(object_name, set())
        return tuple(dict.fromkeys(c for c in columns if c not in refused and self._is_known(object_name, c)))

    def learn(self, object_name: str, columns: Sequence[str], error: ServiceError) -> bool:
        """After a refused query: find out which of `columns` cannot be queried; whether anything new was learnt.

        `lookup` is read first; fields it lists but `query` still refuses are taken from the error, whose `fields` are
        column names.
        """
        before = set(self.usable(object_name, columns))
        self.listing(object_of(object_name).xml)
        named = {name for name in error.reply.fields if name in columns}
        if before == set(self.usable(object_name, columns)):
            self._refused.setdefault(object_name, set()).update(named)
        missing = sorted(before - set(self.usable(object_name, columns)))
        if missing:
            logger.warning("intacct %s: fields that cannot be read are left out: %s", object_name, ", ".join(missing))
        return bool(missing)

    def column(self, object_name: str, name: str) -> Column | None:
        """How a column is asked for: its one XML name, its kind; None when the object has no such field itself."""
        entry = object_of(object_name)
        column = entry.by_name.get(name)
        if column is not None and not column.doubtful and entry.xml not in self._listings:
            return column
        listing = self.listing(entry.xml)
        if column is None:
            listed = listing.fields.get(custom_name(name))
            return None if listed is None else untabled(name, listed.data_type)
        found = next((xml for xml in column.xml if self._lists(listing, xml)), None)
        return None if found is None else _named(column, found)

    def is_derived(self, object_name: str, name: str) -> bool:
        """Whether a column, which the object lacks, is worked out from other rows (see `stock`).

        A total is, if its quantities are: one that no rung of the ladder has is missing, not nought.
        """
        if object_name == STOCK.name:
            return from_ledger(name)
        return object_name == ITEM.name and name in TOTALS and self._is_kept(TOTALS[name])

    def listing(self, xml_name: str) -> Listing:
        """What `lookup` lists of an object.

        Raises:
            RecordNotFoundError: the company has no such object.
        """
        with self._lock:
            if xml_name not in self._listings:
                call = Call("intacct", f"lookup {xml_name}")
                asked = element("lookup", None, element("object", xml_name))
                self._listings[xml_name] = read_listing(self._client.ask(call, asked).data)
            return self._listings[xml_name]

    def _is_kept(self, quantity: str) -> bool:
        """Whether a quantity per warehouse can be had; a company without ITEMWAREHOUSEINFO keeps no stock."""
        if from_ledger(quantity):
            return True
        try:
            return self.column(STOCK.name, quantity) is not None
        except RecordNotFoundError:
            return False

    def _is_known(self, object_name: str, name: str) -> bool:
        return self.column(object_name, name) is not None or self.is_derived(object_name, name)

    def _lists(self, listing: Listing, xml: str) -> bool:
        """Whether `query` takes a name: a field, or one of a related object under the path of the relation."""
        if xml in listing.fields:
            return True
        path, _, rest = xml.partition(".")
        target = listing.relations.get(path)
        return bool(rest) and target is not None and rest in self.listing(target).fields

    def _ask_schema(self, entry: XmlObject) -> ObjectSchema:
        try:
            listing = self.listing(entry.xml)
        except RecordNotFoundError:
            if entry is not CUSTOMER_CONTACT:
                raise
            return _lists_of_customers()
        lengths = self._lengths(entry)
        columns = {column.name: column for column in self._columns(entry, listing, lengths)}
        able = {
            capabilities.CREATE: entry.creates,
            capabilities.UPDATE: entry.creates,
            capabilities.IDEMPOTENCY: True,
            capabilities.MODIFIED_STAMP: STAMP in columns,
        }
        return ObjectSchema(entry.name, Columns(columns), frozenset(name for name, has in able.items() if has))

    def _lengths(self, entry: XmlObject) -> Mapping[str, int]:
        call = Call("intacct", f"inspect {entry.xml}")
        asked = element("inspect", None, element("object", entry.xml), detail="1")
        try:
            return read_lengths(self._client.ask(call, asked).data)
        except ServiceError as error:
            logger.info("intacct %s: no lengths are told: %s", entry.name, type(error).__name__)
            return {}

    def _columns(self, entry: XmlObject, listing: Listing, lengths: Mapping[str, int]) -> Iterator[ColumnSchema]:
        tabled = set()
        for column in entry.columns:
            found = self.column(entry.name, column.name)
            if found is None and not self.is_derived(entry.name, column.name):
                continue
            xml = found.xml[0] if found else ""
            tabled.add(xml)
            yield _schema(entry, found or column, listing.fields.get(xml, _NO_FIELD), lengths.get(xml))
        for name, listed in listing.fields.items():
            if name not in tabled:
                yield _schema(entry, untabled(name, listed.data_type), listed, lengths.get(name))


class Columns(Mapping[str, ColumnSchema]):
    """Columns by name; a company's own field answers to its REST name `nsp::JOB` too."""

    def __init__(self, columns: Mapping[str, ColumnSchema]) -> None:
        self._columns = columns

    def __getitem__(self, name: str) -> ColumnSchema:
        """The column.

        Raises:
            KeyError: no such column.
        """
        return self._columns[name if name in self._columns else custom_name(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def _named(column: Column, xml: str) -> Column:
    """The column by the one of its names that the company uses."""
    if column.xml == (xml,):
        return column
    return Column(column.name, (xml,), column.kind, column.words, column.write, column.empty)


def _schema(entry: XmlObject, column: Column, listed: ListedField, length: int | None) -> ColumnSchema:
    is_id = bool(entry.id) and column.xml[0] == entry.id
    writable = entry.creates and column.write_path != "" and not listed.read_only
    fixed = is_id or column.name in {"itemType", "costMethod"}
    values = [column.by_word.get(value.lower(), value) for value in listed.values]
    return ColumnSchema(
        name=column.name,
        type=Kind.TEXT.value if column.kind is Kind.ENUM else column.kind.value,
        max_length=length,
        creatable=writable,
        updatable=writable and not fixed,
        required=column.name in entry.required or (not entry.required and listed.required),
        unique=column.name == "key" or is_id,
        values=tuple(value for value in values if value),
    )


def _lists_of_customers() -> ObjectSchema:
    """Entries of contact lists where the company knows no such object: what customers show of them (`list_pages`)."""
    shown = {c.name: _schema(CUSTOMER_CONTACT, c, _NO_FIELD, None) for c in CUSTOMER_CONTACT.columns}
    able = frozenset({capabilities.IDEMPOTENCY, capabilities.MODIFIED_STAMP})
    return ObjectSchema(CUSTOMER_CONTACT.name, Columns(shown), able)
