"""The guard, at the end of planning and before anything is written: a plan that is being applied is kept to, limits are
enforced, and what `--force` overrode is put on record.

A limit that stops the run is only stated here (in the run's ledger); the check `safe_to_write` stops it. In the
follow-up pass there is nothing left to stop: what exceeds a limit there waits for approval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.guarding.breakers import bounds_of, breaker_fields, forced_by
from intacct_sf_pipeline.engine.guarding.limits import (
    Exceeded,
    Fate,
    bounds,
    counts_as,
    fate,
    forced_text,
    limit_hold,
    record_of,
    rough_counts,
    tried,
)
from intacct_sf_pipeline.engine.review.apply_plan import keep_to_plan
from intacct_sf_pipeline.engine.values.normalise import joined
from intacct_sf_pipeline.model.config import LimitedOperation
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Hold, JournalEntry, LineStatus, Operation, PlanLine
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import StepReport

GUARD_STEP = "guard"
"""The step under which the ledger says which limits were exceeded; its subject is `side operation`."""

FORCE_RULE = "--force"
ALL_RECORDS = "*"
Limited = tuple[Side, LimitedOperation]


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guard kept back, by operation: lines held for approval, and lines not in the plan being applied."""

    held: Counter[Operation]
    refused: Counter[Operation]


def guard(ctx: SyncContext, entity: EntityMapping) -> Guarded:
    """Keep back what must not be written of the lines that this run planned for `entity`."""
    refused = keep_to_plan(ctx, entity)
    held = _keep_within_limits(ctx, entity)
    _note_forced_breakers(ctx, entity)
    return Guarded(held, refused)


def _keep_within_limits(ctx: SyncContext, entity: EntityMapping) -> Counter[Operation]:
    limits = ctx.config.limits_for(entity.name)
    counts = ctx.store.line_counts(entity, run_id=ctx.run_id)
    if not any(status is LineStatus.PLANNED for _, _, status in counts):
        return Counter()
    rough = rough_counts(counts)
    # Pairs are counted only where a line may fall under a share of them: counting takes as long as there are pairs.
    in_percent = any(limits.bound(operation).percent is not None for _, operation in rough)
    most = bounds(limits, ctx.store.pair_count(entity) if in_percent else 0)
    waiting = ctx.store.awaiting_approval(entity)
    doubtful = {at for at, count in rough.items() if at[1] in most and (waiting or count > most[at[1]])}
    if not doubtful:
        return Counter()
    judge = _Judge(ctx, entity, most, waiting)
    fates = judge.counts(doubtful)
    exceeded: dict[Limited, Exceeded] = {}
    for side, operation in sorted(doubtful):
        fresh, queued = fates[side, operation, "fresh"], fates[side, operation, "queued"]
        planned = fresh + tried(counts, side, operation)
        if planned > most[operation] or queued:
            over = planned > most[operation]
            action = limits.action(operation) if over and ctx.round == 1 else "hold"
            found = Exceeded(entity.name, side, operation, planned, most[operation], action)
            if found.name in ctx.options.force:
                found = replace(found, action="force", planned=planned + queued, waited=queued)
            exceeded[side, operation] = found
    return judge.carry_out(exceeded)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges planned lines, page by page, so that any number of them may be planned."""

    ctx: SyncContext
    entity: EntityMapping
    most: Mapping[LimitedOperation, int]
    waiting: Mapping[tuple[Side, str, Side], str]

    def counts(self, limited: set[Limited]) -> Counter[tuple[Side, LimitedOperation, Fate]]:
        """How many lines meet which fate."""
        found: Counter[tuple[Side, LimitedOperation, Fate]] = Counter()
        for page in self._pages():
            found.update(
                (line.side, operation, met) for line, operation, met in page if (line.side, operation) in limited
            )
        return found

    def carry_out(self, exceeded: Mapping[Limited, Exceeded]) -> Counter[Operation]:
        """Hold, or let pass by force; how many were held, by operation."""
        held: Counter[Operation] = Counter()
        by_limit: Counter[Limited] = Counter()
        for page in self._pages() if exceeded else ():
            kept: list[PlanLine] = []
            holds: list[Hold] = []
            forced: list[PlanLine] = []
            for line, operation, met in page:
                found = exceeded.get((line.side, operation))
                if found is None or met == "pass":
                    continue
                if found.action == "force":
                    forced.append(replace(line, reason=f"{line.reason}; {forced_by(found.name)}"))
                elif found.action == "hold" and (met == "queued" or found.planned > found.most):
                    kept.append(line)
                    holds.append(limit_hold(line, found, self._waits(line)))
                    by_limit[line.side, operation] += 1
            self.ctx.store.keep_back(self.entity, kept, LineStatus.HELD, holds, run_id=self.ctx.run_id)
            self.ctx.store.explain_lines(self.entity, forced)
            held.update(line.operation for line in kept)
        for at, found in exceeded.items():
            _state(self.ctx, self.entity, found, by_limit[at])
        return held

    def _pages(self) -> Iterator[list[tuple[PlanLine, LimitedOperation, Fate]]]:
        for lines in self.ctx.store.planned_lines(self.entity, run_id=self.ctx.run_id):
            decisions = (
                self.ctx.store.decisions(self.entity, {record_of(line) for line in lines}) if self.waiting else {}
            )
            yield [
                (
                    line,
                    operation,
                    fate(line, self._waits(line), decisions.get(record_of(line), ()), self.most[operation]),
                )
                for line in lines
                if (operation := counts_as(self.entity, line)) is not None and operation in self.most
            ]

    def _waits(self, line: PlanLine) -> str | None:
        return self.waiting.get((*record_of(line), line.side))


def _state(ctx: SyncContext, entity: EntityMapping, found: Exceeded, held: int) -> None:
    """Put a limit that was exceeded on record: in the ledger, and where it was overridden in the journal too."""
    counts = {"planned": found.planned, "limit": found.most, "held": held}
    report = StepReport(GUARD_STEP, f"{found.side.value} {found.operation}", {**counts, found.action: 1})
    ctx.store.record_step(ctx.run_id, entity.name, report)
    if found.action == "force":
        ctx.store.note(ctx.run_id, "forced", {f"{found.name} ({found.side.value})": counts})
        entry = _override(ctx, entity, found.side, ALL_RECORDS, found.name)
        told = replace(entry, before=found.most, after=found.planned, reason=forced_text(found))
        _journal(ctx, entity, found.side, [told])


def _note_forced_breakers(ctx: SyncContext, entity: EntityMapping) -> None:
    """Put every value on record that breaks its bounds and is written because `--force` names the breaker."""
    forced = {
        spec.name: (name, bounds_of(spec))
        for spec in breaker_fields(entity)
        if (name := f"{entity.name}.{spec.name}") in ctx.options.force
    }
    used: Counter[str] = Counter()
    for lines in ctx.store.planned_lines(entity, run_id=ctx.run_id) if forced else ():
        entries: dict[Side, list[JournalEntry]] = {}
        for line, change in ((each, change) for each in lines for change in each.changes):
            name, bound = forced.get(change.field, ("", ""))
            if name and change.reason.endswith(forced_by(name)):
                used[name] += 1
                entry = _override(ctx, entity, line.side, line.target_key or line.source_key or "", name)
                found = replace(entry, before=bound, after=joined(change.after), reason=change.reason)
                entries.setdefault(line.side, []).append(found)
        for side, written in entries.items():
            _journal(ctx, entity, side, written)
    if used:
        ctx.store.note(ctx.run_id, "forced", {name: {"values": count} for name, count in used.items()})


def _override(ctx: SyncContext, entity: EntityMapping, side: Side, key: str, name: str) -> JournalEntry:
    return JournalEntry(
        ctx.run_id, entity.name, side, key, Operation.FORCE, name, None, None, FORCE_RULE, "", ctx.clock()
    )


def _journal(ctx: SyncContext, entity: EntityMapping, side: Side, entries: Sequence[JournalEntry]) -> None:
    ctx.store.commit_outcomes(
        entity,
        (),
        {},
        settlements=(),
        journal=entries,
        predicted=(),
        records=(),
        side=side,
        run_id=ctx.run_id,
    )
