"""The four steps of a flow, each timed, metered and entered in the run ledger.

Extract, stage, reconcile, write back.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.extract import extract_feed
from intacct_sf_pipeline.engine.guarding.guard import guard
from intacct_sf_pipeline.engine.people.status_fields import tell_states
from intacct_sf_pipeline.engine.reconcile import reconcile_entity
from intacct_sf_pipeline.engine.review.apply_plan import look_at_live, report_on_plan
from intacct_sf_pipeline.engine.sighting import watching, witness_clocks
from intacct_sf_pipeline.engine.stage import stage_entity
from intacct_sf_pipeline.engine.writing.follow_up import follow_up
from intacct_sf_pipeline.engine.writing.jobs import resume_jobs
from intacct_sf_pipeline.engine.writing.settle import settle_unknown
from intacct_sf_pipeline.engine.writing.write_back import write_back_entity
from intacct_sf_pipeline.model.budget import Wait
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec
from intacct_sf_pipeline.model.plans import Operation, PlanLine, Settlement
from intacct_sf_pipeline.model.records import SIDES, Scalar, Side
from intacct_sf_pipeline.model.results import Spend, StepReport

_PREVIEW_ROWS = 20
_READ = ("read", "new", "changed", "deleted")
_WROTE = ("created", "updated", "deactivated", "failed", "unknown")
_PLANNED = (Operation.CREATE, Operation.UPDATE, Operation.LINK, Operation.DEACTIVATE, Operation.NONE)


class _Meter:
    """What a step costs: seconds and the API use of the connectors of `sides` (default: both) since it began."""

    def __init__(self, ctx: SyncContext, *sides: Side) -> None:
        self._ctx, self._sides = ctx, sides or SIDES
        self._before = {side: ctx.connectors[side].spend() for side in SIDES}
        self._began = time.monotonic()

    def spent(self, side: Side) -> Spend:
        return self._ctx.connectors[side].spend() - self._before[side] if side in self._sides else Spend()

    def seconds(self) -> float:
        return time.monotonic() - self._began

    def report(
        self,
        step: str,
        subject: str,
        counts: Mapping[str, int],
        *,
        preview: Sequence[Mapping[str, Scalar]] = (),
        lag: float | None = None,
    ) -> StepReport:
        """The step's report; counts carry the spend of both systems, since a settling look-up may touch either."""
        spent = {side: self.spent(side) for side in SIDES}
        total = Spend(sum(s.billed for s in spent.values()), sum(s.requests for s in spent.values()))
        full = {
            **counts,
            "intacct_transactions": spent[Side.INTACCT].billed,
            "salesforce_calls": spent[Side.SALESFORCE].billed,
        }
        return StepReport(step, subject, full, total, self.seconds(), tuple(preview), lag)


def extract(ctx: SyncContext, feed: FeedSpec) -> StepReport:
    """Read one feed into its landing table; not while everybody who uses it has to wait for the budget.

    Two threads may read at once, each a side of its own (`side_by_side.py`).
    """
    try:
        return _extract(ctx, feed)
    finally:
        witness_clocks(ctx, feed.side)


def _extract(ctx: SyncContext, feed: FeedSpec) -> StepReport:
    meter, subject = _Meter(ctx, feed.side), f"{feed.side.value}/{feed.name}"
    wait = None if ctx.gate is None else ctx.gate.feed_waits(feed)
    if wait is not None:
        return _waiting(ctx, feed.name, meter.report("extract", subject, dict.fromkeys(_READ, 0)), wait)
    with ctx.spending(feed.name, "extract", feed.side):
        extracted = extract_feed(ctx, feed)
    counts, lag = extracted.counts, extracted.lag_seconds
    found = dict(zip(_READ, (counts.read, counts.new, counts.changed, counts.deleted), strict=True))
    return _recorded(ctx, feed.name, meter.report("extract", subject, {**found, **extracted.doubts}, lag=lag))


@watching
def stage(ctx: SyncContext, entity: EntityMapping) -> StepReport:
    """Settle what earlier runs left open, then bring both sides' landed changes into canonical form."""
    meter = _Meter(ctx)
    if (wait := ctx.waits(entity)) is not None:
        return _waiting(ctx, entity.name, meter.report("stage", entity.name, {}), wait)
    with ctx.spending(entity.name, "stage"):
        look_at_live(ctx, entity)
        settled = resume_jobs(ctx, entity) + settle_unknown(ctx, entity)
        counts = stage_entity(ctx, entity)
    return _recorded(ctx, entity.name, meter.report("stage", entity.name, {**counts, "settled": settled}))


@watching
def reconcile(ctx: SyncContext, entity: EntityMapping) -> StepReport:
    """Match, merge and plan what changed, and keep back what the guard does not let pass."""
    meter = _Meter(ctx)
    if (wait := ctx.waits(entity)) is not None:
        none = dict.fromkeys((*(name.value for name in _PLANNED), "held"), 0)
        return _waiting(ctx, entity.name, meter.report("reconcile", entity.name, none), wait)
    with ctx.spending(entity.name, "reconcile"):
        counts, shown = reconcile_entity(ctx, entity)
        kept = guard(ctx, entity)
    found = {name.value: counts[name.value] - kept.held[name] - kept.refused[name] for name in _PLANNED}
    found["held"] = counts["held"] + kept.held.total()
    if ctx.options.plan is not None:
        found["refused"] = kept.refused.total()
    return _recorded(ctx, entity.name, meter.report("reconcile", entity.name, found, preview=_preview(shown)))


@watching
def write_back(ctx: SyncContext, entity: EntityMapping, side: Side) -> StepReport:
    """Write the plan of this run to one side; after the second side, what the writes themselves brought about.

    What the budget keeps from being written is planned anew by the next run.
    """
    meter, counts, step = _Meter(ctx), Counter[str](), f"{side.value}_writeback"
    written: list[PlanLine] = []
    if ctx.waits(entity) is None:
        with ctx.spending(entity.name, step):
            counts, written = write_back_entity(ctx, entity, side)
            if side is SIDES[-1] and ctx.waits(entity) is None:
                counts.update(follow_up(ctx, entity))
                if ctx.options.plan is None:
                    tell_states(ctx, entity)
                report_on_plan(ctx, entity)
    preview = [_line_row(line) for line in written[:_PREVIEW_ROWS]]
    report = meter.report(step, entity.name, {name: counts[name] for name in _WROTE}, preview=preview)
    wait = ctx.waits(entity)
    return _recorded(ctx, entity.name, report) if wait is None else _waiting(ctx, entity.name, report, wait)


def _waiting(ctx: SyncContext, entity: str, report: StepReport, wait: Wait) -> StepReport:
    """The report of a step that did nothing, or not all it might have, because the budget keeps the flow back."""
    told = replace(report, counts={**report.counts, "waiting": 1}, waiting=wait.told())
    return _recorded(ctx, entity, told)


def _recorded(ctx: SyncContext, entity: str, report: StepReport) -> StepReport:
    ctx.store.record_step(ctx.run_id, entity, report)
    return report


def _preview(settlements: Sequence[Settlement]) -> list[Mapping[str, Scalar]]:
    lines = [line for settlement in settlements for line in settlement.lines if line.operation is not Operation.NONE]
    return [_line_row(line) for line in lines[:_PREVIEW_ROWS]]


def _line_row(line: PlanLine) -> Mapping[str, Scalar]:
    """A plan line for showing: keys, operation and field names, no field values."""
    return {
        "operation": line.operation.value,
        "side": line.side.value,
        "intacct": line.intacct_key(),
        "salesforce": line.salesforce_id(),
        "fields": ", ".join(change.field for change in line.changes),
        "reason": line.reason,
    }
