"""What stands in for the module `pyodbc`: connections and cursors that behave as Microsoft's driver does.

A connection has one open result at a time (no MARS); fast executemany gives no row count; nothing is committed unless
asked. A thread that waits for itself, because it has written through one connection and goes on through another, is
found at once: SQL Server's readers wait for writers.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg

from . import administration, errors, rules
from .administration import TEMPLATE
from .definitions import Known, is_definition, steps
from .parse import Parsed, parse
from .translate import translated
from .values import arguments, with_flags

Row = tuple[Any, ...]
Checked = dict[tuple[str, bool], tuple[rules.Kinds | None, str]]
_BIT = 21  # type number of int2, which stands for bit alone


class Pyodbc:
    """The module, for one server."""

    version, apilevel, threadsafety, paramstyle = "5.2.0", "2.0", 1, "qmark"
    Error, DatabaseError, InterfaceError = errors.Error, errors.DatabaseError, errors.InterfaceError
    OperationalError, IntegrityError, DataError = errors.OperationalError, errors.IntegrityError, errors.DataError
    ProgrammingError, InternalError = errors.ProgrammingError, errors.InternalError
    NotSupportedError = errors.NotSupportedError
    STRING, BINARY, NUMBER, DATETIME = str, bytearray, float, dt.datetime
    SQL_DRIVER_NAME, SQL_DBMS_NAME = 6, 17
    SQL_WVARCHAR, SQL_VARCHAR, SQL_DECIMAL, SQL_VARBINARY, SQL_BINARY = -9, 12, 3, -3, -2
    SQL_FLOAT, SQL_DOUBLE, SQL_BIGINT, SQL_INTEGER, SQL_TYPE_TIMESTAMP, SQL_BIT = 6, 8, -5, 4, 93, -7

    def __init__(self, postgresql: str, driver_name: str = "libmsodbcsql-18.so.4.1") -> None:
        self._server = postgresql.replace("postgresql+psycopg://", "postgresql://", 1)
        self._driver_name = driver_name
        self.Cursor = Cursor
        self._checked: Checked = {}
        with psycopg.connect(self._server, autocommit=True) as admin:
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is None:
                admin.execute(f"CREATE DATABASE {TEMPLATE}")
                script = (Path(__file__).parent / "catalogue.sql").read_text(encoding="utf-8")
                with psycopg.connect(self._server, dbname=TEMPLATE) as fresh:
                    fresh.execute(script)

    def connect(self, text: str = "", **options: Any) -> Connection:
        """A connection to the database that a connection string names."""
        named = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
        given = {key.lower(): value.strip("{}") for key, value in named.items()} | options
        database = str(given.get("database", "master"))
        try:
            raw = psycopg.connect(
                self._server,
                dbname=TEMPLATE if database == "master" else database,
                cursor_factory=psycopg.ClientCursor,
                options="-c search_path=dbo,pg_catalog",
            )
        except psycopg.Error as error:
            raise errors.as_odbc(error) from None
        if database == "master":
            raw.close()
            raw = psycopg.connect(self._server, cursor_factory=psycopg.ClientCursor)
        return Connection(raw, self._driver_name, self._checked)


class Connection:
    """One connection."""

    _open: weakref.WeakSet[Connection] = weakref.WeakSet()

    def __init__(self, raw: psycopg.Connection[Row], driver_name: str, checked: Checked) -> None:
        self.raw = raw
        self.checked = checked
        self.database = raw.info.dbname
        self.writer: int | None = None  # the thread that has written and not committed
        self.busy: Cursor | None = None
        self.identity_insert = False
        self._driver_name = driver_name
        self._kinds: rules.Kinds | None = None
        self._open.add(self)

    @property
    def autocommit(self) -> bool:
        """Whether each statement is committed by itself."""
        return self.raw.autocommit

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        if value != self.raw.autocommit:
            self.raw.commit()
            self.raw.autocommit = value

    def cursor(self) -> Cursor:
        """A new cursor."""
        return Cursor(self)

    def commit(self) -> None:
        """End the transaction."""
        self._end(self.raw.commit)

    def rollback(self) -> None:
        """End the transaction and forget it."""
        self._kinds = None
        self._end(self.raw.rollback)

    def close(self) -> None:
        """Give it back."""
        self._end(self.raw.close)
        self._open.discard(self)

    def getinfo(self, what: int) -> str:
        """Name of the driver or the product."""
        return self._driver_name if what == Pyodbc.SQL_DRIVER_NAME else "Microsoft SQL Server"

    def add_output_converter(self, kind: int, function: object) -> None:
        """Not needed for the types in use."""

    def check_alone(self) -> None:
        """Refuse what would wait for ever on SQL Server: this thread holds locks through another connection."""
        for other in list(self._open):
            if other is self or other.database != self.database or other.raw.closed:
                continue
            if other.writer == threading.get_ident():
                what = "this thread has written through another connection and not committed: it would wait for itself"
                raise errors.OperationalError("HYT00", f"[HYT00] {what}")

    def kinds(self) -> rules.Kinds:
        """Kinds of all columns, as the rules want them."""
        if self._kinds is None:
            query = (
                "SELECT o.name, c.name, c.system_type_id, c.collation_name FROM sys.columns c"
                " JOIN sys.objects o ON o.object_id = c.object_id"
            )
            self._kinds = {(row[0], row[1]): _kind(row[2], row[3]) for row in self.raw.execute(query)}
        return self._kinds

    def known(self) -> Known:
        """Sizes, nullability and indexes of all tables."""
        sizes: dict[str, dict[str, int]] = {}
        nullable: dict[str, set[str]] = {}
        indexed: dict[str, set[str]] = {}
        columns = (
            "SELECT o.name, c.name, c.max_length, c.is_nullable, EXISTS (SELECT 1 FROM sys.index_columns k"
            " WHERE k.object_id = c.object_id AND k.column_id = c.column_id)"
            " FROM sys.columns c JOIN sys.objects o ON o.object_id = c.object_id"
        )
        for table, column, size, empty, in_index in self.raw.execute(columns):
            sizes.setdefault(table, {})[column] = size
            nullable.setdefault(table, set()).update([column] if empty else [])
            indexed.setdefault(table, set()).update([column] if in_index else [])
        self._kinds = None
        return Known(
            sizes,
            {table: frozenset(found) for table, found in nullable.items()},
            {table: frozenset(found) for table, found in indexed.items()},
        )

    def _end(self, how: Any) -> None:
        self.writer, self.busy = None, None
        try:
            how()
        except psycopg.Error as error:
            raise errors.as_odbc(error) from None


class Cursor:
    """One cursor; its result is whole in memory, but counts as open until it has been read to its end."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.description: tuple[Row, ...] | None = None
        self.rowcount = -1
        self.arraysize = 1
        self.fast_executemany = False
        self._rows: Iterator[Row] = iter(())

    def execute(self, statement: str, *parameters: Any) -> Cursor:
        """Run one statement."""
        given = parameters[0] if len(parameters) == 1 and isinstance(parameters[0], (list, tuple)) else parameters
        self._run(statement, [tuple(given)])
        return self

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for many rows; there is no count of rows then."""
        if not rows:
            raise errors.ProgrammingError("HY000", "The second parameter to executemany must not be empty.")
        if self.fast_executemany and "libmsodbcsql" not in self.connection.getinfo(Pyodbc.SQL_DRIVER_NAME):
            raise errors.OperationalError("HY000", "[HY000] this driver crashes on parameter arrays")
        self._run(statement, [tuple(row) for row in rows])
        self.rowcount = -1

    def fetchone(self) -> Row | None:
        """The next row."""
        row = next(self._rows, None)
        if row is None:
            self._exhausted()
        return row

    def fetchmany(self, size: int | None = None) -> list[Row]:
        """The next rows."""
        wanted = size or self.arraysize
        rows = [row for _, row in zip(range(wanted), self._rows, strict=False)]
        if len(rows) < wanted:
            self._exhausted()
        return rows

    def fetchall(self) -> list[Row]:
        """All further rows."""
        self._exhausted()
        return list(self._rows)

    def setinputsizes(self, sizes: object) -> None:
        """Types of parameters; the stand-in takes them from the values."""

    def nextset(self) -> bool:
        """There is never a further result."""
        return False

    def close(self) -> None:
        """Give up what has not been read."""
        self._exhausted()
        self._rows = iter(())

    def _exhausted(self) -> None:
        if self.connection.busy is self:
            self.connection.busy = None

    def _run(self, statement: str, rows: list[Row]) -> None:
        self.close()
        if self.connection.busy is not None:
            raise errors.OperationalError("HY000", "[HY000] Connection is busy with results for another command")
        self.connection.check_alone()
        try:
            with self.connection.raw.cursor() as cursor:
                self._answer(cursor, statement, rows)
        except psycopg.Error as error:
            raise errors.as_odbc(error) from error

    def _answer(self, cursor: psycopg.Cursor[Row], statement: str, rows: list[Row]) -> None:
        self.description, self.rowcount = None, -1
        statement = administration.begun(statement)
        known = administration.answer(statement)
        if known is not None:
            self._result([("", 12)], known)
            return
        session = self.connection
        outcome = administration.carried_out(cursor, session.raw, statement)
        if outcome is not None:
            session.identity_insert = (
                session.identity_insert if outcome.identity_insert is None else outcome.identity_insert
            )
            if outcome.wrote:
                self._wrote()
            return
        catalogue = re.search(r"\bsys\]?\.|INFORMATION_SCHEMA", statement) is not None
        parsed = parse(statement, catalogue=catalogue)
        if is_definition(parsed):
            for text, values in steps(parsed, self.connection.known()):
                cursor.execute(text, values or None)
            self._wrote()
            return
        text = self._translated(parsed, catalogue=catalogue)
        for row in rows:
            values = arguments(parsed, row)
            rules.check_patterns(parsed, values)
            cursor.execute(text, values)
        self.rowcount = cursor.rowcount
        if not statement.lstrip().upper().startswith("SELECT"):
            self._wrote()
        if cursor.description is not None:
            kinds = [(column.name, column.type_code) for column in cursor.description]
            bits = [index for index, (_, kind) in enumerate(kinds) if kind == _BIT]
            self._result(kinds, [with_flags(row, bits) for row in cursor.fetchall()])

    def _translated(self, parsed: Parsed, *, catalogue: bool) -> str:
        """The statement for PostgreSQL, checked; the same statement on the same tables is checked once."""
        connection = self.connection
        kinds = None if catalogue else connection.kinds()
        known = connection.checked.get((parsed.text, connection.identity_insert))
        if known is not None and known[0] == kinds:
            return known[1]
        if kinds is not None:
            rules.check(parsed, kinds)
        text = translated(parsed.tree, identity_insert=connection.identity_insert)
        connection.checked[parsed.text, connection.identity_insert] = (kinds, text)
        return text

    def _wrote(self) -> None:
        if not self.connection.autocommit:
            self.connection.writer = threading.get_ident()

    def _result(self, columns: Iterable[tuple[str, int]], rows: list[Row]) -> None:
        self.description = tuple((name, kind, None, None, None, None, True) for name, kind in columns)
        self._rows = iter(rows)
        self.rowcount = -1
        self.connection.busy = self


def _kind(number: int, collation: str | None) -> str:
    if number == 231:
        return "key" if collation is not None and "BIN2" in collation else "text"
    return "bit" if number == 104 else "number"
