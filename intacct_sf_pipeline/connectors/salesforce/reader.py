"""Reading rows of one object: what changed in a window, or those with given values; page by page, deleted rows
included.

Source: REST Guide (Query, QueryAll), SOQL Reference; incremental extraction by SystemModstamp with `>=` and the
cursor's own paging.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, Final

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.salesforce.bulk.query import BulkReader
from intacct_sf_pipeline.connectors.salesforce.client import SalesforceClient
from intacct_sf_pipeline.connectors.salesforce.describe import Describes
from intacct_sf_pipeline.connectors.salesforce.field_access import Blamed, access_cure
from intacct_sf_pipeline.connectors.salesforce.ids import SHORT, full_id, is_id_column
from intacct_sf_pipeline.connectors.salesforce.soql import encoded_length, in_chunks, in_window, one_of, select
from intacct_sf_pipeline.connectors.values import parse_time
from intacct_sf_pipeline.model.errors import ServiceError, TransientError, ValidationFailedError
from intacct_sf_pipeline.model.mapping import FeedSpec, ReadMode
from intacct_sf_pipeline.model.records import Scalar, SourceRow
from intacct_sf_pipeline.model.results import Page
from intacct_sf_pipeline.model.windows import Window

logger = logging.getLogger(__name__)
Record = Mapping[str, Any]
_DELETED: Final = "IsDeleted"
_RESTARTS: Final = 3
_BEGIN_AGAIN: Final = frozenset({"INVALID_QUERY_LOCATOR", "astray"})


@dataclass(frozen=True)
class _Chunk:
    """One page of raw records; `missing` is told with the last one: how many were announced and did not come."""

    records: list[Record]
    at: datetime
    total: int | None
    missing: int
    fields: Sequence[str] = ()


class _AstrayError(TransientError):
    """Paging leads in circles."""


class Reader:
    """Queries of one org.

    Columns are asked for as given; only when the org refuses one is the object described and what it lacks left
    out. So a normal read costs no describe call.
    """

    def __init__(
        self, client: SalesforceClient, describes: Describes, lookup_chunk: int, bulk: BulkReader | None = None
    ) -> None:
        self._client, self._describes, self._chunk = client, describes, lookup_chunk
        self._bulk = bulk

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """Rows of `feed` in `window`, at least one page; in the order of their stamps, unless they are so many that a
        query job gives them in fewer calls.
        """
        wanted = (*_fields(feed, columns), _DELETED)

        def soql(fields: Sequence[str], *, ordered: bool = True) -> str:
            stamped = feed.read is not ReadMode.ALL and feed.modified is not None and feed.modified in fields
            if not window.full and not stamped and feed.read is not ReadMode.ALL:
                logger.warning("salesforce %s: rows carry no %s, reading all of them", feed.object, feed.modified)
            conditions = in_window(str(feed.modified), window) if stamped else []
            order = f"{feed.modified}, {feed.key}" if stamped else feed.key
            return select(fields, feed.object, conditions, order if ordered else "")

        pages = self._pages(feed.object, wanted, soql, deleted=True)
        first = next(pages)
        by_job = self._by_job(feed.object, first, lambda fields: soql(fields, ordered=False))
        for chunk in chain((first,), pages) if by_job is None else by_job:
            present = [column for column in dict.fromkeys(columns) if column in chunk.fields]
            yield Page(tuple(map(row_maker(feed, present), chunk.records)), chunk.at, chunk.total, chunk.missing)

    def _by_job(self, sobject: str, first: _Chunk, soql: Callable[[Sequence[str]], str]) -> Iterator[_Chunk] | None:
        """All rows by a query job, once the first page has told how many there are and that a job costs less.

        Without an order the service may split the work. Source: Bulk Guide, Query (PK chunking).
        """
        if self._bulk is None or first.total is None or not self._bulk.pays(first.total, len(first.records)):
            return None
        fields = tuple(dict.fromkeys(first.fields))
        parts = self._bulk.rows(sobject, fields, soql(fields), deleted=True)
        if parts is None:
            return None
        return (_Chunk(list(part.records), first.at, first.total, part.missing, fields) for part in parts)

    def lookup(self, feed: FeedSpec, columns: Sequence[str], by: str, values: Collection[str]) -> list[SourceRow]:
        """Live rows whose column `by` is one of `values`; columns as given, and `by`. Ids may have 15 characters.

        Raises:
            TransientError: rows that the service announced did not come.
        """
        columns = (*columns, by)
        values = set(map(full_id, values)) if is_id_column(by) else set(values)
        wanted = (*_fields(feed, columns), _DELETED)
        found: dict[str, SourceRow] = {}
        taken = encoded_length(select(wanted, feed.object, [one_of(by, [])]))
        for part in in_chunks(sorted(values), self._chunk, taken=taken):
            compose = partial(_where, feed.object, one_of(by, part))
            for chunk in self._complete(feed.object, wanted, compose, deleted=False):
                present = [column for column in dict.fromkeys(columns) if column in chunk.fields]
                found.update((row.key, row) for row in map(row_maker(feed, present), chunk.records))
        return list(found.values())

    def newest(self, feed: FeedSpec) -> datetime | None:
        """The latest stamp among the rows of `feed`, deleted ones included; one call of one row."""
        stamp = feed.modified or "SystemModstamp"
        soql = select((stamp,), feed.object, (), f"{stamp} DESC LIMIT 1")
        page, _ = self._client.query(Call("salesforce", f"query {feed.object}"), soql, deleted=True)
        records = page["records"]
        return parse_time(records[0].get(stamp)) if records else None

    def records(
        self, sobject: str, fields: Sequence[str], conditions: Sequence[str], *, deleted: bool
    ) -> Iterator[Record]:
        """Raw records of a query, all pages; no fewer than the service announced."""
        pages = self._complete(sobject, fields, lambda _: select(fields, sobject, conditions), deleted=deleted)
        return chain.from_iterable(chunk.records for chunk in pages)

    def _complete(
        self, sobject: str, wanted: Sequence[str], soql: Callable[[Sequence[str]], str], *, deleted: bool
    ) -> list[_Chunk]:
        """All pages, for decisions that must not rest on half an answer; asked once more when rows lack."""
        for _ in range(2):
            pages = list(self._pages(sobject, wanted, soql, deleted=deleted))
            if not pages[-1].missing:
                return pages
        call = Call("salesforce", f"query {sobject}")
        raise TransientError(call.reply(None, "short_read", "fewer rows came than the service announced"))

    def _pages(
        self, sobject: str, wanted: Sequence[str], soql: Callable[[Sequence[str]], str], *, deleted: bool
    ) -> Iterator[_Chunk]:
        """Pages with the fields that could be read; a lost cursor begins the read again (rows then repeat)."""
        call = Call("salesforce", f"query {sobject}")
        fields: Sequence[str] = self._describes.usable(sobject, wanted, ask=False)
        restarts, began = 0, None
        while True:
            try:
                for chunk in self._cursor(call, soql(fields), deleted=deleted):
                    began = began or chunk.at
                    yield replace(chunk, fields=fields, at=began)
                return
            except (ValidationFailedError, _AstrayError) as error:
                if error.reply.code in _BEGIN_AGAIN and restarts < _RESTARTS:
                    restarts += 1
                    logger.info("salesforce %s: the cursor is lost, reading again from the start", call.operation)
                    continue
                fewer = self._readable(sobject, fields, error)
                if began is not None or len(fewer) == len(fields):
                    raise
                fields = fewer

    def _readable(self, sobject: str, fields: Sequence[str], error: ServiceError) -> Sequence[str]:
        if error.reply.code != "INVALID_FIELD":
            return fields
        usable = self._describes.usable(sobject, fields, ask=True)
        missing = sorted(set(fields) - set(usable) - {_DELETED})
        if missing:
            logger.warning(
                "salesforce %s: fields that cannot be read are left out: %s; %s",
                sobject,
                ", ".join(missing),
                access_cure(error.reply.code, Blamed(sobject, tuple(missing))),
            )
        return usable

    def _cursor(self, call: Call, soql: str, *, deleted: bool) -> Iterator[_Chunk]:
        """Pages as the service cuts them; the end is told by `done`, never by a short page.

        Raises:
            _AstrayError: an address for the next page leads back to one that was read.
        """
        page, at = self._client.query(call, soql, deleted=deleted)
        total = page.get("totalSize")
        count, visited = 0, set[str]()
        while True:
            records, following = page["records"], str(page.get("nextRecordsUrl") or "")
            last = bool(page.get("done")) or not following
            count += len(records)
            missing = max(0, total - count) if last and isinstance(total, int) else 0
            if following in visited and not last:
                raise _AstrayError(call.reply(None, "astray", "the service keeps leading back to the same page"))
            yield _Chunk(records, at, total, missing)
            if last:
                return
            visited.add(following)
            page = self._client.more(call, following)


def _where(sobject: str, condition: str, fields: Sequence[str]) -> str:
    return select(fields, sobject, [condition])


def row_maker(feed: FeedSpec, columns: Sequence[str]) -> Callable[[Record], SourceRow]:
    """What turns a record into a flat row.

    Parents' fields get dotted names, the key is the 18-character id, a deleted row has no values. Made once per
    page, since it runs for every record.
    """
    stamp = feed.stamp or feed.modified or ""
    key_column = feed.key
    plain = [column for column in columns if "." not in column]
    dotted = [column for column in columns if "." in column]
    ids = [column for column in plain if is_id_column(column)]

    def make(record: Record) -> SourceRow:
        key = full_id(str(record[key_column]))
        modified = parse_time(record.get(stamp))
        if record.get(_DELETED):
            return SourceRow(key, {}, modified, deleted=True)
        values: dict[str, Scalar] = {column: record[column] for column in plain}
        for column in ids:
            value = values[column]
            if isinstance(value, str) and len(value) == SHORT:
                values[column] = full_id(value)
        for column in dotted:
            values[column] = _path(record, column)
        return SourceRow(key, values, modified)

    return make


def _path(record: Record, column: str) -> Scalar:
    """The value of a parent path; a missing parent reads as None."""
    node: Any = record
    for name in column.split("."):
        if node is None:
            return None
        node = node.get(name)
    return node  # type: ignore[no-any-return]


def _fields(feed: FeedSpec, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(filter(None, (feed.key, *columns, feed.modified, feed.stamp)))
