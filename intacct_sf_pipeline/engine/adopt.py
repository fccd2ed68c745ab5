"""Adopting records that an earlier, unanswered write created.

Finish what may be missing of them, see what they hold, and link them.

A create may take two calls (a contact, then its place on the customer's contact list), and only the first may have been
stored. The second is sent again: the service skips an entry that is there already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.outcomes import Outcomes
from intacct_sf_pipeline.engine.read_back import read_again
from intacct_sf_pipeline.engine.stage import stage_side
from intacct_sf_pipeline.engine.write_requests import related_changes, to_request
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import PlanLine
from intacct_sf_pipeline.model.records import CanonicalRecord, Side, SourceRow
from intacct_sf_pipeline.model.results import WriteOutcome, WriteStatus


def adopt(ctx: SyncContext, entity: EntityMapping, side: Side, found: Sequence[tuple[PlanLine, SourceRow]]) -> None:
    """Link the records found for these creates; those that cannot be completed now stay open."""
    complete = _complete(ctx, entity, side, found)
    if not complete:
        return
    feed = ctx.config.mapping.feed(side, entity.side(side).feed)
    ctx.store.land(feed, [row for _, row in complete], run_id=ctx.run_id)
    read_again(ctx, entity, feed, {row.key for _, row in complete})
    stage_side(ctx, entity, side, Counter())
    records = ctx.store.records(entity, side, [row.key for _, row in complete])
    Outcomes(ctx, entity, side).commit(
        [
            (
                _as_stored(line, records.get(row.key)),
                WriteOutcome(line.line_id, WriteStatus.WRITTEN, key=row.key, id=line.natural_id),
            )
            for line, row in complete
        ]
    )


def _complete(
    ctx: SyncContext, entity: EntityMapping, side: Side, found: Sequence[tuple[PlanLine, SourceRow]]
) -> list[tuple[PlanLine, SourceRow]]:
    """Those of `found` that lack nothing any more; what belongs to related rows is sent once more."""
    rows = {line.line_id: row for line, row in found}
    partial = [line for line, _ in found if related_changes(entity, line)]
    requests = [
        to_request(entity, side, replace(line, changes=related_changes(entity, line)), rows[line.line_id].key)
        for line in partial
    ]
    whole = {line.line_id for line, _ in found} - {line.line_id for line in partial}
    size = ctx.connectors[side].batch_size()
    for start in range(0, len(requests), size):
        for outcomes in ctx.connectors[side].write(requests[start : start + size]):
            whole.update(outcome.ref for outcome in outcomes if outcome.status is WriteStatus.WRITTEN)
    return [(line, row) for line, row in found if line.line_id in whole]


def _as_stored(line: PlanLine, record: CanonicalRecord | None) -> PlanLine:
    """The line without the fields that the record holds differently: those are merged like any other difference."""
    if record is None:
        return line
    same = [c for c in line.changes if c.field not in record.values or record.values[c.field] == c.canonical]
    return replace(line, changes=tuple(same))
