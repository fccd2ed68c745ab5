"""Transactions on each server: isolation, which failures are a matter of timing, who may change tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.staging.dialects.engines import BUSY_SECONDS, SCHEMA_OPTION
from intacct_sf_pipeline.staging.types import MSSQL, POSTGRESQL

_RETRYABLE_SQLSTATES = frozenset({"40001", "40P01"})  # serialization failure, deadlock (SQL Server's 1205 is 40001)
# SQL Server: deadlock victim, lock time-out, conflict of snapshots. Drivers differ in the SQLSTATE they give these.
_RETRYABLE_MESSAGES = re.compile(r"database is locked|\((?:1205|1222|3960)\)")
_SCHEMA_LOCK = 0x1A5F  # any number that all processes of the project agree on
# The procedure returns a failure instead of raising it (Source: Transact-SQL reference, sp_getapplock).
_MSSQL_SCHEMA_LOCK = f"""
DECLARE @outcome int;
EXEC @outcome = sp_getapplock @Resource = N'intacct_sf_pipeline schema', @LockMode = 'Exclusive',
    @LockOwner = 'Transaction', @LockTimeout = {BUSY_SECONDS * 1000};
IF @outcome < 0 RAISERROR(N'another process is changing the tables (1222)', 16, 1);
"""


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


def is_retryable(error: DBAPIError) -> bool:
    """Whether the transaction was rolled back by the server for reasons of timing and may simply be run again."""
    original = error.orig
    state = getattr(original, "sqlstate", None) or _odbc_state(original)
    return state in _RETRYABLE_SQLSTATES or _RETRYABLE_MESSAGES.search(str(original)) is not None


def lock_schema(connection: Connection) -> None:
    """Let one process at a time change tables, until the transaction ends (SQLite's write lock does so by itself)."""
    if connection.dialect.name == POSTGRESQL:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
    elif connection.dialect.name == MSSQL:
        connection.exec_driver_sql(_MSSQL_SCHEMA_LOCK)


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


def _odbc_state(error: object) -> str | None:
    arguments = getattr(error, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], str) else None
