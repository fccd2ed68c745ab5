"""What both interfaces to Intacct share of `engine/ports.py`: everything but how a call looks on the wire."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from intacct_sf_pipeline.connectors.intacct.contact_writer import CONTACT, LIST, ContactWriter, Records
from intacct_sf_pipeline.connectors.intacct.entry_keys import replaced
from intacct_sf_pipeline.connectors.intacct.places import in_their_places
from intacct_sf_pipeline.connectors.intacct.reading import FeedReader
from intacct_sf_pipeline.connectors.meter import Meter, looking_up
from intacct_sf_pipeline.connectors.probe import Probe
from intacct_sf_pipeline.connectors.witness import ClockWitness
from intacct_sf_pipeline.model.clocks import Glance
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.records import Side, SourceRow
from intacct_sf_pipeline.model.results import ObjectSchema, Page, Quota, Spend, WriteOutcome, WriteRequest
from intacct_sf_pipeline.model.windows import Window


@dataclass(frozen=True)
class Parts:
    """What an interface is made of."""

    reader: FeedReader
    records: Records
    contacts: ContactWriter
    meter: Meter
    witness: ClockWitness
    write_batch: int
    at_once: int
    close: Callable[[], None]


class IntacctDoor:
    """One Intacct company through one of its interfaces; safe to share between threads. Implements
    `engine.ports.Connector`.
    """

    side = Side.INTACCT

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """See `FeedReader.read`. Columns the company does not have are left out (`missing_columns` tells which)."""
        pages = self._parts.reader.read(feed, columns, window)
        if feed.object != LIST or not window.full:
            return pages
        return (replace(page, all_of=replaced(page.rows, feed.key)) for page in pages)

    def lookup(self, feed: FeedSpec, columns: Sequence[str], by: str, values: Collection[str]) -> list[SourceRow]:
        """See `FeedReader.lookup`."""
        with looking_up():
            return self._parts.reader.lookup(feed, columns, by, values)

    def merged_into(self, feed: FeedSpec, keys: Collection[str]) -> Mapping[str, str]:  # noqa: ARG002 - the port's
        """See `Connector.merged_into`; Intacct merges nothing."""
        return {}

    def newest(self, feed: FeedSpec) -> datetime | None:
        """See `FeedReader.newest`."""
        with looking_up():
            return self._parts.reader.newest(feed)

    def describe(self, object_name: str) -> ObjectSchema:
        """Fields of an object as the service lists them; asked once."""
        return self._parts.reader.fields.schema(object_name)

    def missing_columns(self, feed: FeedSpec, columns: Sequence[str]) -> tuple[str, ...]:
        """See `FeedReader.missing_columns`."""
        return self._parts.reader.missing_columns(feed, columns)

    def probe(self, object_name: str, key: str) -> Probe:
        """See `FeedReader.probe`."""
        return self._parts.reader.probe(object_name, key)

    def may_edit(self, object_name: str, key: str) -> bool | None:  # noqa: ARG002 - one interface cannot tell
        """Whether the user may change that record, without trying; None where the interface does not tell."""
        return None

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        """Write records of one object, batch by batch; the next batch is sent when it is asked for.

        When the service cannot be worked with at all (throttled for too long, signed out), the batch ends with
        `not_sent` outcomes and the error is raised where the next batch would follow.

        Raises:
            ThrottledError: patience ended.
            TransientError: the service could not be reached.
            AuthenticationError: the credentials are refused.
        """
        size = self._parts.write_batch
        for start in range(0, len(requests), size):
            batch = requests[start : start + size]
            contacts = batch[0].object == CONTACT
            with looking_up():  # what is asked for in order to write
                result = in_their_places(batch, self._parts.contacts.write if contacts else self._parts.records.write)
            yield result.outcomes
            if result.fatal is not None:
                raise result.fatal

    def spend(self) -> Spend:
        """Transactions (records written and query pages) and requests so far. Source: transaction volume guide."""
        return self._parts.meter.spend()

    def quota(self) -> Quota | None:
        """Intacct bills what goes beyond the month's transactions instead of refusing it, and tells no count: None."""
        return None

    def glances(self) -> Sequence[Glance]:
        """See `ClockWitness.taken`."""
        return self._parts.witness.taken()

    def batch_size(self) -> int:
        """Records per write call."""
        return self._parts.write_batch

    def at_once(self) -> int:
        """Requests that may be open at this company at once, of all connectors in this process together."""
        return self._parts.at_once

    def goes_alone(self, request: WriteRequest) -> bool:  # noqa: ARG002 - not every interface needs it
        """Whether a record takes a request of its own."""
        return False

    def jobs(self) -> None:
        """Intacct has no jobs that write."""
        return

    def close(self) -> None:
        """Give the connections back."""
        self._parts.close()
