"""The vocabulary the object tables are written in: fields, references, owned lists, objects.

No object is described here and no data lives here; see the sibling modules and `catalog`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | tuple[str, ...] | None
"""What a stored member may hold. Decimal strings are canonical text; dates and times are ISO text."""

Row: TypeAlias = dict[str, Value]
"""One record, flat: dotted field path -> value, `<ref path>.key` -> key of the record referred to."""


def whole(value: Value) -> int:
    """A stored quantity as an int; null counts as 0."""
    return value if isinstance(value, int) else int(str(value or 0))


class Kind(StrEnum):
    """JSON types of the service. Source: the reference, 5 ("Numbers as strings")."""

    STRING = "string"
    ENUM = "enum"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    DECIMAL = "decimal"
    DATE = "date"
    DATE_TIME = "date-time"
    ARRAY = "array"


@dataclass(frozen=True)
class Field:
    """One plain member of an object.

    Attributes:
        path: dotted path from the object.
        kind: JSON type.
        max_length: longest text, in characters.
        enum: accepted codes.
        default: value at creation when absent.
        places: decimal places of a decimal string.
        read_only, write_only, required, mutable, deprecated: as the model service means them.
        nullable: null may be written.
        computed: name of the rule that works the value out (`state.computed`); such members are not stored.
    """

    path: str
    kind: Kind = Kind.STRING
    max_length: int | None = None
    enum: tuple[str, ...] = ()
    default: Value = None
    places: int = 10
    read_only: bool = False
    write_only: bool = False
    required: bool = False
    nullable: bool = True
    mutable: bool = True
    deprecated: bool = False
    computed: str | None = None


@dataclass(frozen=True)
class Ref:
    """A reference to another record; stored as `<path>.key`.

    Attributes:
        path: dotted path from the object.
        target: name of the object referred to.
        shows: members shown in a GET, besides which any member of the target may be queried.
        inline: the target's members are shown and written through the reference (`contacts.default`).
        joined_id: the id is shown as "ID--Name". Source: the reference, 5.0 and 5.2.
        indexed: keeps the set of referring rows, for rules and fast filters.
        is_owner: the target owns this object.
    """

    path: str
    target: str
    shows: tuple[str, ...] = ("key", "id", "href")
    read_only: bool = False
    required: bool = False
    inline: bool = False
    joined_id: bool = False
    indexed: bool = False
    is_owner: bool = False

    @property
    def column(self) -> str:
        """The row member that holds the target's key."""
        return self.path + ".key"


@dataclass(frozen=True)
class OwnedList:
    """A list of owned records, shown in GET by key only; `via` is the owned object's reference to its owner."""

    path: str
    target: str
    via: str
    writable: bool = False


READ = frozenset({"OPTIONS", "GET"})
FULL = frozenset({"OPTIONS", "GET", "POST", "DELETE", "PATCH"})


@dataclass(frozen=True)
class ObjectSpec:
    """One object of the service.

    Attributes:
        name: `application/object`.
        members: its fields and references, in the order they are shown.
        lists: owned lists.
        methods: verbs of the collection and of a record.
        kind: `rootObject` or `ownedObject`.
        id_is_key: the `id` always equals the key.
        unique_name: no two records may have the same `name`.
        setup: a small set-up list; loading a row that refers to a missing one creates it.
    """

    name: str
    members: tuple[Field | Ref, ...]
    lists: tuple[OwnedList, ...] = ()
    methods: frozenset[str] = FULL
    kind: str = "rootObject"
    id_is_key: bool = False
    unique_name: bool = False
    setup: bool = False

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Plain members by path."""
        return {member.path: member for member in self.members if isinstance(member, Field)}

    @cached_property
    def refs(self) -> Mapping[str, Ref]:
        """References by path."""
        return {member.path: member for member in self.members if isinstance(member, Ref)}

    @cached_property
    def owned(self) -> Mapping[str, OwnedList]:
        """Owned lists by path."""
        return {entry.path: entry for entry in self.lists}

    @cached_property
    def required(self) -> tuple[tuple[str, str], ...]:
        """(path, stored column) of the members a new record must have."""
        fields = [(member.path, member.path) for member in self.fields.values() if member.required]
        return (*fields, *((ref.path, ref.column) for ref in self.refs.values() if ref.required))

    @cached_property
    def groups(self) -> frozenset[str]:
        """Every proper prefix of a member's path: `purchasing`, `contacts`, ..."""
        paths = [member.path for member in self.members] + [entry.path for entry in self.lists]
        return frozenset(
            ".".join(parts[:length]) for parts in (path.split(".") for path in paths) for length in range(1, len(parts))
        )

    def extended(self, extra: Iterable[Field | Ref]) -> "ObjectSpec":
        """The same object with more members (custom fields)."""
        return replace(self, members=(*self.members, *extra))


def text(
    path: str,
    max_length: int | None = None,
    *,
    read_only: bool = False,
    mutable: bool = True,
    deprecated: bool = False,
) -> Field:
    """A nullable string."""
    return Field(path, max_length=max_length, read_only=read_only, mutable=mutable, deprecated=deprecated)


def choice(path: str, *codes: str, default: str | None = None, nullable: bool = False) -> Field:
    """An enum of codes."""
    return Field(path, Kind.ENUM, enum=codes, default=default, nullable=nullable)


def flag(path: str, *, default: bool = False, deprecated: bool = False) -> Field:
    """A boolean."""
    return Field(path, Kind.BOOLEAN, default=default, nullable=False, deprecated=deprecated)


def amount(
    path: str, places: int, max_length: int | None = None, *, read_only: bool = False, mutable: bool = True
) -> Field:
    """A decimal number sent as a JSON string."""
    return Field(path, Kind.DECIMAL, max_length=max_length, places=places, read_only=read_only, mutable=mutable)


def number(path: str) -> Field:
    """A JSON number."""
    return Field(path, Kind.NUMBER)


def day(path: str, *, read_only: bool = False, mutable: bool = True, deprecated: bool = False) -> Field:
    """A calendar date without zone."""
    return Field(path, Kind.DATE, read_only=read_only, mutable=mutable, deprecated=deprecated)


KEY = Field("key", Kind.STRING, read_only=True, nullable=False, mutable=False)
HREF = Field("href", Kind.STRING, read_only=True, mutable=False, computed="href")
AUDIT: tuple[Field | Ref, ...] = (
    Field("audit.createdDateTime", Kind.DATE_TIME, read_only=True, mutable=False),
    Field("audit.modifiedDateTime", Kind.DATE_TIME, read_only=True, mutable=False),
    Field("audit.createdBy", read_only=True, mutable=False, deprecated=True, computed="created_by"),
    Field("audit.modifiedBy", read_only=True, mutable=False, deprecated=True, computed="modified_by"),
    Ref("audit.createdByUser", "company-config/user", read_only=True),
    Ref("audit.modifiedByUser", "company-config/user", read_only=True),
)
ENTITY = Ref("entity", "company-config/entity", shows=("key", "id", "name", "href"), read_only=True)


def identifier(max_length: int | None = None, *, required: bool = True) -> Field:
    """The business `id`: required at creation, fixed afterwards."""
    return Field("id", max_length=max_length, required=required, nullable=False, mutable=False)
