"""Salesforce over its REST API, on the session and calls of simple-salesforce."""

from intacct_sf_pipeline.connectors.salesforce.connector import SalesforceConnector
from intacct_sf_pipeline.connectors.salesforce.options import SalesforceOptions

__all__ = ["SalesforceConnector", "SalesforceOptions"]
