"""Databases for the contract: empty ones, and ones that are up to date for the small mapping."""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path

from sqlalchemy.engine import make_url

from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.schema import metadata
from intacct_sf_pipeline.staging.setup import bring_up_to_date
from intacct_sf_pipeline.staging.tables import MappingTables

from .kit import ManualClock, small_mapping

_NUMBERS = count(1)


class Server:
    """Gives out empty databases, and ones that are up to date for the small mapping."""

    def __init__(self, admin: str) -> None:
        self._admin = admin
        self._made: list[str] = []

    def empty(self) -> str:
        """A new database."""
        name = f"staging_{os.getpid()}_{next(_NUMBERS)}"
        administer(self._admin, f"CREATE DATABASE {name}")
        self._made.append(name)
        return make_url(self._admin).set(database=name).render_as_string(hide_password=False)

    def ready(self) -> str:
        """A database with all tables and nothing in them, whose tables the test leaves as they are."""
        return self.own()

    def own(self) -> str:
        """As `ready`, for a test that changes tables."""
        return _brought_up(self.empty())

    def clean_up(self) -> None:
        """Drop what one test made."""
        for name in self._made:
            administer(self._admin, f"DROP DATABASE {name}")
        self._made = []


class PostgresqlServer(Server):
    """One database is emptied from test to test: much faster than creating it anew."""

    _shared = ""

    def ready(self) -> str:
        """The shared database."""
        if not self._shared:
            self._shared = self.own()
            self._made = []
        tables = {*metadata.tables, *MappingTables(small_mapping()).metadata.tables} - {"mapping_state"}
        administer(self._shared, f"TRUNCATE {', '.join(sorted(tables))} RESTART IDENTITY")
        return self._shared


class SqliteFolder(Server):
    """SQLite files in a folder; one that is up to date is copied."""

    def __init__(self, folder: Path) -> None:
        super().__init__("")
        self._folder = folder

    def empty(self) -> str:
        """A new file."""
        return f"sqlite:///{self._folder}/staging/{next(_NUMBERS)}.db"

    def ready(self) -> str:
        """A copy of the first one made."""
        template, url = self._folder / "template.db", self.empty()
        if not template.exists():
            _brought_up(f"sqlite:///{template}")
        target = Path(str(make_url(url).database))
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(template, target)
        return url

    def clean_up(self) -> None:
        """Files go with the folder."""


def _brought_up(url: str) -> str:
    engine = create_staging_engine(url)
    bring_up_to_date(engine, small_mapping(), ManualClock())
    engine.dispose()
    return url


def administer(url: str, statement: str) -> None:
    engine = create_staging_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
