# ruff: noqa: ARG002 - the methods take what the interface gives them
"""A connector that gives the rows of an invented company straight from memory, page by page, and refuses to write.

So that what is measured is the staging database and the engine, not a service or a network.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks import world
from intacct_sf_pipeline.engine.writing.job_ports import WriteJobs
from intacct_sf_pipeline.model.clocks import Glance
from intacct_sf_pipeline.model.mapping import FeedSpec, SyncMapping
from intacct_sf_pipeline.model.records import Scalar, Side, SourceRow
from intacct_sf_pipeline.model.results import ColumnSchema, ObjectSchema, Page, Quota, Spend, WriteOutcome, WriteRequest
from intacct_sf_pipeline.model.windows import Window

PAGE = 2000
_NESTED = ("contacts.default.mailingAddress.country", "contacts.default.printAs")
_BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass
class Replay:
    """One side of a company of `accounts` linked accounts; `edition` above 0 gives every account another phone."""

    side: Side
    accounts: int
    mapping: SyncMapping
    edition: int = 0

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """All accounts of this side; other feeds are empty."""
        now = datetime.now(UTC)
        if feed.name not in {"customers", "accounts"}:
            yield Page((), now, 0)
            return
        for begin in range(0, self.accounts, PAGE):
            rows = tuple(self._row(n, columns) for n in range(begin, min(begin + PAGE, self.accounts)))
            yield Page(rows, now, self.accounts)

    def lookup(self, feed: FeedSpec, columns: Sequence[str], by: str, values: Collection[str]) -> list[SourceRow]:
        """Nothing is looked up."""
        return []

    def describe(self, object_name: str) -> ObjectSchema:
        """Every mapped column is there and writable."""
        feed = next(one for one in self.mapping.used_feeds() if one.side is self.side and one.object == object_name)
        names = {*self.mapping.columns(feed), *_NESTED}
        return ObjectSchema(object_name, {name: ColumnSchema(name, "string", 255) for name in names})

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        """Nothing is written."""
        return iter(())

    def spend(self) -> Spend:
        """Nothing is spent."""
        return Spend()

    def glances(self) -> Sequence[Glance]:
        """No clock is seen."""
        return ()

    def quota(self) -> Quota | None:
        """No allowance."""
        return None

    def newest(self, feed: FeedSpec) -> datetime | None:
        """Unknown."""
        return None

    def merged_into(self, feed: FeedSpec, keys: Collection[str]) -> Mapping[str, str]:
        """Nothing was merged."""
        return {}

    def batch_size(self) -> int:
        """As Salesforce's collections."""
        return 200

    def at_once(self) -> int:
        """One call at a time."""
        return 1

    def goes_alone(self, request: WriteRequest) -> bool:
        """No record does."""
        return False

    def jobs(self) -> WriteJobs | None:
        """None."""
        return None

    def _row(self, n: int, columns: Sequence[str]) -> SourceRow:
        values = world.customer_values(n) if self.side is Side.INTACCT else world.account_values(n, self.edition)
        row: dict[str, Scalar] = {column: values.get(column) for column in columns}
        key = str(values["key"] if self.side is Side.INTACCT else values["Id"])
        return SourceRow(key, row, _BEGAN + timedelta(hours=self.edition))
