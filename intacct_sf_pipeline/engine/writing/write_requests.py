"""From a plan line to what a connector is asked to write. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import FieldChange, Operation, PlanLine
from intacct_sf_pipeline.model.records import CanonicalRecord, Scalar, Side
from intacct_sf_pipeline.model.results import WriteRequest


def to_request(
    entity: EntityMapping, side: Side, line: PlanLine, key: str | None, current: Mapping[str, Scalar] | None = None
) -> WriteRequest:
    """The request for `line`; without `key` a record is created. `current` holds the addresses of related rows.

    Who owns a record is no value to be written: it is where it is written.
    """
    values = column_values(line)
    owner = entity.side(side).owned_by
    place = None
    if owner is not None:
        given = values.pop(owner.column, None)
        place = given if key is None else (current or {}).get(owner.column)
    return WriteRequest(
        line.line_id,
        entity.name,
        entity.side(side).object,
        key is None,
        key,
        line.natural_id,
        values,
        {name: value for name, value in (current or {}).items() if "." in name},
        line.idempotency_key,
        None if place in (None, "") else str(place),
    )


def related_values(entity: EntityMapping, side: Side, record: CanonicalRecord) -> dict[str, Scalar]:
    """What a record's single related rows hold: keys and mapped columns, so that a sink can move a row whole."""
    aliases = {related.alias for related in entity.side(side).related if not related.many}
    values = {name: value for name, value in record.raw.items() if "." in name}
    for field in entity.fields:
        source = field.source(side)
        if not source.compute and len(source.columns) == 1 and source.columns[0].partition(".")[0] in aliases:
            values.setdefault(source.columns[0], record.raw_value(field.name))
    return values


def column_values(line: PlanLine) -> dict[str, Scalar]:
    """What the line writes, by vendor column."""
    values: dict[str, Scalar] = {}
    for change in line.changes:
        parts = change.after if isinstance(change.after, tuple) else (change.after,)
        values.update(zip(change.columns, parts, strict=True))
    return values


def related_changes(entity: EntityMapping, line: PlanLine) -> tuple[FieldChange, ...]:
    """The changes of `line` that belong to related rows (`customer-contact.categoryName`)."""
    aliases = {related.alias for related in entity.side(line.side).related}
    return tuple(c for c in line.changes if any(column.partition(".")[0] in aliases for column in c.columns))


def needs_read_back(entity: EntityMapping, line: PlanLine) -> bool:
    """A new record holds more than was written; so does one of which a related row was changed, or the status that a
    mapped field shows too.
    """
    if line.operation is Operation.DEACTIVATE:
        mapped = {column for spec in entity.fields for column in spec.source(line.side).columns}
        return any(column in mapped for change in line.changes for column in change.columns)
    return line.operation is Operation.CREATE or bool(related_changes(entity, line))
