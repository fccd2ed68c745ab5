"""The room a staging database takes on disk, and giving back what is free in it.

SQLite keeps freed pages in its file. A file made with `auto_vacuum=INCREMENTAL` (every new one) gives them back a few
at a time; an older one is written anew once, while it is small enough for nobody to wait long. Servers reuse what is
free by themselves: PostgreSQL by autovacuum, SQL Server by its own allocation.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.types import SQLITE

FREE_PERCENT = 10
"""Up to such a share the free pages stay for the next day's rows."""
WRITTEN_ANEW_UP_TO = 256 * 1_048_576
"""Writing a file anew keeps all writers out meanwhile: about two seconds for this size."""
_PAGES = 256
_INCREMENTAL = 2


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes of the database file, and how many of them are free pages; zeros where a server keeps the books."""

    bytes: int = 0
    free: int = 0


def space_of(database: Database) -> Space:
    """The room `database` takes now."""
    if database.server != SQLITE:
        return Space()
    with _plain(database) as connection:
        return _space(connection)


def give_back(database: Database) -> Space:
    """Give free pages back when they are more than `FREE_PERCENT` of the file, and empty the write-ahead log; the room
    taken then. A database that is busy is left for the next time.
    """
    if database.server != SQLITE:
        return Space()
    with _plain(database) as connection:
        space = _space(connection)
        if space.free * 100 > space.bytes * FREE_PERCENT:
            _shrink(connection, space)
        _try(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
        return _space(connection)


def _shrink(connection: sqlite3.Connection, space: Space) -> None:
    if _number(connection, "auto_vacuum") == _INCREMENTAL:
        left = _number(connection, "freelist_count")
        while left and _try(connection, f"PRAGMA incremental_vacuum({_PAGES})"):
            before, left = left, _number(connection, "freelist_count")
            if left >= before:
                return
    elif space.bytes <= WRITTEN_ANEW_UP_TO:
        connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
        _try(connection, "VACUUM")


def _space(connection: sqlite3.Connection) -> Space:
    page = _number(connection, "page_size")
    return Space(_number(connection, "page_count") * page, _number(connection, "freelist_count") * page)


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _try(connection: sqlite3.Connection, statement: str) -> bool:
    """Whether the statement ran to its end; not when another connection was in the way."""
    try:
        connection.execute(statement).fetchall()
    except sqlite3.OperationalError:
        return False
    return True


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
