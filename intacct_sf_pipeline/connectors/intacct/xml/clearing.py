"""Whether this company heeds an empty element, by which an update clears a field.

Source: the reference, 5: UNCONFIRMED for every field. A company that passes over empty elements answers with success,
and the old value would come back as if somebody had entered it anew. So the first update of a run that clears something
is looked at again, by one query of its batch. Once a field was seen to be cleared nothing more is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.paging import Pager, Row
from intacct_sf_pipeline.connectors.intacct.query import KEY, STAMP, Query, one_of
from intacct_sf_pipeline.connectors.values import parse_time
from intacct_sf_pipeline.model.errors import ServiceError
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus

logger = logging.getLogger(__name__)
NOT_CLEARED: Final = "notCleared"
_TOLERANCE: Final = timedelta(seconds=5)
"""How much earlier than the reply the stamp of a record may be that shows the write; an older one is from before."""
_MESSAGE: Final = "Intacct passed over what was to be emptied, and keeps the old value"


def cleared(request: WriteRequest) -> tuple[str, ...]:
    """The columns that an update empties. Pure."""
    return () if request.create else tuple(name for name, value in request.values.items() if value in (None, ""))


def stuck(request: WriteRequest, row: Row) -> tuple[str, ...]:
    """The columns an update should have emptied and has not; none when any was, since the rest may be a default of the
    company's. Pure.
    """
    names = cleared(request)
    kept = tuple(name for name in names if row.get(name) not in (None, ""))
    return kept if len(kept) == len(names) else ()


@dataclass
class Clearing:
    """Looks after updates that clear fields; `usable` says which columns can be queried."""

    pager: Pager
    usable: Callable[[str, Sequence[str]], tuple[str, ...]]
    _heeded: bool = field(default=False, init=False)

    def checked(
        self, call: Call, requests: Sequence[WriteRequest], outcomes: list[WriteOutcome], at: datetime
    ) -> list[WriteOutcome]:
        """The outcomes; an update whose empty elements were passed over is refused, with what it stored besides.

        Args:
            call: what was done.
            requests: the batch.
            outcomes: of it, in order.
            at: the service's clock when it answered.
        """
        written = {outcome.ref for outcome in outcomes if outcome.status is WriteStatus.WRITTEN}
        asked = {str(r.key): r for r in requests if r.ref in written and cleared(r)}
        if self._heeded or not asked:
            return outcomes
        try:
            rows = self._rows(asked, at)
        except ServiceError as error:
            logger.info("intacct %s: whether fields were emptied cannot be told: %s", call.operation, error.reply)
            return outcomes
        kept = {request.ref: stuck(request, rows[key]) for key, request in asked.items() if key in rows}
        self._heeded = any(not names for names in kept.values())
        by_ref = {request.ref: request for request in requests}
        return [_refused(call, by_ref[o.ref], o, kept[o.ref]) if kept.get(o.ref) else o for o in outcomes]

    def _rows(self, asked: Mapping[str, WriteRequest], at: datetime) -> dict[str, Row]:
        """The records as they are after the write; those shown as they were before it are left out."""
        name = next(iter(asked.values())).object
        columns = self.usable(
            name, (KEY, STAMP, *(column for request in asked.values() for column in cleared(request)))
        )
        rows = self.pager.complete(Query(name, columns, (one_of(KEY, sorted(asked)),)))
        stamps = ((row, parse_time(row.get(STAMP))) for row in rows)
        return {str(row[KEY]): row for row, stamp in stamps if stamp is not None and stamp >= at - _TOLERANCE}


def _refused(call: Call, request: WriteRequest, outcome: WriteOutcome, kept: tuple[str, ...]) -> WriteOutcome:
    reply = replace(call.reply(200, NOT_CLEARED, _MESSAGE), fields=kept)
    saved = tuple(name for name in request.values if name not in kept)
    return replace(outcome, status=WriteStatus.REJECTED, error=reply, saved=saved)
