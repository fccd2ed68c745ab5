"""Putting back what a run wrote: from its journal, held against what the records hold at this moment.

The writes of an undo are plan lines of a run of its own. They go the way of all writes: through the guard, the outbox
and the journal, settled by looking when no answer came; so an undo can itself be undone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.guarding.limit_stop import guard_strictly
from intacct_sf_pipeline.engine.planning.lines import LineMaker
from intacct_sf_pipeline.engine.review.undo_plan import ALREADY, LEFT, PUT_BACK, Undoing, UndoPlanner
from intacct_sf_pipeline.engine.review.undo_values import Reading
from intacct_sf_pipeline.engine.values.references import canonical_reference, reference_fields
from intacct_sf_pipeline.engine.writing.jobs import resume_jobs
from intacct_sf_pipeline.engine.writing.live import read_live
from intacct_sf_pipeline.engine.writing.settle import settle_unknown
from intacct_sf_pipeline.engine.writing.write_back import write_back_entity
from intacct_sf_pipeline.model.history import Undo, WrittenRecord
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import PlanLine
from intacct_sf_pipeline.model.records import SIDES, Link, Side
from intacct_sf_pipeline.model.results import Spend, StepReport

UNDO_STEP = "undo"
Count = tuple[Side, str]
"""A side, and the rule of changes planned for it or the name of what became of its records."""

_CHUNK = 500
_BILLED = {Side.INTACCT: "intacct_transactions", Side.SALESFORCE: "salesforce_calls"}


class _Spending:
    """What the undo of one entity costs, over both of its halves."""

    def __init__(self, ctx: SyncContext) -> None:
        self._ctx = ctx
        self.seconds = 0.0
        self.spent = {side: Spend() for side in SIDES}

    @contextmanager
    def metered(self, entity: str) -> Iterator[None]:
        before, began = {side: self._ctx.connectors[side].spend() for side in SIDES}, time.monotonic()
        with self._ctx.spending(entity, UNDO_STEP):
            yield
        self.seconds += time.monotonic() - began
        for side in SIDES:
            used, more = self.spent[side], self._ctx.connectors[side].spend() - before[side]
            self.spent[side] = Spend(used.billed + more.billed, used.requests + more.requests)

    def report(self, entity: str, counts: Counter[Count]) -> StepReport:
        """What the ledger keeps of both sides together."""
        billed = {_BILLED[side]: spent.billed for side, spent in self.spent.items()}
        total = Spend(sum(s.billed for s in self.spent.values()), sum(s.requests for s in self.spent.values()))
        both = Counter[str]()
        for (_, name), count in counts.items():
            both[name] += count
        return StepReport(UNDO_STEP, entity, {**_named(both), **billed}, total, self.seconds)

    def report_on(self, side: Side, entity: str, counts: Counter[Count]) -> StepReport:
        """What was put back on one side, and what that side's service charged."""
        spent = self.spent[side]
        own = {name: count for (at, name), count in counts.items() if at is side}
        return StepReport(UNDO_STEP, entity, {**_named(own), _BILLED[side]: spent.billed}, spent, self.seconds)


def undo_run(ctx: SyncContext, entities: Sequence[EntityMapping], undo: Undo) -> dict[str, Mapping[Side, StepReport]]:
    """Put back what a run wrote to `entities`; a rehearsal only plans it. The steps are entered in the ledger.

    Returns the report of each side, by flow; seconds are those of the flow. Everything is planned before anything is
    written, and what depended on others goes first.

    Raises:
        LimitExceededError: more would be written than a run may write; nothing was.
    """
    ctx = replace(ctx, gate=None)  # somebody asked for it, and half an undo would help nobody
    record = {side.value: key for side, key in (undo.record or {}).items()}
    ctx.store.note(ctx.run_id, "undoes", {"run_id": undo.undoes, "record": record, "field": undo.field})
    spending = {entity.name: _Spending(ctx) for entity in entities}
    counts: dict[str, Counter[Count]] = {}
    for entity in entities:
        with spending[entity.name].metered(entity.name):
            counts[entity.name] = plan_undo(ctx, entity, undo)
    for entity in reversed(entities):
        with spending[entity.name].metered(entity.name):
            counts[entity.name].update(_write(ctx, entity))
    for name, found in counts.items():
        ctx.store.record_step(ctx.run_id, name, spending[name].report(name, found))
    return {
        name: {side: spending[name].report_on(side, name, found) for side in SIDES} for name, found in counts.items()
    }


def plan_undo(ctx: SyncContext, entity: EntityMapping, undo: Undo) -> Counter[Count]:
    """Settle what earlier runs left open, then plan the undo of `entity`; how many changes by side and what becomes of
    them.

    Raises:
        LimitExceededError: see `undo_run`.
    """
    resume_jobs(ctx, entity)
    settle_unknown(ctx, entity, fresh=False)
    ctx.store.supersede(entity, run_id=ctx.run_id)
    counts: Counter[Count] = Counter()
    seen = 0
    for records in ctx.store.written_by(entity, undo.undoes, keys=undo.record, size=_CHUNK):
        lines = _lines(ctx, entity, undo, records)
        ctx.store.plan(entity, lines)
        counts.update((line.side, change.rule) for line in lines for change in line.changes)
        seen += len(records)
        ctx.progress(f"undo {entity.name}", seen, None)
    guard_strictly(ctx, entity)
    return counts


def _write(ctx: SyncContext, entity: EntityMapping) -> Counter[Count]:
    counts: Counter[Count] = Counter()
    for side in SIDES if not ctx.options.plan_only else ():
        written, _ = write_back_entity(ctx, entity, side)
        counts.update({(side, name): count for name, count in written.items()})
    return counts


def _named(counts: Mapping[str, int]) -> dict[str, int]:
    words = {PUT_BACK: "planned", LEFT: "left", ALREADY: "already"}
    written = ("updated", "deactivated", "failed", "unknown")
    return {word: counts.get(rule, 0) for rule, word in words.items()} | {name: counts.get(name, 0) for name in written}


def _lines(ctx: SyncContext, entity: EntityMapping, undo: Undo, records: Sequence[WrittenRecord]) -> list[PlanLine]:
    """The lines for records of one side; everything about them is asked for at once."""
    side = records[0].side
    keys = [record.key for record in records]
    live = read_live(ctx, entity, side, keys)
    links = ctx.store.links(entity.link_entity, side, keys)
    baselines = ctx.store.baselines(entity, [link.intacct_key for link in links.values()])
    later: dict[str, dict[str, str]] = {}
    for (key, name), run_id in ctx.store.written_since(entity, side, keys, undo.undoes).items():
        later.setdefault(key, {})[name] = run_id
    reading = Reading(entity, side, ctx.config.policies.default_region, _references(ctx, entity, side, records))
    schema = ctx.connectors[side].describe(entity.side(side).object)
    planner = UndoPlanner(LineMaker(entity, ctx.run_id), undo, reading, schema)
    lines: list[PlanLine] = []
    for record in records:
        link = links.get(record.key)
        baseline = baselines.get(link.intacct_key) if link else None
        undoing = Undoing(record, link, live.get(record.key), baseline, later.get(record.key, {}))
        lines.extend(planner.plan(undoing))
    return lines


def _references(
    ctx: SyncContext, entity: EntityMapping, side: Side, records: Sequence[WrittenRecord]
) -> Callable[[str, str], str]:
    """The canonical form of the references that the journal of `records` holds."""
    links: dict[str, Mapping[str, Link]] = {}
    for spec in reference_fields(entity):
        entries = [entry for record in records for entry in record.entries if entry.field == spec.name]
        keys = {str(value) for entry in entries for value in (entry.before, entry.after) if value not in (None, "")}
        links[spec.to or ""] = {**links.get(spec.to or "", {}), **ctx.store.links(spec.to or "", side, keys)}
    return lambda name, key: canonical_reference(links.get(name, {}), side, key)
