"""Records that appeared after a creation of which no answer came, and that may be what it made.

A record that a service numbers itself carries nothing of ours. If it holds just what was sent it is known by that
(`likeness.py`); if somebody edited it before it was looked for, it is one among those that appeared since. To send the
creation again would be safe only if the service surely honours idempotency keys, which cannot be known. So a person is
asked: both the record that was to be copied and those that may be its copy are held, and wait for each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.matching.evidence import score
from intacct_sf_pipeline.engine.people.holds import unanswered_hold
from intacct_sf_pipeline.engine.stage import stage_side
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Hold, LineStatus, PlanLine
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.model.windows import CLOCK_TOLERANCE

MOST = 5
"""Records that are told of one creation, the likeliest first."""


def ask_about_strangers(
    ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]
) -> list[PlanLine]:
    """Hold those creations of which a record without a partner may be the result; the others are given back."""
    if not lines:
        return []
    stage_side(ctx, entity, side, Counter())
    since = min(ctx.store.planned_at(lines).values(), default=ctx.clock()) - _slack(ctx, side)
    strangers = ctx.store.records(entity, side, ctx.store.appeared(entity, side, since))
    if not strangers:
        return list(lines)
    sources = ctx.store.records(entity, side.other, [line.source_key for line in lines if line.source_key])
    asked = [line for line in lines if line.source_key in sources]
    # Queued before the lines are closed: what holds are found now, the reconciliation of this run finds again.
    ctx.store.requeue(entity, side.other, {line.source_key for line in asked if line.source_key})
    ctx.store.requeue(entity, side, set(strangers))
    holds = _holds(entity, side, [sources[line.source_key or ""] for line in asked], list(strangers.values()))
    ctx.store.keep_back(entity, asked, LineStatus.SUPERSEDED, holds, run_id=ctx.run_id)
    return [line for line in lines if line.source_key not in sources]


def _holds(
    entity: EntityMapping, side: Side, sources: Sequence[CanonicalRecord], strangers: Sequence[CanonicalRecord]
) -> list[Hold]:
    found = [unanswered_hold(entity, side.other, one.key, _likeliest(entity, one, strangers)) for one in sources]
    return found + [unanswered_hold(entity, side, one.key, _likeliest(entity, one, sources)) for one in strangers]


def _likeliest(entity: EntityMapping, record: CanonicalRecord, others: Sequence[CanonicalRecord]) -> list[str]:
    likely = {other.key: score(entity, record, other) or 0.0 for other in others}
    return sorted(likely, key=lambda key: (-likely[key], key))[:MOST]


def _slack(ctx: SyncContext, side: Side) -> timedelta:
    """How much earlier than by our clock a record may be stamped that was made after a line was planned."""
    behind = [-sighting.clocks.offset for sighting in ctx.store.sightings(side)]
    return max([timedelta(0), *behind]) + CLOCK_TOLERANCE
