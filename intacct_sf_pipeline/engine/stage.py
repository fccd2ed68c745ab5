"""The stage step: landed changes become canonical records; those that really changed enter the reconcile queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.values.canonical import Canonicaliser
from intacct_sf_pipeline.engine.values.compose import raw_value, views
from intacct_sf_pipeline.engine.values.references import canonical_reference, reference_fields
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Link, Side
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
    while batch := ctx.store.stage_batch(entity, side, BATCH):
        records = canonical_records(ctx, entity, side, batch.items)
        counts["changed"] += ctx.store.commit_stage(entity, side, batch, records, run_id=ctx.run_id)
        counts[f"staged_{side.value}"] += len(batch.items)
        ctx.progress(f"stage {entity.name}", counts[f"staged_{side.value}"], None)


def canonical_records(
    ctx: SyncContext, entity: EntityMapping, side: Side, raws: Sequence[RawRecord]
) -> list[CanonicalRecord]:
    """The canonical form of raw records; those out of scope only if they have a partner to be told of it."""
    feed = ctx.config.mapping.feed(side, entity.side(side).feed)
    read_at = ctx.clock()
    links = _links_referred_to(ctx, entity, side, raws)
    canonicaliser = Canonicaliser(
        entity,
        side,
        feed.key,
        region=ctx.config.policies.default_region,
        reference=lambda name, key: canonical_reference(links.get(name, {}), side, key),
    )
    records = [record for raw in raws for record in canonicaliser.records(raw, read_at)]
    outside = {record.key for record in records if record.deleted and record.scope_reason}
    linked = ctx.store.links(entity.link_entity, side, outside) if outside else {}
    return [record for record in records if record.key not in outside or record.key in linked]


def _links_referred_to(
    ctx: SyncContext, entity: EntityMapping, side: Side, raws: Sequence[RawRecord]
) -> dict[str, dict[str, Link]]:
    wanted: dict[str, set[str]] = {}
    spec = entity.side(side)
    for field in reference_fields(entity):
        source = field.source(side)
        keys = wanted.setdefault(field.to or "", set())
        for raw in raws:
            for view in views(spec, raw, ctx.clock()):
                value = raw_value(source, view)
                if value not in (None, ""):
                    keys.add(str(value))
    return {name: dict(ctx.store.links(name, side, keys)) for name, keys in wanted.items() if keys}
