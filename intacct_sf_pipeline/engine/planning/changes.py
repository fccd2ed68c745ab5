"""From a decision to a field change: rendered for the target, references resolved, lengths respected; or a hold.

Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from intacct_sf_pipeline.engine.guarding.breakers import BreakerGuard
from intacct_sf_pipeline.engine.people import messages
from intacct_sf_pipeline.engine.people.holds import new_hold
from intacct_sf_pipeline.engine.planning.merge import writes_to
from intacct_sf_pipeline.engine.values.normalise import ValueNotUnderstoodError
from intacct_sf_pipeline.engine.values.render import render
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Accepted, FieldChange, FieldDecision, Hold, HoldReason
from intacct_sf_pipeline.model.records import CanonicalRecord, Scalar, Side
from intacct_sf_pipeline.model.results import ObjectSchema

Refuse = Callable[[HoldReason, str], Hold]


@dataclass(frozen=True, slots=True)
class ChangeBuilder:
    """What building changes needs to know besides the records.

    `reference` gives the target's key of a linked record: (entity, canonical reference, target side) -> key, or None.
    """

    entity: EntityMapping
    schemas: Mapping[Side, ObjectSchema]
    reference: Callable[[str, str, Side], str | None]
    breakers: BreakerGuard = field(default_factory=BreakerGuard)

    def of(
        self,
        decisions: Sequence[FieldDecision],
        source: CanonicalRecord,
        target_record: CanonicalRecord | None,
        target: Side,
    ) -> tuple[list[FieldChange], list[Hold]]:
        """The changes that `decisions` mean for `target`, and the holds for those that cannot be written."""
        changes: list[FieldChange] = []
        holds: list[Hold] = []
        for decision in decisions:
            if writes_to(decision) is not target:
                continue
            outcome = self._change(self.entity.by_name[decision.field], decision, source, target_record, target)
            if isinstance(outcome, Hold):
                holds.append(outcome)
            else:
                changes.append(outcome)
        return changes, holds

    def stamps(self, source: CanonicalRecord, target: Side) -> list[FieldChange]:
        """The fields that are written along with others."""
        return [
            FieldChange(
                spec.name,
                None,
                _rendered(spec, source, target),
                source.values.get(spec.name),
                "stamp",
                "written along with the others",
                spec.source(target).write_columns,
            )
            for spec in self.entity.fields
            if spec.stamp and spec.direction.writes(target)
        ]

    def extras(self, record: CanonicalRecord, target: Side) -> list[FieldChange]:
        """What every new record on `target` is given besides its mapped fields."""
        return [
            FieldChange(column, None, fill(value, record), None, "on_create", "given to every new record", (column,))
            for column, value in self.entity.side(target).on_create.items()
        ]

    def placed_by(self, target: Side) -> str | None:
        """The field that says in which Intacct entity a new record is made."""
        owner = self.entity.side(target).owned_by
        return owner.new if owner is not None else None

    def place_of_new(self, record: CanonicalRecord, target: Side) -> tuple[list[FieldChange], list[Hold]]:
        """The Intacct entity in which the partner of `record` is made: nothing, a change, or a hold."""
        owner, name = self.entity.side(target).owned_by, self.placed_by(target)
        if owner is None or name is None or record.values.get(name) is None:
            return [], []
        spec = self.entity.by_name[name]
        try:
            place = render(spec, record.values[name], record.raw_value(name), target)
        except ValueNotUnderstoodError as error:
            message = messages.not_understood(spec, target.other, error.reason)
            fields, value = (name,), repr(record.values[name])
            hold = new_hold(
                self.entity, target.other, record.key, target, HoldReason.INVALID_VALUE, message, fields, value
            )
            return [], [hold]
        if place is None:
            return [], []
        return [
            FieldChange(name, None, place, record.values[name], "create", "the entity it is made in", (owner.column,))
        ], []

    def without_default(self, changes: Sequence[FieldChange], target: Side) -> list[FieldChange]:
        """An empty country is sent as empty, since Intacct would fill in its own (Source: Intacct reference 5.6)."""
        written = {change.field for change in changes}
        return [
            FieldChange(spec.name, None, None, None, "create", "no country is known", spec.intacct.write_columns)
            for spec in self.entity.fields
            if target is Side.INTACCT and spec.type is FieldType.COUNTRY and spec.name not in written
        ]

    def _change(
        self,
        spec: FieldSpec,
        decision: FieldDecision,
        source: CanonicalRecord,
        target_record: CanonicalRecord | None,
        target: Side,
    ) -> FieldChange | Hold:
        value = source.values.get(spec.name)

        def refuse(reason: HoldReason, message: str) -> Hold:
            return new_hold(self.entity, target.other, source.key, target, reason, message, (spec.name,), repr(value))

        if value is None and spec.required:
            return refuse(HoldReason.MISSING_REQUIRED, messages.missing(spec, target))
        verdict = self.breakers.judge(self.entity, spec, decision, source, target)
        if isinstance(verdict, Hold):
            return verdict
        columns = spec.source(target).write_columns
        after: Scalar | tuple[Scalar, ...]
        if spec.type is FieldType.REFERENCE and isinstance(value, str) and spec.to:
            key = self.reference(spec.to, value, target)
            if key is None:
                return refuse(HoldReason.PARENT_NOT_LINKED, messages.parent(spec, target.other))
            after = key
        else:
            try:
                after = _rendered(spec, source, target)
            except ValueNotUnderstoodError as error:
                return refuse(HoldReason.INVALID_VALUE, messages.not_understood(spec, target.other, error.reason))
        before = target_record.raw_value(spec.name) if target_record else None
        change = FieldChange(spec.name, before, after, value, decision.rule, decision.reason + verdict, columns)
        return self._fit(spec, change, target, refuse)

    def _fit(self, spec: FieldSpec, change: FieldChange, target: Side, refuse: Refuse) -> FieldChange | Hold:
        """Hold what is longer than the target takes; cut it only where the mapping says so, and remember that."""
        parts = change.after if isinstance(change.after, tuple) else (change.after,)
        for column, part in zip(change.columns, parts, strict=True):
            schema = self.schemas[target].columns.get(column)
            most = schema.max_length if schema else None
            if most is None or not isinstance(part, str) or len(part) <= most:
                continue
            if spec.too_long == "hold" or isinstance(change.after, tuple):
                return refuse(HoldReason.TOO_LONG, messages.too_long(spec, target, len(part), most))
            cut = part[:most].rstrip()
            values = {target: cut, target.other: change.canonical}
            accepted = Accepted(
                values[Side.INTACCT],
                values[Side.SALESFORCE],
                f"cut to {most} characters for {target.value}, as configured",
            )
            return replace(change, after=cut, canonical=cut, accepted=accepted)
        return change


def _rendered(spec: FieldSpec, source: CanonicalRecord, target: Side) -> Scalar | tuple[Scalar, ...]:
    columns = spec.source(target).write_columns
    after = render(spec, source.values.get(spec.name), source.raw_value(spec.name), target, len(columns))
    return tuple(after) if isinstance(after, list) else after


def fill(template: str | bool, record: CanonicalRecord, **more: str) -> Scalar:
    """A template with canonical field names in braces, filled from the raw values.

    Blanks left by empty ones collapse.
    """
    if not isinstance(template, str) or "{" not in template:
        return template
    values = defaultdict(str, {name: str(record.raw_value(name) or "") for name in record.values} | more)
    return " ".join(template.format_map(values).split())
