"""Deleted records, as the audit trail tells of them. Source: audit trails; estuary/connectors source-sage-intacct.

AUDITHISTORY names a record by its natural id, and the record is gone when one learns of it. So an id that was deleted
is looked up: what is found under it is there (created again, or not gone yet), what else was known under it is gone.
The trail is shown late, hence the look-back; it needs a right, without which nothing is told and the full reads find
what vanished, as with REST.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.reading import FeedReader
from intacct_sf_pipeline.connectors.intacct.xml.client import XmlClient
from intacct_sf_pipeline.connectors.intacct.xml.document import element
from intacct_sf_pipeline.connectors.intacct.xml.fields import object_of
from intacct_sf_pipeline.connectors.intacct.xml.rows import counts, records
from intacct_sf_pipeline.model.errors import PermissionDeniedError, RecordNotFoundError, ValidationFailedError
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.results import Extent, Page
from intacct_sf_pipeline.model.windows import Window

logger = logging.getLogger(__name__)
_CALL: Final = Call("intacct", "query AUDITHISTORY")
_PAGE: Final = 2000
_SHORTEST: Final = timedelta(minutes=5)
_AHEAD: Final = timedelta(hours=1)
"""How far beyond the service's clock is asked for, since clocks of its servers differ."""


class Deletions:
    """Tells which records of a feed were deleted; remembers that the trail may not be read."""

    def __init__(self, client: XmlClient, reader: FeedReader) -> None:
        self._client, self._reader = client, reader
        self._refused = not client.options.audit_trail

    def pages(self, feed: FeedSpec, columns: Sequence[str], window: Window, at: datetime) -> Iterator[Page]:
        """A page for the ids that were deleted since the look-back before `window`; none when there are none.

        Args:
            feed: what was read; objects without a natural id or that are read in full are not asked about.
            columns: of the rows found under deleted ids.
            window: the window that was read.
            at: the service's clock when the read began.
        """
        followed = object_of(feed.object).audit_type
        if self._refused or window.start is None or not followed or not feed.id:
            return
        offset = self._client.formats().offset
        # Whether stamps of the trail follow the user's offset is not certain; both readings are covered.
        start = window.start - self._client.options.audit_look_back - abs(offset)
        end = (window.end or at) + _AHEAD + abs(offset)
        try:
            ids = frozenset(self._ids(followed, start, end))
        except (PermissionDeniedError, RecordNotFoundError) as error:
            logger.info("intacct: the audit trail may not be read (%s); full reads find deletions", error.reply.message)
            self._refused = True
            return
        if ids:
            rows = self._reader.lookup(feed, columns, feed.id, ids)
            yield Page(tuple(rows), at, all_of=Extent(feed.id, ids))

    def _ids(self, object_type: str, start: datetime, end: datetime) -> Iterator[str]:
        """Natural ids of records deleted from `start` to `end`; what fails is asked for in halves.

        Some stretches of the trail cannot be read (Source: estuary); the shortest of them are passed over.
        """
        try:
            yield from list(self._read(object_type, start, end))
        except ValidationFailedError as error:
            if end - start <= _SHORTEST:
                logger.warning("intacct: a stretch of the audit trail cannot be read: %s", error.reply.message)
                return
            middle = start + (end - start) / 2
            yield from self._ids(object_type, start, middle)
            yield from self._ids(object_type, middle, end)

    def _read(self, object_type: str, start: datetime, end: datetime) -> Iterator[str]:
        offset, more = 0, True
        while more:
            data = self._client.ask(_CALL, self._query(object_type, start, end, offset)).data
            for texts in records(data):
                key = texts.get("OBJECTKEY", "")
                # Some objects are named by record number, marked as such; they have no natural id to look for.
                if key and not key.endswith("--REC"):
                    yield key
            offset += _PAGE
            more = (counts(data).remaining or 0) > 0

    def _query(self, object_type: str, start: datetime, end: datetime, offset: int) -> Element:
        formats = self._client.formats()
        bounds = (
            _test("greaterthanorequalto", "ACCESSTIME", formats.stamp_text(start)),
            _test("lessthanorequalto", "ACCESSTIME", formats.stamp_text(end)),
        )
        what = (_test("equalto", "OBJECTTYPE", object_type), _test("equalto", "ACCESSMODE", "D"))
        return element(
            "query",
            None,
            element("object", "AUDITHISTORY"),
            element("select", None, *(element("field", name) for name in ("ID", "OBJECTKEY", "ACCESSTIME"))),
            element("filter", None, element("and", None, *what, *bounds)),
            element(
                "orderby", None, *(element("order", None, element("field", n), element("ascending")) for n in _ORDER)
            ),
            element("pagesize", str(_PAGE)),
            element("offset", str(offset)),
        )


_ORDER: Final = ("ACCESSTIME", "ID")


def _test(operator: str, field: str, value: str) -> Element:
    return element(operator, None, element("field", field), element("value", value))
