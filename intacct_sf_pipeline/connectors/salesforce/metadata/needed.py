"""Which custom fields and objects the mapping names on the Salesforce side, and of which types they have to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from intacct_sf_pipeline.connectors.salesforce.metadata.fields import (
    CustomField,
    CustomObject,
    Kind,
    is_custom,
    is_lawful,
    is_packaged,
)
from intacct_sf_pipeline.connectors.salesforce.metadata.kinds import (
    external_id,
    of_conditions,
    of_mapping,
    of_values,
    status_field,
    status_message,
)
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.fields import FieldSpec
from intacct_sf_pipeline.model.mapping import Condition, EntityMapping, SideSpec, SyncMapping
from intacct_sf_pipeline.model.records import Side

_SF: Final = Side.SALESFORCE
_WIDER: Final = (Kind.TEXT, Kind.LONG_TEXT)
"""Kinds of which the larger one serves for both."""


@dataclass(frozen=True)
class Needed:
    """What to create, in the order of their names, and what the mapping names but a package cannot create."""

    fields: tuple[CustomField, ...]
    objects: tuple[CustomObject, ...]
    left_out: tuple[str, ...]


def needed(mapping: SyncMapping) -> Needed:
    """All custom fields and objects of the enabled flows.

    Raises:
        ConfigurationError: Salesforce would refuse a name, or two flows need one field to be of two types.
    """
    found: dict[str, CustomField] = {}
    left_out: set[str] = set()
    for certain in (_mapped(mapping), _hinted(mapping)):
        known = frozenset(found)
        for field in certain:
            key = field.full_name.lower()
            if field.object == "":
                left_out.add(f"{field.name}: its object cannot be told from the mapping")
            elif is_packaged(field.name) or is_packaged(field.object):
                left_out.add(f"{field.full_name}: it belongs to a managed package")
            elif key not in known:
                found[key] = _merged(found[key], field) if key in found else _lawful(field)
    fields = tuple(sorted(found.values(), key=lambda field: (field.object, field.name)))
    return Needed(fields, tuple(_objects(mapping)), tuple(sorted(left_out)))


def owner(mapping: SyncMapping, spec: SideSpec, column: str) -> tuple[str, str]:
    """The object that has `column` of a flow's Salesforce side, and its name there; no object when it cannot be told.

    A path leads over a related feed (its alias), or over a standard relationship, which is named as its object.
    """
    head, _, rest = column.rpartition(".")
    if not head:
        return spec.object, column
    for related in spec.related:
        if related.alias == head:
            return mapping.feed(_SF, related.feed).object, rest
    return ("" if head.endswith("__r") or "." in head else head), rest


def _mapped(mapping: SyncMapping) -> Iterator[CustomField]:
    """Fields whose type the mapping says."""
    for entity in mapping.enabled():
        spec = entity.salesforce
        named = f"{entity.name}."
        if spec.external_id and is_custom(spec.external_id):
            yield external_id(spec.object, spec.external_id, f"{named}external_id")
        for field in entity.fields:
            yield from _of_field(mapping, entity, field)
        if spec.status:
            yield status_field(spec.object, spec.status.field, f"{named}status")
            if spec.status.message:
                yield status_message(spec.object, spec.status.message, f"{named}status")


def _of_field(mapping: SyncMapping, entity: EntityMapping, field: FieldSpec) -> Iterator[CustomField]:
    spec = entity.salesforce
    for column in field.salesforce.columns:
        sobject, name = owner(mapping, spec, column)
        if not is_custom(name) or (sobject, name) == (spec.object, spec.external_id):
            continue
        target = mapping.entity(field.to).salesforce.object if field.to else ""
        own = sobject == spec.object and "." not in column and field.salesforce.compute is None
        writes = own and field.direction.writes(_SF)
        yield of_mapping(sobject, name, field, target, editable=writes, named_by=f"{entity.name}.{field.name}")


def _hinted(mapping: SyncMapping) -> Iterator[CustomField]:
    """Fields of which the mapping only shows values, or nothing: in filters, on new and deactivated records, read
    along.
    """
    for entity in mapping.enabled():
        spec = entity.salesforce
        for column, value in (*spec.on_create.items(), *spec.deactivate.items()):
            if is_custom(column):
                yield of_values(spec.object, column, (value,), entity.name)
        conditions = (*spec.create_when, *spec.in_scope_when)
        for column in dict.fromkeys(condition.column for condition in conditions):
            sobject, name = owner(mapping, spec, column)
            if is_custom(name):
                yield of_conditions(sobject, name, _about(conditions, column), f"{entity.name} (filter)")
    for feed in mapping.used_feeds():
        if feed.side is _SF:
            for column in filter(None, (*feed.columns, feed.id)):
                if is_custom(column) and "." not in column:
                    yield of_values(feed.object, column, (), f"feed {feed.name}", editable=False)


def _about(conditions: Iterable[Condition], column: str) -> tuple[Condition, ...]:
    return tuple(condition for condition in conditions if condition.column == column)


def _objects(mapping: SyncMapping) -> Iterator[CustomObject]:
    flows: dict[str, str] = {feed.object: feed.name for feed in mapping.used_feeds() if feed.side is _SF}
    flows |= {entity.salesforce.object: entity.description or entity.name for entity in mapping.enabled()}
    for name in sorted(flows):
        if is_custom(name) and not is_packaged(name):
            if not is_lawful(name):
                raise _unlawful(name)
            yield CustomObject(name, f"{flows[name]}. Kept by the integration with Sage Intacct.")


def _lawful(field: CustomField) -> CustomField:
    if not is_lawful(field.name):
        raise _unlawful(field.full_name)
    return field


def _unlawful(name: str) -> ConfigurationError:
    return ConfigurationError(
        "Salesforce takes no such name for a custom field or object",
        where=name,
        cure="letters, digits and single underscores, a letter first, at most 40 characters before __c",
    )


def _merged(first: CustomField, second: CustomField) -> CustomField:
    """One field that serves both places that name it."""
    if first.name != second.name:
        both = f"{first.full_name} and {second.name}"
        raise ConfigurationError("one field is spelt in two ways", where=both, cure="spell it the same everywhere")
    if first.kind is not second.kind and not {first.kind, second.kind} <= set(_WIDER):
        raise ConfigurationError(
            f"it would have to be {first.type} ({', '.join(first.named_by)})"
            f" and {second.type} ({', '.join(second.named_by)})",
            where=first.full_name,
            cure="use two fields, or give both the same type in the mapping",
        )
    wider = max(
        first, second, key=lambda field: (_WIDER.index(field.kind) if field.kind in _WIDER else 0, field.scale or 0)
    )
    return replace(
        wider,
        external_id=first.external_id or second.external_id,
        unique=first.unique or second.unique,
        editable=first.editable or second.editable,
        values=tuple(dict.fromkeys((*first.values, *second.values))),
        named_by=tuple(dict.fromkeys((*first.named_by, *second.named_by))),
    )
