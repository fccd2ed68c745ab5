"""`doctor` on the staging database: reached, new enough, set up well, writable; leases, and runs that died."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, Engine, func, inspect, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from intacct_sf_pipeline.cli.database import DatabaseError, staging_engine
from intacct_sf_pipeline.cli.findings import Finding, ok, problem, warning
from intacct_sf_pipeline.engine.context import utc_now
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.settings import Settings
from intacct_sf_pipeline.staging import migrate
from intacct_sf_pipeline.staging.dialects import begin
from intacct_sf_pipeline.staging.schema import leases, runs
from intacct_sf_pipeline.staging.tables import MappingTables
from intacct_sf_pipeline.staging.types import MSSQL, POSTGRESQL, SQLITE
from intacct_sf_pipeline.staging.workers import Fate, fate, this_worker

_AREA: Final = "database"
_CURE: Final = "Check STAGING_DATABASE_URL, and that the server runs."
_NAMES: Final = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL", MSSQL: "SQL Server"}
_OLDEST: Final = {SQLITE: (3, 24), POSTGRESQL: (12,), MSSQL: (14,)}
"""SQLite: upserts; PostgreSQL: plan_cache_mode; SQL Server 2017: STRING_AGG. Source: their release notes."""
_SETTINGS: Final[Mapping[str, tuple[tuple[str, str, str, str], ...]]] = {
    SQLITE: (
        ("journal", "PRAGMA journal_mode", "wal", "Keep the file on a local disk, not on a network file system."),
        ("encoding", "PRAGMA encoding", "utf-8", "Use a file that this project made."),
    ),
    POSTGRESQL: (
        ("isolation", "SHOW transaction_isolation", "read committed",
         "ALTER DATABASE ... SET default_transaction_isolation TO 'read committed'."),
        ("encoding", "SHOW server_encoding", "utf8", "Create the database with ENCODING 'UTF8'."),
    ),
    MSSQL: (
        ("isolation",
         "SELECT transaction_isolation_level FROM sys.dm_exec_sessions WHERE session_id = @@SPID", "2",
         "Connect without another isolation level."),
    ),
}  # fmt: skip
"""Per server: subject, question, the right answer in lower case, cure. Keys carry a binary collation of their own."""


def database_findings(settings: Settings) -> Iterator[Finding]:
    """Everything about the staging database; nothing in it is changed.

    Raises:
        ConfigurationError: its address cannot be read.
    """
    try:
        with staging_engine(settings) as engine:
            name = engine.url.render_as_string(hide_password=True)
            pending = migrate.check(engine)
            yield _schema(name, len(pending))
            with begin(engine, writer=False) as connection:
                yield from _server(connection)
            yield _writable(engine)
            if not pending:
                with begin(engine, writer=False) as connection:
                    yield from _leases(connection)
                    yield from _dead_runs(connection)
    except DatabaseError as error:
        yield problem(_AREA, "connection", str(error), _CURE)
    except ImportError as error:
        cure = (
            "Install the driver: pip install 'intacct_sf_pipeline[postgres]', or unixODBC and Microsoft's ODBC driver."
        )
        yield problem(_AREA, "driver", f"the driver of this server is not installed: {error.name or error}", cure)
    except (SQLAlchemyError, OSError) as error:
        yield problem(_AREA, "connection", f"cannot be used: {type(error).__name__}", _CURE)


def landed_rows(settings: Settings, config: SyncConfig) -> dict[tuple[Side, str], int]:
    """How many rows of each feed are known; nothing when that cannot be asked (`database_findings` says why)."""
    try:
        with staging_engine(settings) as engine, begin(engine, writer=False) as connection:
            present = set(inspect(connection).get_table_names())
            landing = MappingTables(config.mapping).landing
            return {
                place: int(connection.execute(select(func.count()).select_from(one.table)).scalar_one())
                for place, one in landing.items()
                if one.table.name in present
            }
    except (DatabaseError, ConfigurationError, SQLAlchemyError, ImportError, OSError):
        return {}


def _schema(name: str, pending: int) -> Finding:
    if pending:
        cure = "The next sync applies them; or run `intacct-sf db upgrade`."
        return warning(_AREA, name, f"reached; {pending} migration(s) pending", cure)
    return ok(_AREA, name, "reached, and its schema is up to date")


def _server(connection: Connection) -> Iterator[Finding]:
    server = connection.dialect.name
    version = tuple(connection.dialect.server_version_info or ())
    told = f"{_NAMES.get(server, server)} {'.'.join(map(str, version))}"
    oldest = _OLDEST.get(server, ())
    if version < oldest:
        needed = ".".join(map(str, oldest))
        yield problem(_AREA, "version", f"{told} is too old", f"Use version {needed} or later.")
    else:
        yield ok(_AREA, "version", told)
    for subject, question, right, cure in _SETTINGS.get(server, ()):
        answer = str(connection.execute(text(question)).scalar_one()).lower()
        found = f"{subject} is {answer}"
        yield ok(_AREA, subject, found) if answer == right else warning(_AREA, subject, f"{found}, not {right}", cure)


def _writable(engine: Engine) -> Finding:
    """A table is made and the transaction taken back, which needs every right that a migration needs."""
    try:
        with engine.connect() as plain:
            connection = plain.execution_options(staging_writer=True)
            transaction = connection.begin()
            try:
                connection.execute(text("CREATE TABLE doctor_was_here (n INTEGER)"))
            finally:
                transaction.rollback()
    except DBAPIError as error:
        reason = re.sub(r"\s+", " ", str(error.orig)).strip()
        cure = "Let the user create tables there; with SQLite: let it write the file and the directory it is in."
        return problem(_AREA, "writing", f"a table cannot be made: {reason}", cure)
    return ok(_AREA, "writing", "can be written, and tables can be made (tried, and taken back)")


def _leases(connection: Connection) -> Iterator[Finding]:
    held = connection.execute(select(leases).where(leases.c.holder.is_not(None)).order_by(leases.c.entity)).all()
    if not held:
        yield ok(_AREA, "leases", "no run is at work")
    now, me = utc_now(), this_worker()
    for lease in held:
        left = lease.expires_at <= now or fate(lease.process, me) is Fate.DEAD
        who = f"{lease.entity}: run {lease.holder} on {lease.host}, process {lease.pid}"
        told = "left by a run that is gone; the next one takes over at once" if left else "at work"
        yield ok(_AREA, "leases", f"{who}: {told}")


def _dead_runs(connection: Connection) -> Iterator[Finding]:
    me = this_worker()
    open_ones = connection.execute(select(runs.c.run_id, runs.c.process).where(runs.c.status == "running")).all()
    dead = [row.run_id for row in open_ones if fate(row.process, me) is Fate.DEAD]
    if dead:
        found = f"{len(dead)} run(s) died: {', '.join(dead[:5])}"
        yield warning(_AREA, "runs", found, "`intacct-sf status` closes them; the next sync settles what they left.")
    else:
        yield ok(_AREA, "runs", "none has died without being closed")
