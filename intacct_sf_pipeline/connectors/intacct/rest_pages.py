"""Pages of the REST query service. Source: query service guide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.client import IntacctClient, Reply
from intacct_sf_pipeline.connectors.intacct.faults import unreadable
from intacct_sf_pipeline.connectors.intacct.paging import Answer, Row
from intacct_sf_pipeline.connectors.intacct.query import Query, with_numbers_only
from intacct_sf_pipeline.connectors.values import Json


@dataclass(frozen=True)
class RestPages:
    """Asks the query service for pages. Implements `paging.PageSource`."""

    client: IntacctClient

    def page(self, call: Call, query: Query, start: int, size: int, after: str | None = None) -> Answer:
        """See `PageSource.page`."""
        reply = self.client.query(call, with_numbers_only(query).body(start, size, after))
        total = _number(reply.meta.get("totalCount"))
        return Answer(_rows(call, reply), reply.at, total, _next(reply.meta, start, size, total))


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
