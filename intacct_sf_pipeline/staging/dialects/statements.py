"""Expressions and bulk paths that each server has its own words for, and the limits statements have to keep to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection

from intacct_sf_pipeline.staging.types import MSSQL, POSTGRESQL

KEYS_PER_STATEMENT = 2000
"""Values in one IN list: below SQL Server's 2,100 parameters with room for the other conditions."""


def copy_rows(connection: Connection, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> bool:
    """Insert rows by the server's bulk path, if it has one beyond executemany: COPY on PostgreSQL.

    Returns whether it did.

    `table` and `columns` are quoted identifiers.
    """
    if connection.dialect.name != POSTGRESQL:
        return False
    driver = connection.connection.dbapi_connection
    if driver is None:
        return False
    cursor: Any = driver.cursor()
    with cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    return True


def begins_with(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether the text in a column begins with `text`, every sign of which stands for itself.

    In T-SQL a bracket opens a set of letters too, which SQLAlchemy's own escaping does not know (Source: Transact-SQL
    reference, LIKE). No other server minds that it is escaped.
    """
    return column.like("".join(f"/{sign}" if sign in "/%_[" else sign for sign in text) + "%", escape="/")


def seconds_between(server: str, start: str, end: str | None = None) -> str:
    """Whole seconds from the moment in column `start` to the one in `end` (None: now), as an expression for a view."""
    if server == POSTGRESQL:
        return f"CAST(EXTRACT(EPOCH FROM ({end or 'CURRENT_TIMESTAMP'} - {start})) AS BIGINT)"
    if server == MSSQL:
        return f"DATEDIFF_BIG(SECOND, {start}, {end or 'SYSUTCDATETIME()'})"
    until = f"julianday({end})" if end else "julianday('now')"
    return f"CAST(ROUND(({until} - julianday({start})) * 86400) AS INTEGER)"


def day_of(server: str, moment: str) -> str:
    """The day in UTC of the moment in a column, as 2026-01-31, as an expression of text."""
    if server == POSTGRESQL:
        return f"TO_CHAR({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
    if server == MSSQL:
        return f"CONVERT(NVARCHAR(10), {moment}, 23)"  # style 23: yyyy-mm-dd (Source: Transact-SQL, CAST and CONVERT)
    return f"SUBSTR({moment}, 1, 10)"
