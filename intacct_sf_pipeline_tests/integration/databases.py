"""On which database the scenarios run: SQLite, or what TEST_SCENARIO_DATABASE names.

`postgresql` (one of the session's own), `mssql` (the server of TEST_MSSQL_URL) or `tsql` (the stand-in for it). Each
folder has a database of its own, made at first use and dropped with the session.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from unittest import mock

from sqlalchemy import text
from sqlalchemy.engine import make_url

from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline_tests.contracts.staging.servers import administer, running_postgresql
from intacct_sf_pipeline_tests.tsql.driver import Pyodbc

VARIABLE = "TEST_SCENARIO_DATABASE"
_ADMIN = "TEST_SCENARIO_SERVER"  # where databases are made; set for the session, and so for its processes
_STAND_IN = "mssql+pyodbc://sa:invented@stand.in.example/master?driver=ODBC+Driver+18+for+SQL+Server"
_PREFIX = "scenario_"


def staging_url(folder: Path) -> str:
    """The URL of the database that belongs to `folder`; a server's is made if it is not there."""
    admin = os.environ.get(_ADMIN)
    if admin is None:
        return f"sqlite:///{folder / 'staging.db'}"
    name = _name(folder)
    if not _made(folder).exists():
        administer(admin, f"CREATE DATABASE {name}")
        _made(folder).write_text(name, encoding="ascii")
    return make_url(admin).set(database=name).render_as_string(hide_password=False)


def _name(folder: Path) -> str:
    return _PREFIX + blake2b(str(folder).encode(), digest_size=8).hexdigest()


def _made(folder: Path) -> Path:
    return Path(f"{folder}.database")  # beside the folder: tests look at what is in it


def copied_url(kept: Path, folder: Path) -> str:
    """As `staging_url`, for a database that begins as a copy of the one of `kept`, which nobody has open."""
    admin = os.environ.get(_ADMIN)
    if admin is None:
        shutil.copyfile(kept / "staging.db", folder / "staging.db")
        return staging_url(folder)
    if not admin.startswith("postgresql"):
        raise ValueError("only SQLite and PostgreSQL copy databases")
    name = _name(folder)
    administer(admin, f"CREATE DATABASE {name} TEMPLATE {_name(kept)}")
    _made(folder).write_text(name, encoding="ascii")
    return staging_url(folder)


def copies() -> bool:
    """Whether the chosen database can be copied."""
    return os.environ.get(VARIABLE, "sqlite") in ("sqlite", "postgresql")


@contextmanager
def serving() -> Iterator[None]:
    """What the chosen database needs for the session."""
    chosen = os.environ.get(VARIABLE, "sqlite")
    if chosen == "sqlite":
        yield
    elif chosen == "mssql":
        with _administered(os.environ["TEST_MSSQL_URL"]):
            yield
    elif chosen == "postgresql":
        with running_postgresql() as url, _administered(url):
            yield
    elif chosen == "tsql":
        with running_postgresql() as url, mock.patch.dict(sys.modules, {"pyodbc": Pyodbc(url)}):
            os.environ[_ADMIN] = _STAND_IN
            try:
                yield  # its databases go with the server
            finally:
                del os.environ[_ADMIN]
    else:
        raise ValueError(f"{VARIABLE}={chosen}: sqlite, postgresql, mssql or tsql")


@contextmanager
def _administered(admin: str) -> Iterator[None]:
    before = _databases(admin)
    os.environ[_ADMIN] = admin
    try:
        yield
    finally:
        del os.environ[_ADMIN]
        for name in sorted(_databases(admin) - before):
            administer(admin, f"DROP DATABASE {name}")


def _databases(admin: str) -> set[str]:
    engine = create_staging_engine(admin)
    listed = "sys.databases" if engine.dialect.name == "mssql" else "(SELECT datname AS name FROM pg_database) d"
    with engine.connect() as connection:
        names = set(connection.execute(text(f"SELECT name FROM {listed}")).scalars())
    engine.dispose()
    return {name for name in names if name.startswith(_PREFIX)}
