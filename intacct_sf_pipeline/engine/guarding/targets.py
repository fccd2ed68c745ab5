"""A field that is mapped to a column which its target does not have, or which nobody can write, stops the flow before
its first write: every record would be refused, call after call, for a fault of the set-up. Pure.

Source: describe (Salesforce REST Guide, sObject Describe: createable, updateable) and Intacct's model service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.fields import Direction, FieldSpec
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import ObjectSchema

_DERIVED = "ProductClass"
_CURE = {
    Side.SALESFORCE: "create it and grant edit access (`intacct-sf salesforce-package DIR` writes both), or correct "
    "the mapping; `intacct-sf doctor` lists all such fields",
    Side.INTACCT: "grant access to it, or correct the mapping; `intacct-sf doctor` lists all such fields",
}


def require_targets(entity: EntityMapping, schemas: Mapping[Side, ObjectSchema]) -> None:
    """Refuse what the described objects cannot take.

    Raises:
        ConfigurationError: a mapped column, or the external id, is absent or read-only for this user.
    """
    for side, schema in schemas.items():
        if not schema.columns:
            continue  # a service that does not describe its objects answers for itself
        for name, column in (*_external_id(entity, side), *written_columns(entity, side)):
            wrong = _wrong(schema, column)
            if wrong:
                where = f"entities.{entity.name}.{name}"
                raise ConfigurationError(f"{schema.object}.{column} {wrong}", where=where, cure=_CURE[side])


def written_columns(entity: EntityMapping, side: Side) -> Iterator[tuple[str, str]]:
    """Place in the mapping and column of everything that is written to `side`."""
    for field, column in written_fields(entity, side):
        yield f"fields.{field.name}", column


def written_fields(entity: EntityMapping, side: Side) -> Iterator[tuple[FieldSpec, str]]:
    """Fields that are written to `side`, with each of their columns there."""
    for field in entity.fields:
        if field.direction is Direction.MATCH or not field.direction.writes(side):
            continue
        source = field.source(side)
        if source.compute is None:
            for column in source.columns:
                yield field, column


def _external_id(entity: EntityMapping, side: Side) -> Iterator[tuple[str, str]]:
    name = entity.side(side).external_id
    if name is not None and not entity.links:
        yield f"{side.value}.external_id", name


def _wrong(schema: ObjectSchema, column: str) -> str:
    found = schema.columns.get(column)
    if found is None:
        # Columns of related objects are described with those.
        return "" if "." in column else "does not exist, or this user may not see it"
    if column == _DERIVED:
        return "is derived by Salesforce; nobody can write it"
    return "" if found.creatable or found.updatable else "is read-only for this user"
