"""The room a staging database takes on disk, and giving back what is free in it.

Servers reuse what is free by themselves: PostgreSQL by autovacuum, SQL Server by its own allocation. What a SQLite file
needs is in `dialects.files`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.dialects.files import Space, shrink, space_in
from intacct_sf_pipeline.staging.types import SQLITE

__all__ = ["FREE_PERCENT", "WRITTEN_ANEW_UP_TO", "Space", "give_back", "space_of"]

FREE_PERCENT = 10
"""Up to such a share the free pages stay for the next day's rows."""
WRITTEN_ANEW_UP_TO = 256 * 1_048_576
"""Writing a file anew keeps all writers out meanwhile: about two seconds for this size."""


def space_of(database: Database) -> Space:
    """The room `database` takes now; zeros where a server keeps the books."""
    if database.server != SQLITE:
        return Space()
    with _plain(database) as connection:
        return space_in(connection)


def give_back(database: Database) -> Space:
    """Give free pages back when they are more than `FREE_PERCENT` of the file, and empty the write-ahead log; the room
    taken then. A database that is busy is left for the next time.
    """
    if database.server != SQLITE:
        return Space()
    with _plain(database) as connection:
        return shrink(connection, free_percent=FREE_PERCENT, written_anew_up_to=WRITTEN_ANEW_UP_TO)


@contextmanager
def _plain(database: Database) -> Iterator[sqlite3.Connection]:
    """The driver's connection outside any transaction, as these statements want it."""
    raw = database.engine.raw_connection()
    try:
        connection = raw.driver_connection
        if not isinstance(connection, sqlite3.Connection):
            raise TypeError("a SQLite engine has SQLite connections")
        yield connection
    finally:
        raw.close()
