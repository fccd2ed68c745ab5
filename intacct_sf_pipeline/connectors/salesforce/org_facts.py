"""What an administrator has switched on in the org and no describe tells.

Source: Object Reference, DuplicateRule.
"""

from __future__ import annotations

from collections.abc import Collection

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.salesforce.client import SalesforceClient
from intacct_sf_pipeline.connectors.salesforce.soql import one_of, select
from intacct_sf_pipeline.model.errors import PermissionDeniedError, RecordNotFoundError, ValidationFailedError


def duplicate_rules(client: SalesforceClient, objects: Collection[str]) -> tuple[str, ...] | None:
    """Names of the active duplicate rules on `objects`; None when the user may not see them."""
    conditions = ("IsActive = true", one_of("SobjectType", sorted(objects)))
    soql = select(("SobjectType", "MasterLabel"), "DuplicateRule", conditions, "SobjectType, MasterLabel")
    try:
        page, _ = client.query(Call("salesforce", "query DuplicateRule"), soql, deleted=False)
    except (PermissionDeniedError, RecordNotFoundError, ValidationFailedError):
        return None
    return tuple(f"{row.get('MasterLabel')} ({row.get('SobjectType')})" for row in page["records"])
