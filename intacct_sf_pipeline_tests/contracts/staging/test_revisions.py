"""A database of an earlier revision is upgraded without loss, and goes back down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Boolean, Float, Integer, MetaData, Numeric, Table, select
from sqlalchemy.dialects.mssql import BIT
from sqlalchemy.types import DateTime

from intacct_sf_pipeline.staging import migrate
from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.schema import metadata
from intacct_sf_pipeline.staging.types import UtcDateTime

from .kit import START

ROWS = 3


def revisions():
    config = Config()
    config.set_main_option("script_location", str(migrate._SCRIPTS))
    config.set_main_option("path_separator", "os")
    return [script.revision for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]


@pytest.mark.parametrize("revision", revisions()[:-1])
def test_a_database_of_an_earlier_revision_is_upgraded_without_loss(empty_url, revision):
    engine = create_staging_engine(empty_url)
    migrate.upgrade(engine, revision)
    then = MetaData()
    with engine.connect() as connection:
        then.reflect(connection, only=lambda name, _: name in metadata.tables)
    before = {name: fill(engine, table) for name, table in then.tables.items()}
    assert migrate.upgrade(engine) == revisions()[revisions().index(revision) + 1 :]
    with engine.connect() as connection:
        for name, rows in before.items():
            table = metadata.tables[name]
            kept = [table.c[column] for column in rows[0] if column in table.c]
            found = connection.execute(select(*kept).order_by(*table.primary_key)).mappings().all()
            assert [dict(row) for row in found][:ROWS] == [
                {column.name: row[column.name] for column in kept} for row in rows
            ], name
    migrate.downgrade(engine, revision)
    assert migrate.current(engine) == revision
    engine.dispose()


def fill(engine, table):
    """Some rows with a value in every column, as that revision had them."""
    own = metadata.tables[table.name]
    rows = [{c.name: value(own, c, number) for c in table.c if c.name in own.c} for number in range(1, ROWS + 1)]
    shape = Table(table.name, MetaData(), *(own.c[name]._copy() for name in rows[0]))
    counted = {c.name for c in own.primary_key if c.autoincrement is True}
    with engine.begin() as connection:
        for row in rows:
            connection.execute(shape.insert().values({k: v for k, v in row.items() if k not in counted}))
    return rows


def value(own, column, number):
    kind = own.c[column.name].type
    if isinstance(kind, UtcDateTime | DateTime):
        return START + timedelta(days=number, microseconds=number)
    if isinstance(kind, BIT | Boolean):
        return bool(number % 2)
    if isinstance(kind, Float):
        return number / 4
    if isinstance(kind, BigInteger | Integer | Numeric) or column.name in ("token", "number"):
        return number
    return f"Größe {number}" if getattr(kind, "length", None) != 48 else f"w{number}"
