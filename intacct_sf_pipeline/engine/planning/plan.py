"""From decisions to a settlement: what to write to which side, what to hold, and what the new baseline is. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from intacct_sf_pipeline.engine.people.answers import Answers
from intacct_sf_pipeline.engine.people.holds import conflict_holds, new_hold, problem_holds
from intacct_sf_pipeline.engine.planning.changes import ChangeBuilder
from intacct_sf_pipeline.engine.planning.creation import create
from intacct_sf_pipeline.engine.planning.deletions import is_about_deletion, restored, was_deactivated, without_verdict
from intacct_sf_pipeline.engine.planning.lines import LineMaker
from intacct_sf_pipeline.engine.planning.merge import HOLD, KEEP, Merged, Merger, writes_to
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import (
    Accepted,
    Baseline,
    FieldChange,
    FieldDecision,
    HoldReason,
    Operation,
    PlanLine,
    Settlement,
)
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Link, Side


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans one batch of one entity in one run."""

    lines: LineMaker
    changes: ChangeBuilder
    merger: Merger
    answers: Answers = field(default_factory=Answers)

    @property
    def entity(self) -> EntityMapping:
        """The entity planned for."""
        return self.lines.entity

    def pair(
        self,
        link: Link,
        records: Mapping[Side, CanonicalRecord],
        baseline: Baseline | None,
        *,
        new: bool,
        unlink: Link | None = None,
    ) -> Settlement:
        """Settle a linked pair; `new` when the link was found just now, `unlink` the one it replaces."""
        merged = self.merger.merge(records[Side.INTACCT], records[Side.SALESFORCE], baseline)
        decisions = self.answers.settle(merged.decisions, link.intacct_key)
        holds = [*problem_holds(self.entity, records), *conflict_holds(self.entity, decisions, records)]
        back = restored(self.entity, baseline, records)
        lines: list[PlanLine] = []
        for target in SIDES:
            mine = [decision for decision in decisions if writes_to(decision) is target]
            if not mine and not back[target]:
                continue
            changes, refused = self.changes.of(mine, records[target.other], records[target], target)
            holds.extend(refused)
            changes.extend(back[target])
            if changes:
                changes.extend(self.changes.stamps(records[target.other], target))
                lines.append(self.lines.line(target, _operation(self.entity, changes, target), records, changes))
        reason = f"linked: {link.method}" if new else _summary(decisions)
        if not lines:
            lines.append(self.lines.line(Side.SALESFORCE, Operation.NONE, records, reason=reason))
        return Settlement(
            self.entity.name,
            link.intacct_key,
            link.salesforce_id,
            tuple(lines),
            link if new else None,
            _next_baseline(baseline, merged, decisions, keep_deactivation=any(back.values())),
            tuple(holds),
            reason,
            unlink,
        )

    def create(self, record: CanonicalRecord, source: Side) -> Settlement:
        """Plan a new record on the other side, and the way back of its id."""
        return create(self.lines, self.changes, record, source)

    def held(
        self,
        record: CanonicalRecord,
        side: Side,
        reason: HoldReason,
        message: str,
        candidates: Sequence[str] = (),
        scores: Sequence[float] = (),
    ) -> Settlement:
        """Hold a whole record; `scores` say how likely each of the `candidates` is its partner."""
        hold = new_hold(
            self.entity, side, record.key, side.other, reason, message, (), "|".join(candidates), tuple(candidates)
        )
        return self.lines.alone(record, side, message, (replace(hold, scores=tuple(scores)),))


def _next_baseline(
    before: Baseline | None, merged: Merged, decisions: Sequence[FieldDecision], *, keep_deactivation: bool
) -> Baseline:
    """What both agree on now, `before` itself when that is nothing new.

    A deactivation is forgotten once there is nothing of it to be taken back.
    """
    values = {**before.values, **merged.agreed} if before else dict(merged.agreed)
    accepted = dict((without_verdict(before) or before).accepted) if before and before.accepted else {}
    if accepted:
        if not keep_deactivation and any(was_deactivated(before, side) for side in SIDES):
            accepted = {name: kept for name, kept in accepted.items() if not is_about_deletion(name)}
        for name in accepted.keys() & merged.agreed:
            del accepted[name]
    for decision in decisions:
        if decision.decision == KEEP:
            accepted[decision.field] = Accepted(decision.intacct, decision.salesforce, decision.reason)
    return before if before and before.values == values and before.accepted == accepted else Baseline(values, accepted)


def _operation(entity: EntityMapping, changes: Sequence[FieldChange], target: Side) -> Operation:
    external = entity.salesforce.external_id
    is_link = target is Side.SALESFORCE and any(external in change.columns for change in changes)
    return Operation.LINK if is_link else Operation.UPDATE


def _summary(decisions: Sequence[FieldDecision]) -> str:
    kept = [d for d in decisions if d.decision == KEEP]
    if kept:
        return "; ".join(dict.fromkeys(f"{d.field}: {d.reason}" for d in kept))
    held = [d.field for d in decisions if d.decision == HOLD]
    return f"held: {', '.join(held)}" if held else "both sides agree"
