"""The reconcile step.

Every record whose content changed gets a partner, a decision and, if need be, a plan line or a hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from intacct_sf_pipeline.engine import messages
from intacct_sf_pipeline.engine.changes import ChangeBuilder
from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.match import Found, find_partners
from intacct_sf_pipeline.engine.plan import Planner
from intacct_sf_pipeline.engine.references import References, load_references, reference_fields, wake_dependants
from intacct_sf_pipeline.model.fields import FieldSpec
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import HoldReason, Operation, Settlement
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Link, Side
from intacct_sf_pipeline.model.results import Case, ObjectSchema

BATCH = 2000


def reconcile_entity(ctx: SyncContext, entity: EntityMapping) -> tuple[Counter[str], list[Settlement]]:
    """Work the reconcile queue off; counts by operation and the first settlements, for showing.

    A hold is looked at again in every run; a rejected write only when its retry is due (or `retry_holds` is set).
    """
    if ctx.round == 1:
        ctx.store.supersede(entity, run_id=ctx.run_id)
        ctx.store.due_holds(entity, now=ctx.clock(), everything=ctx.options.retry_holds)
    schemas: dict[Side, ObjectSchema] = {}
    counts: Counter[str] = Counter()
    shown: list[Settlement] = []
    while batch := ctx.store.reconcile_batch(entity, BATCH):
        schemas = schemas or _schemas(ctx, entity)
        cases = batch.items if ctx.round == 1 else _not_refused(ctx, entity, batch.items)
        settlements = _Batch(ctx, entity, schemas).settle(cases)
        links = [s.link for s in settlements if s.link is not None]
        # Before the commit, so that a crash after it leaves nobody waiting; and after it, for a stage that ran between.
        wake_dependants(ctx.store, ctx.config.mapping, entity.link_entity, links)
        ctx.store.commit_reconcile(entity, batch, settlements, run_id=ctx.run_id)
        wake_dependants(ctx.store, ctx.config.mapping, entity.link_entity, links)
        _count(counts, settlements)
        shown.extend(s for s in settlements if any(line.operation is not Operation.NONE for line in s.lines) or s.holds)
        del shown[50:]
        ctx.progress(f"reconcile {entity.name}", sum(counts.values()), None)
    return counts, shown


def _not_refused(ctx: SyncContext, entity: EntityMapping, cases: Sequence[Case]) -> list[Case]:
    """A follow-up pass leaves alone what is on hold as a whole: it was refused a moment ago."""
    keys = {id(case): [(side, r.key) for side in SIDES if (r := case.record(side))] for case in cases}
    held = ctx.store.open_hold_fields(entity.name, [key for found in keys.values() for key in found])
    return [case for case in cases if not any(held.get(key) == frozenset() for key in keys[id(case)])]


def _schemas(ctx: SyncContext, entity: EntityMapping) -> dict[Side, ObjectSchema]:
    """What both targets say of the object written; asked for only when there is something to decide."""
    return {side: ctx.connectors[side].describe(entity.side(side).object) for side in SIDES if entity.writes_to(side)}


def _count(counts: Counter[str], settlements: Sequence[Settlement]) -> None:
    for settlement in settlements:
        counts.update(line.operation.value for line in settlement.lines)
        counts["held"] += len(settlement.holds)


def _partner(verdicts: Mapping[str, Found], key: str) -> str | None:
    verdict = verdicts.get(key)
    return verdict.partner if verdict else None


class _Batch:
    """One batch of cases at work."""

    def __init__(self, ctx: SyncContext, entity: EntityMapping, schemas: Mapping[Side, ObjectSchema]) -> None:
        self.ctx, self.entity, self.schemas = ctx, entity, schemas

    def settle(self, cases: Sequence[Case]) -> list[Settlement]:
        """A settlement for every case, each record at most once."""
        linked = [case for case in cases if case.link is not None]
        loose = {side: [r for case in cases if case.link is None and (r := case.record(side))] for side in SIDES}
        found = {side: find_partners(self.ctx.store, self.entity, side, loose[side]) for side in SIDES}
        pairs = self._pairs(loose, found)
        known = [r for case in cases for r in (case.intacct, case.salesforce) if r] + [
            r for pair in pairs for r in pair[1].values()
        ]
        references = load_references(self.ctx.store, self.entity, known)
        planner = Planner(
            self.entity,
            self.ctx.run_id,
            ChangeBuilder(self.entity, self.schemas, references.target_key),
            self.ctx.round,
        )
        paired = {side: {records[side].key for _, records in pairs} for side in SIDES}
        settlements = [self._linked(planner, case) for case in linked]
        settlements += [planner.pair(link, records, None, new=True) for link, records in pairs]
        settlements += [
            self._loose(planner, references, side, record, found[side].get(record.key))
            for side in SIDES
            for record in loose[side]
            if record.key not in paired[side]
        ]
        return settlements

    def _pairs(
        self, loose: Mapping[Side, Sequence[CanonicalRecord]], found: Mapping[Side, Mapping[str, Found]]
    ) -> list[tuple[Link, dict[Side, CanonicalRecord]]]:
        """Pairs that choose each other: neither side may have a better match elsewhere, in this batch or out of it."""
        if self.entity.links:
            return []
        records = {side: {record.key: record for record in loose[side]} for side in SIDES}
        verdicts = {side: dict(found[side]) for side in SIDES}
        for side in SIDES:
            partners = {verdict.partner for verdict in found[side.other].values() if verdict.partner} - set(
                records[side]
            )
            absent = self.ctx.store.records(self.entity, side, partners)
            records[side].update(absent)
            verdicts[side].update(find_partners(self.ctx.store, self.entity, side, absent.values()))
        chosen = {
            (key, verdict.partner): verdict.rule
            for key, verdict in verdicts[Side.INTACCT].items()
            if verdict.partner and _partner(verdicts[Side.SALESFORCE], verdict.partner) == key
        }
        now = self.ctx.clock()
        return [
            (
                Link(self.entity.link_entity, intacct, salesforce, rule, now, self.ctx.run_id),
                {Side.INTACCT: records[Side.INTACCT][intacct], Side.SALESFORCE: records[Side.SALESFORCE][salesforce]},
            )
            for (intacct, salesforce), rule in chosen.items()
        ]

    def _linked(self, planner: Planner, case: Case) -> Settlement:
        link, intacct, salesforce = case.link, case.intacct, case.salesforce
        if link is None:
            raise ValueError("a linked case has a link")
        if intacct is None or salesforce is None or intacct.deleted or salesforce.deleted:
            if self.entity.links:
                return planner.nothing(link, "one side has no figures")
            gone_in_intacct = intacct is None or intacct.deleted
            policies = self.ctx.config.policies
            policy = policies.deleted_in_intacct if gone_in_intacct else policies.deleted_in_salesforce
            records = {Side.INTACCT: intacct, Side.SALESFORCE: salesforce}
            return planner.deleted(link, records, case.baseline, deactivate=policy == "deactivate")
        return planner.pair(link, {Side.INTACCT: intacct, Side.SALESFORCE: salesforce}, case.baseline, new=False)

    def _loose(
        self, planner: Planner, references: References, side: Side, record: CanonicalRecord, found: Found | None
    ) -> Settlement:
        if record.deleted:
            return planner.left_alone(record, side, "deleted before it had a partner")
        if self.entity.links or not self.entity.side(side).creates:
            return planner.left_alone(record, side, f"records of {side.value} get no partner in this flow")
        if not record.creatable:
            return planner.left_alone(record, side, record.scope_reason)
        if reference_fields(self.entity) and references.unresolved(self.entity, record):
            return planner.left_alone(record, side, "the record it belongs to has no partner (yet)")
        if found is not None and found.ambiguous:
            message = messages.ambiguous(self.entity, side, found)
            return planner.held(record, side, HoldReason.AMBIGUOUS_MATCH, message, found.others)
        if found is not None:
            message = messages.candidate(self.entity, found.rule, side.other)
            return planner.held(record, side, HoldReason.CANDIDATE_MATCH, message, found.others)
        pointer = self._pointer(side, record)
        if pointer is not None:
            return planner.held(record, side, HoldReason.UNKNOWN_ID, messages.unknown_id(self.entity, pointer))
        return planner.create(record, side)

    def _pointer(self, side: Side, record: CanonicalRecord) -> FieldSpec | None:
        """The external id of a Salesforce record that points to a record nobody knows."""
        names = [name for rule in self.entity.match_rules if rule.name == "external-id" for name in rule.fields]
        if side is not Side.SALESFORCE or not names or record.values.get(names[0]) is None:
            return None
        return self.entity.by_name[names[0]]
