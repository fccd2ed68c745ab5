"""The staging database for somebody who looks at it in passing, a sensor: it is never changed for him (no migration, no
new table), never waited for long, and what cannot be had at the moment is one kind of error whatever the server.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy.exc import DBAPIError

from intacct_sf_pipeline.model.errors import SyncError
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import Quota
from intacct_sf_pipeline.model.spend import SpendEntry
from intacct_sf_pipeline.model.windows import Watermark
from intacct_sf_pipeline.staging.dialects import is_retryable
from intacct_sf_pipeline.staging.dialects.engines import wait_at_most
from intacct_sf_pipeline.staging.setup import NotUpToDateError
from intacct_sf_pipeline.staging.store import SqlStagingStore

BUSY_SECONDS = 2.0
"""So long each of a few attempts waits for SQLite's write lock; a tick has a minute in all (Source: Dagster,
`DAGSTER_SENSOR_GRPC_TIMEOUT_SECONDS`).
"""


class StagingUnavailableError(SyncError):
    """The staging database cannot be used at this moment; nothing was stored."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the staging database {why}")


class Glance:
    """The store behind `opened`, which refuses a database that is not up to date; opened when it is first needed.

    A database that no run has brought up to date yet has no watermarks, and nothing can be booked in it.
    """

    def __init__(self, opened: Callable[[], SqlStagingStore], *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._opened, self._busy_seconds = opened, busy_seconds

    def watermark(self, feed: FeedSpec) -> Watermark | None:
        """See `StagingStore.watermark`.

        Raises:
            StagingUnavailableError: it cannot be read now.
        """
        with _telling():
            return None if self._store is None else self._store.watermark(feed)

    def book(self, entries: Sequence[SpendEntry], quotas: Mapping[Side, Quota]) -> None:
        """See `SpendStore.book`.

        Raises:
            StagingUnavailableError: nothing was booked: it is busy, out of reach, or not up to date.
        """
        with _telling():
            if self._store is None:
                raise StagingUnavailableError("waits for the next run to bring it up to date")
            self._store.book(entries, quotas)

    def crashed(self, run_ids: Collection[str]) -> frozenset[str]:
        """Those of `run_ids` that are known to have crashed, after the ledger was brought up to date.

        Raises:
            StagingUnavailableError: it cannot be asked now.
        """
        with _telling():
            if self._store is None:
                return frozenset()
            self._store.close_dead_runs()
            return self._store.crashed(run_ids)

    def close(self) -> None:
        """Give the connections back."""
        store = self.__dict__.pop("_store", None)
        if store is not None:
            store.database.engine.dispose()

    @cached_property
    def _store(self) -> SqlStagingStore | None:
        try:
            store = self._opened()
        except NotUpToDateError:
            return None
        wait_at_most(store.database.engine, self._busy_seconds)
        return store


@contextmanager
def _telling() -> Iterator[None]:
    """What the server says is not passed on: it may name users and hosts."""
    try:
        yield
    except DBAPIError as error:
        why = "is busy" if is_retryable(error) else f"cannot be used now ({type(error.orig).__name__})"
        raise StagingUnavailableError(why) from error
