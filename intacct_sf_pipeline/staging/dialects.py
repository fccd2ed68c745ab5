"""Everything that differs between SQLite, PostgreSQL and SQL Server: engines, transactions, limits, errors.

SQLite: write-ahead log, one writer at a time taken up front (BEGIN IMMEDIATE), so that a transaction never fails
half-way for want of the lock. PostgreSQL and SQL Server: READ COMMITTED; correctness rests on unique keys and
conditional updates with row counts, never on lock hints, and a deadlock victim or serialization failure is run again
from the start (`Database.write`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.staging.types import MSSQL, POSTGRESQL, SQLITE

KEYS_PER_STATEMENT = 2000
"""Values in one IN list: below SQL Server's 2,100 parameters with room for the other conditions."""

_DRIVERS = {POSTGRESQL: "psycopg", MSSQL: "pyodbc"}
_RETRYABLE_SQLSTATES = frozenset({"40001", "40P01"})  # serialization failure, deadlock (SQL Server's 1205 is 40001)
_BUSY_SECONDS = 60
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-32000")
_SCHEMA_LOCK = 0x1A5F  # any number that all processes of the project agree on


def create_staging_engine(url: str) -> Engine:
    """An engine for `STAGING_DATABASE_URL`; the folder of a SQLite file is created.

    Raises:
        ConfigurationError: the URL cannot be read, names an unsupported server, or leaves out the driver.
    """
    parsed = _parse(url)
    server = parsed.get_backend_name()
    if server == SQLITE:
        return _sqlite_engine(parsed)
    if server == MSSQL:
        # A batch of rows goes in one round trip (Source: pyodbc wiki, Features beyond the DB API: fast_executemany).
        return create_engine(parsed, fast_executemany=True, pool_pre_ping=True)
    # Positional parameters let bulk statements pass tuples (psycopg's own default is named).
    engine = create_engine(parsed, paramstyle="format", pool_pre_ping=True)
    event.listen(engine, "connect", _on_postgresql_connect)
    return engine


def is_retryable(error: DBAPIError) -> bool:
    """Whether the transaction was rolled back by the server for reasons of timing and may simply be run again."""
    original = error.orig
    state = getattr(original, "sqlstate", None) or _odbc_state(original)
    return state in _RETRYABLE_SQLSTATES or "database is locked" in str(original)


@contextmanager
def begin(engine: Engine, *, writer: bool, snapshot: bool = False) -> Iterator[Connection]:
    """One transaction; a writer on SQLite takes the write lock at once.

    With `snapshot` all its statements see one state of the database: on SQLite any transaction does, on PostgreSQL one
    that is REPEATABLE READ. SQL Server needs a setting of the database for that and is left at READ COMMITTED.
    """
    options: dict[str, Any] = {"staging_writer": writer}
    if snapshot and engine.dialect.name == POSTGRESQL:
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": not writer}
    with engine.connect() as plain, plain.execution_options(**options).begin():
        yield plain


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


def lock_schema(connection: Connection) -> None:
    """Let one process at a time change tables, until the transaction ends (SQLite's write lock does so by itself)."""
    if connection.dialect.name == POSTGRESQL:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
    elif connection.dialect.name == MSSQL:
        locking = "EXEC sp_getapplock @Resource = :name, @LockMode = 'Exclusive', @LockOwner = 'Transaction'"
        connection.execute(text(locking), {"name": "intacct_sf_pipeline schema"})


def _parse(url: str) -> URL:
    cure = (
        "use sqlite:///path/to/staging.db, postgresql+psycopg://user:password@host/database or "
        "mssql+pyodbc://user:password@host/database?driver=ODBC+Driver+18+for+SQL+Server"
    )
    try:
        parsed = make_url(url)
        server = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError):
        raise ConfigurationError("not a database URL", where="STAGING_DATABASE_URL", cure=cure) from None
    if server not in (SQLITE, *_DRIVERS):
        raise ConfigurationError(f"{server} is not supported", where="STAGING_DATABASE_URL", cure=cure)
    if server in _DRIVERS and parsed.drivername != f"{server}+{_DRIVERS[server]}":
        what = f"the driver must be named: {server}+{_DRIVERS[server]}, not {parsed.drivername}"
        raise ConfigurationError(what, where="STAGING_DATABASE_URL", cure=cure)
    return parsed


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
        url = url.set(database=str(Path(url.database).expanduser()))
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)
    return engine


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    # The driver's own transaction handling would start transactions late and not at all for DDL.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _on_postgresql_connect(connection: Any, _record: object) -> None:
    # A plan kept from when a queue was empty would read the whole table later (Source: PostgreSQL, plan_cache_mode).
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_custom_plan")
    connection.commit()


def _on_sqlite_begin(connection: Connection) -> None:
    writer = connection.get_execution_options().get("staging_writer", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def _odbc_state(error: object) -> str | None:
    arguments = getattr(error, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], str) else None
