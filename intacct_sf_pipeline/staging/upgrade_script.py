"""What `db upgrade` would do, as a script for the administrator who runs it: revisions, then tables of the mapping.

An account that may not make tables is enough for the pipeline afterwards: it finds nothing left to do.
"""

from __future__ import annotations

from io import StringIO

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Engine, Index, MetaData, Table
from sqlalchemy.engine import make_url

from intacct_sf_pipeline.staging import migrate
from intacct_sf_pipeline.staging.dialects import SCHEMA_OPTION, begin
from intacct_sf_pipeline.staging.dialects.scripts import PARAMETERS, default_schema, opening
from intacct_sf_pipeline.staging.mapping_tables import missing_from
from intacct_sf_pipeline.staging.tables import MappingTables

Columns = dict[Table, list[Column[object]]]


def script_for_new(url: str, tables: MappingTables) -> str:
    """The script for an empty database of the kind that `url` names, which is not connected to."""
    parsed = make_url(url)
    schema = parsed.query.get(SCHEMA_OPTION)
    name = schema if isinstance(schema, str) else None
    return _script(parsed.get_backend_name(), name, None, tables.metadata.sorted_tables, {})


def script_for(engine: Engine, tables: MappingTables) -> str:
    """The script for the database of `engine` as it is now; empty when nothing is left to do. Nothing is changed.

    Raises:
        ConfigurationError: a field changed its kind while its column holds the old one.
    """
    pending = migrate.check(engine)
    with begin(engine, writer=False) as connection:
        absent, columns = missing_from(connection, tables)
    if not (pending or absent or columns):
        return ""
    schema = engine.get_execution_options().get(SCHEMA_OPTION)
    return _script(engine.dialect.name, schema, migrate.current(engine), absent, columns, revisions=bool(pending))


def _script(
    server: str, schema: str | None, since: str | None, absent: list[Table], columns: Columns, *, revisions: bool = True
) -> str:
    text = StringIO()
    text.write(opening(server, schema))
    place = schema or default_schema(server)
    if revisions:
        migrate.script(server, schema=place, since=since, into=text)
    if absent or columns:
        options = {"as_sql": True, "output_buffer": text, "transactional_ddl": True}
        context = MigrationContext.configure(dialect_name=server, dialect_opts=PARAMETERS, opts=options)
        context.dialect.default_schema_name = place
        with context.begin_transaction():
            _tables(Operations(context), absent, columns)
    return text.getvalue()


def _tables(operations: Operations, absent: list[Table], columns: Columns) -> None:
    """Always in one order, so that two scripts can be compared."""
    impl = operations.get_context().impl
    for table in absent:
        bare = table.to_metadata(MetaData())
        bare.indexes.clear()
        impl.create_table(bare)
        for index in _in_order(table):
            impl.create_index(index)
    for table, missing in columns.items():
        for column in missing:
            operations.add_column(table.name, Column(column.name, column.type, comment=column.comment))
        for index in _in_order(table):
            if set(missing).intersection(index.columns):
                impl.create_index(index)


def _in_order(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))
