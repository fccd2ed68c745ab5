"""Connectors that ring the till: every page, look-up, batch and step of a job is booked when it is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import TypeVar

from intacct_sf_pipeline.engine.ports import Connector
from intacct_sf_pipeline.engine.writing.job_ports import JobDraft, WriteJobs
from intacct_sf_pipeline.model.clocks import Glance
from intacct_sf_pipeline.model.jobs import JobProgress, JobRow, WriteJob
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.records import SourceRow
from intacct_sf_pipeline.model.results import ObjectSchema, Page, Quota, Spend, WriteOutcome, WriteRequest
from intacct_sf_pipeline.model.windows import Window

T = TypeVar("T")
Ring = Callable[[], None]


class BookedConnector:
    """Passes everything on to `connector`, and rings after each call, also after one that failed."""

    def __init__(self, connector: Connector, ring: Ring) -> None:
        self._connector, self._ring = connector, ring
        self.side = connector.side

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """See `Connector.read`."""
        return _each(self._connector.read(feed, columns, window), self._ring)

    def lookup(self, feed: FeedSpec, columns: Sequence[str], by: str, values: Collection[str]) -> list[SourceRow]:
        """See `Connector.lookup`."""
        with _ringing(self._ring):
            return self._connector.lookup(feed, columns, by, values)

    def describe(self, object_name: str) -> ObjectSchema:
        """See `Connector.describe`."""
        with _ringing(self._ring):
            return self._connector.describe(object_name)

    def newest(self, feed: FeedSpec) -> datetime | None:
        """See `Connector.newest`."""
        with _ringing(self._ring):
            return self._connector.newest(feed)

    def merged_into(self, feed: FeedSpec, keys: Collection[str]) -> Mapping[str, str]:
        """See `Connector.merged_into`."""
        with _ringing(self._ring):
            return self._connector.merged_into(feed, keys)

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        """See `Connector.write`; still lazy."""
        return _each(self._connector.write(requests), self._ring)

    def spend(self) -> Spend:
        """See `Connector.spend`."""
        return self._connector.spend()

    def glances(self) -> Sequence[Glance]:
        """See `Connector.glances`."""
        return self._connector.glances()

    def quota(self) -> Quota | None:
        """See `Connector.quota`."""
        return self._connector.quota()

    def batch_size(self) -> int:
        """See `Connector.batch_size`."""
        return self._connector.batch_size()

    def at_once(self) -> int:
        """See `Connector.at_once`."""
        return self._connector.at_once()

    def goes_alone(self, request: WriteRequest) -> bool:
        """See `Connector.goes_alone`."""
        return self._connector.goes_alone(request)

    def jobs(self) -> WriteJobs | None:
        """See `Connector.jobs`."""
        found = self._connector.jobs()
        return None if found is None else _BookedJobs(found, self._ring)


class _BookedJobs:
    """The jobs of one service; what handing a job over costs is booked with the end of its draft."""

    def __init__(self, jobs: WriteJobs, ring: Ring) -> None:
        self._jobs, self._ring = jobs, ring

    def wanted(self, object_name: str, *, create: bool, waiting: int) -> int:
        with _ringing(self._ring):
            return self._jobs.wanted(object_name, create=create, waiting=waiting)

    def draft(self, object_name: str, *, create: bool) -> AbstractContextManager[JobDraft]:
        return _ringing_after(self._jobs.draft(object_name, create=create), self._ring)

    def follow(self, job: WriteJob) -> JobProgress:
        with _ringing(self._ring):
            return self._jobs.follow(job)

    def results(self, job: WriteJob, progress: JobProgress) -> Iterator[list[JobRow]]:
        return _each(self._jobs.results(job, progress), self._ring)

    def abandon(self, job: WriteJob) -> None:
        with _ringing(self._ring):
            self._jobs.abandon(job)


@contextmanager
def _ringing(ring: Ring) -> Iterator[None]:
    try:
        yield
    finally:
        ring()


@contextmanager
def _ringing_after(context: AbstractContextManager[T], ring: Ring) -> Iterator[T]:
    with _ringing(ring), context as value:
        yield value


def _each(parts: Iterator[T], ring: Ring) -> Iterator[T]:
    """The same parts; the till is rung before each is given on, so that it is booked when its work begins.

    Whoever stops asking leaves nothing to book: parts are paid for when they come. The end that a forgotten iterator
    comes to may be long after its store was closed.
    """
    try:
        for part in parts:
            ring()
            yield part
    except GeneratorExit:
        raise
    except BaseException:
        ring()
        raise
    ring()
