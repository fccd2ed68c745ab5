"""Writes whose outcome is unknown are settled by looking.

At the target's key, or at the natural id of what was to be created.

A created record that is found is adopted (`adopt.py`); what is absent is planned anew. Nothing is ever repeated
blindly.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from intacct_sf_pipeline.engine.adopt import adopt
from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.outcomes import Outcomes
from intacct_sf_pipeline.model.errors import ServiceReply
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec
from intacct_sf_pipeline.model.plans import LineStatus, Operation, PlanLine
from intacct_sf_pipeline.model.records import SIDES, Side, SourceRow
from intacct_sf_pipeline.model.results import WriteOutcome, WriteStatus


def settle_unknown(ctx: SyncContext, entity: EntityMapping) -> int:
    """Settle the writes that earlier runs left open on both sides; how many."""
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

    Returns how many stay refused. Lines whose adoption did not succeed stay open for the next run.
    """
    feed = ctx.config.mapping.feed(side, entity.side(side).feed)
    creates = [line for line in lines if line.operation is Operation.CREATE]
    found = _look_up(ctx, feed, feed.id, [line.natural_id for line in creates if line.natural_id])
    existing = {line.line_id: row for line in creates if (row := found.get((line.natural_id or "").casefold()))}
    adopt(ctx, entity, side, [(line, existing[line.line_id]) for line in creates if line.line_id in existing])
    absent = [line for line in creates if line.line_id not in existing]
    if refused and absent:
        _hold_duplicates(ctx, entity, side, absent)
        return len(absent)
    changes = [line for line in lines if line.operation is not Operation.CREATE]
    fresh = _look_up(ctx, feed, feed.key, [line.target_key for line in changes if line.target_key])
    similar = _look_up(ctx, feed, *_likeness(entity, side, [line for line in absent if not line.natural_id]))
    rows = [*fresh.values(), *similar.values()]
    if rows:
        ctx.store.land(feed, rows, run_id=ctx.run_id)
    _plan_anew(ctx, entity, side, [*changes, *absent])
    return 0


def _plan_anew(ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> None:
    if not lines:
        return
    # Queued before the lines are closed: a crash between the two plans them twice, never not at all.
    ctx.store.requeue(entity, side.other, {line.source_key for line in lines if line.source_key})
    ctx.store.requeue(entity, side, {line.target_key for line in lines if line.target_key})
    ctx.store.mark(lines, LineStatus.SUPERSEDED)


def _hold_duplicates(ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> None:
    message = "a record with the same unique value exists already"
    reply = ServiceReply(side.value, "create", code="DUPLICATE", message=message)
    outcomes = [WriteOutcome(line.line_id, WriteStatus.REJECTED, error=reply, duplicate=True) for line in lines]
    Outcomes(ctx, entity, side).commit(list(zip(lines, outcomes, strict=True)))


def _look_up(ctx: SyncContext, feed: FeedSpec, by: str, values: Collection[str]) -> dict[str, SourceRow]:
    """Rows of `feed` by the folded text of their column `by`."""
    if not values or not by:
        return {}
    rows = ctx.connectors[feed.side].lookup(feed, ctx.config.mapping.columns(feed), by, set(values))
    return {str(row.key if by == feed.key else row.values.get(by)).casefold(): row for row in rows}


def _likeness(entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> tuple[str, list[str]]:
    """Without a natural id: the column and values by which similar records are read, for the match rules to judge."""
    for field in entity.fields:
        columns = field.source(side).write_columns
        if field.required and field.direction.writes(side) and len(columns) == 1:
            changes = [change for line in lines for change in line.changes if change.field == field.name]
            return columns[0], [str(change.after) for change in changes if change.after is not None]
    return "", []
