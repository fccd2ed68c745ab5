"""From decisions to a settlement: what to write to which side, what to hold, and what the new baseline is. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from intacct_sf_pipeline.engine import messages
from intacct_sf_pipeline.engine.changes import ChangeBuilder, fill
from intacct_sf_pipeline.engine.holds import conflict_holds, new_hold, problem_holds
from intacct_sf_pipeline.engine.merge import AGREE, HOLD, KEEP, compared, merge
from intacct_sf_pipeline.model.fields import Direction
from intacct_sf_pipeline.model.mapping import EntityMapping, NewId
from intacct_sf_pipeline.model.plans import (
    Accepted,
    Baseline,
    FieldChange,
    FieldDecision,
    Hold,
    HoldReason,
    LineStatus,
    Operation,
    PlanLine,
    Settlement,
)
from intacct_sf_pipeline.model.records import SIDES, Canonical, CanonicalRecord, Link, Side

EVERYTHING = "*"
"""Key of `Baseline.accepted` under which a deletion that was dealt with is remembered."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans one entity in one run."""

    entity: EntityMapping
    run_id: str
    changes: ChangeBuilder
    round: int = 1

    def pair(
        self, link: Link, records: Mapping[Side, CanonicalRecord], baseline: Baseline | None, *, new: bool
    ) -> Settlement:
        """Settle a linked pair; `new` when the link was found just now."""
        decisions = merge(self.entity, records[Side.INTACCT], records[Side.SALESFORCE], baseline)
        holds = [*problem_holds(self.entity, records), *conflict_holds(self.entity, decisions, records)]
        lines: list[PlanLine] = []
        for target in SIDES:
            changes, refused = self.changes.of(decisions, records[target.other], records[target], target)
            holds.extend(refused)
            if changes:
                changes.extend(self.changes.stamps(records[target.other], target))
                lines.append(self._line(target, _operation(self.entity, changes, target), records, tuple(changes)))
        reason = f"linked by {link.method}" if new else _summary(decisions)
        if not lines:
            lines.append(self._line(Side.SALESFORCE, Operation.NONE, records, (), reason))
        return Settlement(
            self.entity.name,
            link.intacct_key,
            link.salesforce_id,
            tuple(lines),
            link if new else None,
            _next_baseline(baseline, decisions),
            tuple(holds),
            reason,
        )

    def create(self, record: CanonicalRecord, source: Side) -> Settlement:
        """Plan a new record on the other side, and the way back of its id."""
        target = source.other
        by_name = self.entity.by_name
        holds = problem_holds(self.entity, {source: record})
        natural_id = self._natural_id(record, target)
        wanted = [
            FieldDecision(
                spec.name,
                None,
                *_both(source, record.values.get(spec.name)),
                f"to_{target.value}",
                "create",
                f"new in {source.value}",
            )
            for spec in self.entity.fields
            if compared(spec)
            and spec.direction.writes(target)
            and spec.name not in record.problems
            and (record.values.get(spec.name) is not None or spec.required)
        ]
        changes, refused = self.changes.of(wanted, record, None, target)
        holds.extend(refused)
        if any(by_name[name].required for hold in holds for name in hold.fields):
            return self._no_lines(record, source, tuple(holds), "a required field cannot be written")
        changes.extend(self.changes.without_default(changes, target))
        changes.extend(self.changes.stamps(record, target))
        changes.extend(self.changes.extras(record, target))
        line = PlanLine(
            self._line_id(target, record.key),
            self.run_id,
            self.entity.name,
            target,
            Operation.CREATE,
            None,
            record.key,
            tuple(changes),
            natural_id,
            f"new in {source.value}",
        )
        return Settlement(
            self.entity.name,
            *_keys(source, record.key),
            (line, *self._way_back(line, record)),
            None,
            None,
            tuple(holds),
            line.reason,
        )

    def deleted(
        self, link: Link, records: Mapping[Side, CanonicalRecord | None], baseline: Baseline | None, *, deactivate: bool
    ) -> Settlement:
        """Settle a pair of which at least one side is gone."""
        gone = [side for side in SIDES if _is_gone(records[side])]
        if len(gone) == len(SIDES):
            return self.nothing(link, "gone on both sides")
        side = gone[0]
        if baseline is not None and EVERYTHING in baseline.accepted:
            return self.nothing(link, baseline.accepted[EVERYTHING].reason)
        record = records[side]
        why = record.scope_reason if record is not None else ""
        target = side.other
        columns = self.entity.side(target).deactivate
        partner = records[target]
        if not deactivate or not columns or why or partner is None:
            hold = new_hold(
                self.entity, side, link.key(side), target, HoldReason.DELETED, messages.deleted(side, why), ()
            )
            return replace(self.nothing(link, "gone on one side"), holds=(hold,))
        reason = f"deleted in {side.value}"
        changes = tuple(
            FieldChange(EVERYTHING, None, value, None, "deleted", reason, (column,), Accepted(None, None, reason))
            for column, value in columns.items()
        )
        line = replace(
            self._line(target, Operation.DEACTIVATE, {}, changes, reason),
            line_id=self._line_id(target, partner.key),
            target_key=partner.key,
            source_key=link.key(side),
        )
        return Settlement(self.entity.name, link.intacct_key, link.salesforce_id, (line,), reason=reason)

    def held(
        self, record: CanonicalRecord, side: Side, reason: HoldReason, message: str, candidates: Sequence[str] = ()
    ) -> Settlement:
        """Hold a whole record."""
        hold = new_hold(
            self.entity, side, record.key, side.other, reason, message, (), "|".join(candidates), tuple(candidates)
        )
        return self._no_lines(record, side, (hold,), message)

    def left_alone(self, record: CanonicalRecord, side: Side, reason: str) -> Settlement:
        """Explain why nothing is done about an unlinked record."""
        return self._no_lines(record, side, (), reason)

    # --- creation ------------------------------------------------------------------------------------------------
    def _way_back(self, created: PlanLine, record: CanonicalRecord) -> tuple[PlanLine, ...]:
        """A record created in Intacct gets its id back on the Salesforce record, in the same run."""
        if created.side is not Side.INTACCT:
            return ()
        changes = tuple(
            FieldChange(
                spec.name,
                record.raw_value(spec.name),
                created.natural_id,
                created.natural_id,
                "link",
                "the id given by Intacct",
                spec.salesforce.write_columns,
            )
            for spec in self.entity.fields
            if spec.direction is Direction.TO_SALESFORCE and spec.intacct.columns == ("id",)
        )
        if not changes:
            return ()
        return (
            PlanLine(
                self._line_id(Side.SALESFORCE, record.key),
                self.run_id,
                self.entity.name,
                Side.SALESFORCE,
                Operation.LINK,
                record.key,
                None,
                changes,
                created.natural_id,
                "its new partner's id",
            ),
        )

    def _natural_id(self, record: CanonicalRecord, target: Side) -> str | None:
        spec = self.entity.side(target)
        if target is Side.SALESFORCE:
            names = [
                f.name for f in self.entity.fields if spec.external_id and f.salesforce.columns == (spec.external_id,)
            ]
            value = record.raw_value(names[0]) if names else None
            return None if value is None else str(value)
        if spec.new_id is NewId.AUTO:
            return None
        return str(fill(spec.new_id_template, record, salesforce_id=record.key))

    # --- lines ---------------------------------------------------------------------------------------------------
    def _line_id(self, target: Side, key: str) -> str:
        suffix = f"#{self.round}" if self.round > 1 else ""
        return f"{self.run_id}/{self.entity.name}/{target.value}/{key}{suffix}"

    def _line(
        self,
        target: Side,
        operation: Operation,
        records: Mapping[Side, CanonicalRecord],
        changes: tuple[FieldChange, ...],
        reason: str = "",
    ) -> PlanLine:
        target_key = records[target].key if target in records else None
        source_key = records[target.other].key if target.other in records else None
        status = LineStatus.NOTHING if operation is Operation.NONE else LineStatus.PLANNED
        return PlanLine(
            self._line_id(target, target_key or source_key or ""),
            self.run_id,
            self.entity.name,
            target,
            operation,
            target_key,
            source_key,
            changes,
            None,
            reason or "; ".join(dict.fromkeys(c.reason for c in changes)),
            status,
        )

    def _no_lines(self, record: CanonicalRecord, side: Side, holds: tuple[Hold, ...], reason: str) -> Settlement:
        line = self._line(side.other, Operation.NONE, {side: record}, (), reason)
        return Settlement(self.entity.name, *_keys(side, record.key), (line,), holds=holds, reason=reason)

    def nothing(self, link: Link, reason: str) -> Settlement:
        """Explain why nothing is done about a linked pair."""
        line = PlanLine(
            self._line_id(Side.SALESFORCE, link.salesforce_id),
            self.run_id,
            self.entity.name,
            Side.SALESFORCE,
            Operation.NONE,
            link.salesforce_id,
            link.intacct_key,
            (),
            None,
            reason,
            LineStatus.NOTHING,
        )
        return Settlement(self.entity.name, link.intacct_key, link.salesforce_id, (line,), reason=reason)


def _next_baseline(before: Baseline | None, decisions: Sequence[FieldDecision]) -> Baseline:
    values = dict(before.values) if before else {}
    accepted = {name: kept for name, kept in (before.accepted if before else {}).items() if name != EVERYTHING}
    for decision in decisions:
        if decision.decision == AGREE:
            values[decision.field] = decision.intacct
            accepted.pop(decision.field, None)
        elif decision.decision == KEEP:
            accepted[decision.field] = Accepted(decision.intacct, decision.salesforce, decision.reason)
    return Baseline(values, accepted)


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


def _is_gone(record: CanonicalRecord | None) -> bool:
    return record is None or record.deleted


def _both(source: Side, value: Canonical) -> tuple[Canonical, Canonical]:
    return (value, None) if source is Side.INTACCT else (None, value)


def _keys(side: Side, key: str) -> tuple[str | None, str | None]:
    return (key, None) if side is Side.INTACCT else (None, key)
