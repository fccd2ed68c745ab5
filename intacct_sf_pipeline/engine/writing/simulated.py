"""A connector that reads for real and writes nothing: what a plan is rehearsed with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count

from intacct_sf_pipeline.engine.ports import Connector
from intacct_sf_pipeline.engine.writing.job_ports import WriteJobs
from intacct_sf_pipeline.model.clocks import Glance
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.records import SourceRow
from intacct_sf_pipeline.model.results import ObjectSchema, Page, Quota, Spend, WriteOutcome, WriteRequest, WriteStatus
from intacct_sf_pipeline.model.windows import Window

_NEW = "new-"


class SimulatedConnector:
    """Passes reads on to `connector`; every write succeeds at once, new records get keys that exist nowhere."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._numbers = count(1)
        self.side = connector.side

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """See `Connector.read`."""
        return self._connector.read(feed, columns, window)

    def lookup(self, feed: FeedSpec, columns: Sequence[str], by: str, values: Collection[str]) -> list[SourceRow]:
        """See `Connector.lookup`; records that were only simulated are not found."""
        real = [value for value in values if not value.startswith(_NEW)]
        return self._connector.lookup(feed, columns, by, real) if real else []

    def newest(self, feed: FeedSpec) -> datetime | None:
        """See `Connector.newest`."""
        return self._connector.newest(feed)

    def merged_into(self, feed: FeedSpec, keys: Collection[str]) -> Mapping[str, str]:
        """See `Connector.merged_into`."""
        return self._connector.merged_into(feed, keys)

    def describe(self, object_name: str) -> ObjectSchema:
        """See `Connector.describe`."""
        return self._connector.describe(object_name)

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        """Answer as if everything had been written."""
        yield [
            WriteOutcome(
                request.ref,
                WriteStatus.WRITTEN,
                key=request.key or f"{_NEW}{next(self._numbers)}",
                id=request.natural_id,
            )
            for request in requests
        ]

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
        """One: it takes no time."""
        return 1

    def goes_alone(self, request: WriteRequest) -> bool:  # noqa: ARG002 - the port's
        """No record does."""
        return False

    def jobs(self) -> WriteJobs | None:
        """None: what is only simulated needs no job."""
        return None
