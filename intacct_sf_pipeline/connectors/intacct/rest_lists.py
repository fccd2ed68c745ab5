"""Contact lists by PATCH of the customer. Source: owned lists guide: elements are added, changed by key, or deleted by
key and operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.contact_writer import CUSTOMER, ListGroup, customer_request
from intacct_sf_pipeline.connectors.intacct.writer import RecordWriter
from intacct_sf_pipeline.connectors.outcomes import BatchResult, send_isolated
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest


@dataclass(frozen=True)
class RestContactLists:
    """Changes contact lists over REST. Implements `contact_writer.ContactLists`."""

    records: RecordWriter

    def change(self, groups: Sequence[ListGroup], requests: Mapping[str, WriteRequest], step: str) -> BatchResult:
        """See `ContactLists.change`; each group is one customer, named in the batch by a request of its own."""
        call = Call("intacct", f"update contact list of {CUSTOMER}", write=True)
        by_ref = {group.customer_key: group for group in groups}
        wanted = [customer_request(group, requests) for group in groups]

        def send(part: Sequence[WriteRequest]) -> list[WriteOutcome]:
            bodies = [{"key": r.key, "contactList": [c.element for c in by_ref[r.ref].changes]} for r in part]
            return self.records.send(call, "PATCH", part, bodies, step)

        return send_isolated(wanted, send)
