"""A new record on the other side: what it is given, by which id it is found again, and the way back of that id.

Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from intacct_sf_pipeline.engine.people.holds import problem_holds
from intacct_sf_pipeline.engine.planning.changes import ChangeBuilder, fill
from intacct_sf_pipeline.engine.planning.lines import LineMaker, keys_of
from intacct_sf_pipeline.engine.planning.merge import compared
from intacct_sf_pipeline.model.fields import Direction
from intacct_sf_pipeline.model.mapping import EntityMapping, NewId
from intacct_sf_pipeline.model.plans import FieldChange, FieldDecision, Operation, PlanLine, Settlement
from intacct_sf_pipeline.model.records import Canonical, CanonicalRecord, Side


def create(lines: LineMaker, changes: ChangeBuilder, record: CanonicalRecord, source: Side) -> Settlement:
    """Plan a partner for `record` of `source`, or hold it when a required field cannot be written."""
    entity, target = lines.entity, source.other
    wanted, refused = changes.of(_wanted(entity, record, source), record, None, target)
    place, misplaced = changes.place_of_new(record, target)
    holds = (*problem_holds(entity, {source: record}), *refused, *misplaced)
    if any(
        entity.by_name[name].required or name == changes.placed_by(target) for hold in holds for name in hold.fields
    ):
        return lines.alone(record, source, "a required field cannot be written", holds)
    written = [
        *wanted,
        *place,
        *changes.without_default(wanted, target),
        *changes.stamps(record, target),
        *changes.extras(record, target),
    ]
    reason = f"new in {source.value}"
    line = replace(
        lines.line(target, Operation.CREATE, {source: record}, written, reason),
        natural_id=_natural_id(entity, record, target),
    )
    return Settlement(
        entity.name,
        *keys_of(source, record.key),
        (line, *_way_back(lines, line, record)),
        holds=holds,
        reason=reason,
    )


def _wanted(entity: EntityMapping, record: CanonicalRecord, source: Side) -> list[FieldDecision]:
    target = source.other
    return [
        FieldDecision(
            spec.name,
            None,
            *_both(source, record.values.get(spec.name)),
            f"to_{target.value}",
            "create",
            f"new in {source.value}",
        )
        for spec in entity.fields
        if compared(spec)
        and spec.direction.writes(target)
        and spec.name not in record.problems
        and (record.values.get(spec.name) is not None or spec.required)
    ]


def _way_back(lines: LineMaker, created: PlanLine, record: CanonicalRecord) -> Sequence[PlanLine]:
    """A record created in Intacct gets its id back on the Salesforce record, in the same run."""
    if created.side is not Side.INTACCT:
        return ()
    changes = [
        FieldChange(
            spec.name,
            record.raw_value(spec.name),
            created.natural_id,
            created.natural_id,
            "link",
            "the id given by Intacct",
            spec.salesforce.write_columns,
        )
        for spec in lines.entity.fields
        if spec.direction is Direction.TO_SALESFORCE and spec.intacct.columns == ("id",)
    ]
    if not changes:
        return ()
    line = lines.line(Side.SALESFORCE, Operation.LINK, {Side.SALESFORCE: record}, changes, "its new partner's id")
    return (replace(line, natural_id=created.natural_id),)


def _natural_id(entity: EntityMapping, record: CanonicalRecord, target: Side) -> str | None:
    spec = entity.side(target)
    if target is Side.SALESFORCE:
        names = [f.name for f in entity.fields if spec.external_id and f.salesforce.columns == (spec.external_id,)]
        value = record.raw_value(names[0]) if names else None
        return None if value is None else str(value)
    if spec.new_id is NewId.AUTO:
        return None
    return str(fill(spec.new_id_template, record, salesforce_id=record.key))


def _both(source: Side, value: Canonical) -> tuple[Canonical, Canonical]:
    return (value, None) if source is Side.INTACCT else (None, value)
