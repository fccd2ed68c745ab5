"""Reading back what was written where the service adds to it: defaults on new records, contact-list entries.

Salesforce adds nothing that is compared, so there the predicted row is staged again without a call. A value that
Intacct filled in by itself is accepted into the baseline, so that it never travels to Salesforce as if a person had
entered it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.planning.merge import compared
from intacct_sf_pipeline.engine.stage import stage_side
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec
from intacct_sf_pipeline.model.plans import Accepted, Baseline, LineStatus, Operation, PlanLine, Settlement
from intacct_sf_pipeline.model.records import CanonicalRecord, Side, SourceRow


def read_back(ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> None:
    """Read the targets of `lines` and their single related rows; land, stage, and accept the service's defaults."""
    keys = {line.target_key for line in lines if line.target_key}
    if not keys:
        return
    feed = ctx.config.mapping.feed(side, entity.side(side).feed)
    if side is Side.INTACCT:
        read_again(ctx, entity, feed, keys)
    else:
        ctx.store.restage(entity, side, feed.key, keys)
    stage_side(ctx, entity, side, Counter())
    _accept_defaults(ctx, entity, side, [line for line in lines if line.operation is Operation.CREATE])


def read_again(ctx: SyncContext, entity: EntityMapping, feed: FeedSpec, keys: set[str]) -> Mapping[str, SourceRow]:
    """Read records again, and their rows in feeds that belong to no entity of their own (contact-list entries).

    The rows of the records themselves come back, by key.
    """
    found: dict[str, SourceRow] = {}
    mapping = ctx.config.mapping
    primary = {other.side(feed.side).feed for other in mapping.entities}
    related = [
        (mapping.feed(feed.side, link.feed), link.foreign)
        for link in entity.side(feed.side).related
        if link.local == feed.key and link.feed not in primary
    ]
    for source, column in [(feed, feed.key), *related]:
        rows = ctx.connectors[feed.side].lookup(source, mapping.columns(source), column, keys)
        if rows:
            ctx.store.land(source, rows, run_id=ctx.run_id)
        if source is feed:
            found = {row.key: row for row in rows if not row.deleted}
        else:
            ctx.store.sweep_among(source, column, keys, {row.key for row in rows}, run_id=ctx.run_id)
    return found


def _accept_defaults(ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> None:
    keys = {line.intacct_key(): line for line in lines if line.intacct_key()}
    records = ctx.store.records(entity, side, [line.target_key for line in lines if line.target_key])
    baselines = ctx.store.baselines(entity, [key for key in keys if key])
    settlements = []
    for key, line in keys.items():
        record, baseline = records.get(line.target_key or ""), baselines.get(key or "")
        if record is None or baseline is None:
            continue
        accepted = _differences(entity, side, record, baseline)
        if accepted:
            merged = replace(baseline, accepted={**baseline.accepted, **accepted})
            settlements.append(Settlement(entity.name, key, line.salesforce_id(), baseline=merged))
    if settlements:
        ctx.store.commit_outcomes(
            entity,
            (),
            dict[str, LineStatus](),
            settlements=settlements,
            journal=(),
            predicted=(),
            records=(),
            side=side,
            run_id=ctx.run_id,
        )


def _differences(entity: EntityMapping, side: Side, record: CanonicalRecord, baseline: Baseline) -> dict[str, Accepted]:
    found: dict[str, Accepted] = {}
    for spec in entity.fields:
        wrote, holds = baseline.values.get(spec.name), record.values.get(spec.name)
        if not compared(spec) or not spec.direction.writes(side) or wrote == holds:
            continue
        pair = {side: holds, side.other: wrote}
        reason = f"{side.value} stored it differently when the record was created"
        found[spec.name] = Accepted(pair[Side.INTACCT], pair[Side.SALESFORCE], reason)
    return found
