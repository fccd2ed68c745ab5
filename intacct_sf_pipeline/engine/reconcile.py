"""The reconcile step.

Every record whose content changed gets a partner, a decision and, if need be, a plan line or a hold.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.garbage import collection_put_off
from intacct_sf_pipeline.engine.guarding.targets import require_targets
from intacct_sf_pipeline.engine.matching.rivals import commit_without_rivals
from intacct_sf_pipeline.engine.matching.twins import confirm_twins
from intacct_sf_pipeline.engine.planning.batch import settle_batch
from intacct_sf_pipeline.engine.values.references import wake_dependants
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Operation, Settlement
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.model.results import Batch, Case, ObjectSchema

BATCH = 2000
_SHOWN = 50


def reconcile_entity(ctx: SyncContext, entity: EntityMapping) -> tuple[Counter[str], list[Settlement]]:
    """Work the reconcile queue off; counts by operation and the first settlements, for showing.

    A record on hold is looked at again when it, its partner or a candidate changes, when somebody decides, when the
    configuration is another one, when its time has come, or when the run is told to (`retry_holds`, `full`, `force`).
    """
    if ctx.round == 1:
        ctx.store.supersede(entity, run_id=ctx.run_id)
        everything = ctx.options.retry_holds or ctx.options.full or bool(ctx.options.forced_of(entity.name))
        ctx.store.due_holds(entity, now=ctx.clock(), everything=everything, rules=_rules(ctx))
    schemas: dict[Side, ObjectSchema] = {}
    counts: Counter[str] = Counter()
    shown: list[Settlement] = []
    while True:
        with collection_put_off():
            batch = ctx.store.reconcile_batch(entity, BATCH)
            if not batch:
                return counts, shown
            schemas = schemas or _schemas(ctx, entity)
            settlements = _settle(ctx, entity, schemas, batch)
            _count(counts, settlements)
            shown.extend(islice(filter(_is_worth_showing, settlements), _SHOWN - len(shown)))
            del batch, settlements
        ctx.progress(f"reconcile {entity.name}", sum(counts.values()), None)


def _settle(
    ctx: SyncContext, entity: EntityMapping, schemas: Mapping[Side, ObjectSchema], batch: Batch[Case]
) -> list[Settlement]:
    """Conclude about a batch and commit it; what was committed."""
    cases = batch.items if ctx.round == 1 else _not_refused(ctx, entity, batch.items)
    cases = confirm_twins(ctx, entity, cases)
    settlements = settle_batch(ctx, entity, schemas, cases)
    links = [s.link for s in settlements if s.link is not None]
    # Before the commit, so that a crash after it leaves nobody waiting; and after it, for a stage that ran between.
    wake_dependants(ctx.store, ctx.config.mapping, entity.link_entity, links)
    settlements = commit_without_rivals(ctx, entity, batch, settlements)
    wake_dependants(ctx.store, ctx.config.mapping, entity.link_entity, links)
    return settlements


def _rules(ctx: SyncContext) -> str:
    """A digest of what decisions follow from besides records."""
    return hashlib.sha256(ctx.config.model_dump_json(exclude={"schedule"}).encode()).hexdigest()[:32]


def _not_refused(ctx: SyncContext, entity: EntityMapping, cases: Sequence[Case]) -> list[Case]:
    """A follow-up pass leaves alone what was refused a moment ago, by a service or for a limit.

    Others on hold are looked at: what this run wrote may be what they waited for.
    """
    keys = {id(case): [(side, r.key) for side in SIDES if (r := case.record(side))] for case in cases}
    refused = ctx.store.awaiting_write(entity.name, [key for found in keys.values() for key in found])
    return [case for case in cases if refused.isdisjoint(keys[id(case)])]


def _schemas(ctx: SyncContext, entity: EntityMapping) -> dict[Side, ObjectSchema]:
    """What both targets say of the object written; asked for only when there is something to decide.

    Raises:
        ConfigurationError: see `require_targets`.
    """
    schemas = {
        side: ctx.connectors[side].describe(entity.side(side).object) for side in SIDES if entity.writes_to(side)
    }
    require_targets(entity, schemas)
    return schemas


def _count(counts: Counter[str], settlements: Sequence[Settlement]) -> None:
    found = Counter(line.operation for settlement in settlements for line in settlement.lines)
    counts.update({operation.value: number for operation, number in found.items()})
    counts["held"] += sum(len(settlement.holds) for settlement in settlements)


def _is_worth_showing(settlement: Settlement) -> bool:
    return bool(settlement.holds) or any(line.operation is not Operation.NONE for line in settlement.lines)
