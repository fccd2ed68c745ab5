"""One batch of cases at work: a settlement for every record or pair in it, each record at most once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.guarding.breakers import BreakerGuard
from intacct_sf_pipeline.engine.matching.match import Found, find_partners
from intacct_sf_pipeline.engine.matching.pairing import UNSURE, Pair, pairs_of
from intacct_sf_pipeline.engine.matching.successors import Successions, find_successions
from intacct_sf_pipeline.engine.people import messages
from intacct_sf_pipeline.engine.people.answers import Answers, by_whom
from intacct_sf_pipeline.engine.people.holds import unanswered_hold
from intacct_sf_pipeline.engine.planning.changes import ChangeBuilder
from intacct_sf_pipeline.engine.planning.deletions import Gone, missing_side, settle_gone
from intacct_sf_pipeline.engine.planning.lines import LineMaker
from intacct_sf_pipeline.engine.planning.merge import Merger
from intacct_sf_pipeline.engine.planning.plan import Planner
from intacct_sf_pipeline.engine.values.references import References, load_references, reference_fields
from intacct_sf_pipeline.model.fields import FieldSpec
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import HoldReason, Operation, Settlement, Verdict
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Side
from intacct_sf_pipeline.model.results import Case, ObjectSchema


def settle_batch(
    ctx: SyncContext, entity: EntityMapping, schemas: Mapping[Side, ObjectSchema], cases: Sequence[Case]
) -> list[Settlement]:
    """A settlement for every case of a batch."""
    successions = find_successions(ctx, entity, cases)
    linked = [case for case in cases if case.link is not None]
    loose = {
        side: [
            record
            for case in cases
            if case.link is None and (record := case.record(side)) and record.key not in successions.taken(side)
        ]
        for side in SIDES
    }
    found = {side: find_partners(ctx.store, entity, side, loose[side]) for side in SIDES}
    twins = {(side, key) for side in SIDES for verdict in found[side].values() for key in verdict.twins}
    answers = Answers(ctx.store.decisions(entity, _members(cases) | twins))
    pairs = pairs_of(ctx, entity, loose, found, answers)
    references = load_references(ctx.store, ctx.config.mapping, entity, _records(cases, successions, pairs))
    lines = LineMaker(entity, ctx.run_id, ctx.round)
    breakers = BreakerGuard(answers, ctx.options.forced_of(entity.name))
    changes = ChangeBuilder(entity, schemas, references.target_key, breakers)
    planner = Planner(lines, changes, Merger(entity), answers)
    worker = _Batch(ctx, planner, references, successions, _suspects(ctx, entity, loose))
    paired = {side: {pair.records[side].key for pair in pairs} for side in SIDES}
    settlements = [worker.linked(case) for case in linked]
    settlements += [planner.pair(p.link, p.records, None, new=True, unlink=p.unlink) for p in pairs]
    settlements += [
        worker.loose(side, record, found[side].get(record.key))
        for side in SIDES
        for record in loose[side]
        if record.key not in paired[side]
    ]
    settlements = _once(planner, loose, settlements)
    return [replace(s, closed_decisions=answers.overtaken(s)) for s in settlements] if answers.taken else settlements


def _records(cases: Sequence[Case], successions: Successions, pairs: Sequence[Pair]) -> Iterator[CanonicalRecord]:
    for case in cases:
        yield from (record for record in (case.intacct, case.salesforce) if record is not None)
    for members in (*(records for _, records in successions.moves.values()), *(pair.records for pair in pairs)):
        yield from members.values()


def _once(
    planner: Planner, loose: Mapping[Side, Sequence[CanonicalRecord]], settlements: Sequence[Settlement]
) -> list[Settlement]:
    """No two records are created under one id: where two ask for it, both are held."""
    wanted = Counter(made for settlement in settlements if (made := _created(settlement)) is not None)
    if all(number == 1 for number in wanted.values()):
        return list(settlements)
    records = {(side, record.key): record for side in SIDES for record in loose[side]}
    result: list[Settlement] = []
    for settlement in settlements:
        made = _created(settlement)
        side = Side.INTACCT if settlement.intacct_key else Side.SALESFORCE
        record = records.get((side, settlement.intacct_key or settlement.salesforce_id or ""))
        if made is not None and wanted[made] > 1 and record is not None:
            message = messages.twins(planner.entity, side)
            result.append(planner.held(record, side, HoldReason.AMBIGUOUS_MATCH, message))
        else:
            result.append(settlement)
    return result


def _created(settlement: Settlement) -> tuple[Side, str] | None:
    for line in settlement.lines:
        if line.operation is Operation.CREATE and line.natural_id:
            return line.side, line.natural_id.casefold()
    return None


def _suspects(
    ctx: SyncContext, entity: EntityMapping, loose: Mapping[Side, Sequence[CanonicalRecord]]
) -> dict[tuple[Side, str], tuple[str, ...]]:
    """For records that wait because a creation got no answer: what they wait for, as far as it is there and free."""
    known = ctx.store.candidates(
        entity, HoldReason.UNANSWERED, {(side, record.key) for side in SIDES for record in loose[side]}
    )
    free: set[tuple[Side, str]] = set()
    for side in SIDES:
        keys = {key for (one, _), others in known.items() if one is side.other for key in others}
        records = ctx.store.records(entity, side, keys) if keys else {}
        linked = ctx.store.links(entity.link_entity, side, records) if records else {}
        free |= {(side, key) for key, record in records.items() if not record.deleted and key not in linked}
    return {(side, key): tuple(o for o in others if (side.other, o) in free) for (side, key), others in known.items()}


def _members(cases: Sequence[Case]) -> set[tuple[Side, str]]:
    members = {(side, link.key(side)) for case in cases if (link := case.link) for side in SIDES}
    loose = (case for case in cases if case.link is None)
    return members | {(side, record.key) for case in loose for side in SIDES if (record := case.record(side))}


@dataclass(frozen=True, slots=True)
class _Batch:
    ctx: SyncContext
    planner: Planner
    references: References
    successions: Successions
    suspects: Mapping[tuple[Side, str], tuple[str, ...]]

    @property
    def entity(self) -> EntityMapping:
        return self.planner.entity

    def linked(self, case: Case) -> Settlement:
        link, intacct, salesforce = case.link, case.intacct, case.salesforce
        if link is None:
            raise ValueError("a linked case has a link")
        lines = self.planner.lines
        if intacct is not None and salesforce is not None and not intacct.deleted and not salesforce.deleted:
            records = {Side.INTACCT: intacct, Side.SALESFORCE: salesforce}
            return self.planner.pair(link, records, case.baseline, new=False)
        if self.entity.links:
            return lines.nothing(link, "one side has no figures")
        if link.intacct_key in self.successions.moves:
            heir, members = self.successions.moves[link.intacct_key]
            return self.planner.pair(heir, members, case.baseline, new=True, unlink=link)
        both = {Side.INTACCT: intacct, Side.SALESFORCE: salesforce}
        side = missing_side(both)
        if side is None:
            gone = all(record is not None for record in both.values())
            return lines.nothing(link, "gone on both sides" if gone else "one side was not read yet")
        policies = self.ctx.config.policies
        policy = policies.deleted_in_intacct if side is Side.INTACCT else policies.deleted_in_salesforce
        pair = Gone(link, side, both, case.baseline, self.successions.merged.get(link.intacct_key))
        return settle_gone(lines, pair, self.planner.answers, deactivate=policy == "deactivate")

    def loose(self, side: Side, record: CanonicalRecord, found: Found | None) -> Settlement:
        lines = self.planner.lines
        if record.deleted:
            return lines.alone(record, side, "deleted before it had a partner")
        if self.entity.links or not self.entity.side(side).creates:
            return lines.alone(record, side, f"records of {side.value} get no partner in this flow")
        if not record.creatable:
            return lines.alone(record, side, record.scope_reason)
        if reference_fields(self.entity) and self.references.unresolved(self.entity, record):
            return lines.alone(record, side, "the record it belongs to has no partner (yet)")
        widowed = self.references.widowed(self.entity, record, side.other)
        if widowed is not None:
            message = messages.parent(widowed, side)
            return self.planner.held(record, side, HoldReason.PARENT_NOT_LINKED, message)
        answer = self.planner.answers.about(side, record.key, *UNSURE)
        if answer is not None and answer.verdict is Verdict.IGNORE:
            return lines.alone(record, side, f"left alone, {by_whom(answer)}")
        if answer is not None and answer.verdict is Verdict.CREATE:
            return self.planner.create(record, side)
        return self._unsure(side, record, found) or self.planner.create(record, side)

    def _unsure(self, side: Side, record: CanonicalRecord, found: Found | None) -> Settlement | None:
        """A record for which nothing is created as long as another one may be its partner, or its twin; else None."""
        suspects = self.suspects.get((side, record.key), ())
        if suspects:
            hold = unanswered_hold(self.entity, side, record.key, suspects)
            return self.planner.lines.alone(record, side, hold.message, (hold,))
        twins = [key for key in found.twins if not self._is_left_alone(side, key)] if found is not None else []
        if twins:
            message = messages.same(self.entity, side, len(twins))
            held = self.planner.held(record, side, HoldReason.AMBIGUOUS_MATCH, message)
            return replace(held, holds=tuple(replace(hold, watched=tuple(twins)) for hold in held.holds))
        if found is not None and found.twins:
            found = None
        if found is not None and found.ambiguous:
            message = messages.ambiguous(self.entity, side, found)
            return self.planner.held(record, side, HoldReason.AMBIGUOUS_MATCH, message, found.others, found.scores)
        if found is not None:
            message = messages.candidate(self.entity, found.rule, side.other)
            return self.planner.held(record, side, HoldReason.CANDIDATE_MATCH, message, found.others, found.scores)
        pointer = self._pointer(side, record)
        if pointer is not None:
            return self.planner.held(record, side, HoldReason.UNKNOWN_ID, messages.unknown_id(self.entity, pointer))
        return None

    def _is_left_alone(self, side: Side, key: str) -> bool:
        """Whether a person said that this twin is to get no partner."""
        answer = self.planner.answers.about(side, key, *UNSURE)
        return answer is not None and answer.verdict is Verdict.IGNORE

    def _pointer(self, side: Side, record: CanonicalRecord) -> FieldSpec | None:
        """The external id of a Salesforce record that points to a record nobody knows."""
        names = [name for rule in self.entity.match_rules if rule.name == "external-id" for name in rule.fields]
        if side is not Side.SALESFORCE or not names or record.values.get(names[0]) is None:
            return None
        return self.entity.by_name[names[0]]
