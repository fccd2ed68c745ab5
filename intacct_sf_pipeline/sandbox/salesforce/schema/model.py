"""The vocabulary of the schema: `Field`, `SObjectType` and `Schema`.

What belongs here: the value types that describe objects. The objects themselves are in the modules beside this one.
Source: salesforce.md sections 3.1 and 8.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

TEXT_TYPES = frozenset({"string", "textarea", "phone", "url", "email", "picklist", "combobox"})
NUMBER_TYPES = frozenset({"double", "currency", "percent"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object. Member names follow describe; `type` is describe's type name.

    `external`, `unique` and `id_lookup` make an index. `cascade` says that deleting the parent deletes the child.
    `child_relationship` is the name of the list of children on the parent.
    """

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    default: str | bool | int | None = None
    defaulted_on_create: bool = False
    unique: bool = False
    external: bool = False
    id_lookup: bool = False
    case_sensitive: bool = False
    filterable: bool = True
    sortable: bool = True
    groupable: bool = True
    calculated: bool = False
    restricted: bool = False
    picklist: tuple[str, ...] = ()
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    child_relationship: str | None = None
    cascade: bool = False
    compound: str | None = None
    name_field: bool = False
    visible: bool = True

    @property
    def custom(self) -> bool:
        """Whether an administrator added the field."""
        return self.name.endswith("__c")

    @property
    def is_text(self) -> bool:
        """Whether values are text compared without case."""
        return self.type in TEXT_TYPES

    @property
    def is_number(self) -> bool:
        """Whether values are `Decimal` (integers are `int`)."""
        return self.type in NUMBER_TYPES

    @property
    def required(self) -> bool:
        """Whether a create must give it. Source: REST Guide, describe."""
        return self.createable and not self.nillable and not self.defaulted_on_create

    @property
    def indexed(self) -> bool:
        """Whether equality is answered from an index. Source: salesforce.md section 6, last points."""
        return self.unique or self.external or self.id_lookup or self.name_field or self._indexed_lookup

    @property
    def _indexed_lookup(self) -> bool:
        return self.type == "reference" and self.reference_to not in (("User",), ("RecordType",))

    @property
    def key_field(self) -> bool:
        """Whether rows can be addressed by it in a path."""
        return self.external or self.id_lookup


@dataclass(frozen=True)
class SObjectType:
    """One object type: its fields by name, its key prefix and what may be done with its rows."""

    name: str
    label: str
    label_plural: str
    key_prefix: str
    fields: tuple[Field, ...]
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    undeletable: bool = True
    replicateable: bool = True

    @property
    def custom(self) -> bool:
        """Whether it is a custom object."""
        return self.name.endswith("__c")

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Fields by API name in lower case."""
        return {f.name.lower(): f for f in self.fields}

    @cached_property
    def by_relationship(self) -> Mapping[str, Field]:
        """Reference fields by the lower-case name of the relationship to the parent."""
        return {f.relationship.lower(): f for f in self.fields if f.relationship}

    @cached_property
    def required_fields(self) -> tuple[Field, ...]:
        """Fields that a create must give."""
        return tuple(f for f in self.fields if f.required)

    def field(self, name: str) -> Field | None:
        """The field of that API name, in any letter case; hidden ones are not found."""
        found = self.by_name.get(name.lower())
        return found if found is not None and found.visible else None

    def with_fields(self, extra: Iterable[Field]) -> "SObjectType":
        """The same object with `extra` fields; a field of the same name is replaced."""
        names = {f.name.lower(): f for f in self.fields}
        names.update((f.name.lower(), f) for f in extra)
        return replace(self, fields=tuple(names.values()))


@dataclass(frozen=True, slots=True)
class ChildRelationship:
    """A list of children seen from the parent."""

    child: SObjectType
    field: Field

    @property
    def name(self) -> str | None:
        """The name used in a sub-query, when there is one."""
        return self.field.child_relationship


@dataclass(frozen=True)
class Schema:
    """All object types of an org, found by name or key prefix."""

    types: Mapping[str, SObjectType]
    _by_prefix: Mapping[str, SObjectType] = field(default_factory=dict)

    @classmethod
    def of(cls, types: Iterable[SObjectType]) -> "Schema":
        """The schema that holds these object types."""
        kept = tuple(types)
        return cls({t.name.lower(): t for t in kept}, {t.key_prefix: t for t in kept if t.key_prefix})

    def find(self, name: str) -> SObjectType | None:
        """The object type of that name, in any letter case."""
        return self.types.get(name.lower())

    def of_id(self, record_id: str) -> SObjectType | None:
        """The object type whose key prefix begins the id."""
        return self._by_prefix.get(record_id[:3])

    @cached_property
    def children(self) -> Mapping[str, tuple[ChildRelationship, ...]]:
        """Child relationships by the name of the parent object."""
        found: dict[str, list[ChildRelationship]] = {name: [] for name in (t.name for t in self.types.values())}
        for child in self.types.values():
            for one in child.fields:
                for parent in one.reference_to:
                    found.setdefault(parent, []).append(ChildRelationship(child, one))
        return {parent: tuple(relations) for parent, relations in found.items()}

    def with_fields(self, sobject: str, extra: Iterable[Field]) -> "Schema":
        """The same schema with `extra` fields on one object."""
        changed = self.types[sobject.lower()].with_fields(extra)
        return Schema.of(changed if t.name == changed.name else t for t in self.types.values())
