"""The Intacct side of `engine/ports.py` over REST."""

from __future__ import annotations

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.base import IntacctDoor, Parts
from intacct_sf_pipeline.connectors.intacct.client import IntacctClient
from intacct_sf_pipeline.connectors.intacct.contact_writer import ContactWriter
from intacct_sf_pipeline.connectors.intacct.model import Models
from intacct_sf_pipeline.connectors.intacct.options import IntacctOptions
from intacct_sf_pipeline.connectors.intacct.paging import Pager
from intacct_sf_pipeline.connectors.intacct.permissions import may_edit
from intacct_sf_pipeline.connectors.intacct.reading import FeedReader
from intacct_sf_pipeline.connectors.intacct.rest_lists import RestContactLists
from intacct_sf_pipeline.connectors.intacct.rest_pages import RestPages
from intacct_sf_pipeline.connectors.intacct.writer import RecordWriter
from intacct_sf_pipeline.connectors.meter import Meter
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.model.results import WriteRequest


class IntacctConnector(IntacctDoor):
    """One Intacct company over REST. Deleted records are not told of by this interface."""

    def __init__(self, options: IntacctOptions, timing: Timing | None = None) -> None:
        self._options = options
        meter = Meter()
        self._client = IntacctClient(options, timing or Timing(), meter)
        models = Models(self._client)
        records = RecordWriter(self._client, models, meter)
        pager = Pager(RestPages(self._client), options.page_size, options.page_by_key)
        contacts = ContactWriter(records, RestContactLists(records), pager)
        reader = FeedReader(pager, models, options.lookup_chunk)
        client = self._client
        sizes = (options.write_batch, options.concurrency)
        super().__init__(Parts(reader, records, contacts, meter, client.witness, *sizes, client.close))

    def goes_alone(self, request: WriteRequest) -> bool:
        """A record that Intacct numbers itself does: see `RecordWriter.write`."""
        return request.create and request.natural_id is None

    def may_edit(self, object_name: str, key: str) -> bool | None:
        """See `permissions.may_edit`."""
        return may_edit(self._client, object_name, key)

    def ping(self) -> None:
        """One cheap authenticated call, not billed.

        Raises:
            ServiceError: the service cannot be reached or refuses the credentials.
        """
        self._client.get(Call("intacct", "ping"), "/services/core/model", {"name": "accounts-receivable/customer"})
