"""Whether the user may view the audit trail, from which deletions are known.

Source: audit trails (`AUDITHISTORY` needs the right to view custom reports, Platform Services); the reference, 8.4 (the
refusal has no error number).
"""

from __future__ import annotations

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.xml.client import XmlClient
from intacct_sf_pipeline.connectors.intacct.xml.document import element


def probe_audit_trail(client: XmlClient) -> None:
    """One row of `AUDITHISTORY`.

    Raises:
        ServiceError: it cannot be read.
    """
    condition = element("equalto", None, element("field", "OBJECTTYPE"), element("value", "customer"))
    asked = element(
        "query",
        None,
        element("object", "AUDITHISTORY"),
        element("select", None, element("field", "ID")),
        element("filter", None, condition),
        element("pagesize", "1"),
    )
    client.ask(Call("intacct", "probe AUDITHISTORY"), asked)
