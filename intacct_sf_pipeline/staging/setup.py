"""Opening a staging database: engine, migrations, the tables that follow the mapping, and the store on them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from intacct_sf_pipeline.engine.ports import Clock
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.mapping import SyncMapping
from intacct_sf_pipeline.staging import migrate
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.dialects import create_staging_engine, ensure_schema
from intacct_sf_pipeline.staging.mapping_tables import TableChanges, ensure_mapping_tables
from intacct_sf_pipeline.staging.parts import HOLD_RETRY_MINUTES
from intacct_sf_pipeline.staging.store import SqlStagingStore
from intacct_sf_pipeline.staging.tables import MappingTables


class NotUpToDateError(ConfigurationError):
    """The database lacks migrations, and must not be changed."""


def open_staging(
    url: str,
    mapping: SyncMapping,
    clock: Clock,
    *,
    hold_retry_minutes: Sequence[int] = HOLD_RETRY_MINUTES,
    upgrade: bool = True,
) -> SqlStagingStore:
    """The store on the database at `url`, brought up to date first (`upgrade` False: refused unless it is).

    Raises:
        ConfigurationError: the URL cannot be used.
        NotUpToDateError: the database is not up to date and must not be changed.
    """
    engine = create_staging_engine(url)
    if upgrade:
        bring_up_to_date(engine, mapping, clock)
    elif pending := migrate.check(engine):
        engine.dispose()
        what = f"the staging database lacks {len(pending)} migration(s)"
        raise NotUpToDateError(what, where="STAGING_DATABASE_URL", cure="run `intacct-sf db upgrade`")
    return SqlStagingStore(engine, mapping, clock, hold_retry_minutes=hold_retry_minutes)


def bring_up_to_date(engine: Engine, mapping: SyncMapping, clock: Clock) -> tuple[list[str], TableChanges]:
    """Apply migrations, then add what the mapping needs; the revisions applied and what was added."""
    ensure_schema(engine)
    applied = migrate.upgrade(engine)
    return applied, ensure_mapping_tables(Database(engine, clock), MappingTables(mapping))
