"""SQLite's files: the room one takes, and giving back what is free in it.

SQLite keeps freed pages in its file. A file made with `auto_vacuum=INCREMENTAL` gives them back a few at a time; any
other one is written anew, which keeps all writers out meanwhile. Source: SQLite documentation, PRAGMA statements.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_PAGES = 256
_INCREMENTAL = 2


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes of a database file, and how many of them are free pages."""

    bytes: int = 0
    free: int = 0

    def is_mostly_used(self, free_percent: int) -> bool:
        """Whether at most so much of it is free."""
        return self.free * 100 <= self.bytes * free_percent


def space_in(connection: sqlite3.Connection) -> Space:
    """The room the connection's file takes now."""
    page = _number(connection, "page_size")
    return Space(_number(connection, "page_count") * page, _number(connection, "freelist_count") * page)


def shrink(connection: sqlite3.Connection, *, free_percent: int, written_anew_up_to: int) -> Space:
    """Give free pages back when they are more than `free_percent` of the file, and empty the write-ahead log; the room
    taken then. A larger file than `written_anew_up_to` bytes is not written anew; one in use is left as it is.
    """
    space = space_in(connection)
    if not space.is_mostly_used(free_percent):
        if _number(connection, "auto_vacuum") == _INCREMENTAL:
            _vacuum_by_pages(connection)
        elif space.bytes <= written_anew_up_to:
            connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
            _try(connection, "VACUUM")
    _try(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
    return space_in(connection)


def write_anew(path: Path, *, free_percent: int, wait_seconds: float) -> bool:
    """Write somebody else's file anew when more than `free_percent` of it is free; whether that was done.

    It is not while the file is in use for longer than `wait_seconds`.
    """
    try:
        with closing(sqlite3.connect(path, timeout=wait_seconds, isolation_level=None)) as connection:
            if space_in(connection).is_mostly_used(free_percent):
                return False
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.OperationalError:
        return False
    return True


def _vacuum_by_pages(connection: sqlite3.Connection) -> None:
    left = _number(connection, "freelist_count")
    while left and _try(connection, f"PRAGMA incremental_vacuum({_PAGES})"):
        before, left = left, _number(connection, "freelist_count")
        if left >= before:
            return


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _try(connection: sqlite3.Connection, statement: str) -> bool:
    """Whether the statement ran to its end; not when another connection was in the way."""
    try:
        connection.execute(statement).fetchall()
    except sqlite3.OperationalError:
        return False
    return True
