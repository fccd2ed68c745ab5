"""Migrations of the engine's own tables, run from the package (no alembic.ini).

Upgrade, downgrade, what is applied, what is pending.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from intacct_sf_pipeline.staging.dialects import begin, lock_schema

_SCRIPTS = Path(__file__).parent / "migrations"
VERSION_TABLE = "staging_version"


def upgrade(engine: Engine, revision: str = "head") -> list[str]:
    """Apply what is pending, in one transaction; the revisions applied."""
    pending = check(engine)
    if pending:
        _run(engine, lambda config: command.upgrade(config, revision))
    left = check(engine)
    return [name for name in pending if name not in left]


def script(server: str, *, schema: str, since: str | None, into: TextIO) -> None:
    """Write what `upgrade` would do from revision `since` (None: nothing is there yet) as SQL for `server`.

    `schema` is where SQL Server files the comments of tables and columns.
    """
    config = _config()
    config.output_buffer = into
    config.attributes.update(server=server, schema=schema, version_table=VERSION_TABLE)
    command.upgrade(config, f"{since or 'base'}:head", sql=True)


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to `revision` (`base`: before the first); tables that follow the mapping are left alone."""
    _run(engine, lambda config: command.downgrade(config, revision))


def current(engine: Engine) -> str | None:
    """The revision that is applied; None before the first."""
    with begin(engine, writer=False) as connection:
        return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def check(engine: Engine) -> list[str]:
    """Revisions that are not applied yet, in the order in which they will be; empty when up to date."""
    scripts = ScriptDirectory.from_config(_config())
    applied = current(engine)
    return [script.revision for script in reversed(list(scripts.iterate_revisions("head", applied or "base")))]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _run(engine: Engine, action: Callable[[Config], None]) -> None:
    config = _config()
    with begin(engine, writer=True) as connection:
        lock_schema(connection)
        config.attributes["connection"] = connection
        config.attributes["version_table"] = VERSION_TABLE
        action(config)
