"""Writes whose outcome is unknown are settled by looking.

At the target's key, at the natural id, or at the record that must exist by now.

What is found is landed and linked; what is absent is planned anew. Nothing is ever repeated blindly.
"""

from __future__ import annotations

from collections.abc import Sequence

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.outcomes import Outcomes
from intacct_sf_pipeline.model.errors import ServiceReply
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec
from intacct_sf_pipeline.model.plans import LineStatus, Operation, PlanLine
from intacct_sf_pipeline.model.records import SIDES, Side, SourceRow
from intacct_sf_pipeline.model.results import WriteOutcome, WriteStatus


def settle_unknown(ctx: SyncContext, entity: EntityMapping) -> int:
    """Settle the writes that earlier runs left open on both sides; how many."""
    if ctx.options.plan_only:
        return 0
    settled = 0
    for side in SIDES:
        lines = ctx.store.unsettled(entity, side, run_id=ctx.run_id)
        if lines:
            settle_lines(ctx, entity, side, lines, refused=False)
            settled += len(lines)
    return settled


def settle_lines(
    ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine], *, refused: bool
) -> int:
    """Look up what became of `lines`; with `refused` the service said that the record exists already.

    How many stay refused.
    """
    spec = entity.side(side)
    feed = ctx.config.mapping.feed(side, spec.feed)
    creates = [line for line in lines if line.operation is Operation.CREATE]
    changes = [line for line in lines if line.operation is not Operation.CREATE]
    found = _look_up(ctx, feed, feed.id, {line.natural_id for line in creates if line.natural_id})
    adopted = [(line, row) for line in creates if (row := found.get((line.natural_id or "").casefold())) is not None]
    Outcomes(ctx, entity, side).commit(
        [
            (line, WriteOutcome(line.line_id, WriteStatus.WRITTEN, key=row.key, id=line.natural_id))
            for line, row in adopted
        ]
    )
    known = {line.line_id for line, _ in adopted}
    absent = [line for line in creates if line.line_id not in known]
    fresh = _look_up(ctx, feed, feed.key, {line.target_key for line in changes if line.target_key})
    similar = _look_up(ctx, feed, *_likeness(entity, side, [line for line in absent if not line.natural_id]))
    rows = {row.key: row for row in (*found.values(), *fresh.values(), *similar.values())}
    if rows:
        ctx.store.land(feed, list(rows.values()), run_id=ctx.run_id)
    if refused and absent:
        reply = ServiceReply(
            side.value, "create", code="DUPLICATE", message="a record with the same unique value exists already"
        )
        Outcomes(ctx, entity, side).commit(
            [(line, WriteOutcome(line.line_id, WriteStatus.REJECTED, error=reply, duplicate=True)) for line in absent]
        )
        return len(absent)
    again = [*changes, *absent]
    if again:
        ctx.store.mark(again, LineStatus.SUPERSEDED)
        ctx.store.requeue(entity, side.other, {line.source_key for line in again if line.source_key})
        ctx.store.requeue(entity, side, {line.target_key for line in changes if line.target_key})
    return 0


def _look_up(ctx: SyncContext, feed: FeedSpec, by: str, values: set[str | None] | set[str]) -> dict[str, SourceRow]:
    """Rows of `feed` by the folded text of their column `by`."""
    wanted = {value for value in values if value}
    if not wanted or not by:
        return {}
    rows = ctx.connectors[feed.side].lookup(feed, ctx.config.mapping.columns(feed), by, wanted)
    return {str(row.key if by == feed.key else row.values.get(by)).casefold(): row for row in rows}


def _likeness(entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> tuple[str, set[str]]:
    """Without a natural id: the column and values by which similar records are read, for the match rules to judge."""
    for field in entity.fields:
        columns = field.source(side).write_columns
        if field.required and field.direction.writes(side) and len(columns) == 1:
            values = {
                str(c.after) for line in lines for c in line.changes if c.field == field.name and c.after is not None
            }
            return columns[0], values
    return "", set()
