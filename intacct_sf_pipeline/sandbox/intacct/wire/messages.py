"""Requests and replies as plain values, so that a composite step is handled exactly like a request of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from intacct_sf_pipeline.sandbox.faults.records import OPEN, RecordGate
from intacct_sf_pipeline.sandbox.intacct.state.sessions import Session


class KeyUse(Enum):
    """What becomes of an `Idempotency-Key`: heeded, ignored, or known but without its result."""

    HEEDED = "heeded"
    IGNORED = "ignored"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True)
class ApiRequest:
    """One authenticated request.

    Attributes:
        method: HTTP verb.
        path: below the base, such as `/objects/inventory-control/item/7`.
        session: who asks.
        query: query string members.
        headers: lower-case names.
        body: parsed JSON; None when absent.
        has_body: whether a body was sent.
        entity_key: the entity acted in; None for the top level.
        gate: knows of records the service is told to refuse.
        keys: how the idempotency key is taken, as the service is told.
    """

    method: str
    path: str
    session: Session
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    has_body: bool = False
    entity_key: str | None = None
    gate: RecordGate = OPEN
    keys: KeyUse = KeyUse.HEEDED

    def step(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> "ApiRequest":
        """A composite step: same caller, other request."""
        bare, _, query = path.partition("?")
        pairs = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
        return replace(
            self, method=method, path=bare, query=pairs, body=body, has_body=body is not None, headers=headers
        )


@dataclass(frozen=True)
class Reply:
    """One answer: HTTP status, JSON body (None for none), extra headers."""

    status: int
    body: dict[str, object] | list[object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
