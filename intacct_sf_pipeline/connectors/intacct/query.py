"""Reading with the query service: pages in key order, nothing lost while rows come and go.

Source: query service guide. Pages are offsets into a result that is evaluated anew each time. Sorted by `key` with
only a lower bound on time, a change can only add rows; a deletion moves later rows up, which a falling `totalCount`
betrays: the read begins again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.client import IntacctClient, Reply
from intacct_sf_pipeline.connectors.intacct.faults import unreadable
from intacct_sf_pipeline.connectors.values import Json, format_time
from intacct_sf_pipeline.model.errors import TransientError
from intacct_sf_pipeline.model.records import Scalar
from intacct_sf_pipeline.model.windows import Window

logger = logging.getLogger(__name__)
Row = Mapping[str, Scalar]
Filter = Mapping[str, Mapping[str, object]]
_RESTARTS: Final = 5
_MOST_PAGES: Final = 100_000


@dataclass(frozen=True)
class Rows:
    """One page as it came; `at` is the service's clock when the read began."""

    rows: Sequence[Row]
    at: datetime
    total: int | None


@dataclass(frozen=True)
class Query:
    """What to ask for; `order` is the field to sort by before the key."""

    object_name: str
    fields: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    order: Mapping[str, str] | None = None

    def body(self, start: int, size: int) -> dict[str, object]:
        """The request body for one page; records private to entities are included."""
        body: dict[str, object] = {
            "object": self.object_name,
            "fields": list(self.fields),
            "filterParameters": {"includePrivate": True},
            "orderBy": [*([self.order] if self.order else []), {"key": "asc"}],
            "start": start,
            "size": size,
        }
        return {**body, "filters": list(self.filters)} if self.filters else body


def in_window(column: str, window: Window) -> tuple[Filter, ...]:
    """Filters for rows whose stamp lies in `window`; several rows share a second, so the start is included."""
    bounds = (("$gte", window.start), ("$lt", window.end))
    return tuple({operator: {column: format_time(moment)}} for operator, moment in bounds if moment is not None)


def one_of(column: str, values: Sequence[str]) -> Filter:
    """A filter for rows whose `column` is one of `values`."""
    return {"$in": {column: list(values)}}


def read_pages(client: IntacctClient, query: Query, size: int) -> Iterator[Rows]:
    """All pages of `query`, at least one; rows may repeat when the read had to begin again.

    Raises:
        TransientError: rows kept vanishing while they were read.
    """
    call = Call("intacct", f"query {query.object_name}")
    start, total, restarts = 1, None, 0
    began: datetime | None = None
    for _ in range(_MOST_PAGES):
        reply = client.query(call, query.body(start, size))
        began = began or reply.at
        count = _number(reply.meta.get("totalCount"))
        if start > 1 and total is not None and count is not None and count < total:
            restarts += 1
            if restarts > _RESTARTS:
                raise TransientError(call.reply(reply.status, "paging", "rows kept vanishing while they were read"))
            logger.info(
                "intacct query %s: rows vanished between pages, reading again from the start", query.object_name
            )
            start, total = 1, None
            continue
        total = count
        yield Rows(_rows(call, reply), began, total)
        following = _next(reply.meta, start, size, total)
        if following is None:
            return
        if following <= start:
            raise unreadable(call, reply.status)
        start = following
    raise TransientError(call.reply(None, "paging", "the service keeps announcing further pages"))


def _rows(call: Call, reply: Reply) -> Sequence[Row]:
    if not isinstance(reply.result, list):
        raise unreadable(call, reply.status)
    return cast(Sequence[Row], reply.result)


def _next(meta: Mapping[str, Json], start: int, size: int, total: int | None) -> int | None:
    """Start of the next page: as told, or worked out from the total where a reply leaves `next` away."""
    if "next" in meta or total is None:
        return _number(meta.get("next"))
    return start + size if start + size <= total else None


def _number(value: Json) -> int | None:
    """A counter, which some replies print as text."""
    try:
        return int(str(value))
    except ValueError:
        return None
