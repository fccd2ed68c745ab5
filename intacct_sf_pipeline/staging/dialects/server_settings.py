"""What a server is asked about itself: its version, and the settings that the pipeline relies on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from intacct_sf_pipeline.staging.types import MSSQL, POSTGRESQL, SQLITE

_NAMES = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL", MSSQL: "SQL Server"}
_OLDEST = {SQLITE: (3, 24), POSTGRESQL: (12,), MSSQL: (14,)}
"""SQLite: upserts; PostgreSQL: plan_cache_mode; SQL Server 2017: STRING_AGG. Source: their release notes."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting, the question that asks for it, the right answer in small letters, and what to do otherwise."""

    subject: str
    question: str
    right: str
    cure: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said of a setting."""

    setting: Setting
    found: str

    @property
    def is_right(self) -> bool:
        """Whether it is as it should be."""
        return self.found == self.setting.right


@dataclass(frozen=True, slots=True)
class Version:
    """A server's name and version, and the oldest that will do."""

    name: str
    found: tuple[int, ...]
    oldest: tuple[int, ...]

    @property
    def is_old(self) -> bool:
        """Whether it is too old."""
        return self.found < self.oldest


_SETTINGS = {
    SQLITE: (
        Setting(
            "journal", "PRAGMA journal_mode", "wal", "Keep the file on a local disk, not on a network file system."
        ),
        Setting("encoding", "PRAGMA encoding", "utf-8", "Use a file that this project made."),
    ),
    POSTGRESQL: (
        Setting(
            "isolation",
            "SHOW transaction_isolation",
            "read committed",
            "ALTER DATABASE ... SET default_transaction_isolation TO 'read committed'.",
        ),
        Setting("encoding", "SHOW server_encoding", "utf8", "Create the database with ENCODING 'UTF8'."),
    ),
    MSSQL: (
        Setting(
            "isolation",
            "SELECT transaction_isolation_level FROM sys.dm_exec_sessions WHERE session_id = @@SPID",
            "2",
            "Connect without another isolation level.",
        ),
    ),
}
"""What is asked of each server. Keys carry a binary collation of their own, so the database's is not asked for."""


def version_of(connection: Connection) -> Version:
    """The version of the server that a connection leads to."""
    server = connection.dialect.name
    found = tuple(part for part in connection.dialect.server_version_info or () if isinstance(part, int))
    return Version(_NAMES.get(server, server), found, _OLDEST.get(server, ()))


def settings_of(connection: Connection) -> Iterator[Answer]:
    """What the server says of each setting."""
    for setting in _SETTINGS.get(connection.dialect.name, ()):
        yield Answer(setting, str(connection.execute(text(setting.question)).scalar_one()).lower())
