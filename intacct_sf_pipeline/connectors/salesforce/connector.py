"""The Salesforce side of `engine/ports.py`: reads feeds, looks records up, describes objects, writes batches."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.meter import Meter, looking_up
from intacct_sf_pipeline.connectors.probe import Probe
from intacct_sf_pipeline.connectors.salesforce import notes, prices
from intacct_sf_pipeline.connectors.salesforce.bulk.api import BulkApi
from intacct_sf_pipeline.connectors.salesforce.bulk.cost import RESULT_PAGE, Costs
from intacct_sf_pipeline.connectors.salesforce.bulk.ingest import SalesforceJobs
from intacct_sf_pipeline.connectors.salesforce.bulk.kinds import EntryKinds
from intacct_sf_pipeline.connectors.salesforce.bulk.patience import Patience
from intacct_sf_pipeline.connectors.salesforce.bulk.query import BulkReader
from intacct_sf_pipeline.connectors.salesforce.client import SalesforceClient
from intacct_sf_pipeline.connectors.salesforce.describe import Describes
from intacct_sf_pipeline.connectors.salesforce.login import ClientCredentialsLogin, Login
from intacct_sf_pipeline.connectors.salesforce.merges import survivors
from intacct_sf_pipeline.connectors.salesforce.named import NamedRecords
from intacct_sf_pipeline.connectors.salesforce.notes import NotesReader
from intacct_sf_pipeline.connectors.salesforce.options import SalesforceOptions
from intacct_sf_pipeline.connectors.salesforce.org_facts import duplicate_rules
from intacct_sf_pipeline.connectors.salesforce.prices import PriceWriter
from intacct_sf_pipeline.connectors.salesforce.reader import Reader
from intacct_sf_pipeline.connectors.salesforce.soql import select
from intacct_sf_pipeline.connectors.salesforce.writer import RecordWriter, in_batches
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.model.clocks import Glance
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.records import Side, SourceRow
from intacct_sf_pipeline.model.results import ObjectSchema, Page, Quota, Spend, WriteOutcome, WriteRequest
from intacct_sf_pipeline.model.windows import Window


class SalesforceConnector:
    """One Salesforce org; safe to share between threads. Implements `engine.ports.Connector`."""

    side = Side.SALESFORCE

    def __init__(self, options: SalesforceOptions, timing: Timing | None = None, login: Login | None = None) -> None:
        timing = timing or Timing()
        self._options = options
        self._meter = Meter()
        self._client = SalesforceClient(options, login or ClientCredentialsLogin(options), timing, self._meter)
        self._describes = Describes(self._client)
        bulk, patience = BulkApi(self._client), Patience(budget=options.bulk_wait)
        costs = Costs(options.write_batch, options.query_batch, RESULT_PAGE, options.bulk_from_rows)
        by_job = BulkReader(bulk, self._describes, costs, timing, patience)
        self._reader = Reader(self._client, self._describes, options.lookup_chunk, by_job)
        self._notes = NotesReader(self._client, self._reader, timing, options.lookup_chunk)
        self._records = RecordWriter(self._client, self._describes, timing, options.lock_attempts)
        self._prices = PriceWriter(self._reader, self._records)
        self._named = NamedRecords(self._reader)
        kinds = EntryKinds(self._records, self._prices, self._named)
        self._jobs = SalesforceJobs(bulk, kinds, costs, timing, patience)

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """Rows of `feed` in `window` in the order of their stamps, deleted ones included, at least one page.

        An object without the feed's stamp is read in full. Columns the user cannot read are left out
        (`missing_columns` tells which). The feed of `ContentNote` has rows of its own kind, see `notes`.
        """
        return (
            self._notes.read(feed, columns, window)
            if feed.object == notes.OBJECT
            else self._reader.read(feed, columns, window)
        )

    def lookup(self, feed: FeedSpec, columns: Sequence[str], by: str, values: Collection[str]) -> list[SourceRow]:
        """Live rows whose column `by` is one of `values`, compared without case as the service does."""
        reader = self._notes if feed.object == notes.OBJECT else self._reader
        with looking_up():
            return reader.lookup(feed, columns, by, values)

    def newest(self, feed: FeedSpec) -> datetime | None:
        """The latest modification stamp among the rows of `feed`, deleted ones included, by one call of one row.

        None when there are no rows, or when the org has no enhanced notes and these are asked for.
        """
        with looking_up():
            return self._notes.newest(feed) if feed.object == notes.OBJECT else self._reader.newest(feed)

    def merged_into(self, feed: FeedSpec, keys: Collection[str]) -> Mapping[str, str]:
        """See `Connector.merged_into`; one call for a few hundred keys."""
        with looking_up():
            return survivors(self._reader, feed.object, keys) if keys else {}

    def describe(self, object_name: str) -> ObjectSchema:
        """Fields of an object as this user may read and write them; asked once."""
        return self._describes.of(object_name).schema

    def missing_columns(self, feed: FeedSpec, columns: Sequence[str]) -> tuple[str, ...]:
        """Those of `columns`, and of the feed's own key and stamps, that this user cannot read; parent paths are
        followed.
        """
        own = notes.OWN_COLUMNS if feed.object == notes.OBJECT else frozenset()
        wanted = dict.fromkeys(filter(None, (feed.key, *columns, feed.modified, feed.stamp)))
        return tuple(column for column in wanted if column not in own and not self._describes.has(feed.object, column))

    def probe(self, object_name: str, key: str) -> Probe:
        """One row of an object, by one call: proves that the user may query it.

        Raises:
            ServiceError: the user may not, or the query failed for another reason.
        """
        soql = select((key,), object_name, (), f"{key} LIMIT 1")
        page, at = self._client.query(Call("salesforce", f"probe {object_name}"), soql, deleted=False)
        rows = page["records"]
        return Probe(str(rows[0].get(key)) if rows else None, at)

    def may_edit(self, object_name: str, key: str) -> bool | None:  # noqa: ARG002 - told of the object, not of one row
        """Whether the user may change that record; None: describe tells it of the object."""
        return None

    def duplicate_rules(self, objects: Collection[str]) -> tuple[str, ...] | None:
        """See `org_facts.duplicate_rules`."""
        return duplicate_rules(self._client, objects)

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        """Write records of one object, batch by batch; the next batch is sent when it is asked for.

        When the service cannot be worked with at all (throttled for too long, quota used up, signed out), the batch
        ends with `not_sent` outcomes and the error is raised where the next batch would follow.

        Raises:
            QuotaExceededError: the calls of 24 hours are used up.
            ThrottledError: patience ended.
            TransientError: the service could not be reached.
            AuthenticationError: the credentials are refused.
        """
        for batch in in_batches(requests, self._options.write_batch):
            writer = self._prices if batch[0].object == prices.OBJECT else self._records
            with looking_up():  # what is asked for in order to write
                result = self._named.write(batch, writer.write)
            yield result.outcomes
            if result.fatal is not None:
                raise result.fatal

    def spend(self) -> Spend:
        """API calls and requests so far; signing in is a request but no API call. Source: Limits Reference."""
        return self._meter.spend()

    def glances(self) -> Sequence[Glance]:
        """See `ClockWitness.taken`."""
        return self._client.witness.taken()

    def quota(self) -> Quota | None:
        """The org's calls in the rolling 24 hours as last told by `Sforce-Limit-Info`; None before the first call."""
        return self._client.quota

    def batch_size(self) -> int:
        """Records per write call."""
        return self._options.write_batch

    def at_once(self) -> int:
        """Requests that may be open at this org at once, of all connectors in this process together."""
        return self._options.concurrency

    def goes_alone(self, request: WriteRequest) -> bool:  # noqa: ARG002 - the port's
        """No record does: a collection takes up to 200."""
        return False

    def jobs(self) -> SalesforceJobs:
        """Bulk API 2.0 ingest jobs; `wanted` tells when they are used."""
        return self._jobs

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def ping(self) -> None:
        """One cheap authenticated call; `quota` is known afterwards.

        Raises:
            ServiceError: the service cannot be reached or refuses the credentials.
        """
        self._client.get(Call("salesforce", "ping"), "limits/")
