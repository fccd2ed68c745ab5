"""Healing: what a comparison cannot explain is decided anew and written in the same run, under the ordinary guard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from intacct_sf_pipeline.engine import steps
from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.guarding.limit_stop import excess
from intacct_sf_pipeline.engine.review.compare import CompareReport, compare_pairs, note_agreement, read_afresh
from intacct_sf_pipeline.engine.review.compare_pair import Record
from intacct_sf_pipeline.engine.stage import stage_entity
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import SIDES

NEVER_SYNCED = "this flow was never synchronised; run a sync first"


def compare_and_heal(ctx: SyncContext, entities: Sequence[EntityMapping]) -> dict[str, CompareReport]:
    """Compare as `compare_entities` does, and settle what is found, flow by flow in their order.

    The reports say how things stand afterwards; `healed` is how many records were unexplained (or unknown) before and
    are not any more: they agree, or are on hold with a reason. A flow whose limits would be exceeded is not written,
    and says so in `stopped`; nor is one that no sync has ever read, since a first load is nobody's nightly surprise.
    """
    ctx = replace(ctx, gate=None)  # who compares has asked before; half a comparison would prove nothing
    seen = read_afresh(ctx, entities)
    first: dict[str, CompareReport] = {}
    stopped: dict[str, str] = {}
    for entity in entities:
        steps.stage(ctx, entity)
        first[entity.name] = compare_pairs(ctx, entity, seen, unexplained=_Waker(ctx, entity))
        stopped[entity.name] = _settle(ctx, entity) if seen.known(entity) else NEVER_SYNCED
    reports: dict[str, CompareReport] = {}
    for entity in entities:
        stage_entity(ctx, entity)
        left = compare_pairs(ctx, entity, seen if stopped[entity.name] else None)
        reports[entity.name] = replace(healed(first[entity.name], left), stopped=stopped[entity.name])
        note_agreement(ctx, entity, reports[entity.name])
    return reports


def healed(first: CompareReport, left: CompareReport) -> CompareReport:
    """How things stand after healing, with what was unexplained before and is not any more."""
    names = Counter(first.names)
    names.subtract(Counter(left.names))
    before, after = first.unexplained + first.found, left.unexplained + left.found
    return replace(
        left,
        healed=max(0, before - after),
        healed_fields={name: count for name, count in names.items() if count > 0},
        causes=first.causes,
    )


def _settle(ctx: SyncContext, entity: EntityMapping) -> str:
    """Decide and write everything that waits; why not, if a limit stops it."""
    steps.reconcile(ctx, entity)
    exceeded = excess(ctx, entity)
    if exceeded:
        return "; ".join(exceeded)
    for side in SIDES:
        steps.write_back(ctx, entity, side)
    return ""


class _Waker:
    """Puts records back into the queue of those to be decided."""

    def __init__(self, ctx: SyncContext, entity: EntityMapping) -> None:
        self._ctx, self._entity = ctx, entity

    def __call__(self, records: Sequence[Record]) -> None:
        """Enqueue."""
        for side in SIDES:
            self._ctx.store.requeue(self._entity, side, {key for each, key in records if each is side})
