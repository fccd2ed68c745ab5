"""Three-way merge, field by field: what both last agreed on, Intacct now, Salesforce now. Pure; never reads a clock.

A field moves on a side when its value differs from the baseline there. One side moved: its value travels (if the
direction allows). Both moved to different values: the field's conflict rule decides. A difference once accepted stands
until either side moves again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from intacct_sf_pipeline.model.fields import ConflictRule, Direction, FieldSpec
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Accepted, Baseline, FieldDecision
from intacct_sf_pipeline.model.records import Canonical, CanonicalRecord, Side

AGREE, KEEP, HOLD = "agree", "keep", "hold"
MET_DIFFERENT = "both sides had a value when they met; a person decides"
"""Why a conflict is held that nobody's edit brought about."""
_TO = {Side.INTACCT: "to_intacct", Side.SALESFORCE: "to_salesforce"}
_TARGETS = {word: side for side, word in _TO.items()}


@dataclass(frozen=True, slots=True)
class Merged:
    """What a pair comes to: the value of every field on which both sides agree, and what is decided about the others.

    Both in the order of the mapping.
    """

    agreed: Mapping[str, Canonical]
    decisions: tuple[FieldDecision, ...]


class Merger:
    """The merge of one entity, made ready once for many pairs; of whose fields most are the same on both sides."""

    def __init__(self, entity: EntityMapping) -> None:
        self._entity = entity
        self._fields = tuple((spec.name, spec) for spec in entity.fields if compared(spec))

    def merge(self, intacct: CanonicalRecord, salesforce: CanonicalRecord, baseline: Baseline | None) -> Merged:
        """Decide about every compared field of a pair whose values are understood on both sides.

        The plan holds the others; stamps and match-only fields are never compared.
        """
        here, there, fields = intacct.values, salesforce.values, self._fields
        if intacct.problems or salesforce.problems:
            fields = tuple(f for f in fields if f[0] not in intacct.problems and f[0] not in salesforce.problems)
        agreed = {name: value for name, _ in fields if (value := here.get(name)) == there.get(name)}
        if len(agreed) == len(fields):
            return Merged(agreed, ())
        newer = newer_side(intacct.modified, salesforce.modified)
        decisions = {
            name: _merge_field(_field(self._entity, spec, intacct, salesforce, baseline, newer))
            for name, spec in fields
            if name not in agreed
        }
        if baseline is None:
            decisions.update(_whole_groups(self._entity, decisions))
        return Merged(agreed, tuple(decisions.values()))


@dataclass(frozen=True, slots=True)
class _Field:
    """One field's three values; `accepted` replaces the common base by one per side.

    `met` says that the two sides have been compared before.
    """

    spec: FieldSpec
    base: Canonical
    now: Mapping[Side, Canonical]
    accepted: Accepted | None
    newer: Side | None
    tie: Side
    met: bool

    def base_of(self, side: Side) -> Canonical:
        if self.accepted is None:
            return self.base
        return self.accepted.intacct if side is Side.INTACCT else self.accepted.salesforce

    def moved(self, side: Side) -> bool:
        return self.now[side] != self.base_of(side)

    def decide(self, decision: str, rule: str, reason: str) -> FieldDecision:
        return FieldDecision(
            self.spec.name, self.base, self.now[Side.INTACCT], self.now[Side.SALESFORCE], decision, rule, reason
        )

    def take(self, winner: Side, rule: str, reason: str) -> FieldDecision:
        return self.decide(_TO[winner.other], rule, reason)


def writes_to(decision: FieldDecision) -> Side | None:
    """The side a decision writes to, if it writes."""
    return _TARGETS.get(decision.decision)


def merge(
    entity: EntityMapping, intacct: CanonicalRecord, salesforce: CanonicalRecord, baseline: Baseline | None
) -> tuple[FieldDecision, ...]:
    """A decision for every compared field of a pair, those that agree included; see `Merger.merge`."""
    merged = Merger(entity).merge(intacct, salesforce, baseline)
    decided = {decision.field: decision for decision in merged.decisions}
    known = baseline.values if baseline else {}
    for name, value in merged.agreed.items():
        there = salesforce.values.get(name)
        decided[name] = FieldDecision(name, known.get(name), value, there, AGREE, "equal", "both sides hold the same")
    return tuple(decided[spec.name] for spec in entity.fields if spec.name in decided)


def compared(spec: FieldSpec) -> bool:
    """Whether the field takes part in comparison at all."""
    return not spec.stamp and spec.direction is not Direction.MATCH


def newer_side(intacct: datetime | None, salesforce: datetime | None) -> Side | None:
    """The side modified last; None when equal or unknown, so that the entity's `tie` decides, never chance."""
    if intacct is None or salesforce is None or intacct == salesforce:
        return None
    return Side.INTACCT if intacct > salesforce else Side.SALESFORCE


def _field(
    entity: EntityMapping,
    spec: FieldSpec,
    intacct: CanonicalRecord,
    salesforce: CanonicalRecord,
    baseline: Baseline | None,
    newer: Side | None,
) -> _Field:
    now = {Side.INTACCT: intacct.values.get(spec.name), Side.SALESFORCE: salesforce.values.get(spec.name)}
    base = baseline.values.get(spec.name) if baseline else None
    accepted = baseline.accepted.get(spec.name) if baseline else None
    met = accepted is not None or (baseline is not None and spec.name in baseline.values)
    return _Field(spec, base, now, accepted, newer, entity.tie, met)


def _merge_field(field: _Field) -> FieldDecision:
    """The decision about a field on which the two sides differ."""
    if field.accepted is not None and not field.moved(Side.INTACCT) and not field.moved(Side.SALESFORCE):
        return field.decide(KEEP, "accepted", field.accepted.reason)
    if field.spec.direction is Direction.BOTH:
        return _merge_two_way(field)
    return _merge_one_way(field)


def _merge_one_way(field: _Field) -> FieldDecision:
    target = Side.SALESFORCE if field.spec.direction is Direction.TO_SALESFORCE else Side.INTACCT
    source = target.other
    if field.spec.create_only and field.base is not None:
        return field.decide(KEEP, "create-only", "the target cannot change this field after creation")
    if field.now[source] is None and field.spec.when_empty == "keep" and field.base_of(source) is None:
        return field.decide(KEEP, "when-empty", f"{source.value} has no value to carry; {target.value} keeps its own")
    first = field.base is None and field.accepted is None
    if first and field.spec.conflict is ConflictRule.HOLD and None not in field.now.values():
        return field.decide(HOLD, ConflictRule.HOLD.value, MET_DIFFERENT)
    if field.moved(source):
        return field.take(source, "one-way", f"changed in {source.value}, which is the master of this field")
    return field.take(
        source, "one-way", f"{source.value} is the master of this field; the edit in {target.value} is put back"
    )


def _merge_two_way(field: _Field) -> FieldDecision:
    moved = [side for side in (Side.INTACCT, Side.SALESFORCE) if field.moved(side)]
    if len(moved) == 1:
        return field.take(moved[0], "changed", f"changed in {moved[0].value} only")
    if field.base is None and field.accepted is None:
        for side in (Side.INTACCT, Side.SALESFORCE):
            if field.now[side.other] is None:
                return field.take(side, "fill", f"only {side.value} has a value")
    return _conflict(field)


def _conflict(field: _Field) -> FieldDecision:
    rule = field.spec.conflict
    if rule is ConflictRule.HOLD and not field.met:
        return field.decide(HOLD, rule.value, MET_DIFFERENT)
    if rule is ConflictRule.HOLD:
        return field.decide(HOLD, rule.value, "changed on both sides; the rule of this field is to ask a person")
    if rule is ConflictRule.NEWEST:
        if field.newer is None:
            return field.take(
                field.tie, rule.value, f"changed on both sides, times equal or unknown: {field.tie.value} wins ties"
            )
        return field.take(field.newer, rule.value, f"changed on both sides; the edit in {field.newer.value} is newer")
    winner = Side(rule.value)
    return field.take(winner, rule.value, f"changed on both sides; the rule of this field lets {winner.value} win")


def _whole_groups(entity: EntityMapping, decisions: Mapping[str, FieldDecision]) -> dict[str, FieldDecision]:
    """At a first meeting a group (an address) in conflict is taken from one side as a whole, never mixed from both."""
    changed: dict[str, FieldDecision] = {}
    for group in dict.fromkeys(spec.group for spec in entity.fields if spec.group):
        members = [decisions[spec.name] for spec in entity.fields if spec.group == group and spec.name in decisions]
        contested = [d for d in members if d.rule in {rule.value for rule in ConflictRule} and writes_to(d)]
        if not contested:
            continue
        target = writes_to(contested[0])
        if target is None:
            continue
        winner = target.other
        for decision in members:
            changed[decision.field] = FieldDecision(
                decision.field,
                decision.base,
                decision.intacct,
                decision.salesforce,
                _TO[target],
                contested[0].rule,
                f"the {group} is taken from {winner.value} as a whole: {contested[0].reason}",
            )
    return changed
