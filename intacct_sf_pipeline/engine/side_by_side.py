"""Both systems are read at once: the feeds of each side in a thread of their own, one after the other.

A feed that cannot be read leaves the others alone; whoever asks for it is told why. More threads would gain nothing:
the pages of one feed follow from each other, and a staging database on SQLite has one writer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError, Future
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

    def __init__(self, ctx: SyncContext, feeds: Iterable[FeedSpec], read: Read = extract) -> None:
        lock, tell = threading.Lock(), ctx.progress
        self.stopped = threading.Event()

        def progress(step: str, done: int, total: int | None) -> None:
            if self.stopped.is_set():
                raise CancelledError(f"{step}: the run has ended")
            with lock:
                tell(step, done, total)

        self._ctx, self._read = replace(ctx, progress=progress), read
        self._results: dict[tuple[str, str], Future[StepReport]] = {_key(feed): Future() for feed in feeds}
        self._threads = [
            threading.Thread(target=copy_context().run, args=(self._work, mine), name=f"read {side.value}", daemon=True)
            for side in SIDES
            if (mine := [feed for feed in feeds if feed.side is side])
        ]
        for thread in self._threads:
            thread.start()

    def knows(self, feed: FeedSpec) -> bool:
        """Whether `feed` is one of those read."""
        return _key(feed) in self._results

    def report(self, feed: FeedSpec) -> StepReport:
        """The report of reading `feed`, once it is read; raises what its reading raised.

        Raises:
            CancelledError: the reads were stopped before this one had ended.
        """
        return self._results[_key(feed)].result()

    def wait(self) -> None:
        """Until all reads have ended, well or not."""
        for thread in self._threads:
            thread.join()

    def stop(self) -> None:
        """Begin no further read, break those under way off after their page, and wait for that."""
        self.stopped.set()
        self.wait()

    def _work(self, feeds: Sequence[FeedSpec]) -> None:
        for feed in feeds:
            result = self._results[_key(feed)]
            if self.stopped.is_set():
                result.set_exception(CancelledError(f"{feed.side.value} {feed.name} was not read: the run has ended"))
                continue
            try:
                result.set_result(self._read(self._ctx, feed))
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where the report is asked for
                result.set_exception(error)


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


def _key(feed: FeedSpec) -> tuple[str, str]:
    return feed.side.value, feed.name
