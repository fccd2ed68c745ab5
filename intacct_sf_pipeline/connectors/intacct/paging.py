"""Page after page of one query, nothing lost while rows come and go; the same through either interface.

Source: REST query service guide; XML reference, queries. Pages are evaluated anew each time, so an offset means another
row once rows before it were deleted. Therefore a page asks for the keys that follow the last one read: what is deleted
or created meanwhile moves nothing, and neither do thousands of rows stamped in one second, since the stamp is never
what pages are told apart by. That the service compares keys as it sorts them is not documented; it is checked on every
page (keys must follow in order, and totals must add up), and where it does not hold, pages are read by offset,
beginning again when the total falls. `IntacctOptions.page_by_key` switches to offsets for good.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, Protocol

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.faults import unreadable
from intacct_sf_pipeline.connectors.intacct.query import KEY, Query
from intacct_sf_pipeline.model.errors import TransientError
from intacct_sf_pipeline.model.records import Scalar

logger = logging.getLogger(__name__)
Row = Mapping[str, Scalar]
_RESTARTS: Final = 5
_MOST_PAGES: Final = 100_000


@dataclass(frozen=True)
class Answer:
    """One page as an interface gives it: rows in columns of the mapping, the service's clock, how many rows match, and
    the start (counted from 1) of the page that follows by offset, None after the last one.
    """

    rows: Sequence[Row]
    at: datetime
    total: int | None
    following: int | None


class PageSource(Protocol):
    """An interface's query call."""

    def page(self, call: Call, query: Query, start: int, size: int, after: str | None = None) -> Answer:
        """At most `size` rows of `query` from position `start` (counted from 1) among those whose key follows `after`.

        Raises:
            ServiceError: the service refused or did not answer.
        """
        ...


@dataclass(frozen=True)
class Rows:
    """One page as it came.

    `at` is the service's clock when the read began, `total` the rows of the whole read as told with this page,
    `missing` how many of those announced did not come.
    """

    rows: Sequence[Row]
    at: datetime
    total: int | None
    missing: int = 0


@dataclass(frozen=True)
class Pager:
    """Reads queries in pages of `size` rows."""

    source: PageSource
    size: int
    by_key: bool = True

    def pages(self, query: Query) -> Iterator[Rows]:
        """All pages of `query`, at least one; rows may repeat when the read had to begin again.

        Raises:
            TransientError: the service leads in circles, or rows kept vanishing while they were read.
        """
        if self.by_key and KEY in query.fields and query.order is None:
            return self._by_key(query)
        return self._by_offset(query, None)

    def complete(self, query: Query) -> list[Row]:
        """All rows of `query`, for decisions that must not rest on half an answer; asked once more when rows lack.

        Raises:
            TransientError: rows that the service announced did not come.
        """
        for _ in range(2):
            pages = list(self.pages(query))
            if not sum(page.missing for page in pages):
                return [row for page in pages for row in page.rows]
        raise TransientError(_call(query).reply(None, "short_read", "fewer rows came than the service announced"))

    def _by_key(self, query: Query) -> Iterator[Rows]:
        call, last, orders = _call(query), None, frozenset(_ORDERS)
        read, expected, fell = 0, None, False
        began: datetime | None = None
        for _ in range(_MOST_PAGES):
            answer = self.source.page(call, query, 1, self.size, last)
            began = began or answer.at
            rows, total = answer.rows, answer.total
            keys = [str(row[KEY]) for row in rows]
            orders = frozenset(order for order in orders if order([*([last] if last else []), *keys]))
            if last is not None and not orders:
                logger.warning("intacct %s: pages by key come in no order, reading by offset", call.operation)
                yield from self._by_offset(query, began)
                return
            fell = fell or (expected is not None and total is not None and total < expected)
            missing = max(0, min(self.size, total) - len(rows)) if total is not None else 0
            more = answer.following is not None
            yield Rows(rows, began, None if total is None else read + total, missing)
            read += len(rows)
            if not more or not rows:
                break
            last, expected = keys[-1], None if total is None else total - len(rows)
        else:
            raise TransientError(call.reply(None, "paging", "the service keeps announcing further pages"))
        if fell and self._count(query) > read:
            logger.warning("intacct %s: fewer rows by key than there are, reading by offset", call.operation)
            yield from self._by_offset(query, began)

    def _by_offset(self, query: Query, began: datetime | None) -> Iterator[Rows]:
        call = _call(query)
        start, total, read, restarts = 1, None, 0, 0
        for _ in range(_MOST_PAGES):
            answer = self.source.page(call, query, start, self.size)
            began, count = began or answer.at, answer.total
            if start > 1 and total is not None and count is not None and count < total:
                restarts += 1
                if restarts > _RESTARTS:
                    raise TransientError(call.reply(None, "paging", "rows kept vanishing while they were read"))
                logger.info("intacct %s: rows vanished between pages, reading again from the start", call.operation)
                start, total, read = 1, None, 0
                continue
            rows, total, following = answer.rows, count, answer.following
            read += len(rows)
            missing = max(0, total - read) if following is None and total is not None else 0
            yield Rows(rows, began, total, missing)
            if following is None:
                return
            if following <= start:
                raise unreadable(call, None)
            start = following
        raise TransientError(call.reply(None, "paging", "the service keeps announcing further pages"))

    def _count(self, query: Query) -> int:
        """How many rows there are now, for one row's page. Source: query service guide, counting."""
        return self.source.page(_call(query), query, 1, 1).total or 0


def _call(query: Query) -> Call:
    return Call("intacct", f"query {query.object_name}")


def _rise_as_text(keys: Sequence[str]) -> bool:
    return all(one < two for one, two in pairwise(keys))


def _rise_as_numbers(keys: Sequence[str]) -> bool:
    digits = all(key.isascii() and key.isdigit() for key in keys)
    return digits and all(int(one) < int(two) for one, two in pairwise(keys))


_ORDERS: Final = (_rise_as_text, _rise_as_numbers)
"""Orders in which a service may sort keys; all pages of one read must keep the same."""
