"""What a well-formed mapping can get wrong about entities of a company: who owns a record, here and in Salesforce."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.problems import Problem
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.suggest import did_you_mean

BY_NAME: Final = ("Owner.Username", "RecordType.DeveloperName")
"""Salesforce columns that name another record; the connector writes its id. Source: salesforce.md 8.1."""

_NEVER_EMPTY: Final = frozenset(BY_NAME)
Path = tuple[str | int, ...]


def ownership_problems(entity: EntityMapping) -> Iterator[Problem]:
    """What is wrong with the owners of one flow's records."""
    base: Path = ("entities", entity.name)
    if entity.salesforce.owned_by is not None:
        cure = f"Map the owner like any field: salesforce: {BY_NAME[0]}"
        yield Problem((*base, "salesforce", "owned_by"), "only records of Intacct belong to an entity", cure)
    owner = entity.intacct.owned_by
    if owner is not None and owner.new is not None:
        yield from _new_problems(entity, owner.new, (*base, "intacct", "owned_by", "new"))
    for number, field in enumerate(entity.fields):
        path = (*base, "fields", number)
        if field.direction.writes(Side.INTACCT) and "entity.id" in field.intacct.columns:
            what = f"{field.name!r} would move records between entities, which Intacct does not do"
            yield Problem(path, what, "Use 'direction: to_salesforce'; owned_by.new says where new records are made")
        if field.direction.writes(Side.SALESFORCE) and _NEVER_EMPTY & set(field.salesforce.columns):
            yield from _empty_problems(field, path)


def _new_problems(entity: EntityMapping, name: str, path: Path) -> Iterator[Problem]:
    field = entity.by_name.get(name)
    if field is None:
        yield Problem(path, f"there is no field {name!r}", did_you_mean(name, entity.by_name))
        return
    if field.type is not FieldType.TABLE:
        return
    counts = Counter(str(partner).casefold() for partner in field.values.values())
    if several := [str(partner) for partner in field.values.values() if counts[str(partner).casefold()] > 1]:
        what = f"several entities stand for {several[0]!r}, so it cannot be told in which of them a record is made"
        yield Problem(path, what, f"Map a field of its own, with one value per entity, and name it instead of {name!r}")


def _empty_problems(field: FieldSpec, path: Path) -> Iterator[Problem]:
    """An owner or a record type cannot be emptied, as an empty value would."""
    if field.when_empty == "clear" and not (field.type is FieldType.TABLE and "" in field.values):
        what = f"{field.name!r} would empty {field.salesforce.columns[0]} where Intacct has no value (the top level)"
        yield Problem(path, what, "Add an entry for '' to its values, or 'when_empty: keep'")
