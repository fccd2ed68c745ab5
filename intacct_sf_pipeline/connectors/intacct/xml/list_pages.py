"""The two ways to contact lists: as a query of their entries, and, once that is refused, with their customers.

Source: that CUSTOMERENTITYCONTACTS can be queried is UNCONFIRMED; that `read` shows a customer's list is what public
clients rely on (`customer_lists`). The change is for the connector's life, which is a run; the next run asks again,
since a refused query is not billed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Final

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.contact_writer import CUSTOMER, LIST
from intacct_sf_pipeline.connectors.intacct.entry_keys import CONTACT_KEY, CUSTOMER_KEY, customer_of
from intacct_sf_pipeline.connectors.intacct.paging import Answer, PageSource, Row
from intacct_sf_pipeline.connectors.intacct.query import KEY, STAMP, Query, with_numbers_only
from intacct_sf_pipeline.connectors.intacct.reading import FeedReader
from intacct_sf_pipeline.connectors.intacct.xml.contact_columns import CUSTOMER_CONTACT
from intacct_sf_pipeline.connectors.intacct.xml.customer_lists import CustomerLists, Lists
from intacct_sf_pipeline.connectors.values import parse_time
from intacct_sf_pipeline.model.errors import PermissionDeniedError, RecordNotFoundError, ServiceError
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.records import SourceRow
from intacct_sf_pipeline.model.results import Extent, Page
from intacct_sf_pipeline.model.windows import Window

logger = logging.getLogger(__name__)
_PROOF: Final = 200
"""How many customers are looked at for one whose list is shown, before no list at all is believed to be empty."""
NOT_SHOWN: Final = "this company shows no contact lists over XML: set INTACCT_API=rest, or leave contacts out"


class ListPages:
    """Pages of every object; those of contact lists by the way that is open. Implements `paging.PageSource`."""

    def __init__(
        self, pages: PageSource, reader: FeedReader, lists: CustomerLists, clock: Callable[[], datetime]
    ) -> None:
        self._pages, self._reader, self._lists, self._clock = pages, reader, lists, clock
        self._lock = threading.Lock()
        self._holders: dict[str, set[str]] = {}
        self._by_customer, self._all_known, self._shown = False, False, False
        self._proved: bool | None = None

    @property
    def by_customer(self) -> bool:
        """Whether lists are read with their customers, since their entries cannot be queried."""
        return self._by_customer

    def page(self, call: Call, query: Query, start: int, size: int, after: str | None = None) -> Answer:
        """See `PageSource.page`; entries that are named come all at once, whatever `size`.

        Raises:
            RecordNotFoundError: the query is refused and names no entries; `read` is the way to them.
        """
        if query.object_name != LIST:
            return self._pages.page(call, query, start, size, after)
        if not self._by_customer:
            try:
                return self._pages.page(call, with_numbers_only(query), start, size, after)
            except (RecordNotFoundError, PermissionDeniedError) as error:
                self._change_ways(error)
                refused = error.reply
        else:
            refused = call.reply(None, "byCustomer", "contact lists are read with their customers")
        named = _named(query)
        if named is not None:
            return self._answer(*named)
        if query.order is not None or query.fields == (KEY,):
            # The newest stamp, or a probe of one row: of a list it is its customer's.
            asked = Query(CUSTOMER, query.fields, query.filters, query.stamped, query.null_stamp, query.order)
            return self._pages.page(call, asked, start, size, after)
        raise RecordNotFoundError(refused)

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """Entries of the lists of customers that changed in `window`, each list whole; at least one page.

        A page holds all there is of its lists, so that entries that went are missed, and those that were known by the
        numbers of a query. A list that shows no entry is believed only where some list of the company is shown.
        """
        customers = feed.model_copy(
            update={"object": CUSTOMER, "id": "id", "modified": feed.modified and STAMP, "stamp": None}
        )
        stamp = feed.stamp or feed.modified
        seen = 0
        for page in self._reader.read(customers, ("id",), window):
            keys = [row.key for row in page.rows]
            lists = self._read(keys, remember=not window.full)
            seen += len(keys)
            rows = tuple(_source_row(feed, columns, row, stamp) for row in lists.rows)
            missing = page.missing + len(set(keys) - lists.customers)
            yield Page(rows, page.server_time, None, missing, Extent(CUSTOMER_KEY, self._believed(lists)))
        if window.full and seen and not self._shown:
            logger.warning("intacct: not one of %d customers shows a contact list; %s", seen, NOT_SHOWN)

    def note(self, contact: str, customers: Collection[str]) -> None:
        """Remember where a contact is listed, or was: nothing but a full read tells otherwise."""
        with self._lock:
            self._holders.setdefault(contact, set()).update(customers)

    def _change_ways(self, error: ServiceError) -> None:
        with self._lock:
            if self._by_customer:
                return
            self._by_customer = True
        logger.warning(
            "intacct: entries of contact lists cannot be queried (%s); the lists are read with their customers, "
            "one transaction per 100 customers that changed",
            error.reply.message,
        )

    def _answer(self, column: str, values: frozenset[str]) -> Answer:
        if column == KEY:
            customers = {customer_of(value) for value in values}
        elif column == CUSTOMER_KEY:
            customers = set(values)
        else:
            customers = self._customers_of(values)
        rows = [row for row in self._read(sorted(customers)).rows if str(row[column]) in values]
        return Answer(rows, self._clock(), len(rows), None)

    def _customers_of(self, contacts: Collection[str]) -> set[str]:
        """The customers that may list these contacts; all lists are read where one is not known of, once a run."""
        unknown = [contact for contact in contacts if contact not in self._holders]
        if unknown and not self._all_known:
            logger.info("intacct: reading the contact lists of all customers, to find who lists a contact")
            for page in self._lists.pager.pages(Query(CUSTOMER, (KEY,))):
                self._read([str(row[KEY]) for row in page.rows])
            self._all_known = True
        with self._lock:
            return {customer for contact in contacts for customer in self._holders.get(contact, ())}

    def _read(self, customers: Sequence[str], *, remember: bool = True) -> Lists:
        """The lists; who lists whom is kept in memory, except of full reads."""
        lists = self._lists.read(customers)
        self._shown = self._shown or lists.shows_list
        for row in lists.rows if remember else ():
            self.note(str(row[CONTACT_KEY]), (str(row[CUSTOMER_KEY]),))
        return lists

    def _believed(self, lists: Lists) -> frozenset[str]:
        """The customers whose lists are known whole."""
        empty = lists.whole & lists.empty
        return lists.whole if not empty or self._shows_lists() else lists.whole - empty

    def _shows_lists(self) -> bool:
        """Whether this company shows lists at all, by some customers if none was seen so far; asked once."""
        if self._shown:
            return True
        if self._proved is None:
            first = self._pages.page(Call("intacct", f"query {CUSTOMER}"), Query(CUSTOMER, (KEY,)), 1, _PROOF)
            self._read([str(row[KEY]) for row in first.rows])
            self._proved = self._shown
            if not self._shown:
                logger.warning("intacct: no customer shows a contact list, so none is taken for emptied; %s", NOT_SHOWN)
        return self._proved


def _named(query: Query) -> tuple[str, frozenset[str]] | None:
    """The one column and the values by which a query names entries."""
    if len(query.filters) != 1 or query.stamped:
        return None
    operand = query.filters[0].get("$in")
    if operand is None or len(operand) != 1:
        return None
    ((column, values),) = operand.items()
    if column not in (KEY, CUSTOMER_KEY, CONTACT_KEY) or not isinstance(values, list):
        return None
    return column, frozenset(map(str, values))


def _source_row(feed: FeedSpec, columns: Sequence[str], row: Row, stamp: str | None) -> SourceRow:
    present = [column for column in dict.fromkeys(columns) if column in CUSTOMER_CONTACT.by_name]
    modified = parse_time(row.get(stamp)) if stamp else None
    return SourceRow(str(row[feed.key]), {column: row.get(column) for column in present}, modified)
