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
from intacct_sf_pipeline.engine.stage import stage_side
from intacct_sf_pipeline.engine.writing.outcomes import Outcomes
from intacct_sf_pipeline.engine.writing.read_back import read_again
from intacct_sf_pipeline.engine.writing.write_requests import related_changes, to_request
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec
from intacct_sf_pipeline.model.plans import PlanLine
from intacct_sf_pipeline.model.records import CanonicalRecord, Scalar, Side, SourceRow
from intacct_sf_pipeline.model.results import WriteOutcome, WriteStatus


def adopt(ctx: SyncContext, entity: EntityMapping, side: Side, found: Sequence[tuple[PlanLine, SourceRow]]) -> None:
    """Link the records found for these creates.

    Those whose completion is refused are refused with it; those that cannot be completed now stay open.
    """
    if not found:
        return
    feed = ctx.config.mapping.feed(side, entity.side(side).feed)
    ctx.store.land(feed, [row for _, row in found], run_id=ctx.run_id)
    records = _look(ctx, entity, feed, found)
    partial = [(line, row) for line, row in found if not _is_whole(entity, line, records.get(row.key))]
    sent, refused = _complete(ctx, entity, side, partial)
    if sent:
        records.update(_look(ctx, entity, feed, [pair for pair in partial if pair[0].line_id in sent]))
    left = {line.line_id for line, _ in partial} - sent
    whole = [(line, row) for line, row in found if line.line_id not in left]
    ctx.store.requeue(entity, side, {row.key for _, row in whole})
    Outcomes(ctx, entity, side).commit(
        [
            (
                _as_stored(line, records.get(row.key)),
                WriteOutcome(line.line_id, WriteStatus.WRITTEN, key=row.key, id=line.natural_id),
            )
            for line, row in whole
        ]
        + refused
    )


def _look(
    ctx: SyncContext, entity: EntityMapping, feed: FeedSpec, found: Sequence[tuple[PlanLine, SourceRow]]
) -> dict[str, CanonicalRecord]:
    keys = {row.key for _, row in found}
    read_again(ctx, entity, feed, keys)
    stage_side(ctx, entity, feed.side, Counter())
    return dict(ctx.store.records(entity, feed.side, keys))


def _is_whole(entity: EntityMapping, line: PlanLine, record: CanonicalRecord | None) -> bool:
    """Whether the record holds what the line wrote to related rows."""
    wanted = related_changes(entity, line)
    if not wanted:
        return True
    return record is not None and all(record.values.get(change.field) == change.canonical for change in wanted)


def _complete(
    ctx: SyncContext, entity: EntityMapping, side: Side, found: Sequence[tuple[PlanLine, SourceRow]]
) -> tuple[set[str], list[tuple[PlanLine, WriteOutcome]]]:
    """Send once more what belongs to related rows; ids of the lines for which that succeeded, and what was refused."""
    lines = {line.line_id: line for line, _ in found}
    requests = [
        to_request(
            entity, side, replace(line, changes=related_changes(entity, line)), row.key, _owner(entity, side, row)
        )
        for line, row in found
    ]
    sent: set[str] = set()
    refused: list[tuple[PlanLine, WriteOutcome]] = []
    size = ctx.connectors[side].batch_size()
    for start in range(0, len(requests), size):
        ctx.store.may_write(entity)
        for outcomes in ctx.connectors[side].write(requests[start : start + size]):
            sent.update(outcome.ref for outcome in outcomes if outcome.status is WriteStatus.WRITTEN)
            refused += [(lines[o.ref], o) for o in outcomes if o.status is WriteStatus.REJECTED]
    return sent, refused


def _owner(entity: EntityMapping, side: Side, row: SourceRow) -> dict[str, Scalar]:
    """Who owns a record, where the mapping asks: it is completed in that entity."""
    owner = entity.side(side).owned_by
    return {} if owner is None else {owner.column: row.values.get(owner.column)}


def _as_stored(line: PlanLine, record: CanonicalRecord | None) -> PlanLine:
    """The line without the fields that the record holds differently: those are merged like any other difference."""
    if record is None:
        return line
    same = [c for c in line.changes if c.field not in record.values or record.values[c.field] == c.canonical]
    return replace(line, changes=tuple(same))
