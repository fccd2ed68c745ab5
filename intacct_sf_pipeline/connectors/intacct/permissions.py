"""What the user may do with a record, asked without doing it. Source: OpenAPI, core services, allowed-operations."""

from __future__ import annotations

from collections.abc import Mapping

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.client import IntacctClient
from intacct_sf_pipeline.model.errors import RecordNotFoundError, ValidationFailedError

_EDIT = "canEdit"


def may_edit(client: IntacctClient, object_name: str, key: str) -> bool | None:
    """Whether the user may change a record; None when the service does not know that question for this object."""
    call = Call("intacct", f"allowed operations {object_name}")
    body = {"object": object_name, "keys": [key], "operations": [_EDIT]}
    try:
        reply = client.ask(call, "/services/core/allowed-operations/list", body)
    except (ValidationFailedError, RecordNotFoundError):
        return None
    for entry in reply.result if isinstance(reply.result, list) else []:
        if isinstance(entry, Mapping) and str(entry.get("key")) == key:
            operations = entry.get("operations")
            return _EDIT in operations if isinstance(operations, list) else None
    return None
