"""Changes of many rows, each to values of its own, in one statement: where a server has a better way than row by row.

PostgreSQL takes the rows as one JSON document that it reads as a table; a statement for each row costs it several times
as much, most of it in the exchange. It needs no privilege beyond those of the statement itself, which a temporary table
would. SQLite has no exchange to save, and SQL Server's drivers send arrays of rows already.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Dialect

from intacct_sf_pipeline.staging.types import POSTGRESQL

Columns = Sequence[Column[Any]]
Rows = Sequence[Sequence[Any]]


def update_rows(connection: Connection, columns: Columns, rows: Rows, keys: int) -> bool:
    """Update rows found by the last `keys` of `columns`, if the server has a way; whether it has.

    The last of several rows with the same keys wins, as it would one by one. `rows` are as the driver takes them.
    """
    if connection.dialect.name != POSTGRESQL:
        return False
    table, given, names = _shape(connection.dialect, columns)
    assigned = ", ".join(f"{name} = given.{name}" for name in names[:-keys])
    last = {tuple(row[-keys:]): row for row in rows}
    statement = f"UPDATE {table} SET {assigned} FROM {given} WHERE {_same(table, names[-keys:])}"  # noqa: S608  # names
    connection.exec_driver_sql(statement, (_document(columns, last.values()),))
    return True


def delete_rows(connection: Connection, columns: Columns, rows: Rows) -> bool:
    """Delete the rows that have these values in `columns`, if the server has a way; whether it has."""
    if connection.dialect.name != POSTGRESQL:
        return False
    table, given, names = _shape(connection.dialect, columns)
    statement = f"DELETE FROM {table} USING {given} WHERE {_same(table, names)}"  # noqa: S608  # quoted names
    connection.exec_driver_sql(statement, (_document(columns, rows),))
    return True


def _shape(dialect: Dialect, columns: Columns) -> tuple[str, str, list[str]]:
    """The table, the rows that are given as another one, and the quoted names of the columns they share."""
    preparer = dialect.identifier_preparer
    names = [preparer.quote(column.name) for column in columns]
    typed = (f"{name} {column.type.compile(dialect)}" for name, column in zip(names, columns, strict=True))
    return preparer.format_table(columns[0].table), f"json_to_recordset(%s::json) AS given ({', '.join(typed)})", names


def _same(table: str, names: Sequence[str]) -> str:
    return " AND ".join(f"{table}.{name} = given.{name}" for name in names)


def _document(columns: Columns, rows: Iterable[Sequence[Any]]) -> str:
    names = [str(column.name) for column in columns]  # SQLAlchemy has a text type of its own for some
    return orjson.dumps([dict(zip(names, row, strict=True)) for row in rows], default=_spelt).decode()


def _spelt(value: object) -> str:
    """Numbers without rounding; moments are written with their microseconds by orjson itself."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is in no column")
