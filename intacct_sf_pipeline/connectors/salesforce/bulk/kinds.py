"""Which kind of row a record is: told by the request when a job is made, by the job when its results are read."""

from __future__ import annotations

from intacct_sf_pipeline.connectors.salesforce.bulk.rows import BY_JOB, PRICES, Entry
from intacct_sf_pipeline.connectors.salesforce.named import NamedRecords
from intacct_sf_pipeline.connectors.salesforce.prices import PriceWriter
from intacct_sf_pipeline.connectors.salesforce.writer import RecordWriter
from intacct_sf_pipeline.model.errors import ServiceError
from intacct_sf_pipeline.model.results import WriteRequest

_PRODUCT = "Product2Id"
_ID = "Id"


class EntryKinds:
    """The kinds of rows of one org."""

    def __init__(self, records: RecordWriter, prices: PriceWriter, named: NamedRecords) -> None:
        self._records, self._prices, self._named = records, prices, named

    def resolved(self, request: WriteRequest) -> WriteRequest | None:
        """See `NamedRecords.resolved`; None as well when the org cannot be asked: a single call tells why."""
        try:
            return self._named.resolved(request)
        except ServiceError:
            return None

    def of_request(self, request: WriteRequest) -> Entry | None:
        """How a record is entered; None when records such as this one go by single calls.

        New records need an external id: without one a result could not be told from another.
        """
        if request.object not in BY_JOB:
            return None
        if request.create and request.object != PRICES:
            field = self._records.external_field(request)
            return None if field is None else self.of_job(request.object, create=True, external_field=field)
        return self.of_job(request.object, create=request.create, external_field=None)

    def of_job(self, object_name: str, *, create: bool, external_field: str | None) -> Entry:
        """How the rows of a job are read."""
        if not create:
            return Entry(object_name, "update", _ID)
        if external_field is not None:
            return Entry(object_name, "upsert", external_field, external_field)
        return Entry(object_name, "insert", _PRODUCT, placed=self._prices.standard_entry)
