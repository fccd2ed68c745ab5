"""What an org needs before the first sync, as source-format metadata: from the mapping to files, without any call.

It stands beside the connector because its formats are Salesforce's; it knows the mapping and nothing else.
"""

from intacct_sf_pipeline.connectors.salesforce.metadata.project import Project, build_project

__all__ = ["Project", "build_project"]
