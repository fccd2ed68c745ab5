"""The vocabulary of the field tables: kinds of values, words of enumerations, columns, objects. No object is described
here; see `fields` and its tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property


class Kind(StrEnum):
    """What a column holds, which says how its text becomes the value the REST interface gives.

    `decimal`: a number that REST sends as text; `number`: one that it sends as a number.
    """

    TEXT = "string"
    INTEGER = "integer"
    NUMBER = "number"
    DECIMAL = "decimal-precision"
    BOOLEAN = "boolean"
    DATE = "date"
    STAMP = "date-time"
    ENUM = "enum"


@dataclass(frozen=True)
class Column:
    """One line of an object's table.

    Args:
        name: as the mapping says it (REST name).
        xml: XML name for reading, dotted where it is a relation or group; more than one: the first that `lookup` lists.
        kind: of its values.
        words: for an enumeration, REST word -> XML word.
        write: XML path for writing; None: as for reading; empty: cannot be written.
        empty: the value of an empty element.
        doubtful: its XML name is not documented, so `lookup` is asked before it is used.
    """

    name: str
    xml: tuple[str, ...]
    kind: Kind = Kind.TEXT
    words: Mapping[str, str] = field(default_factory=dict)
    write: str | None = None
    empty: str | None = None
    doubtful: bool = False

    @property
    def write_path(self) -> str:
        """Where a value is written, dotted."""
        return self.xml[0] if self.write is None else self.write

    @cached_property
    def by_word(self) -> Mapping[str, str]:
        """XML word, in lower case -> REST word."""
        return {xml.lower(): rest for rest, xml in self.words.items()}

    def under(self, name: str, xml: str, *, readable_only: bool = False) -> Column:
        """The same column of a related record, shown under the prefixes `name` and `xml`."""
        names = tuple(f"{xml}.{own}" for own in self.xml)
        write = "" if readable_only else None if self.write is None else f"{xml}.{self.write}"
        return replace(self, name=f"{name}.{self.name}", xml=names, write=write)


@dataclass(frozen=True)
class XmlObject:
    """An object in both vocabularies.

    Args:
        name: REST name, `application/object`.
        xml: object name in XML.
        columns: its table.
        id: XML name of the natural key, empty when there is none.
        creates: whether `create` and `update` take it.
        required: REST names of what a new record needs.
        audit_type: OBJECTTYPE of its rows in the audit trail, empty when it is not followed there.
    """

    name: str
    xml: str
    columns: tuple[Column, ...]
    id: str = ""
    creates: bool = False
    required: frozenset[str] = frozenset()
    audit_type: str = ""

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by REST name."""
        return {column.name: column for column in self.columns}


def text(name: str, *xml: str, write: str | None = None) -> Column:
    """A text, or a number that is a name (keys, ids)."""
    return Column(name, xml, write=write)


def shown(name: str, *xml: str) -> Column:
    """A text that is only read."""
    return Column(name, xml, write="")


def of(kind: Kind, *pairs: tuple[str, str]) -> tuple[Column, ...]:
    """Columns of one kind from pairs (REST name, XML name)."""
    return tuple(Column(name, (xml,), kind) for name, xml in pairs)


def choice(name: str, xml: str, words: Mapping[str, str], *, empty: str | None = None) -> Column:
    """An enumeration."""
    return Column(name, (xml,), Kind.ENUM, words, empty=empty)


KEY = shown("key", "RECORDNO")
STATUS_WORDS = {"active": "active", "inactive": "inactive"}
STATUS = choice("status", "STATUS", STATUS_WORDS)
AUDIT = (
    Column("audit.createdDateTime", ("WHENCREATED",), Kind.STAMP, write=""),
    Column("audit.modifiedDateTime", ("WHENMODIFIED",), Kind.STAMP, write=""),
    shown("audit.createdByUser.key", "CREATEDBY"),
    shown("audit.modifiedByUser.key", "MODIFIEDBY"),
    shown("audit.createdBy", "CREATEDBY"),
    shown("audit.modifiedBy", "MODIFIEDBY"),
)
OWNER = (
    shown("entity.key", "MEGAENTITYKEY"),
    shown("entity.id", "MEGAENTITYID"),
    shown("entity.name", "MEGAENTITYNAME"),
)
