"""Sage Intacct over XML Web Services (DTD 3.0), behind the same interface as the REST connector.

Source throughout: the vendor's developer pages and published request schema; where these are silent, public clients,
named in each module.
"""

from intacct_sf_pipeline.connectors.intacct.xml.connector import IntacctXmlConnector
from intacct_sf_pipeline.connectors.intacct.xml.options import IntacctXmlOptions

__all__ = ["IntacctXmlConnector", "IntacctXmlOptions"]
