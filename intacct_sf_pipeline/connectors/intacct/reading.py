"""Reading feeds, whichever interface is in use: windows, look-ups, the newest stamp, columns that cannot be read.

What differs between the interfaces is behind `PageSource` (one page of a query) and `FieldKnowledge` (which columns the
company has).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Protocol

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.paging import Pager, Row, Rows
from intacct_sf_pipeline.connectors.intacct.query import STAMP, Filter, Query, in_window, one_of
from intacct_sf_pipeline.connectors.probe import Probe
from intacct_sf_pipeline.connectors.values import parse_time
from intacct_sf_pipeline.model.errors import ServiceError, ValidationFailedError
from intacct_sf_pipeline.model.mapping import FeedSpec, ReadMode
from intacct_sf_pipeline.model.records import SourceRow
from intacct_sf_pipeline.model.results import ObjectSchema, Page
from intacct_sf_pipeline.model.windows import Window

logger = logging.getLogger(__name__)


class FieldKnowledge(Protocol):
    """Which columns of an object may be queried, learnt when it matters."""

    def schema(self, object_name: str) -> ObjectSchema:
        """The object's columns, asked for once."""
        ...

    def usable(self, object_name: str, columns: Sequence[str]) -> tuple[str, ...]:
        """Those of `columns` that may be queried as far as is known."""
        ...

    def learn(self, object_name: str, columns: Sequence[str], error: ServiceError) -> bool:
        """After a refused query: find out which of `columns` cannot be queried; whether anything new was learnt."""
        ...


class FeedReader:
    """Reads feeds page by page; safe to share between threads."""

    def __init__(self, pager: Pager, fields: FieldKnowledge, lookup_chunk: int) -> None:
        self._pager, self._fields, self._lookup_chunk = pager, fields, lookup_chunk
        self._null_stamps_refused: set[str] = set()

    @property
    def fields(self) -> FieldKnowledge:
        """What is known of the company's columns."""
        return self._fields

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """Rows of `feed` in `window` in key order, at least one page; rows without a stamp belong to an open window.

        An object without the feed's stamp, and a feed that says so, is read in full whatever the window.
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
        for start in range(0, len(wanted), self._lookup_chunk):
            chunk = wanted[start : start + self._lookup_chunk]
            found.extend(self._source_rows(feed, columns, self._all_rows(feed, columns, (one_of(by, chunk),))))
        return list({row.key: row for row in found}.values())

    def newest(self, feed: FeedSpec) -> datetime | None:
        """The latest modification stamp among the rows of `feed`, by one query of one row.

        None when there are no rows, or when the company's rows carry no stamp.
        """
        stamp = feed.modified or STAMP
        fields = (feed.key, stamp)
        if stamp not in self._fields.usable(feed.object, fields):
            return None
        query = Query(feed.object, fields, ({"$ne": {stamp: None}},), order={stamp: "desc"})
        try:
            rows = next(Pager(self._pager.source, 1).pages(query)).rows
        except ValidationFailedError as error:
            if self._fields.learn(feed.object, fields, error) and stamp not in self._fields.usable(feed.object, fields):
                return None
            raise
        return parse_time(rows[0].get(stamp)) if rows else None

    def probe(self, object_name: str, key: str) -> Probe:
        """One row of an object, by one query of one row: proves that the user may read it.

        Raises:
            PermissionDeniedError: the user may not.
            ServiceError: the query failed for another reason.
        """
        answer = self._pager.source.page(Call("intacct", f"probe {object_name}"), Query(object_name, (key,)), 1, 1)
        return Probe(str(answer.rows[0][key]) if answer.rows else None, answer.at)

    def missing_columns(self, feed: FeedSpec, columns: Sequence[str]) -> tuple[str, ...]:
        """Those of `columns`, and of the feed's own key and stamps, that this company and user cannot read."""
        self._fields.schema(feed.object)
        wanted = _fields(feed, columns)
        usable = set(self._fields.usable(feed.object, wanted))
        return tuple(column for column in wanted if column not in usable)

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
        fields = self._fields.usable(feed.object, _fields(feed, columns))
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
        if self._fields.learn(feed.object, query.fields, error):
            if feed.key in self._fields.usable(feed.object, _fields(feed, columns)):
                return
        elif query.null_stamp:
            logger.warning("intacct %s: rows without a stamp cannot be asked for", feed.object)
            self._null_stamps_refused.add(feed.object)
            return
        raise error

    def _source_rows(self, feed: FeedSpec, columns: Sequence[str], rows: Sequence[Row]) -> Iterator[SourceRow]:
        present = [column for column in dict.fromkeys(columns) if column in self._fields.usable(feed.object, columns)]
        stamp = feed.stamp or feed.modified
        for row in rows:
            modified = parse_time(row.get(stamp)) if stamp else None
            yield SourceRow(str(row[feed.key]), {column: row.get(column) for column in present}, modified)


def _fields(feed: FeedSpec, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (feed.key, *columns, feed.modified, feed.stamp))))
