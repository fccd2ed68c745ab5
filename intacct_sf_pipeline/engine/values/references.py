"""References between records (a contact's account, a price's product) in canonical form.

The Intacct key of the link.

A record without a link yet is written `side:key`, which equals nothing on the other side; it is staged anew when the
link appears.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from intacct_sf_pipeline.engine.ports import StagingStore
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping, SyncMapping
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Link, Side


def reference_fields(entity: EntityMapping) -> tuple[FieldSpec, ...]:
    """The fields of an entity that point to records of another one."""
    return tuple(spec for spec in entity.fields if spec.type is FieldType.REFERENCE and spec.to)


def canonical_reference(links: Mapping[str, Link], side: Side, key: str) -> str:
    """The canonical form of a reference to the record `key` of `side`."""
    link = links.get(key)
    return link.intacct_key if link else f"{side.value}:{key}"


def is_unlinked(reference: str) -> bool:
    """Whether a canonical reference names a record without a partner."""
    return reference.startswith((f"{Side.INTACCT.value}:", f"{Side.SALESFORCE.value}:"))


@dataclass(frozen=True, slots=True)
class References:
    """The links that the records of one batch refer to; `gone` names linked records that are deleted, by side."""

    links: Mapping[str, Mapping[str, Link]] = field(default_factory=dict)
    gone: Mapping[tuple[str, Side], Collection[str]] = field(default_factory=dict)

    def target_key(self, entity: str, reference: str, target: Side) -> str | None:
        """The key on `target` of the record referred to; None when it has none there, or a deleted one."""
        link = self.links.get(entity, {}).get(reference)
        if link is None or link.key(target) in self.gone.get((entity, target), ()):
            return None
        return link.key(target)

    def widowed(self, entity: EntityMapping, record: CanonicalRecord, target: Side) -> FieldSpec | None:
        """The required reference whose record was deleted on `target`, if there is one."""
        for spec in reference_fields(entity):
            value = record.values.get(spec.name)
            link = self.links.get(spec.to or "", {}).get(value) if isinstance(value, str) else None
            if spec.required and link is not None and link.key(target) in self.gone.get((spec.to or "", target), ()):
                return spec
        return None

    def unresolved(self, entity: EntityMapping, record: CanonicalRecord) -> bool:
        """Whether a required reference of the record leads to a record without a partner (or nowhere)."""
        return any(
            spec.required
            and (
                not isinstance(value := record.values.get(spec.name), str)
                or value not in self.links.get(spec.to or "", {})
            )
            for spec in reference_fields(entity)
        )


def load_references(
    store: StagingStore, mapping: SyncMapping, entity: EntityMapping, records: Iterable[CanonicalRecord]
) -> References:
    """Look up, in three queries per referenced entity, all links that `records` refer to, and which ends are gone."""
    fields = reference_fields(entity)
    if not fields:
        return References()
    wanted: dict[str, set[str]] = {}
    for record in records:
        for spec in fields:
            value = record.values.get(spec.name)
            if isinstance(value, str) and not is_unlinked(value):
                wanted.setdefault(spec.to or "", set()).add(value)
    links = {name: store.links(name, Side.INTACCT, keys) for name, keys in wanted.items()}
    gone = {
        (name, side): store.gone(mapping.entity(name), side, {link.key(side) for link in found.values()})
        for name, found in links.items()
        for side in SIDES
    }
    return References(links, gone)


def wake_dependants(store: StagingStore, mapping: SyncMapping, entity: str, links: Collection[Link]) -> None:
    """Newly linked records change what others may do.

    Stage anew those that refer to them, and requeue the entities that share the links.
    """
    if not links:
        return
    for dependant in mapping.enabled():
        if dependant.links == entity:
            store.requeue(dependant, Side.INTACCT, {link.intacct_key for link in links})
        for spec in reference_fields(dependant):
            if spec.to == entity:
                for side in SIDES:
                    store.restage(dependant, side, spec.source(side).columns[0], {link.key(side) for link in links})
