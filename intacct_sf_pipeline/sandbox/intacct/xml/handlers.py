"""The one table of functions this gateway knows: tag of the call -> its handler, and what its element must look like.

Both reads and writes enter here. A call whose tag is not in `HANDLERS` is a schema fault.
"""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.options import XmlOptions
from intacct_sf_pipeline.sandbox.intacct.xml.calls import Handler
from intacct_sf_pipeline.sandbox.intacct.xml.company_functions import COMPANY_CHECKS, COMPANY_HANDLERS
from intacct_sf_pipeline.sandbox.intacct.xml.query.request import check_lenient_query, check_query
from intacct_sf_pipeline.sandbox.intacct.xml.query.service import query
from intacct_sf_pipeline.sandbox.intacct.xml.read import read, read_by_name
from intacct_sf_pipeline.sandbox.intacct.xml.read_by_query.service import read_by_query, read_more
from intacct_sf_pipeline.sandbox.intacct.xml.read_checks import READ_CHECKS, check_read_by_query
from intacct_sf_pipeline.sandbox.intacct.xml.schema_check import Check, unexpected
from intacct_sf_pipeline.sandbox.intacct.xml.session_calls import get_api_session
from intacct_sf_pipeline.sandbox.intacct.xml.user_functions import (
    get_audit_trail,
    get_financial_setup,
    get_user_permissions,
    read_entity_details,
    read_user_formatting,
)
from intacct_sf_pipeline.sandbox.intacct.xml.write_table import (
    MODEL_CHECKS,
    MODEL_HANDLERS,
    WRITE_CHECKS,
    WRITE_HANDLERS,
)

READS: Mapping[str, Handler] = {
    "getAPISession": get_api_session,
    "query": query,
    "readByQuery": read_by_query,
    "readMore": read_more,
    "read": read,
    "readByName": read_by_name,
    "readUserFormatting": read_user_formatting,
    "readEntityDetails": read_entity_details,
    "getFinancialSetup": get_financial_setup,
    "getUserPermissions": get_user_permissions,
    "getAuditTrail": get_audit_trail,
    **COMPANY_HANDLERS,
    **MODEL_HANDLERS,
}
"""Functions that change nothing."""

WRITES: Mapping[str, Handler] = WRITE_HANDLERS
"""Functions that write records: `create`, `update`, `delete` and the legacy ones."""

HANDLERS: Mapping[str, Handler] = {**READS, **WRITES}

CHECKS: Mapping[str, Check] = {
    "query": check_query,
    **READ_CHECKS,
    **COMPANY_CHECKS,
    **MODEL_CHECKS,
    **WRITE_CHECKS,
}
"""Tag of a call -> findings of the schema about its element; a call without an entry may look as it likes."""


def check_function(call: Element, options: XmlOptions) -> list[str]:
    """Findings of the schema about one call."""
    if call.tag not in HANDLERS:
        return [unexpected(call.tag, ())]
    if call.tag == "query" and not options.bad_filter_siblings:
        return check_lenient_query(call)
    if call.tag == "readByQuery":
        return check_read_by_query(call, options.read_by_query_page)
    check = CHECKS.get(call.tag)
    return check(call) if check is not None else []
