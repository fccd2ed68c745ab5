"""One staging database: its engine, its bulk statements and the two kinds of transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from intacct_sf_pipeline.engine.ports import Clock
from intacct_sf_pipeline.staging.bulk import Bulk
from intacct_sf_pipeline.staging.dialects import begin, is_retryable

T = TypeVar("T")
_ATTEMPTS = 5


class Database:
    """Gives out transactions; holds no state of its own besides the engine, the clock and compiled statements."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock
        self.bulk = Bulk(engine.dialect)

    @property
    def server(self) -> str:
        """`sqlite`, `postgresql` or `mssql`."""
        return self.engine.dialect.name

    def read(self) -> AbstractContextManager[Connection]:
        """A transaction that only reads."""
        return begin(self.engine, writer=False)

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A transaction that only reads, and sees one state of the database throughout; see `dialects.begin`."""
        return begin(self.engine, writer=False, snapshot=True)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction and return its result; all of it is stored, or nothing.

        A transaction that the server rolled back for reasons of timing (deadlock, serialization) is run again, so
        `work` depends on nothing but its arguments.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with begin(self.engine, writer=True) as connection:
                    return work(connection)
            except DBAPIError as error:
                if attempt == _ATTEMPTS or not is_retryable(error):
                    raise
        raise AssertionError("unreachable")
