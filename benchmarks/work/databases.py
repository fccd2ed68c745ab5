"""A staging database for one measure: a SQLite file, or a database on a PostgreSQL of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def staging_url(*, postgresql: bool) -> Iterator[str]:
    """The URL of an empty staging database that is gone when the block ends."""
    with TemporaryDirectory(prefix="bench-staging-") as folder:
        if not postgresql:
            yield f"sqlite:///{folder}/staging.db"
            return
        from benchmarks import throughput  # brings a PostgreSQL along, which SQLite does without

        with throughput.postgresql() as server, throughput.database(Path(folder), server, 0) as url:
            yield url
