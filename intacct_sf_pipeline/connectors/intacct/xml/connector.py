"""The Intacct side of `engine/ports.py` over XML Web Services."""

from __future__ import annotations

from intacct_sf_pipeline.connectors.intacct.base import IntacctDoor, Parts
from intacct_sf_pipeline.connectors.intacct.contact_writer import ContactWriter
from intacct_sf_pipeline.connectors.intacct.paging import Pager
from intacct_sf_pipeline.connectors.intacct.reading import FeedReader
from intacct_sf_pipeline.connectors.intacct.xml.client import XmlClient
from intacct_sf_pipeline.connectors.intacct.xml.contact_lists import XmlContactLists
from intacct_sf_pipeline.connectors.intacct.xml.model import XmlModels
from intacct_sf_pipeline.connectors.intacct.xml.options import IntacctXmlOptions
from intacct_sf_pipeline.connectors.intacct.xml.pages import XmlPages
from intacct_sf_pipeline.connectors.intacct.xml.stock import Figures
from intacct_sf_pipeline.connectors.intacct.xml.writer import XmlRecordWriter
from intacct_sf_pipeline.connectors.meter import Meter
from intacct_sf_pipeline.connectors.timing import Timing


class IntacctXmlConnector(IntacctDoor):
    """One Intacct company over XML Web Services."""

    def __init__(self, options: IntacctXmlOptions, timing: Timing | None = None) -> None:
        self._options = options
        meter = Meter()
        self._client = XmlClient(options, timing or Timing(), meter)
        models = XmlModels(self._client)
        pages = XmlPages(self._client, models, Figures(self._client, models))
        pager = Pager(pages, options.page_size, options.page_by_key)
        records = XmlRecordWriter(self._client, models, pager, meter)
        contacts = ContactWriter(records, XmlContactLists(records, pager), pager)
        reader = FeedReader(pager, models, options.lookup_chunk)
        super().__init__(Parts(reader, records, contacts, meter, options.write_batch, self._client.close))

    def ping(self) -> None:
        """One cheap authenticated call, not billed.

        Raises:
            ServiceError: the service cannot be reached or refuses the credentials.
        """
        self._client.user_formats()
