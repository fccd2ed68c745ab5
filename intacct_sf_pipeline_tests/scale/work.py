"""How much a database does, counted and not timed: steps of SQLite's virtual machine, rows that PostgreSQL reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, event, text

_EVERY = 10


@dataclass
class Work:
    """Steps of SQLite's virtual machine (in tens), or rows and index entries that PostgreSQL read."""

    units: int = 0


@contextmanager
def counted(engine: Engine) -> Iterator[Work]:
    """Count what the database does while the block runs."""
    work = Work()
    if engine.dialect.name == "sqlite":
        with _steps(engine, work):
            yield work
    else:
        before = _rows(engine)
        yield work
        work.units = _rows(engine) - before


@contextmanager
def _steps(engine: Engine, work: Work) -> Iterator[None]:
    def tick() -> int:
        work.units += 1
        return 0

    def watch(connection: object, *_: object) -> None:
        connection.set_progress_handler(tick, _EVERY)  # type: ignore[attr-defined]  # SQLAlchemy types it as object

    event.listen(engine, "checkout", watch)
    try:
        yield
    finally:
        event.remove(engine, "checkout", watch)


def _rows(engine: Engine) -> int:
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        connection.commit()
        tables = connection.execute(
            text("SELECT sum(seq_tup_read) + coalesce(sum(idx_tup_fetch), 0) FROM pg_stat_user_tables")
        ).scalar_one()
        entries = connection.execute(text("SELECT sum(idx_tup_read) FROM pg_stat_user_indexes")).scalar_one()
    return int(tables or 0) + int(entries or 0)
