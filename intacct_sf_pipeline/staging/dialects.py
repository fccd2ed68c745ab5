"""Everything that differs between SQLite, PostgreSQL and SQL Server: engines, transactions, limits, errors.

SQLite: write-ahead log, one writer at a time taken up front (BEGIN IMMEDIATE), so that a transaction never fails
half-way for want of the lock. PostgreSQL and SQL Server: READ COMMITTED; correctness rests on unique keys and
conditional updates with row counts, never on lock hints, and a deadlock victim or serialization failure is run again
from the start (`Database.write`). `docs/databases.md` says it all per server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.staging.types import MSSQL, POSTGRESQL, SQLITE

KEYS_PER_STATEMENT = 2000
"""Values in one IN list: below SQL Server's 2,100 parameters with room for the other conditions."""

SCHEMA_OPTION = "staging_schema"
_SCHEMA = re.compile(r"[a-z][a-z0-9_]{0,62}")

_DRIVERS = {POSTGRESQL: "psycopg", MSSQL: "pyodbc"}
_RETRYABLE_SQLSTATES = frozenset({"40001", "40P01"})  # serialization failure, deadlock (SQL Server's 1205 is 40001)
# SQL Server: deadlock victim, lock time-out, conflict of snapshots. Drivers differ in the SQLSTATE they give these.
_RETRYABLE_MESSAGES = re.compile(r"database is locked|\((?:1205|1222|3960)\)")
_BUSY_SECONDS = 60
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-32000")
_SCHEMA_LOCK = 0x1A5F  # any number that all processes of the project agree on
# The procedure returns a failure instead of raising it (Source: Transact-SQL reference, sp_getapplock).
_MSSQL_SCHEMA_LOCK = f"""
DECLARE @outcome int;
EXEC @outcome = sp_getapplock @Resource = N'intacct_sf_pipeline schema', @LockMode = 'Exclusive',
    @LockOwner = 'Transaction', @LockTimeout = {_BUSY_SECONDS * 1000};
IF @outcome < 0 RAISERROR(N'another process is changing the tables (1222)', 16, 1);
"""


def create_staging_engine(url: str) -> Engine:
    """An engine for `STAGING_DATABASE_URL`; the folder of a SQLite file is created.

    With `staging_schema` among the URL's options (`STAGING_SCHEMA` puts it there) every table is looked for and made in
    that schema, which `ensure_schema` makes.

    Raises:
        ConfigurationError: the URL cannot be read, names an unsupported server, or leaves out the driver; or it names
            a schema on SQLite.
    """
    parsed, schema = _without_schema(_parse(url))
    server = parsed.get_backend_name()
    if server == SQLITE:
        if schema:
            cure = "give each company a file of its own"
            raise ConfigurationError("SQLite has no schemas", where="STAGING_SCHEMA", cure=cure)
        return _sqlite_engine(parsed)
    if server == MSSQL:
        return _in_schema(_mssql_engine(parsed), schema)
    options = [*_listed(parsed.query.get("options")), *([f"-csearch_path={schema}"] if schema else [])]
    # Positional parameters let bulk statements pass tuples (psycopg's own default is named).
    engine = create_engine(
        parsed, paramstyle="format", pool_pre_ping=True, connect_args={"options": " ".join(options)} if options else {}
    )
    event.listen(engine, "connect", _on_postgresql_connect)
    return _in_schema(engine, schema)


def ensure_schema(engine: Engine) -> None:
    """Make the schema that the engine's URL names, if it is not there.

    On SQL Server, where a connection cannot choose, it has to be the default schema of the user.

    Raises:
        ConfigurationError: it is not; the message says how to make it so.
    """
    schema = engine.get_execution_options().get(SCHEMA_OPTION)
    if not schema:
        return
    on_postgresql = engine.dialect.name == POSTGRESQL
    known = "to_regnamespace(:name)" if on_postgresql else "SCHEMA_ID(:name)"
    with begin(engine, writer=True) as connection:
        lock_schema(connection)
        if connection.execute(text(f"SELECT {known}"), {"name": schema}).scalar() is None:
            connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
        own = "current_schema()" if on_postgresql else "SCHEMA_NAME()"
        found = connection.execute(text(f"SELECT {own}")).scalar()
        if str(found).lower() != schema:
            cure = f"let an administrator run: ALTER USER [the user] WITH DEFAULT_SCHEMA = [{schema}]"
            what = f"the default schema of the database user is {found}, not {schema}"
            raise ConfigurationError(what, where="STAGING_SCHEMA", cure=cure)


def is_retryable(error: DBAPIError) -> bool:
    """Whether the transaction was rolled back by the server for reasons of timing and may simply be run again."""
    original = error.orig
    state = getattr(original, "sqlstate", None) or _odbc_state(original)
    return state in _RETRYABLE_SQLSTATES or _RETRYABLE_MESSAGES.search(str(original)) is not None


@contextmanager
def begin(engine: Engine, *, writer: bool, snapshot: bool = False) -> Iterator[Connection]:
    """One transaction; a writer on SQLite takes the write lock at once.

    With `snapshot` all its statements see one state of the database: on SQLite any transaction does, on PostgreSQL one
    that is REPEATABLE READ. On SQL Server it is SERIALIZABLE, which needs no setting of the database; writers wait for
    it to end.
    """
    options: dict[str, Any] = {"staging_writer": writer}
    if snapshot and engine.dialect.name == POSTGRESQL:
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": not writer}
    elif snapshot and engine.dialect.name == MSSQL:
        options |= {"isolation_level": "SERIALIZABLE"}
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


def seconds_between(server: str, start: str, end: str | None = None) -> str:
    """Whole seconds from the moment in column `start` to the one in `end` (None: now), as an expression for a view."""
    if server == POSTGRESQL:
        return f"CAST(EXTRACT(EPOCH FROM ({end or 'CURRENT_TIMESTAMP'} - {start})) AS BIGINT)"
    if server == MSSQL:
        return f"DATEDIFF_BIG(SECOND, {start}, {end or 'SYSUTCDATETIME()'})"
    until = f"julianday({end})" if end else "julianday('now')"
    return f"CAST(ROUND(({until} - julianday({start})) * 86400) AS INTEGER)"


def lock_schema(connection: Connection) -> None:
    """Let one process at a time change tables, until the transaction ends (SQLite's write lock does so by itself)."""
    if connection.dialect.name == POSTGRESQL:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
    elif connection.dialect.name == MSSQL:
        connection.exec_driver_sql(_MSSQL_SCHEMA_LOCK)


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


def _without_schema(url: URL) -> tuple[URL, str | None]:
    (schema, *_) = (*_listed(url.query.get(SCHEMA_OPTION)), None)
    if schema is not None and _SCHEMA.fullmatch(schema) is None:
        cure = "use small letters, digits and _, beginning with a letter"
        raise ConfigurationError("not the name of a schema", where="STAGING_SCHEMA", cure=cure)
    return url.difference_update_query([SCHEMA_OPTION]), schema


def _in_schema(engine: Engine, schema: str | None) -> Engine:
    return engine.execution_options(**{SCHEMA_OPTION: schema}) if schema else engine


def _listed(option: str | Sequence[str] | None) -> list[str]:
    return [] if option is None else [option] if isinstance(option, str) else list(option)


def _mssql_engine(url: URL) -> Engine:
    engine = create_engine(url, pool_pre_ping=True)

    def on_connect(connection: Any, _record: object) -> None:
        # Arrays of parameters (one round trip for many rows) are for Microsoft's driver; FreeTDS crashes on them.
        # Source: pyodbc wiki, Driver support for fast_executemany; pyodbc issue 459.
        driver = str(connection.getinfo(engine.dialect.loaded_dbapi.SQL_DRIVER_NAME)).lower()
        setattr(engine.dialect, "fast_executemany", "msodbcsql" in driver)  # noqa: B010  # not in the base class
        # A wait that would never end, for a lock of one's own say, becomes an error.
        connection.cursor().execute(f"SET LOCK_TIMEOUT {_BUSY_SECONDS * 1000}").close()
        connection.commit()

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "before_cursor_execute", _date_times_as_text, retval=True)
    return engine


def _date_times_as_text(
    connection: Connection, _cursor: object, statement: str, parameters: Any, _context: object, many: bool
) -> tuple[str, Any]:
    """For FreeTDS, whose date-time parameters lose the microseconds; the server reads the text as DATETIME2."""
    if getattr(connection.dialect, "fast_executemany", False):
        return statement, parameters
    if many:
        return statement, [_with_text(row) for row in parameters]
    return statement, _with_text(parameters)


def _with_text(row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(v.isoformat(timespec="microseconds") if isinstance(v, datetime) else v for v in row)


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
    if connection.execute("PRAGMA page_count").fetchall() == [(0,)]:
        # Counts only in a new file, and only before anything else is said (see `space`); said to any other file it
        # would wait for whoever is writing, also where one only wants to read.
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL").close()
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
