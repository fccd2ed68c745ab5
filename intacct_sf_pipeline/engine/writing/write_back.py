"""The write-back step.

The run's plan lines for one side are sent in batches, intent committed before each call and outcome after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.writing.jobs import is_double, write_by_jobs
from intacct_sf_pipeline.engine.writing.outcomes import Outcomes
from intacct_sf_pipeline.engine.writing.settle import settle_lines
from intacct_sf_pipeline.engine.writing.tally import Tally
from intacct_sf_pipeline.engine.writing.write_requests import related_values, to_request
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import FieldChange, LineStatus, Operation, PlanLine
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.model.results import WriteRequest


def write_back_entity(ctx: SyncContext, entity: EntityMapping, side: Side) -> tuple[Counter[str], list[PlanLine]]:
    """Write what this run planned for `side`; counts, and the first lines written, for showing.

    What is worth a job goes by jobs first. While one is under way nothing else is written to the side: the lines left
    are planned anew by the next run. So are those that the budget keeps back, which is asked before each batch.
    """
    tally = Tally(ctx, entity, side)
    if not entity.writes_to(side) or ctx.store.open_jobs(entity, side):
        return tally.counts, tally.written

    def prepare(lines: Sequence[PlanLine]) -> list[tuple[PlanLine, WriteRequest]]:
        return _prepared(ctx, entity, side, lines)

    left = ctx.options.limit
    gone, under_way = write_by_jobs(tally, prepare, most=left)
    left = None if left is None else left - gone
    size = ctx.connectors[side].batch_size()
    while left != 0 and not under_way and ctx.waits(entity) is None:
        lines = ctx.store.planned(entity, side, run_id=ctx.run_id, limit=size if left is None else min(size, left))
        if not lines:
            break
        _write_batch(tally, prepare(lines))
        tally.read_back(all_of_it=False)
        left = None if left is None else left - len(lines)
        ctx.progress(f"write {side.value} {entity.name}", sum(tally.counts.values()), None)
    tally.read_back()
    return tally.counts, tally.written


def _prepared(
    ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]
) -> list[tuple[PlanLine, WriteRequest]]:
    """Lines with what they ask of the service."""
    ready = _with_ids_given_back(ctx, entity, side, lines)
    current = ctx.store.records(entity, side, [line.target_key for line in ready if line.target_key])
    return [(line, _request(entity, side, line, current.get(line.target_key or ""))) for line in ready]


def _write_batch(tally: Tally, prepared: Sequence[tuple[PlanLine, WriteRequest]]) -> None:
    ctx, entity, side = tally.ctx, tally.entity, tally.side
    if not prepared:
        return
    by_id = {line.line_id: line for line, _ in prepared}
    ctx.store.mark([line for line, _ in prepared], LineStatus.SENT)
    ctx.store.may_write(entity)
    doubles: list[PlanLine] = []
    for outcomes in ctx.connectors[side].write([request for _, request in prepared]):
        pairs = [(by_id[outcome.ref], outcome) for outcome in outcomes]
        settled = [(line, outcome) for line, outcome in pairs if not is_double(line, outcome)]
        doubles.extend(line for line, outcome in pairs if is_double(line, outcome))
        tally.took(Outcomes(ctx, entity, side).commit(settled), settled)
    if doubles:
        tally.counts["failed"] += settle_lines(ctx, entity, side, doubles, refused=True)


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
