"""The write-back step.

The run's plan lines for one side are sent in batches, intent committed before each call and outcome after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.writing.outcomes import Outcomes
from intacct_sf_pipeline.engine.writing.read_back import read_back
from intacct_sf_pipeline.engine.writing.settle import settle_lines
from intacct_sf_pipeline.engine.writing.write_requests import needs_read_back, related_values, to_request
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import FieldChange, LineStatus, Operation, PlanLine
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus

_COUNTED = {
    Operation.CREATE: "created",
    Operation.UPDATE: "updated",
    Operation.LINK: "updated",
    Operation.DEACTIVATE: "deactivated",
}


def write_back_entity(ctx: SyncContext, entity: EntityMapping, side: Side) -> tuple[Counter[str], list[PlanLine]]:
    """Write what this run planned for `side`; counts, and the first lines written, for showing."""
    counts: Counter[str] = Counter()
    written: list[PlanLine] = []
    if not entity.writes_to(side):
        return counts, written
    left = ctx.options.limit
    size = ctx.connectors[side].batch_size()
    touched: list[PlanLine] = []
    while lines := ctx.store.planned(entity, side, run_id=ctx.run_id, limit=size if left is None else min(size, left)):
        done = _write_batch(ctx, entity, side, lines, counts)
        touched.extend(line for line in done if needs_read_back(entity, line))
        written.extend(done[: 50 - len(written)])
        left = None if left is None else left - len(lines)
        if left == 0:
            break
        ctx.progress(f"write {side.value} {entity.name}", sum(counts.values()), None)
    read_back(ctx, entity, side, touched)
    return counts, written


def _write_batch(
    ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine], counts: Counter[str]
) -> list[PlanLine]:
    ready = _with_ids_given_back(ctx, entity, side, lines)
    if not ready:
        return []
    current = ctx.store.records(entity, side, [line.target_key for line in ready if line.target_key])
    requests = [_request(entity, side, line, current.get(line.target_key or "")) for line in ready]
    by_id = {line.line_id: line for line in ready}
    ctx.store.mark(ready, LineStatus.SENT)
    ctx.store.may_write(entity)
    done: list[PlanLine] = []
    doubles: list[PlanLine] = []
    for outcomes in ctx.connectors[side].write(requests):
        pairs = [(by_id[outcome.ref], outcome) for outcome in outcomes]
        settled = [(line, outcome) for line, outcome in pairs if not _is_double(line, outcome)]
        doubles.extend(line for line, outcome in pairs if _is_double(line, outcome))
        done.extend(Outcomes(ctx, entity, side).commit(settled))
        for line, outcome in settled:
            counts[_count_as(line, outcome)] += 1
    if doubles:
        counts["failed"] += settle_lines(ctx, entity, side, doubles, refused=True)
    return done


def _is_double(line: PlanLine, outcome: WriteOutcome) -> bool:
    """A create refused because the record exists: it is looked up and adopted, never created under another name."""
    return outcome.duplicate and line.operation is Operation.CREATE


def _count_as(line: PlanLine, outcome: WriteOutcome) -> str:
    if outcome.status is WriteStatus.WRITTEN:
        return _COUNTED[line.operation]
    return "unknown" if outcome.status is WriteStatus.UNKNOWN else "failed"


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
