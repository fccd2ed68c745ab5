"""Reading rows of one object: what changed in a window, or those with given values; page by page, deleted rows
included.

Source: REST Guide (Query, QueryAll), SOQL Reference; incremental extraction by SystemModstamp with `>=` and the
cursor's own paging.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, Final

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.salesforce.client import SalesforceClient
from intacct_sf_pipeline.connectors.salesforce.describe import Describes
from intacct_sf_pipeline.connectors.salesforce.ids import full_id
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


class Reader:
    """Queries of one org.

    Columns are asked for as given; only when the org refuses one is the object described and what it lacks left
    out. So a normal read costs no describe call.
    """

    def __init__(self, client: SalesforceClient, describes: Describes, lookup_chunk: int) -> None:
        self._client, self._describes, self._chunk = client, describes, lookup_chunk

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """Rows of `feed` in `window` in the order of their stamps, at least one page."""
        wanted = (*_fields(feed, columns), _DELETED)

        def soql(fields: Sequence[str]) -> str:
            stamped = feed.read is not ReadMode.ALL and feed.modified is not None and feed.modified in fields
            if not window.full and not stamped and feed.read is not ReadMode.ALL:
                logger.warning("salesforce %s: rows carry no %s, reading all of them", feed.object, feed.modified)
            conditions = in_window(str(feed.modified), window) if stamped else []
            return select(fields, feed.object, conditions, f"{feed.modified}, {feed.key}" if stamped else feed.key)

        for fields, records, at, total in self._pages(feed.object, wanted, soql, deleted=True):
            present = [column for column in dict.fromkeys(columns) if column in fields]
            yield Page(tuple(map(row_maker(feed, present), records)), at, total)

    def lookup(self, feed: FeedSpec, columns: Sequence[str], by: str, values: Collection[str]) -> list[SourceRow]:
        """Live rows whose column `by` is one of `values`; columns as given, and `by`."""
        columns = (*columns, by)
        wanted = (*_fields(feed, columns), _DELETED)
        found: dict[str, SourceRow] = {}
        taken = encoded_length(select(wanted, feed.object, [one_of(by, [])]))
        for chunk in in_chunks(sorted(set(values)), self._chunk, taken=taken):
            compose = partial(_where, feed.object, one_of(by, chunk))
            for fields, records, _, _ in self._pages(feed.object, wanted, compose, deleted=False):
                present = [column for column in dict.fromkeys(columns) if column in fields]
                found.update((row.key, row) for row in map(row_maker(feed, present), records))
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
        """Raw records of a query in the order of their ids, all pages."""
        pages = self._pages(sobject, fields, lambda _: select(fields, sobject, conditions), deleted=deleted)
        return chain.from_iterable(records for _, records, _, _ in pages)

    def _pages(
        self, sobject: str, wanted: Sequence[str], soql: Callable[[Sequence[str]], str], *, deleted: bool
    ) -> Iterator[tuple[Sequence[str], list[Record], datetime, int | None]]:
        """Pages with the fields that could be read; a lost cursor begins the read again (rows then repeat)."""
        call = Call("salesforce", f"query {sobject}")
        fields: Sequence[str] = self._describes.usable(sobject, wanted, ask=False)
        restarts, began = 0, None
        while True:
            try:
                for records, at, total in self._cursor(call, soql(fields), deleted=deleted):
                    began = began or at
                    yield fields, records, began, total
                return
            except ValidationFailedError as error:
                if error.reply.code == "INVALID_QUERY_LOCATOR" and restarts < _RESTARTS:
                    restarts += 1
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
            logger.warning("salesforce %s: fields that cannot be read are left out: %s", sobject, ", ".join(missing))
        return usable

    def _cursor(self, call: Call, soql: str, *, deleted: bool) -> Iterator[tuple[list[Record], datetime, int | None]]:
        """Pages as the service cuts them; the end is told by `done`, never by a short page.

        Raises:
            TransientError: fewer rows came than were announced.
        """
        page, at = self._client.query(call, soql, deleted=deleted)
        total = page.get("totalSize")
        count = 0
        while True:
            count += len(page["records"])
            yield page["records"], at, total
            if page.get("done") or not page.get("nextRecordsUrl"):
                break
            page = self._client.more(call, str(page["nextRecordsUrl"]))
        if isinstance(total, int) and count < total:
            raise TransientError(call.reply(None, "short_read", "fewer rows came than the service announced"))


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

    def make(record: Record) -> SourceRow:
        key = full_id(str(record[key_column]))
        modified = parse_time(record.get(stamp))
        if record.get(_DELETED):
            return SourceRow(key, {}, modified, deleted=True)
        values: dict[str, Scalar] = {column: record[column] for column in plain}
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
