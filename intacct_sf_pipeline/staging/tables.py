"""Tables that follow the mapping: one landing table per feed, two canonical tables and one baseline table per entity.

Built from the mapping alone, without the database, so that every process agrees on their names; `mapping_tables`
creates them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Boolean, Column, Index, MetaData, Table
from sqlalchemy.types import TypeEngine

from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec, SyncMapping
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.staging.naming import column_names, index_name
from intacct_sf_pipeline.staging.types import ExactDecimal, UtcDateTime, key_text, long_text, reference_text

# The engine's own columns, in the order in which rows are built: those that are only written, those that are read too.
LANDING_READ = (
    "value_types", "modified_at", "last_stamp", "content_hash", "superseded_hash", "predicted_at", "is_deleted",
    "record_key",
)  # fmt: skip
LANDING_META = ("read_at", "run_id", *LANDING_READ)
CANONICAL_READ = (
    "raw", "modified_at", "is_deleted", "creatable", "scope_reason", "problems", "search_keys", "record_key",
)  # fmt: skip
CANONICAL_META = ("staged_at", "run_id", "content_hash", *CANONICAL_READ)
BASELINE_READ = ("known_fields", "accepted", "intacct_key")
_SEARCH_KEY = 48  # with the record's key still within the 900 bytes of a SQL Server key
BASELINE_META = ("updated_at", "run_id", *BASELINE_READ)


@dataclass(frozen=True)
class Role:
    """What a feed is to an entity: its primary feed (alias empty), or a related one.

    Related rows are found by column `foreign`; `columns` are those the entity uses.
    """

    entity: str
    side: Side
    alias: str
    foreign: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class LandingTable:
    """A feed's landing table.

    `columns` are vendor columns, `names` their columns in the table, `roles` the entities that use the feed.
    """

    feed: FeedSpec
    table: Table
    columns: tuple[str, ...]
    names: Mapping[str, str]
    roles: tuple[Role, ...]

    def column(self, vendor_column: str) -> Column[Any]:
        """The table's column for a vendor column; the feed's key always has one."""
        if vendor_column == self.feed.key and vendor_column not in self.names:
            return self.table.c.record_key
        return self.table.c[self.names[vendor_column]]

    @cached_property
    def values(self) -> list[Column[Any]]:
        """The table's columns for `columns`."""
        return [self.column(name) for name in self.columns]

    @cached_property
    def writable(self) -> list[Column[Any]]:
        """All columns, the values first and the key last."""
        return [*self.values, *(self.table.c[name] for name in LANDING_META)]

    @cached_property
    def readable(self) -> list[Column[Any]]:
        """The columns a stored row is made from, in the same order."""
        return [*self.values, *self.state]

    @cached_property
    def state(self) -> list[Column[Any]]:
        """The readable columns without the values."""
        return [self.table.c[name] for name in LANDING_READ]

    @cached_property
    def stamps(self) -> frozenset[str]:
        """Vendor columns that move with every save and are not content."""
        return frozenset(name for name in (self.feed.modified, self.feed.stamp) if name)


@dataclass(frozen=True)
class CanonicalTable:
    """One side's records of an entity in the mapping's terms; `search` holds their search keys, if it has any."""

    entity: EntityMapping
    side: Side
    table: Table
    fields: tuple[FieldSpec, ...]
    names: Mapping[str, str]
    match_names: Mapping[str, str]
    search: Table | None = None

    @cached_property
    def writable(self) -> list[Column[Any]]:
        """All columns: fields, match keys, then the engine's own with the key last."""
        names = [*self.names.values(), *self.match_names.values(), *CANONICAL_META]
        return [self.table.c[name] for name in names]

    @cached_property
    def readable(self) -> list[Column[Any]]:
        """The columns a record is made from, in the same order."""
        names = [*self.names.values(), *self.match_names.values(), *CANONICAL_READ]
        return [self.table.c[name] for name in names]


@dataclass(frozen=True)
class BaselineTable:
    """What both sides of an entity's links last agreed on."""

    entity: EntityMapping
    table: Table
    fields: tuple[FieldSpec, ...]
    names: Mapping[str, str]

    @cached_property
    def writable(self) -> list[Column[Any]]:
        """All columns: fields, then the engine's own with the key last."""
        return [self.table.c[name] for name in (*self.names.values(), *BASELINE_META)]

    @cached_property
    def readable(self) -> list[Column[Any]]:
        """The columns a baseline is made from, in the same order."""
        return [self.table.c[name] for name in (*self.names.values(), *BASELINE_READ)]


class MappingTables:
    """Every table that follows from `mapping`, by feed and by entity."""

    def __init__(self, mapping: SyncMapping) -> None:
        self.mapping = mapping
        self.metadata = MetaData()
        self.landing = {(feed.side, feed.name): self._landing(feed) for feed in mapping.used_feeds()}
        self.canonical = {(e.name, side): self._canonical(e, side) for e in mapping.enabled() for side in SIDES}
        self.baseline = {e.name: self._baseline(e) for e in mapping.enabled()}

    def feed(self, side: Side, name: str) -> LandingTable:
        """The landing table of a feed."""
        return self.landing[side, name]

    def primary(self, entity: EntityMapping, side: Side) -> LandingTable:
        """The landing table of an entity's primary feed."""
        return self.landing[side, entity.side(side).feed]

    def _landing(self, feed: FeedSpec) -> LandingTable:
        sources = self.mapping.columns(feed)
        names = column_names(sources, LANDING_META)
        keys = _join_columns(self.mapping, feed)
        table = Table(
            feed.table,
            self.metadata,
            Column("record_key", key_text(), primary_key=True, comment=f"{feed.key}: key of the record"),
            *(Column(names[s], _landed(s, feed, keys), comment=f"{feed.object}: {s}") for s in sources),
            Column("value_types", long_text(), comment="What the values were that were not text: type:column, ..."),
            Column("modified_at", UtcDateTime(), comment="The service's stamp of the last change of what is mapped"),
            Column("last_stamp", UtcDateTime(), comment="The service's stamp as last read, whatever it was moved by"),
            Column("content_hash", key_text(64), nullable=False, comment="Digest of all values but the stamps"),
            Column(
                "superseded_hash",
                key_text(64),
                comment="Digest before our own last write; a late read of it is ignored",
            ),
            Column("predicted_at", UtcDateTime(), comment="When we wrote what is here; null: it was read"),
            Column("is_deleted", Boolean(), nullable=False, comment="Deleted or no longer there"),
            Column("read_at", UtcDateTime(), nullable=False, comment="When this content was first read"),
            Column("run_id", key_text(), nullable=False, comment="The run that read it"),
            *(Index(index_name(feed.table, names[s]), names[s]) for s in sources if s in keys),
            comment=f"{feed.object} as read",
        )
        return LandingTable(feed, table, sources, names, tuple(_roles(self.mapping, feed)))

    def _canonical(self, entity: EntityMapping, side: Side) -> CanonicalTable:
        name = f"canonical_{entity.name}_{side.value}"
        names = column_names((f.name for f in entity.fields), CANONICAL_META)
        rules = column_names((rule.name for rule in entity.match_rules), CANONICAL_META, prefix="match_")
        table = Table(
            name,
            self.metadata,
            Column("record_key", key_text(), primary_key=True, comment="Key of the record"),
            *(Column(names[f.name], column_type(f), comment=f.title) for f in entity.fields),
            *(
                Column(rules[r.name], key_text(), comment=f"Match form of {', '.join(r.fields)}")
                for r in entity.match_rules
            ),
            Column(
                "raw", long_text(), comment="JSON: what the source says where its text differs from the compared value"
            ),
            Column("modified_at", UtcDateTime(), comment="The service's stamp of the last change"),
            Column("is_deleted", Boolean(), nullable=False, comment="Deleted, or no longer in scope"),
            Column(
                "creatable", Boolean(), nullable=False, comment="Whether it may get a new partner on the other side"
            ),
            Column("scope_reason", long_text(), comment="Why not"),
            Column("content_hash", key_text(64), nullable=False, comment="Digest of all but the stamp"),
            Column("problems", long_text(), comment="JSON: fields whose value could not be understood, and why"),
            Column("search_keys", long_text(), comment="Keys under which records that are alike find it, one a line"),
            Column("staged_at", UtcDateTime(), nullable=False, comment="When this content was staged"),
            Column("run_id", key_text(), nullable=False, comment="The run that staged it"),
            *(Index(index_name(name, column), column) for column in rules.values()),
            comment=f"{entity.description or entity.name}: {side.value}, as compared",
        )
        search = self._search(entity, side) if entity.match_rules else None
        return CanonicalTable(entity, side, table, entity.fields, names, rules, search)

    def _search(self, entity: EntityMapping, side: Side) -> Table:
        return Table(
            f"search_{entity.name}_{side.value}",
            self.metadata,
            Column("search_key", key_text(_SEARCH_KEY), primary_key=True, comment="Something alike records share"),
            Column("record_key", key_text(), primary_key=True, comment="Key of a record that carries it"),
            comment=f"{entity.description or entity.name}: {side.value}, what makes them alike",
            sqlite_with_rowid=False,
        )

    def _baseline(self, entity: EntityMapping) -> BaselineTable:
        names = column_names((f.name for f in entity.fields), BASELINE_META)
        table = Table(
            f"baseline_{entity.name}",
            self.metadata,
            Column("intacct_key", key_text(), primary_key=True, comment="Record number in Intacct (see links)"),
            *(Column(names[f.name], column_type(f), comment=f.title) for f in entity.fields),
            Column("known_fields", long_text(), nullable=False, comment="Fields that were ever agreed on"),
            Column("accepted", long_text(), comment="JSON: differences left standing, and why"),
            Column("updated_at", UtcDateTime(), nullable=False, comment="When they last agreed"),
            Column("run_id", key_text(), nullable=False, comment="The run that saw to it"),
            comment=f"{entity.description or entity.name}: what both sides last agreed on",
        )
        return BaselineTable(entity, table, entity.fields, names)


def _landed(source: str, feed: FeedSpec, keys: Collection[str]) -> TypeEngine[str]:
    if source in keys:
        return key_text()
    return reference_text() if source == feed.id else long_text()


def column_type(field: FieldSpec) -> TypeEngine[Any]:
    """The column type of a canonical field."""
    if field.type is FieldType.DECIMAL:
        return ExactDecimal()
    if field.type is FieldType.BOOLEAN:
        return Boolean()
    if field.type is FieldType.REFERENCE:
        return reference_text()
    return UtcDateTime() if field.type is FieldType.DATETIME else long_text()


def _roles(mapping: SyncMapping, feed: FeedSpec) -> Iterable[Role]:
    for entity in mapping.consumers(feed):
        used = mapping.model_copy(update={"entities": (entity,)}).columns(feed)
        spec = entity.side(feed.side)
        if spec.feed == feed.name:
            yield Role(entity.name, feed.side, "", "", used)
        for related in spec.related:
            if related.feed == feed.name:
                yield Role(entity.name, feed.side, related.alias, related.foreign, used)


def _join_columns(mapping: SyncMapping, feed: FeedSpec) -> frozenset[str]:
    """Columns by which rows of the feed are looked up: joins, and references to parents."""
    found: set[str] = set()
    for entity in mapping.consumers(feed):
        spec = entity.side(feed.side)
        aliases = {related.alias: related for related in spec.related}
        for related in spec.related:
            found |= {related.local} if spec.feed == feed.name else set()
            found |= {related.foreign} if related.feed == feed.name else set()
        for column in (c for field in entity.fields if field.to for c in field.source(feed.side).columns):
            alias, _, rest = column.partition(".")
            if alias in aliases:
                found |= {rest} if aliases[alias].feed == feed.name else set()
            elif spec.feed == feed.name:
                found.add(column)
    return frozenset(found)
