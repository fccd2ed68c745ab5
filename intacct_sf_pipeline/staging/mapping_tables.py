"""Brings the database in line with the mapping: missing tables, columns and indexes are added, nothing is ever dropped.

A feed that gains a column is read in full once more (its watermark is emptied), because rows that did not change would
otherwise look as if the new field were empty. An entity whose staging rules changed has its landed records staged
again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Connection, Numeric, Table, inspect, select, update
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import Inspector

from intacct_sf_pipeline.engine.matching.match_form import FORMS_VERSION
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.staging.codec import content_hash
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.dialects import lock_schema
from intacct_sf_pipeline.staging.queues import StageQueue
from intacct_sf_pipeline.staging.schema import flows, mapping_state, watermarks
from intacct_sf_pipeline.staging.tables import LandingTable, MappingTables
from intacct_sf_pipeline.staging.types import SQLITE, ExactDecimal


@dataclass(frozen=True)
class TableChanges:
    """What was brought in line.

    Table names, `table.column` names, feeds to be read in full, `entity/side` to be staged again.
    """

    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    reread: tuple[str, ...] = ()
    restaged: tuple[str, ...] = ()


def ensure_mapping_tables(database: Database, tables: MappingTables) -> TableChanges:
    """Create what the mapping needs and the database lacks; does nothing, and writes nothing, when all is there.

    Raises:
        ConfigurationError: a field changed its kind (text, number) while its column holds the old one.
    """
    with database.read() as connection:  # nearly always all is there, and who only looks waits for no writer
        if _is_in_line(connection, tables):
            return TableChanges()
    added_tables, added_columns = database.write(lambda connection: _align(connection, tables))
    reread = [landing for landing in tables.landing.values() if any(t == landing.table.name for t, _ in added_columns)]
    restaged = database.write(lambda connection: _follow_up(connection, database, tables, reread))
    return TableChanges(
        tuple(added_tables),
        tuple(f"{table}.{column}" for table, column in added_columns),
        tuple(f"{landing.feed.side.value}/{landing.feed.name}" for landing in reread),
        tuple(restaged),
    )


def missing_from(connection: Connection, tables: MappingTables) -> tuple[list[Table], dict[Table, list[Column[Any]]]]:
    """Tables that the database lacks, and columns that tables there lack; nothing is changed.

    Raises:
        ConfigurationError: a field changed its kind (text, number) while its column holds the old one.
    """
    inspector = inspect(connection)
    existing = set(inspector.get_table_names())
    absent = [table for table in tables.metadata.sorted_tables if table.name not in existing]
    columns = {
        table: found
        for table in tables.metadata.sorted_tables
        if table.name in existing and (found := _missing_columns(connection, inspector, table))
    }
    return absent, columns


def _align(connection: Connection, tables: MappingTables) -> tuple[list[str], list[tuple[str, str]]]:
    lock_schema(connection)
    absent, columns = missing_from(connection, tables)
    tables.metadata.create_all(connection, tables=absent, checkfirst=False)
    for table, missing in columns.items():
        _add_columns(connection, table, missing)
    added = [(table.name, column.name) for table, missing in columns.items() for column in missing]
    return [table.name for table in absent], added


def _missing_columns(connection: Connection, inspector: Inspector, table: Table) -> list[Column[Any]]:
    present = {column["name"]: column for column in inspector.get_columns(table.name)}
    for column in table.columns:
        if column.name in present:
            _check_kind(connection, table, column, present[column.name])
    return [column for column in table.columns if column.name not in present]


def _add_columns(connection: Connection, table: Table, missing: list[Column[Any]]) -> None:
    operations = Operations(MigrationContext.configure(connection))
    for column in missing:
        operations.add_column(table.name, Column(column.name, column.type, comment=column.comment))
    indexes = {index["name"] for index in inspect(connection).get_indexes(table.name)}
    for index in table.indexes:
        if index.name not in indexes:
            index.create(connection)


def _check_kind(connection: Connection, table: Table, column: Column[Any], present: ReflectedColumn) -> None:
    if connection.dialect.name == SQLITE:
        return  # every kind is stored as text there
    if isinstance(present["type"], Numeric) != isinstance(column.type, ExactDecimal):
        raise ConfigurationError(
            f"column {table.name}.{column.name} holds another kind of value than the mapping now says",
            where="mapping",
            cure="give the field a new name; its old column stays as it is",
        )


def _follow_up(
    connection: Connection, database: Database, tables: MappingTables, reread: list[LandingTable]
) -> list[str]:
    now = database.clock()
    for landing in reread:
        at_feed = (watermarks.c.side == landing.feed.side.value) & (watermarks.c.feed == landing.feed.name)
        connection.execute(update(watermarks).where(at_feed).values(value=None, updated_at=now))
    queue = StageQueue(database, tables)
    changed = _staged_otherwise(connection, tables)
    for entity, side, _ in changed:
        queue.add_all(connection, entity, side)
    columns = [mapping_state.c.fingerprint, mapping_state.c.updated_at, mapping_state.c.subject]
    subjects = [(fingerprint, now, _subject(entity, side)) for entity, side, fingerprint in changed]
    database.bulk.upsert(connection, columns, subjects)
    names = [flows.c.link_entity, flows.c.title, flows.c.entity]
    database.bulk.upsert(connection, names, _named_otherwise(connection, tables))
    return [subject for _, _, subject in subjects]


def _is_in_line(connection: Connection, tables: MappingTables) -> bool:
    absent, columns = missing_from(connection, tables)
    return not (absent or columns or _staged_otherwise(connection, tables) or _named_otherwise(connection, tables))


def _staged_otherwise(connection: Connection, tables: MappingTables) -> list[tuple[EntityMapping, Side, str]]:
    """Flows and sides whose records were staged by other rules, with the digest of those that hold now."""
    known = {row.subject: row.fingerprint for row in connection.execute(select(mapping_state))}
    return [
        (entity, side, fingerprint)
        for entity in tables.mapping.enabled()
        for side in SIDES
        if known.get(_subject(entity, side)) != (fingerprint := _fingerprint(tables, entity, side))
    ]


def _subject(entity: EntityMapping, side: Side) -> str:
    return f"{entity.name}/{side.value}"


def _named_otherwise(connection: Connection, tables: MappingTables) -> list[tuple[str, str, str]]:
    """What has to be said anew of which links each flow goes by; a flow that left the mapping keeps its row, since its
    history stays.
    """
    known = {row.entity: (row.link_entity, row.title) for row in connection.execute(select(flows))}
    wanted = [(e.link_entity, e.description or e.name, e.name) for e in tables.mapping.enabled()]
    return [row for row in wanted if known.get(row[2]) != row[:2]]


def _besides(field: FieldSpec) -> tuple[str, ...]:
    """What few fields depend on: the currency of an amount, and of a table which side is only written to."""
    direction = (field.direction.value,) if field.type is FieldType.TABLE else ()
    return direction + ((field.currency,) if field.currency else ())


def _fingerprint(tables: MappingTables, entity: EntityMapping, side: Side) -> str:
    """Digest of what a staged record of the entity depends on: sources and types, not directions and conflict rules."""
    fields = [
        (f.name, f.source(side).model_dump(), f.type.value, sorted(f.values.items()), f.scale, f.to, *_besides(f))
        for f in entity.fields
    ]
    match = [rule.model_dump(include={"name", "fields"}) for rule in entity.match_rules]
    forms = [FORMS_VERSION, [f.matched_as.value for f in entity.fields], entity.similar and entity.similar.search]
    spec = entity.side(side).model_dump(
        include={"feed", "related", "create_when", "in_scope_when", "variants"}, mode="json"
    )
    return content_hash([spec, fields, match, forms, tables.primary(entity, side).columns])
