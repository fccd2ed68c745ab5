"""Sage Intacct over its REST interface. Source throughout: the vendor's developer portal and OpenAPI files."""

from intacct_sf_pipeline.connectors.intacct.connector import IntacctConnector
from intacct_sf_pipeline.connectors.intacct.options import IntacctOptions

__all__ = ["IntacctConnector", "IntacctOptions"]
