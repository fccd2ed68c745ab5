"""The Intacct side of `engine/ports.py` over XML Web Services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain
from typing import Final

from intacct_sf_pipeline.connectors.intacct.base import IntacctDoor, Parts
from intacct_sf_pipeline.connectors.intacct.contact_list import CUSTOMER as HOLDER
from intacct_sf_pipeline.connectors.intacct.contact_writer import CONTACT, LIST, ContactWriter
from intacct_sf_pipeline.connectors.intacct.paging import Pager
from intacct_sf_pipeline.connectors.intacct.reading import FeedReader
from intacct_sf_pipeline.connectors.intacct.xml.audit import probe_audit_trail
from intacct_sf_pipeline.connectors.intacct.xml.client import XmlClient
from intacct_sf_pipeline.connectors.intacct.xml.contact_lists import XmlContactLists
from intacct_sf_pipeline.connectors.intacct.xml.customer_lists import CustomerLists
from intacct_sf_pipeline.connectors.intacct.xml.deletions import Deletions
from intacct_sf_pipeline.connectors.intacct.xml.list_pages import ListPages
from intacct_sf_pipeline.connectors.intacct.xml.model import XmlModels
from intacct_sf_pipeline.connectors.intacct.xml.options import IntacctXmlOptions
from intacct_sf_pipeline.connectors.intacct.xml.pages import XmlPages
from intacct_sf_pipeline.connectors.intacct.xml.stock import Figures
from intacct_sf_pipeline.connectors.intacct.xml.writer import XmlRecordWriter
from intacct_sf_pipeline.connectors.meter import Meter
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.model.errors import PermissionDeniedError, RecordNotFoundError
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.results import Extent, Page, WriteOutcome, WriteRequest
from intacct_sf_pipeline.model.windows import Window

_OF_LIST: Final = "customer.key"
"""The column by which the entries of one contact list are known; a renewed list has new entries (`contact_lists`)."""


class IntacctXmlConnector(IntacctDoor):
    """One Intacct company over XML Web Services."""

    def __init__(self, options: IntacctXmlOptions, timing: Timing | None = None) -> None:
        self._options = options
        meter, timing = Meter(), timing or Timing()
        self._client = XmlClient(options, timing, meter)
        models = XmlModels(self._client)
        pages = XmlPages(self._client, models, Figures(self._client, models))
        plain = Pager(pages, options.page_size, options.page_by_key)
        lists = CustomerLists(self._client, plain, options.lookup_chunk)
        self._lists = ListPages(pages, FeedReader(plain, models, options.lookup_chunk), lists, timing.clock)
        pager = Pager(self._lists, options.page_size, options.page_by_key)
        records = XmlRecordWriter(self._client, models, pager, meter)
        contacts = ContactWriter(records, XmlContactLists(records, pager), pager)
        reader = FeedReader(pager, models, options.lookup_chunk)
        client = self._client
        sizes = (options.write_batch, options.concurrency)
        super().__init__(Parts(reader, records, contacts, meter, client.witness, *sizes, client.close))
        self._deletions = Deletions(self._client, reader)

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """See `FeedReader.read`; a window is followed by what was deleted, and by the lists that were renewed.

        Where entries of contact lists cannot be queried, their customers are read (`list_pages`).
        """
        if feed.object == LIST and self._lists.by_customer:
            yield from self._lists.read(feed, columns, window)
            return
        pages = super().read(feed, columns, window)
        try:
            first = next(pages)
        except (RecordNotFoundError, PermissionDeniedError):
            if feed.object != LIST or not self._lists.by_customer:
                raise
            yield from self._lists.read(feed, columns, window)
            return
        at, touched = None, set[str]()
        for page in chain((first,), pages):
            at = at or page.server_time
            if feed.object == LIST and not window.full:
                touched.update(str(row.values[_OF_LIST]) for row in page.rows if row.values.get(_OF_LIST))
            yield page
        if at is None or window.full:
            return
        yield from self._deletions.pages(feed, columns, window, at)
        if touched:
            rows = self.lookup(feed, columns, _OF_LIST, touched)
            yield Page(tuple(rows), at, all_of=Extent(_OF_LIST, frozenset(touched)))

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        """See `IntacctDoor.write`; on whose lists the contacts are, or were, is remembered."""
        listed = {request.ref: _listing(request) for request in requests if request.object == CONTACT}
        for outcomes in super().write(requests):
            for outcome in outcomes:
                if outcome.key is not None and outcome.ref in listed:
                    self._lists.note(outcome.key, listed[outcome.ref])
            yield outcomes

    def probe_audit_trail(self) -> None:
        """See `audit.probe_audit_trail`."""
        probe_audit_trail(self._client)

    def stamp_offset(self) -> timedelta:
        """What the user's stamps are taken to be off UTC, east of it (see `Formats`)."""
        return self._client.formats().offset

    def ping(self) -> None:
        """One cheap authenticated call, not billed.

        Raises:
            ServiceError: the service cannot be reached or refuses the credentials.
        """
        self._client.user_formats()


def _listing(request: WriteRequest) -> frozenset[str]:
    """The customers on whose lists a request finds and puts its contact."""
    return frozenset(str(key) for given in (request.current, request.values) if (key := given.get(HOLDER)))
