"""The Intacct side of `engine/ports.py`: reads feeds, looks records up, describes objects, writes batches."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.client import IntacctClient
from intacct_sf_pipeline.connectors.intacct.contact_writer import CONTACT, ContactWriter
from intacct_sf_pipeline.connectors.intacct.model import STAMP, Models
from intacct_sf_pipeline.connectors.intacct.options import IntacctOptions
from intacct_sf_pipeline.connectors.intacct.paging import Pager, Row, Rows
from intacct_sf_pipeline.connectors.intacct.query import Filter, Query, in_window, one_of
from intacct_sf_pipeline.connectors.intacct.writer import RecordWriter
from intacct_sf_pipeline.connectors.meter import Meter
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.connectors.values import parse_time
from intacct_sf_pipeline.model.errors import ValidationFailedError
from intacct_sf_pipeline.model.mapping import FeedSpec, ReadMode
from intacct_sf_pipeline.model.records import Side, SourceRow
from intacct_sf_pipeline.model.results import ObjectSchema, Page, Spend, WriteOutcome, WriteRequest
from intacct_sf_pipeline.model.windows import Window

logger = logging.getLogger(__name__)


class IntacctConnector:
    """One Intacct company; safe to share between threads for reading. Implements `engine.ports.Connector`."""

    side = Side.INTACCT

    def __init__(self, options: IntacctOptions, timing: Timing | None = None) -> None:
        self._options = options
        self._meter = Meter()
        self._client = IntacctClient(options, timing or Timing(), self._meter)
        self._models = Models(self._client)
        self._records = RecordWriter(self._client, self._models, self._meter)
        self._pager = Pager(self._client, options.page_size, options.page_by_key)
        self._contacts = ContactWriter(self._client, self._records, self._pager)
        self._null_stamps_refused: set[str] = set()

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """Rows of `feed` in `window` in key order, at least one page; rows without a stamp belong to an open window.

        An object without the feed's stamp, and a feed that says so, is read in full whatever the window. Columns
        the company does not have are left out (`missing_columns` tells which). Deleted records are not told of by
        this service.
        """
        for rows in self._rows(feed, columns, window):
            yield Page(tuple(self._source_rows(feed, columns, rows.rows)), rows.at, rows.total, rows.missing)

    def lookup(self, feed: FeedSpec, columns: Sequence[str], by: str, values: Collection[str]) -> list[SourceRow]:
        """Rows whose column `by` is one of `values`, compared with case; columns as in `read`, and `by`.

        Raises:
            TransientError: rows that the service announced did not come.
        """
        columns = (*columns, by)
        found: list[SourceRow] = []
        wanted = sorted(set(values))
        for start in range(0, len(wanted), self._options.lookup_chunk):
            chunk = wanted[start : start + self._options.lookup_chunk]
            found.extend(self._source_rows(feed, columns, self._all_rows(feed, columns, (one_of(by, chunk),))))
        return list({row.key: row for row in found}.values())

    def merged_into(self, feed: FeedSpec, keys: Collection[str]) -> Mapping[str, str]:  # noqa: ARG002 - the port's
        """See `Connector.merged_into`; Intacct merges nothing."""
        return {}

    def newest(self, feed: FeedSpec) -> datetime | None:
        """The latest modification stamp among the rows of `feed`, by one query of one row.

        None when there are no rows, or when the company's rows carry no stamp.
        """
        stamp = feed.modified or STAMP
        fields = (feed.key, stamp)
        if stamp not in self._models.usable(feed.object, fields):
            return None
        query = Query(feed.object, fields, ({"$ne": {stamp: None}},), order={stamp: "desc"})
        try:
            rows = next(Pager(self._client, 1).pages(query)).rows
        except ValidationFailedError as error:
            if self._models.learn(feed.object, fields, error) and stamp not in self._models.usable(feed.object, fields):
                return None
            raise
        return parse_time(rows[0].get(stamp)) if rows else None

    def describe(self, object_name: str) -> ObjectSchema:
        """Fields of an object as the model service lists them; asked once."""
        return self._models.schema(object_name)

    def missing_columns(self, feed: FeedSpec, columns: Sequence[str]) -> tuple[str, ...]:
        """Those of `columns`, and of the feed's own key and stamps, that this company and user cannot read."""
        self._models.schema(feed.object)
        wanted = _fields(feed, columns)
        usable = set(self._models.usable(feed.object, wanted))
        return tuple(column for column in wanted if column not in usable)

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        """Write records of one object, batch by batch; the next batch is sent when it is asked for.

        When the service cannot be worked with at all (throttled for too long, signed out), the batch ends with
        `not_sent` outcomes and the error is raised where the next batch would follow.

        Raises:
            ThrottledError: patience ended.
            TransientError: the service could not be reached.
            AuthenticationError: the credentials are refused.
        """
        size = self._options.write_batch
        for start in range(0, len(requests), size):
            batch = requests[start : start + size]
            writer = self._contacts if batch[0].object == CONTACT else self._records
            result = writer.write(batch)
            yield result.outcomes
            if result.fatal is not None:
                raise result.fatal

    def spend(self) -> Spend:
        """Transactions (records written and query pages) and requests so far. Source: transaction volume guide."""
        return self._meter.spend()

    def batch_size(self) -> int:
        """Records per write call."""
        return self._options.write_batch

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def ping(self) -> None:
        """One cheap authenticated call, not billed.

        Raises:
            ServiceError: the service cannot be reached or refuses the credentials.
        """
        self._client.get(Call("intacct", "ping"), "/services/core/model", {"name": "accounts-receivable/customer"})

    def _rows(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Rows]:
        """Pages of raw rows; what the service refuses to query is left out and the read begun again."""
        while True:
            query = self._query(feed, columns, window)
            pages = self._pager.pages(query)
            try:
                first = next(pages)
            except ValidationFailedError as error:
                self._learn(feed, columns, query, error)
                continue
            yield from chain([first], pages)
            return

    def _all_rows(self, feed: FeedSpec, columns: Sequence[str], filters: tuple[Filter, ...]) -> list[Row]:
        """All rows that pass `filters`."""
        while True:
            query = replace(self._query(feed, columns, Window()), filters=filters)
            try:
                return self._pager.complete(query)
            except ValidationFailedError as error:
                self._learn(feed, columns, query, error)

    def _query(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Query:
        fields = self._models.usable(feed.object, _fields(feed, columns))
        if window.full or feed.read is ReadMode.ALL or feed.modified is None:
            return Query(feed.object, fields)
        if feed.modified not in fields:
            logger.warning("intacct %s: rows carry no %s, reading all of them", feed.object, feed.modified)
            return Query(feed.object, fields)
        unstamped = window.end is None and feed.object not in self._null_stamps_refused
        stamped = in_window(feed.modified, window)
        return Query(feed.object, fields, stamped=stamped, null_stamp=feed.modified if unstamped else None)

    def _learn(self, feed: FeedSpec, columns: Sequence[str], query: Query, error: ValidationFailedError) -> None:
        """Find out what of a refused query to leave out.

        Raises:
            ValidationFailedError: there is nothing to leave out; `error` itself.
        """
        if self._models.learn(feed.object, query.fields, error):
            if feed.key in self._models.usable(feed.object, _fields(feed, columns)):
                return
        elif query.null_stamp:
            logger.warning("intacct %s: rows without a stamp cannot be asked for", feed.object)
            self._null_stamps_refused.add(feed.object)
            return
        raise error

    def _source_rows(self, feed: FeedSpec, columns: Sequence[str], rows: Sequence[Row]) -> Iterator[SourceRow]:
        present = [column for column in dict.fromkeys(columns) if column in self._models.usable(feed.object, columns)]
        stamp = feed.stamp or feed.modified
        for row in rows:
            modified = parse_time(row.get(stamp)) if stamp else None
            yield SourceRow(str(row[feed.key]), {column: row.get(column) for column in present}, modified)


def _fields(feed: FeedSpec, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (feed.key, *columns, feed.modified, feed.stamp))))
