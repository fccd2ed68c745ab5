"""The answer to a write, record by record. Source: batch guide: results stand in request order and are matched by
position.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.client import Reply
from intacct_sf_pipeline.connectors.intacct.faults import ERROR, refusal, unreadable
from intacct_sf_pipeline.connectors.outcomes import outcome_of
from intacct_sf_pipeline.connectors.values import Json
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus


def read_outcomes(call: Call, requests: Sequence[WriteRequest], reply: Reply) -> list[WriteOutcome]:
    """One outcome per request.

    Raises:
        OutcomeUnknownError: the number of results is not that of the requests, so that they cannot be told apart.
    """
    result = reply.result
    elements = [result] if isinstance(result, Mapping) and len(requests) == 1 else result
    if not isinstance(elements, list) or len(elements) != len(requests):
        raise unreadable(call, reply.status)
    return [_outcome(call, request, element, reply.status) for request, element in zip(requests, elements, strict=True)]


def _outcome(call: Call, request: WriteRequest, element: Json, http_status: int) -> WriteOutcome:
    if not isinstance(element, Mapping):
        return outcome_of(request, unreadable(call, http_status))
    status = _status(element.get("ia::status"), http_status)
    error = element.get(ERROR)
    if error or status >= 300:
        return outcome_of(request, refusal(call, status, error))
    key = str(element.get("key") or request.key or "") or None
    if key is None:
        return outcome_of(request, unreadable(call, http_status))
    name = element.get("id") or request.natural_id
    return WriteOutcome(request.ref, WriteStatus.WRITTEN, key=key, id=str(name) if name is not None else None)


def _status(value: Json, http_status: int) -> int:
    """`ia::status` of an element; a successful one may leave it out, also where a neighbour failed."""
    try:
        return int(str(value))
    except ValueError:
        return http_status if http_status < 300 else 207


def batch_key(requests: Sequence[WriteRequest], step: str) -> str:
    """The idempotency key of one call: that of its only record, else a digest of all; `step` tells calls for one
    record apart.

    Source: idempotency guide: at most 256 characters, bound to one body. Records without a key get a random one.
    """
    keys = [request.idempotency_key for request in requests]
    if not all(keys):
        return str(uuid.uuid4())
    if len(keys) == 1 and len(keys[0]) + len(step) < 256:
        return f"{keys[0]}.{step}"
    return f"{hashlib.sha256('|'.join(keys).encode()).hexdigest()}.{step}"
