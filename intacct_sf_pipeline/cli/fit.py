"""Do a field's values fit into the columns it is mapped to? Types, lengths, digits. Pure, like `preflight`.

Source: field types of describe (Salesforce Object Reference, Field Types) and of the model service (Intacct REST).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from intacct_sf_pipeline.cli.findings import Finding, problem, warning
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping, SyncMapping
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.model.results import ColumnSchema, ObjectSchema

SYSTEM: Final = {Side.INTACCT: "Intacct", Side.SALESFORCE: "Salesforce"}
Schemas = Mapping[tuple[Side, str], ObjectSchema]
"""What is known of each object, by side and object name; an object that is missing here could not be described."""

ENOUGH_FOR_A_KEY: Final = 100
"""Characters of an external id that hold any id people type; longer ids than the column takes are held."""
_SHORTEST_KEY: Final = 20
"""Characters of the longest customer id, where the other side does not tell."""

_TEXT_KINDS: Final = frozenset(
    {"string", "textarea", "phone", "url", "email", "picklist", "multipicklist", "combobox", "encryptedstring", "enum"}
)
_NUMBER_KINDS: Final = frozenset({"double", "currency", "percent", "int", "long", "number", "integer", "decimal"})
_TAKEN: Final[Mapping[FieldType, frozenset[str]]] = {
    FieldType.DECIMAL: _NUMBER_KINDS,
    FieldType.BOOLEAN: frozenset({"boolean"}),
    FieldType.ENUM: _TEXT_KINDS | {"boolean"},
    FieldType.TABLE: _TEXT_KINDS | {"boolean", "reference", "id"},
    FieldType.DATETIME: frozenset({"datetime", "date-time"}),
    FieldType.REFERENCE: frozenset({"reference", "id", "string", "integer"}),
}
"""Kinds of columns by field type; all other field types are text."""
_KNOWN: Final = (
    _TEXT_KINDS | _NUMBER_KINDS | {"boolean", "datetime", "date-time", "date", "time", "reference", "id", "base64"}
)
_IN_SETUP: Final = {
    FieldType.DECIMAL: "Number",
    FieldType.BOOLEAN: "Checkbox",
    FieldType.DATETIME: "Date/Time",
    FieldType.REFERENCE: "Lookup",
    FieldType.MULTILINE: "Long Text Area",
}
_SIZED: Final = {FieldType.TEXT, FieldType.MULTILINE, FieldType.STREET, FieldType.PHONE, FieldType.EMAIL}


def check_type(entity: EntityMapping, field: FieldSpec, target: ColumnSchema, area: str) -> Iterator[Finding]:
    """Is the column of a kind that takes the field's values, with as many digits and lines?"""
    kind = "decimal" if target.type.startswith("decimal") else target.type
    what = f"{entity.name}.{field.name}"
    if kind in _KNOWN and kind not in _TAKEN.get(field.type, _TEXT_KINDS | {"id"}):
        found = f"is of type {target.type}, and {what} is of type {field.type.value}"
        yield problem(area, target.name, found, f"Map {what} to a field of type {_IN_SETUP.get(field.type, 'Text')}.")
    elif field.type is FieldType.DECIMAL and target.scale is not None and field.scale is not None:
        if target.scale < field.scale:
            found = f"keeps {target.scale} digits after the point, {what} has {field.scale}: values are rounded"
            yield warning(area, target.name, found, f"Give it more decimal places, or set scale: {target.scale}.")
    elif field.type is FieldType.MULTILINE and area.startswith(SYSTEM[Side.SALESFORCE]) and kind == "string":
        yield warning(area, target.name, f"holds one line, and {what} has several", "Make it a Long Text Area.")


def check_key_length(mapping: SyncMapping, entity: EntityMapping, schemas: Schemas) -> Iterator[Finding]:
    """Does the external id field take the ids of the other side?"""
    name, sobject = entity.salesforce.external_id, entity.salesforce.object
    schema = schemas.get((Side.SALESFORCE, sobject))
    column = schema.columns.get(name) if schema and name else None
    if name is None or column is None or column.max_length is None or entity.links:
        return
    own = [field for field in entity.fields if field.salesforce.columns == (name,)]
    there = next((length for field in own if (length := longest(mapping, entity, field, Side.INTACCT, schemas))), None)
    needed = min(there or _SHORTEST_KEY, ENOUGH_FOR_A_KEY)
    area = f"Salesforce {sobject}"
    if column.max_length < needed:
        found = f"takes {column.max_length} characters, ids in Intacct have up to {there or needed}"
        yield problem(area, name, found, f"Lengthen it to {needed} characters or more (255 is the most).")
    elif there and column.max_length < there:
        found = f"takes {column.max_length} characters, ids in Intacct have up to {there}: longer ones are held"
        yield warning(area, name, found, "Lengthen it (255 is the most).")


def check_lengths(mapping: SyncMapping, entity: EntityMapping, schemas: Schemas) -> Iterator[Finding]:
    """One finding per side that takes fewer characters than the other holds, for all fields together."""
    for side in SIDES:
        short = []
        for field in entity.fields:
            if not field.direction.writes(side) or field.type not in _SIZED or field.too_long == "truncate":
                continue
            if entity.side(side).external_id in field.source(side).columns:
                continue
            source = longest(mapping, entity, field, side.other, schemas)
            target = longest(mapping, entity, field, side, schemas)
            if source and target and source > target:
                short.append(f"{field.name} {target} < {source}")
        if short:
            area = f"{SYSTEM[side]} {entity.side(side).object}"
            found = f"takes fewer characters than {SYSTEM[side.other]} holds: {', '.join(short)}"
            cure = "Longer values are held. Lengthen the fields, or set too_long: truncate on them."
            yield warning(area, "lengths", found, cure)


def longest(mapping: SyncMapping, entity: EntityMapping, field: FieldSpec, side: Side, schemas: Schemas) -> int | None:
    """The most characters of a field on one side, all its columns together; None when that is not known."""
    lengths = [_length(mapping, entity, side, column, schemas) for column in field.source(side).columns]
    known = [length for length in lengths if length]
    return sum(known) if known and len(known) == len(lengths) else None


def _length(mapping: SyncMapping, entity: EntityMapping, side: Side, column: str, schemas: Schemas) -> int | None:
    spec = entity.side(side)
    name, object_name = column, spec.object
    for related in spec.related:
        if column.startswith(f"{related.alias}."):
            name, object_name = column.removeprefix(f"{related.alias}."), mapping.feed(side, related.feed).object
    schema = schemas.get((side, object_name))
    known = schema.columns.get(name) if schema else None
    return known.max_length if known else None
