"""The stage step: landed changes become canonical records; those that really changed enter the reconcile queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.garbage import collection_put_off
from intacct_sf_pipeline.engine.values.canonical import Canonicaliser
from intacct_sf_pipeline.engine.values.references import canonical_reference
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Side
from intacct_sf_pipeline.model.results import RawRecord

BATCH = 2000


def stage_entity(ctx: SyncContext, entity: EntityMapping) -> Counter[str]:
    """Work the stage queues of both sides off; counts of staged records by side and of changed ones."""
    counts: Counter[str] = Counter()
    for side in SIDES:
        stage_side(ctx, entity, side, counts)
    return counts


def stage_side(ctx: SyncContext, entity: EntityMapping, side: Side, counts: Counter[str]) -> None:
    """Work one side's stage queue off, adding to `counts`."""
    canonicaliser = Canonicaliser(entity, side, region=ctx.config.policies.default_region)
    while staged := _stage_batch(ctx, entity, side, canonicaliser, counts):
        counts[f"staged_{side.value}"] += staged
        ctx.progress(f"stage {entity.name}", counts[f"staged_{side.value}"], None)


def _stage_batch(
    ctx: SyncContext, entity: EntityMapping, side: Side, canonicaliser: Canonicaliser, counts: Counter[str]
) -> int:
    """Stage the next records of the queue; how many there were."""
    with collection_put_off():
        batch = ctx.store.stage_batch(entity, side, BATCH)
        if batch:
            records = canonical_records(ctx, entity, side, batch.items, canonicaliser)
            counts["changed"] += ctx.store.commit_stage(entity, side, batch, records, run_id=ctx.run_id)
        return len(batch.items)


def canonical_records(
    ctx: SyncContext, entity: EntityMapping, side: Side, raws: Sequence[RawRecord], canonicaliser: Canonicaliser
) -> list[CanonicalRecord]:
    """The canonical form of raw records; those out of scope only if they have a partner to be told of it."""
    read_at = ctx.clock()
    wanted = canonicaliser.referred(raws, read_at)
    links = {name: ctx.store.links(name, side, keys) for name, keys in wanted.items() if keys}

    def reference(name: str, key: str) -> str:
        return canonical_reference(links.get(name, {}), side, key)

    records = [record for raw in raws for record in canonicaliser.records(raw, read_at, reference)]
    outside = {record.key for record in records if record.deleted and record.scope_reason}
    if not outside:
        return records
    linked = ctx.store.links(entity.link_entity, side, outside)
    return [record for record in records if record.key not in outside or record.key in linked]
