"""Both systems are read at once: the feeds of each side in a thread of their own, one after the other.

A feed that cannot be read leaves the others alone; whoever asks for it is told why. More threads would gain nothing:
the pages of one feed follow from each other, and a staging database on SQLite has one writer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.steps import extract
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.records import SIDES
from intacct_sf_pipeline.model.results import StepReport

Read = Callable[[SyncContext, FeedSpec], StepReport]


class Reads:
    """The reads of one run, under way from the moment this is made.

    While they are, nobody else spends at a side that is read under the same till. `ctx` is for both threads: its
    progress is told by one of them at a time. `stopped` is set once they are to end.
    """

    def __init__(self, ctx: SyncContext, feeds: Collection[FeedSpec], read: Read = extract) -> None:
        lock, tell = threading.Lock(), ctx.progress
        self.stopped = threading.Event()

        def progress(step: str, done: int, total: int | None) -> None:
            if self.stopped.is_set():
                raise CancelledError(f"{step}: the run has ended")
            with lock:
                tell(step, done, total)

        self._ctx, self._read = replace(ctx, progress=progress), read
        self._pools: list[ThreadPoolExecutor] = []
        self._results: dict[tuple[str, str], Future[StepReport]] = {}
        for side in SIDES:
            pool = ThreadPoolExecutor(1, f"read {side.value}")
            self._pools.append(pool)
            for feed in feeds:
                if feed.side is side:
                    self._results[_key(feed)] = pool.submit(copy_context().run, self._one, feed)

    def knows(self, feed: FeedSpec) -> bool:
        """Whether `feed` is one of those read."""
        return _key(feed) in self._results

    def report(self, feed: FeedSpec) -> StepReport:
        """The report of reading `feed`, once it is read; raises what its reading raised.

        Raises:
            CancelledError: the reads were stopped before this one had ended.
        """
        result = self._results[_key(feed)]
        if result.cancelled():
            raise _unread(feed)
        return result.result()

    def wait(self) -> None:
        """Until all reads have ended, well or not."""
        wait(self._results.values())

    def stop(self) -> None:
        """Begin no further read, break those under way off after their page, and wait for that."""
        self.stopped.set()
        for pool in self._pools:
            pool.shutdown(cancel_futures=True)

    def _one(self, feed: FeedSpec) -> StepReport:
        if self.stopped.is_set():
            raise _unread(feed)
        return self._read(self._ctx, feed)


def read_all(ctx: SyncContext, feeds: Sequence[FeedSpec], read: Read = extract) -> list[StepReport]:
    """Read all `feeds`, both sides at once; their reports in order.

    Raises:
        BaseException: what the first feed that could not be read raised, after all others were.
    """
    reads = Reads(ctx, feeds, read)
    try:
        reads.wait()
    finally:
        reads.stop()
    return [reads.report(feed) for feed in feeds]


def _unread(feed: FeedSpec) -> CancelledError:
    return CancelledError(f"{feed.side.value} {feed.name} was not read: the run has ended")


def _key(feed: FeedSpec) -> tuple[str, str]:
    return feed.side.value, feed.name
