"""Does the mapping fit the two live systems? Pure: mapping and what each service says of its objects in, findings out.

Source: describe (Salesforce REST Guide, sObject Describe) and the model service (Intacct REST), both as `ObjectSchema`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import process

from intacct_sf_pipeline.cli.findings import Finding, ok, problem, warning
from intacct_sf_pipeline.cli.fit import SYSTEM, Schemas, check_key_length, check_lengths, check_type
from intacct_sf_pipeline.connectors import capabilities
from intacct_sf_pipeline.engine.guarding.currencies import SWITCH_ON
from intacct_sf_pipeline.engine.guarding.targets import written_fields
from intacct_sf_pipeline.engine.people.status_fields import State
from intacct_sf_pipeline.model.fields import FieldSpec
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec, SyncMapping
from intacct_sf_pipeline.model.money_checks import ISO_CODE
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.model.results import ColumnSchema, ObjectSchema

PACKAGE = "`intacct-sf salesforce-package DIR` writes it and the permission set"


def check_feed(
    mapping: SyncMapping, feed: FeedSpec, schema: ObjectSchema, missing: tuple[str, ...]
) -> Iterator[Finding]:
    """Can every column of `feed` be read? `missing` names those that cannot (as the connector says)."""
    area = f"{SYSTEM[feed.side]} {feed.object}"
    for column in missing:
        yield problem(area, column, "no such field, or this user may not read it", _did_you_mean(column, schema))
    stamp = feed.modified
    if stamp and stamp in missing:
        yield warning(
            area, stamp, "changes cannot be polled, so every row is read each time", "Grant read access to it."
        )
    if not missing:
        yield ok(area, feed.name, f"all {len(mapping.columns(feed))} columns can be read")


def check_entity(mapping: SyncMapping, entity: EntityMapping, schemas: Schemas) -> Iterator[Finding]:
    """Can every field of `entity` be written where the mapping says so, and will its values fit?"""
    found = False
    for side in SIDES:
        schema = schemas.get((side, entity.side(side).object))
        if schema is None:
            continue
        for finding in (
            *_object(entity, side, schema),
            *_external_id(entity, side, schema),
            *_targets(entity, side, schema),
            *_status(entity, side, schema),
            *_required(entity, side, schema),
        ):
            found = True
            yield finding
    for finding in (*check_key_length(mapping, entity, schemas), *check_lengths(mapping, entity, schemas)):
        found = True
        yield finding
    if not found:
        yield ok(entity.name, "targets", "every mapped field can be written and takes what the other side holds")


def _object(entity: EntityMapping, side: Side, schema: ObjectSchema) -> Iterator[Finding]:
    """May this user add and change records at all?"""
    area = f"{SYSTEM[side]} {schema.object}"
    cure = "Grant the integration user create and edit on this object (docs/salesforce-setup.md)."
    if not entity.writes_to(side):
        return
    if capabilities.UPDATE not in schema.capabilities:
        yield problem(area, "object", f"this user may not change its records, as {entity.name} has to", cure)
    if capabilities.CREATE not in schema.capabilities and entity.side(side.other).creates and not entity.links:
        yield problem(area, "object", f"this user may not add records, as {entity.name} has to", cure)


def _targets(entity: EntityMapping, side: Side, schema: ObjectSchema) -> Iterator[Finding]:
    for field, column in written_fields(entity, side):
        if "." in column and column not in schema.columns:
            continue
        area = f"{SYSTEM[side]} {schema.object}"
        target = schema.columns.get(column)
        if target is None and column == entity.side(side).external_id:
            continue
        if target is None:
            yield problem(
                area,
                column,
                f"no such field, or this user may not see it; {entity.name}.{field.name} is to be written there",
                _create_it(column, schema),
            )
            continue
        yield from _writable(entity, side, field, target, area)
        yield from check_type(entity, field, target, area)
        yield from _choices(entity, field, target, area)


def _writable(
    entity: EntityMapping, side: Side, field: FieldSpec, target: ColumnSchema, area: str
) -> Iterator[Finding]:
    if target.name == "ProductClass":
        yield problem(
            area,
            target.name,
            "Salesforce derives it and nobody can write it",
            "Map a field of your own, such as ProductClass__c.",
        )
    elif not target.creatable and not target.updatable:
        yield problem(
            area,
            target.name,
            "is read-only for this user",
            f"Grant edit access, or map {entity.name}.{field.name} elsewhere.",
        )
    elif not target.updatable and not field.create_only and target.name != entity.side(side).external_id:
        yield warning(
            area,
            target.name,
            "can be set once but not changed later",
            f"Set create_only on {entity.name}.{field.name}.",
        )


def _choices(entity: EntityMapping, field: FieldSpec, target: ColumnSchema, area: str) -> Iterator[Finding]:
    if not target.values:
        return
    to_intacct = area.startswith(SYSTEM[Side.INTACCT])
    codes = set(map(str, field.values if to_intacct else field.values.values()))
    if not to_intacct:
        variants = entity.intacct.variants
        codes |= {v.constants[c] for v in variants for c in field.intacct.columns if c in v.constants}
    if missing := sorted(codes - set(target.values)):
        found = f"does not take {', '.join(missing)}, only {', '.join(target.values[:8])}"
        cure = f"Add the values to its list, or correct `values` of {field.name}."
        if target.name == ISO_CODE:
            cure = f"Activate {', '.join(missing)} in Salesforce (Setup > Manage Currencies), or correct the mapping."
        yield warning(area, target.name, found, cure)


def _external_id(entity: EntityMapping, side: Side, schema: ObjectSchema) -> Iterator[Finding]:
    name = entity.side(side).external_id
    if name is None or entity.links:
        return
    column = schema.columns.get(name)
    area = f"{SYSTEM[side]} {schema.object}"
    if column is None:
        yield problem(
            area,
            name,
            "there is no such field, or this user may not see it; it is the key by which records are written",
            f"Create {name} on {schema.object}: Text(255), External ID, Unique; {PACKAGE}.",
        )
        return
    if not column.external_id:
        yield problem(
            area,
            name,
            "is not marked as External ID, so creating could double records",
            "Tick External ID on the field.",
        )
    if not column.unique:
        yield problem(
            area, name, "is not unique, so two records could carry one Intacct id", "Tick Unique on the field."
        )


def _status(entity: EntityMapping, side: Side, schema: ObjectSchema) -> Iterator[Finding]:
    """The columns that tell the state of a record: only the message may be cut, so the state itself has to fit."""
    status, area = entity.side(side).status, f"{SYSTEM[side]} {schema.object}"
    for name in status.columns if status else ():
        column = schema.columns.get(name)
        if column is None:
            yield problem(
                area,
                name,
                "the state of records is to be shown there, but there is no such field",
                _create_it(name, schema),
            )
        elif not column.updatable:
            yield problem(area, name, "is read-only for this user", "Grant edit access, or remove it from `status`.")
        elif name == (status.field if status else ""):
            yield from _states(column, area)


def _states(column: ColumnSchema, area: str) -> Iterator[Finding]:
    states = [state.value for state in State]
    longest = max(len(state) for state in states)
    if column.max_length is not None and column.max_length < longest:
        found = f"takes {column.max_length} characters; the longest state has {longest}"
        yield problem(area, column.name, found, "Lengthen it.")
    elif column.values and (missing := [state for state in states if state not in column.values]):
        found = f"its list lacks {', '.join(missing)}"
        yield problem(area, column.name, found, "Add these values, or make it a text field.")


def _required(entity: EntityMapping, side: Side, schema: ObjectSchema) -> Iterator[Finding]:
    spec = entity.side(side)
    if (
        not entity.side(side.other).creates
        or entity.links
        or not entity.writes_to(side)
        or not any(f.required for f in entity.fields if f.direction.writes(side))
    ):
        return
    given = (
        {column for _, column in written_fields(entity, side)} | set(spec.on_create) | {"id", spec.external_id or "id"}
    )
    given |= {f"{path.partition('.')[0]}Id" for field in entity.fields for path in field.source(side).columns}
    for column in schema.columns.values():
        if column.required and column.creatable and column.name not in given and not _elsewhere(column.name):
            area = f"{SYSTEM[side]} {schema.object}"
            yield warning(
                area, column.name, "is required on new records but not mapped", "Add it to fields or to on_create."
            )


def _elsewhere(column: str) -> bool:
    return "." in column


def _did_you_mean(column: str, schema: ObjectSchema) -> str:
    close = process.extractOne(column, list(schema.columns), score_cutoff=80)
    hint = f"Did you mean {close[0]}? " if close else ""
    return f"{hint}Correct the mapping, create the field, or grant read access."


def _create_it(column: str, schema: ObjectSchema) -> str:
    if column == ISO_CODE:
        return f"The org has one currency only: {SWITCH_ON}."
    if column.endswith("__c"):
        return f"Create {column} on {schema.object} and grant edit access; {PACKAGE}."
    return _did_you_mean(column, schema)
