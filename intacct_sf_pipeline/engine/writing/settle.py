"""Writes whose outcome is unknown are settled by looking: at the target's key, at the natural id of what was to be
created, or, where the service numbers records itself, at records that hold exactly what was sent.

What is found as it was written counts as written; a created record is adopted (`adopt.py`). What is absent is planned
anew, or, if only an idempotency key can tell it from a twin, sent once more under the same key. Nothing is ever
repeated blindly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.stage import stage_side
from intacct_sf_pipeline.engine.values.normalise import joined
from intacct_sf_pipeline.engine.writing.adopt import adopt
from intacct_sf_pipeline.engine.writing.likeness import alike
from intacct_sf_pipeline.engine.writing.outcomes import Outcomes
from intacct_sf_pipeline.engine.writing.read_back import read_again
from intacct_sf_pipeline.engine.writing.strangers import ask_about_strangers
from intacct_sf_pipeline.engine.writing.write_requests import column_values, to_request
from intacct_sf_pipeline.model.errors import ServiceReply
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec
from intacct_sf_pipeline.model.plans import LineStatus, Operation, PlanLine
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Scalar, Side, SourceRow
from intacct_sf_pipeline.model.results import WriteOutcome, WriteStatus


def settle_unknown(ctx: SyncContext, entity: EntityMapping, *, fresh: bool = True) -> int:
    """Settle the writes that earlier runs left open on both sides; how many.

    `fresh` says that this run has read both sides. One that has not leaves alone what only such a reading can tell.
    """
    settled = 0
    for side in SIDES:
        lines = ctx.store.unsettled(entity, side, run_id=ctx.run_id)
        if not fresh:
            lines = [line for line in lines if line.operation is not Operation.CREATE or line.natural_id]
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
    creates = [line for line in lines if line.operation is Operation.CREATE]
    named = [line for line in creates if line.natural_id]
    absent = _adopt_found(ctx, entity, side, named)
    if refused:
        absent += [line for line in creates if not line.natural_id]
        if absent:
            _hold_duplicates(ctx, entity, side, absent)
        return len(absent)
    linked = _already_linked(ctx, entity, side, [line for line in creates if not line.natural_id])
    absent += linked
    numbered = alike(ctx, entity, side, [line for line in creates if not line.natural_id and line not in linked])
    adopt(ctx, entity, side, numbered.found)
    if side is Side.INTACCT:
        _send_again(ctx, entity, side, ask_about_strangers(ctx, entity, side, numbered.absent))
    else:
        absent += numbered.absent
    absent += numbered.unsure
    changes = [line for line in lines if line.operation is not Operation.CREATE]
    plan_anew(ctx, entity, side, [*_not_as_written(ctx, entity, side, changes), *absent])
    return 0


def _already_linked(ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> list[PlanLine]:
    """Creates whose record has got a partner since, by a person's decision: there is nothing left to create."""
    links = ctx.store.links(entity.link_entity, side.other, {line.source_key for line in lines if line.source_key})
    return [line for line in lines if line.source_key in links]


def _adopt_found(ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> list[PlanLine]:
    """Adopt the records that carry the lines' natural ids; the lines without one."""
    feed = ctx.config.mapping.feed(side, entity.side(side).feed)
    found = _look_up(ctx, feed, feed.id, [line.natural_id for line in lines if line.natural_id])
    existing = {line.line_id: row for line in lines if (row := found.get((line.natural_id or "").casefold()))}
    adopt(ctx, entity, side, [(line, existing[line.line_id]) for line in lines if line.line_id in existing])
    return [line for line in lines if line.line_id not in existing]


def _not_as_written(ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> list[PlanLine]:
    """Read the targets of changes again; those that hold what was sent count as written, the others are given back."""
    keys = {line.target_key for line in lines if line.target_key}
    if not keys:
        return list(lines)
    feed = ctx.config.mapping.feed(side, entity.side(side).feed)
    rows = read_again(ctx, entity, feed, keys)
    stage_side(ctx, entity, side, Counter())
    records = ctx.store.records(entity, side, keys)
    found = {line.line_id: _as_found(entity, line, records, rows) for line in lines}
    done = [line for line in found.values() if line is not None]
    # Of what was written in part the rest is planned anew; queued before the lines are closed.
    halves = [line for line in lines if (part := found[line.line_id]) and len(part.changes) < len(line.changes)]
    _enqueue(ctx, entity, side, halves)
    Outcomes(ctx, entity, side).commit(
        [(line, WriteOutcome(line.line_id, WriteStatus.WRITTEN, key=line.target_key)) for line in done]
    )
    return [line for line in lines if found[line.line_id] is None]


def _as_found(
    entity: EntityMapping, line: PlanLine, records: Mapping[str, CanonicalRecord], rows: Mapping[str, SourceRow]
) -> PlanLine | None:
    """The line if the record holds what it wrote, or the part of it that it holds; None if nothing of it stands.

    A write of several calls may have been done in part, and somebody may have edited another field since. What stands
    is the line's doing: uncounted it would be missing in the journal, and an undo would travel to the other side. A
    record that left the scope since (a contact taken off its list) has no values any more: its row tells.
    """
    record, row = records.get(line.target_key or ""), rows.get(line.target_key or "")
    if _holds(entity, line, record):
        return line
    outside = record is None or record.deleted
    standing = [
        change
        for change in line.changes
        if joined(change.after) != change.before
        and (
            _row_holds(row, replace(line, changes=(change,)))
            if outside
            else _holds(entity, replace(line, changes=(change,)), record)
        )
    ]
    return replace(line, changes=tuple(standing)) if standing else None


def _row_holds(row: SourceRow | None, line: PlanLine) -> bool:
    """Whether a row as it was read holds what a line wrote, text for text."""
    written = column_values(line)
    return row is not None and all(
        column in row.values and _plain(row.values[column]) == _plain(value) for column, value in written.items()
    )


def _plain(value: Scalar) -> str:
    return "" if value is None else _text(value)


def _holds(entity: EntityMapping, line: PlanLine, record: CanonicalRecord | None) -> bool:
    """Whether the record holds everything the line wrote; what is written along with it but never compared aside."""
    if record is None or record.deleted or not line.changes:
        return False
    for change in line.changes:
        spec = entity.by_name.get(change.field)
        if spec is None:
            after = change.after if not isinstance(change.after, tuple) else change.after[0]
            if any(_text(record.raw.get(column)) != _text(after) for column in change.columns):
                return False
        elif not spec.stamp and record.values.get(change.field) != change.canonical:
            return False
    return True


def _text(value: object) -> str:
    return str(value).casefold()


def _send_again(ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> None:
    """The very same creates under the very same idempotency keys: a service that has done them answers as it did then.

    Source: Intacct REST Guide, idempotency: same key and body within 48 hours give the stored answer.
    """
    size = ctx.connectors[side].batch_size()
    by_id = {line.line_id: line for line in lines}
    for start in range(0, len(lines), size):
        requests = [to_request(entity, side, line, None) for line in lines[start : start + size]]
        ctx.store.may_write(entity)
        for outcomes in ctx.connectors[side].write(requests):
            Outcomes(ctx, entity, side).commit([(by_id[outcome.ref], outcome) for outcome in outcomes])


def plan_anew(ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> None:
    """Give lines up and queue their records, to be decided from the present state."""
    if not lines:
        return
    # Queued before the lines are closed: a crash between the two plans them twice, never not at all.
    _enqueue(ctx, entity, side, lines)
    ctx.store.mark(lines, LineStatus.SUPERSEDED)


def _enqueue(ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> None:
    ctx.store.requeue(entity, side.other, {line.source_key for line in lines if line.source_key})
    ctx.store.requeue(entity, side, {line.target_key for line in lines if line.target_key})


def _hold_duplicates(ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> None:
    message = "a record with the same unique value exists already"
    reply = ServiceReply(side.value, "create", code="DUPLICATE", message=message)
    outcomes = [WriteOutcome(line.line_id, WriteStatus.REJECTED, error=reply, duplicate=True) for line in lines]
    Outcomes(ctx, entity, side).commit(list(zip(lines, outcomes, strict=True)))


def _look_up(ctx: SyncContext, feed: FeedSpec, by: str, values: Collection[str]) -> Mapping[str, SourceRow]:
    """Rows of `feed` by the folded text of their column `by`."""
    if not values or not by:
        return {}
    rows = ctx.connectors[feed.side].lookup(feed, ctx.config.mapping.columns(feed), by, set(values))
    return {str(row.key if by == feed.key else row.values.get(by)).casefold(): row for row in rows}
