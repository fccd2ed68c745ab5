"""The vocabulary of the XML tables: what an object, a field, a relationship is. No object is described here.

Source: the XML reference, 4.4 (what `lookup` tells of a field and a relationship) and 7 (the objects).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from intacct_sf_pipeline.sandbox.intacct.schema.types import Row, Value
from intacct_sf_pipeline.sandbox.intacct.state.store import Store

XML_ONLY = "xml."
"""Prefix of row members that only the XML door knows; the REST door never shows them."""

RowSource: TypeAlias = Callable[[Store], Iterable[Row]]


class XmlType(StrEnum):
    """`DATATYPE` as `lookup` names it."""

    TEXT = "TEXT"
    INTEGER = "INTEGER"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"
    ENUM = "ENUM"
    DECIMAL = "DECIMAL"
    CURRENCY = "CURRENCY"
    PERCENT = "PERCENT"
    SEQUENCE = "SEQUENCE"

    @property
    def numeric(self) -> bool:
        """Whether values compare as numbers."""
        return self in (XmlType.INTEGER, XmlType.DECIMAL, XmlType.CURRENCY, XmlType.PERCENT)


@dataclass(frozen=True)
class Word:
    """One value of an enumeration.

    Attributes:
        code: as stored (the REST word).
        word: as `lookup`, `query`, `create` and every result say it.
        letter: as a `readByQuery` filter says it.
    """

    code: Value
    word: str
    letter: str


@dataclass(frozen=True)
class Column:
    """A line of an object's table: the XML name, the member behind it, and what the store does not tell.

    Attributes:
        name: XML name, dotted where nested.
        path: dotted member of the store's object (across references), or `xml.NAME` for what only XML knows.
        label: for people.
        type: where the stored kind does not say it.
        words: of an enumeration.
        required: in `create`; None: as stored.
        read_only: None: as stored; members behind a reference are, except its id.
        write_only: taken in writes, never shown.
        get: works the value out from the row instead.
        max_length: of XML-only texts.
    """

    name: str
    path: str
    label: str = ""
    type: XmlType | None = None
    words: tuple[Word, ...] = ()
    required: bool | None = None
    read_only: bool | None = None
    write_only: bool = False
    get: Callable[[Row], Value] | None = None
    max_length: int | None = None


@dataclass(frozen=True)
class XmlField:
    """A field as the XML functions see it; attributes as `Column`, all settled.

    Attributes:
        custom: added by the company; its name keeps its case.
        many: a list of texts, joined with `#~#`.
        nullable: may be emptied.
    """

    name: str
    path: str
    label: str
    type: XmlType
    words: tuple[Word, ...] = ()
    max_length: int | None = None
    required: bool = False
    read_only: bool = False
    write_only: bool = False
    custom: bool = False
    many: bool = False
    nullable: bool = True
    get: Callable[[Row], Value] | None = None


@dataclass(frozen=True)
class Relationship:
    """A many-to-one relation that dotted paths may follow.

    Attributes:
        path: `OBJECTPATH`, such as `DISPLAYCONTACT`.
        target: XML name of the related object.
        ref: the store's reference behind it.
        related_by: the field that holds it.
        label: for people.
    """

    path: str
    target: str
    ref: str
    related_by: str
    label: str = ""


@dataclass(frozen=True)
class Blueprint:
    """An object's table before the company's own fields are added.

    Attributes:
        name: upper case.
        label: for people.
        store_name: the store's object; empty for an object worked out from others.
        key: natural key, the one `readByName` and replies use.
        columns: its fields.
        relationships: what dotted paths may follow.
        source: its rows, where they are not simply all of the store's object.
        writes: generic functions it takes.
        hidden: only legacy functions offer it.
    """

    name: str
    label: str
    store_name: str
    key: str
    columns: tuple[Column, ...]
    relationships: tuple[Relationship, ...] = ()
    source: RowSource | None = None
    writes: frozenset[str] = frozenset()
    hidden: bool = False


@dataclass(frozen=True)
class XmlObject:
    """An object with every field settled; attributes as `Blueprint`."""

    name: str
    label: str
    store_name: str
    key: str
    fields: Mapping[str, XmlField]
    relationships: Mapping[str, Relationship]
    source: RowSource | None
    writes: frozenset[str]

    @property
    def readable(self) -> tuple[XmlField, ...]:
        """The fields a read may name, in order: what `*` stands for."""
        return tuple(entry for entry in self.fields.values() if not entry.write_only)


@dataclass(frozen=True)
class XmlPath:
    """A dotted path of a request: the relationships it passes, then the field.

    Attributes:
        text: as asked for.
        hops: relationships followed, in order.
        field: the field at the end, of `owner`.
        owner: the object it belongs to.
    """

    text: str
    hops: tuple[Relationship, ...]
    field: XmlField
    owner: XmlObject


FULL = frozenset({"create", "update", "delete"})


def letters(*pairs: tuple[Value, str, str]) -> tuple[Word, ...]:
    """Words from (stored code, word, letter)."""
    return tuple(Word(*pair) for pair in pairs)


STATUS = letters(("active", "active", "T"), ("inactive", "inactive", "F"))

OWNERSHIP: tuple[Column, ...] = (
    Column("MEGAENTITYKEY", "entity.key", "Created at - Entity key", XmlType.INTEGER),
    Column("MEGAENTITYID", "entity.id", "Created at - Entity ID", read_only=True),
    Column("MEGAENTITYNAME", "entity.name", "Created at - Entity name"),
)
AUDIT: tuple[Column, ...] = (
    Column("WHENCREATED", "audit.createdDateTime", "When created", XmlType.TIMESTAMP, read_only=True),
    Column("WHENMODIFIED", "audit.modifiedDateTime", "When modified", XmlType.TIMESTAMP, read_only=True),
    Column("CREATEDBY", "audit.createdByUser.key", "Created by", XmlType.INTEGER, read_only=True),
    Column("MODIFIEDBY", "audit.modifiedByUser.key", "Modified by", XmlType.INTEGER, read_only=True),
)
RECORDNO = Column("RECORDNO", "key", "Record number", XmlType.INTEGER, read_only=True)


def status(path: str = "status") -> Column:
    """STATUS: `active` and `inactive`, T and F in `readByQuery`."""
    return Column("STATUS", path, "Status", words=STATUS)


def record_url(name: str) -> Column:
    """RECORD_URL: where a person would see the record; an invented address."""
    address = f"https://www.intacct.example/ia/acct/ur.phtml?.r={name.lower()}."
    return Column(
        "RECORD_URL", "xml.RECORD_URL", "Record URL", read_only=True, get=lambda row: f"{address}{row.get('key')}"
    )
