"""Which records without a link become pairs in one batch: those that people joined, those that choose each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.matching.match import Found, sure_partners
from intacct_sf_pipeline.engine.people.answers import Answers
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import HoldReason, Verdict
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Link, Side

UNSURE = (HoldReason.AMBIGUOUS_MATCH, HoldReason.CANDIDATE_MATCH, HoldReason.UNKNOWN_ID, HoldReason.UNANSWERED)
"""Holds about who the partner is."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records to be linked; `unlink` is the link to a vanished record that one of them had."""

    link: Link
    records: Mapping[Side, CanonicalRecord]
    unlink: Link | None = None


def pairs_of(
    ctx: SyncContext,
    entity: EntityMapping,
    loose: Mapping[Side, Sequence[CanonicalRecord]],
    found: Mapping[Side, Mapping[str, Found]],
    answers: Answers,
) -> list[Pair]:
    """The pairs among (and around) the `loose` records of a batch; each record is in one pair at most."""
    if entity.links:
        return []
    decided = _decided(ctx, entity, loose, answers)
    used = {side: {pair.records[side].key for pair in decided} for side in SIDES}
    chosen = [
        pair
        for pair in _choosing_each_other(ctx, entity, loose, found)
        if not any(pair.records[side].key in used[side] for side in SIDES)
    ]
    return [*decided, *chosen]


def _decided(
    ctx: SyncContext, entity: EntityMapping, loose: Mapping[Side, Sequence[CanonicalRecord]], answers: Answers
) -> list[Pair]:
    pairs: list[Pair] = []
    used: set[tuple[Side, str]] = set()
    for side in SIDES:
        for record in loose[side]:
            answer = answers.about(side, record.key, *UNSURE)
            if answer is None or answer.verdict is not Verdict.LINK or record.deleted or not answer.partner_key:
                continue
            pair = _with_partner(ctx, entity, side, record, answer.partner_key)
            if pair is not None and not used & set(_members(pair)):
                used |= set(_members(pair))
                pairs.append(pair)
    return pairs


def _with_partner(
    ctx: SyncContext, entity: EntityMapping, side: Side, record: CanonicalRecord, partner_key: str
) -> Pair | None:
    """The pair a person wants, unless the partner is gone or has a living partner of its own."""
    partner = ctx.store.records(entity, side.other, [partner_key]).get(partner_key)
    if partner is None or partner.deleted:
        return None
    former = ctx.store.links(entity.link_entity, side.other, [partner_key]).get(partner_key)
    if former is not None:
        other = ctx.store.records(entity, side, [former.key(side)]).get(former.key(side))
        if other is None or not other.deleted:
            return None
    return _pair(ctx, entity, {side: record, side.other: partner}, "decided", former)


def _choosing_each_other(
    ctx: SyncContext,
    entity: EntityMapping,
    loose: Mapping[Side, Sequence[CanonicalRecord]],
    found: Mapping[Side, Mapping[str, Found]],
) -> list[Pair]:
    """Pairs that choose each other: neither side may have a better match elsewhere, in this batch or out of it."""
    records = {side: {record.key: record for record in loose[side]} for side in SIDES}
    verdicts = {side: dict(found[side]) for side in SIDES}
    for side in SIDES:
        partners = {verdict.partner for verdict in found[side.other].values() if verdict.partner} - set(records[side])
        absent = ctx.store.records(entity, side, partners)
        records[side].update(absent)
        verdicts[side].update(sure_partners(ctx.store, entity, side, absent.values(), records))
    return [
        _pair(
            ctx,
            entity,
            {Side.INTACCT: records[Side.INTACCT][key], Side.SALESFORCE: records[Side.SALESFORCE][verdict.partner]},
            verdict.rule,
        )
        for key, verdict in verdicts[Side.INTACCT].items()
        if verdict.partner and _partner(verdicts[Side.SALESFORCE], verdict.partner) == key
    ]


def _pair(
    ctx: SyncContext,
    entity: EntityMapping,
    records: Mapping[Side, CanonicalRecord],
    method: str,
    unlink: Link | None = None,
) -> Pair:
    keys = {side: records[side].key for side in SIDES}
    link = Link(entity.link_entity, keys[Side.INTACCT], keys[Side.SALESFORCE], method, ctx.clock(), ctx.run_id)
    return Pair(link, records, unlink)


def _members(pair: Pair) -> list[tuple[Side, str]]:
    return [(side, record.key) for side, record in pair.records.items()]


def _partner(verdicts: Mapping[str, Found], key: str) -> str | None:
    verdict = verdicts.get(key)
    return verdict.partner if verdict else None
