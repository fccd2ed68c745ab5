"""The two ODBC drivers for SQL Server, as the stand-in shows them, and which of its errors are a matter of timing."""

from __future__ import annotations

import sys
from datetime import timedelta
from unittest import mock

import pytest
from sqlalchemy import Column, MetaData, Table, select
from sqlalchemy.exc import DBAPIError

from intacct_sf_pipeline.staging.bulk import Bulk
from intacct_sf_pipeline.staging.dialects import create_staging_engine, is_retryable
from intacct_sf_pipeline.staging.types import UtcDateTime, key_text
from intacct_sf_pipeline_tests.tsql.driver import Pyodbc

from .kit import START

URL = "mssql+pyodbc://sa:invented@stand.in.example/tsql_template?driver=named+by+the+server"


@pytest.mark.parametrize(("driver", "fast"), [("libmsodbcsql-18.4.so.1.1", True), ("libtdsodbc.so", False)])
def test_rows_go_as_arrays_with_microsofts_driver_alone(postgresql_server, driver, fast):
    table = Table(f"t_{fast}", MetaData(), Column("k", key_text(), primary_key=True), Column("at", UtcDateTime()))
    rows = [(f"key {number} ", START + timedelta(microseconds=number)) for number in range(5)]
    with mock.patch.dict(sys.modules, {"pyodbc": Pyodbc(postgresql_server, driver)}):
        engine = create_staging_engine(URL)
        with engine.connect() as connection:
            table.create(connection)
            Bulk(engine.dialect).insert(connection, [table.c.k, table.c.at], rows)
            assert engine.dialect.fast_executemany is fast
            assert [tuple(row) for row in connection.execute(select(table).order_by(table.c.k))] == rows
            later = select(table.c.k).where(table.c.at > START + timedelta(microseconds=3))
            assert connection.execute(later).scalars().all() == ["key 4 "]
            connection.rollback()
        engine.dispose()


@pytest.mark.parametrize(
    ("state", "message", "again"),
    [
        ("40001", "[40001] Transaction (Process ID 52) was deadlocked on lock resources (1205)", True),
        ("42000", "[42000] [FreeTDS][SQL Server]Lock request time out period exceeded. (1222)", True),
        ("42000", "[42000] Snapshot isolation transaction aborted due to update conflict. (3960)", True),
        ("23000", "[23000] Violation of PRIMARY KEY constraint (2627)", False),
        ("42S02", "[42S02] Invalid object name 'runs'. (208)", False),
    ],
)
def test_only_errors_of_timing_are_tried_again(state, message, again):
    assert is_retryable(DBAPIError("UPDATE leases", {}, Exception(state, message))) is again
