"""A staging database of other processes, looked at from outside while they work."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .dagster_ui import until


@dataclass(frozen=True)
class StagedFile:
    """The file of a staging database; `path` need not be there yet."""

    path: Path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the staging database; none while it is not there yet."""
        if not self.path.exists():
            return []
        with closing(sqlite3.connect(self.path, timeout=30)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'v_runs'").fetchall():
                return []
            found = connection.execute(query).fetchall()
            connection.commit()
            return found

    def reached(self, count: str) -> None:
        """Wait until a count is no longer zero."""
        until(lambda: any(row[0] for row in self.rows(count)), count, 30, every=0.02)
