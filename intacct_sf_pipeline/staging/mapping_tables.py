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
    added_tables, added_columns = database.write(lambda connection: _align(connection, tables))
    reread = [landing for landing in tables.landing.values() if any(t == landing.table.name for t, _ in added_columns)]
    restaged = database.write(lambda connection: _follow_up(connection, database, tables, reread))
    return TableChanges(
        tuple(added_tables),
        tuple(f"{table}.{column}" for table, column in added_columns),
        tuple(f"{landing.feed.side.value}/{landing.feed.name}" for landing in reread),
        tuple(restaged),
    )


def _align(connection: Connection, tables: MappingTables) -> tuple[list[str], list[tuple[str, str]]]:
    lock_schema(connection)
    inspector = inspect(connection)
    existing = set(inspector.get_table_names())
    missing = [table for table in tables.metadata.sorted_tables if table.name not in existing]
    tables.metadata.create_all(connection, tables=missing, checkfirst=False)
    added = [
        (table.name, column)
        for table in tables.metadata.sorted_tables
        if table.name in existing
        for column in _add_columns(connection, inspector, table)
    ]
    return [table.name for table in missing], added


def _add_columns(connection: Connection, inspector: Inspector, table: Table) -> list[str]:
    present = {column["name"]: column for column in inspector.get_columns(table.name)}
    missing = [column for column in table.columns if column.name not in present]
    for column in table.columns:
        if column.name in present:
            _check_kind(connection, table, column, present[column.name])
    operations = Operations(MigrationContext.configure(connection))
    for column in missing:
        operations.add_column(table.name, Column(column.name, column.type, comment=column.comment))
    if missing:
        indexes = {index["name"] for index in inspector.get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in indexes:
                index.create(connection)
    return [column.name for column in missing]


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
    known = {row.subject: row.fingerprint for row in connection.execute(select(mapping_state))}
    changed = []
    for entity in tables.mapping.enabled():
        for side in SIDES:
            subject, fingerprint = f"{entity.name}/{side.value}", _fingerprint(tables, entity, side)
            if known.get(subject) == fingerprint:
                continue
            changed.append((fingerprint, now, subject))
            queue.add_all(connection, entity, side)
    columns = [mapping_state.c.fingerprint, mapping_state.c.updated_at, mapping_state.c.subject]
    database.bulk.upsert(connection, columns, changed)
    _name_flows(connection, database, tables)
    return [subject for _, _, subject in changed]


def _name_flows(connection: Connection, database: Database, tables: MappingTables) -> None:
    """Say by which links each flow goes; a flow that left the mapping keeps its row, since its history stays."""
    known = {row.entity: (row.link_entity, row.title) for row in connection.execute(select(flows))}
    wanted = [(e.link_entity, e.description or e.name, e.name) for e in tables.mapping.enabled()]
    changed = [row for row in wanted if known.get(row[2]) != row[:2]]
    database.bulk.upsert(connection, [flows.c.link_entity, flows.c.title, flows.c.entity], changed)


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
