"""`doctor` on the staging database: reached, new enough, set up well, writable; leases, and runs that died."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, Engine, Executable, false, func, inspect, select, text, update
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
from intacct_sf_pipeline.staging.dialects.server_settings import settings_of, version_of
from intacct_sf_pipeline.staging.schema import leases, runs
from intacct_sf_pipeline.staging.tables import MappingTables
from intacct_sf_pipeline.staging.workers import Fate, fate, this_worker

_AREA: Final = "database"
_CURE: Final = "Check STAGING_DATABASE_URL, and that the server runs."


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
            yield _writable(engine, ready=not pending)
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
    version = version_of(connection)
    told = f"{version.name} {'.'.join(map(str, version.found))}"
    if version.is_old:
        needed = ".".join(map(str, version.oldest))
        yield problem(_AREA, "version", f"{told} is too old", f"Use version {needed} or later.")
    else:
        yield ok(_AREA, "version", told)
    for answer in settings_of(connection):
        setting, found = answer.setting, f"{answer.setting.subject} is {answer.found}"
        if answer.is_right:
            yield ok(_AREA, setting.subject, found)
        else:
            yield warning(_AREA, setting.subject, f"{found}, not {setting.right}", setting.cure)


def _writable(engine: Engine, *, ready: bool) -> Finding:
    """A table is made and the transaction taken back, which needs every right that a migration needs."""
    refused = _refusal(engine, text("CREATE TABLE doctor_was_here (n INTEGER)"))
    if refused is None:
        return ok(_AREA, "writing", "can be written, and tables can be made (tried, and taken back)")
    if ready and _refusal(engine, update(leases).where(false()).values(token=leases.c.token)) is None:
        cure = "With every upgrade and new field let an administrator run the script of `intacct-sf db upgrade --sql`."
        return warning(_AREA, "writing", "can be written, but tables cannot be made", cure)
    cure = "Let the user create tables there; with SQLite: let it write the file and the directory it is in."
    return problem(_AREA, "writing", f"a table cannot be made: {refused}", cure)


def _refusal(engine: Engine, statement: Executable) -> str | None:
    """Why the statement cannot be run; whatever it does is taken back."""
    try:
        with engine.connect() as plain:
            connection = plain.execution_options(staging_writer=True)
            transaction = connection.begin()
            try:
                connection.execute(statement)
            finally:
                transaction.rollback()
    except DBAPIError as error:
        return re.sub(r"\s+", " ", str(error.orig)).strip()
    return None


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
