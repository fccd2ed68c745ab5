"""The write-back step.

The run's plan lines for one side are sent in batches, several at once where the service allows it; the intent of each
call is committed before it leaves, its outcome after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.writing.calls import Prepared, calls_of, families_of
from intacct_sf_pipeline.engine.writing.in_flight import InFlight
from intacct_sf_pipeline.engine.writing.jobs import write_by_jobs
from intacct_sf_pipeline.engine.writing.sending import Sender
from intacct_sf_pipeline.engine.writing.tally import Tally
from intacct_sf_pipeline.engine.writing.write_requests import related_values, to_request
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import FieldChange, LineStatus, Operation, PlanLine
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.model.results import WriteRequest

MOST_AHEAD = 10
"""Batches that are taken from the outbox together, so that memory does not follow the limit."""


def write_back_entity(ctx: SyncContext, entity: EntityMapping, side: Side) -> tuple[Counter[str], list[PlanLine]]:
    """Write what this run planned for `side`; counts, and the first lines written, for showing.

    What is worth a job goes by jobs first. While one is under way nothing else is written to the side: the lines left
    are planned anew by the next run. So are those that the budget keeps back, which is asked before each call.
    """
    tally = Tally(ctx, entity, side)
    if not entity.writes_to(side) or ctx.store.open_jobs(entity, side):
        return tally.counts, tally.written

    def prepare(lines: Sequence[PlanLine]) -> list[tuple[PlanLine, WriteRequest]]:
        return [(part.line, part.request) for part in _prepared(ctx, entity, side, lines)]

    left = ctx.options.limit
    gone, under_way = write_by_jobs(tally, prepare, most=left)
    if not under_way:
        _write_by_calls(tally, None if left is None else left - gone)
    tally.read_back()
    return tally.counts, tally.written


def _write_by_calls(tally: Tally, left: int | None) -> None:
    """Write the lines that are planned, `left` at most, as many calls at once as the connector allows."""
    ctx, entity, side = tally.ctx, tally.entity, tally.side
    connector = ctx.connectors[side]
    size, at_once = connector.batch_size(), connector.at_once()
    look_ahead = size * min(at_once, MOST_AHEAD)
    with InFlight(connector.write, at_once) as flight:
        sender, going = Sender(tally, flight), True
        while going and left != 0 and ctx.waits(entity) is None:
            most = look_ahead if left is None else min(look_ahead, left)
            lines = ctx.store.planned(entity, side, run_id=ctx.run_id, limit=most)
            if not lines:
                break
            left = None if left is None else left - len(lines)
            prepared = _prepared(ctx, entity, side, lines)
            calls = calls_of(prepared, size=size, at_once=at_once, goes_alone=connector.goes_alone)
            going = all(sender.send(call) for call in calls)
            if tally.is_full:
                sender.drain()
                tally.read_back()
        sender.drain()


def _prepared(ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> list[Prepared]:
    """Lines with what they ask of the service, and what they lock there."""
    ready = _with_ids_given_back(ctx, entity, side, lines)
    current = ctx.store.records(entity, side, [line.target_key for line in ready if line.target_key])
    prepared = []
    for line in ready:
        record = current.get(line.target_key or "")
        request = _request(entity, side, line, record)
        prepared.append(Prepared(line, request, families_of(entity, side, line, request, record)))
    return prepared


def _with_ids_given_back(
    ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]
) -> list[PlanLine]:
    """Lines that carry a new Intacct id back to Salesforce get the id that was really given.

    Without one they are given up.
    """
    waiting = [
        line for line in lines if line.operation is Operation.LINK and line.source_key is None and line.target_key
    ]
    if not waiting:
        return list(lines)
    links = ctx.store.links(entity.link_entity, side, [line.target_key or "" for line in waiting])
    created = ctx.store.records(entity, side.other, [link.intacct_key for link in links.values()])
    ready: dict[str, PlanLine] = {line.line_id: line for line in lines if line not in waiting}
    for line in waiting:
        link = links.get(line.target_key or "")
        record = created.get(link.intacct_key) if link else None
        if link is not None:
            ready[line.line_id] = replace(
                line, source_key=link.intacct_key, changes=tuple(_given(change, record) for change in line.changes)
            )
    ctx.store.restate([ready[line.line_id] for line in waiting if line.line_id in ready])
    given_up = [line for line in waiting if line.line_id not in ready]
    if given_up:
        ctx.store.mark(given_up, LineStatus.SUPERSEDED)
    return [ready[line.line_id] for line in lines if line.line_id in ready]


def _given(change: FieldChange, record: CanonicalRecord | None) -> FieldChange:
    value = record.values.get(change.field) if record else None
    return change if value is None else replace(change, after=str(value), canonical=value)


def _request(entity: EntityMapping, side: Side, line: PlanLine, current: CanonicalRecord | None) -> WriteRequest:
    key = None if line.operation is Operation.CREATE else line.target_key
    return to_request(entity, side, line, key, related_values(entity, side, current) if current else None)
