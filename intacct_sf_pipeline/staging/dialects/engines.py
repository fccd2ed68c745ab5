"""Engines for the three servers, and what each connection is told when it is made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.dialects.mssql.pyodbc import MSDialect_pyodbc
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.staging.types import MSSQL, POSTGRESQL, SQLITE

SCHEMA_OPTION = "staging_schema"
BUSY_SECONDS = 60
"""So long a connection waits for a lock before that is an error."""

_SCHEMA = re.compile(r"[a-z][a-z0-9_]{0,62}")
_DRIVERS = {POSTGRESQL: "psycopg", MSSQL: "pyodbc"}
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "temp_store=FILE", "cache_size=-16000")


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


def wait_at_most(engine: Engine, seconds: float) -> None:
    """From the next connection on, wait no longer than this for SQLite's write lock; other servers are left alone."""
    if engine.dialect.name != SQLITE:
        return

    def hurry(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}").close()

    engine.dispose()
    event.listen(engine, "connect", hurry)


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
    dialect = engine.dialect

    def on_connect(connection: Any, _record: object) -> None:
        # Arrays of parameters (one round trip for many rows) are for Microsoft's driver; FreeTDS crashes on them.
        # Source: pyodbc wiki, Driver support for fast_executemany; pyodbc issue 459.
        driver = str(connection.getinfo(dialect.loaded_dbapi.SQL_DRIVER_NAME)).lower()
        if isinstance(dialect, MSDialect_pyodbc):
            dialect.fast_executemany = "msodbcsql" in driver
        # A wait that would never end, for a lock of one's own say, becomes an error.
        connection.cursor().execute(f"SET LOCK_TIMEOUT {BUSY_SECONDS * 1000}").close()
        connection.commit()

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "before_cursor_execute", _date_times_as_text, retval=True)
    return engine


def _sends_arrays(dialect: Dialect) -> bool:
    return isinstance(dialect, MSDialect_pyodbc) and bool(dialect.fast_executemany)


def _date_times_as_text(
    connection: Connection, _cursor: object, statement: str, parameters: Any, _context: object, many: bool
) -> tuple[str, Any]:
    """For FreeTDS, whose date-time parameters lose the microseconds; the server reads the text as DATETIME2."""
    if _sends_arrays(connection.dialect):
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
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)
    return engine


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    # The driver's own transaction handling would start transactions late and not at all for DDL.
    connection.isolation_level = None
    if connection.execute("PRAGMA page_count").fetchall() == [(0,)]:
        # Counts only in a new file, and only before anything else is said (see `files`); said to any other file it
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
