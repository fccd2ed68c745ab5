"""One call to Intacct: signed, timed, retried where that is safe, counted, its errors typed.

Source: HTTP headers and error handling guides.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import requests

from intacct_sf_pipeline.connectors.http import Call, PatientAdapter, open_session, server_time, transport_error
from intacct_sf_pipeline.connectors.intacct.advice import ENTITY, REFUSED_AGAIN
from intacct_sf_pipeline.connectors.intacct.faults import RESULT, find_error, refusal, unreadable
from intacct_sf_pipeline.connectors.intacct.options import IntacctOptions
from intacct_sf_pipeline.connectors.intacct.places import place_or
from intacct_sf_pipeline.connectors.intacct.throttling import explained
from intacct_sf_pipeline.connectors.intacct.token import TokenSource
from intacct_sf_pipeline.connectors.meter import Meter
from intacct_sf_pipeline.connectors.retry import RetryPolicy, retry_after
from intacct_sf_pipeline.connectors.slots import PROCESS_SLOTS
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.connectors.values import Json, dump_json, load_json
from intacct_sf_pipeline.model.errors import (
    AuthenticationError,
    PermissionDeniedError,
    ServiceError,
    ValidationFailedError,
)
from intacct_sf_pipeline.model.spend import CallKind

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reply:
    """A reply that was understood: status, parsed body and the service's clock."""

    status: int
    body: Mapping[str, Json]
    at: datetime

    @property
    def result(self) -> Json:
        """What stands under `ia::result`."""
        return self.body.get(RESULT)

    @property
    def meta(self) -> Mapping[str, Json]:
        """What stands under `ia::meta`; empty when the service leaves it out."""
        meta = self.body.get("ia::meta")
        return meta if isinstance(meta, Mapping) else {}


@dataclass(frozen=True)
class _Request:
    """What is sent, apart from the token."""

    method: str
    path: str
    content: bytes | None = None
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None


def _kind(call: Call, request: _Request) -> CallKind:
    """What a request is counted as."""
    if call.write:
        return CallKind.WRITE
    return CallKind.DESCRIBE if request.path.endswith("/model") else CallKind.READ


class IntacctClient:
    """Sends JSON calls to paths under the base address."""

    def __init__(self, options: IntacctOptions, timing: Timing, meter: Meter) -> None:
        self._options, self._timing, self._meter = options, timing, meter
        adapter = PatientAdapter(options.http)
        self._session, self.witness = open_session(options.base_url, adapter), adapter.witness
        self._retry = RetryPolicy(options.http.retry, timing)
        self._slots = PROCESS_SLOTS.of(options.base_url, options.tenant, options.concurrency)
        self._tokens = TokenSource(options, self._session, timing, meter, self._slots)

    def get(self, call: Call, path: str, params: Mapping[str, str]) -> Reply:
        """Read `path`."""
        return self._call(call, _Request("GET", path, params=params))

    def query(self, call: Call, body: Mapping[str, object]) -> Reply:
        """One page of the query service; the vendor bills it as one transaction."""
        reply = self._call(call, _Request("POST", "/services/core/query", dump_json(body)))
        self._meter.bill(1)
        return reply

    def ask(self, call: Call, path: str, body: Mapping[str, object]) -> Reply:
        """Ask a service that takes its question in a body and changes nothing; not billed."""
        return self._call(call, _Request("POST", path, dump_json(body)))

    def write(self, call: Call, method: str, path: str, body: object, idempotency_key: str) -> Reply:
        """Create or change records; a reply with an array of results comes back whatever its status.

        Raises:
            OutcomeUnknownError: the call was sent and no understandable answer came back.
        """
        return self._call(call, _Request(method, path, dump_json(body), headers={"Idempotency-Key": idempotency_key}))

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def _call(self, call: Call, request: _Request) -> Reply:
        return self._retry.call(lambda: self._signed(call, request))

    def _signed(self, call: Call, request: _Request) -> Reply:
        """One call with the present token and, when that is refused, one more with a new one."""
        token = self._tokens.token()
        try:
            return self._once(call, request, token)
        except AuthenticationError:
            logger.info("intacct %s: token refused, signing in again", call.operation)
        token = self._tokens.renew(token)
        try:
            return self._once(call, request, token)
        except AuthenticationError as error:
            raise AuthenticationError(error.reply, cure=REFUSED_AGAIN) from None

    def _once(self, call: Call, request: _Request, token: str) -> Reply:
        self._meter.request(_kind(call, request))
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "Content-Type": "application/json"}
        headers.update(request.headers or {})
        if entity := place_or(self._options.entity_id):
            headers["X-IA-API-Param-Entity"] = entity
        url = self._options.base_url + request.path
        try:
            with self._slots.taken():
                response = self._session.request(
                    request.method, url, data=request.content, params=request.params, headers=headers
                )
        except requests.RequestException as error:
            raise transport_error(error, call) from None
        return self._understood(call, response)

    def _understood(self, call: Call, response: requests.Response) -> Reply:
        status = response.status_code
        try:
            body = load_json(response.content)
        except ValueError:
            body = None
        if isinstance(body, Mapping):
            batch = call.write and isinstance(body.get(RESULT), list)
            if batch or (200 <= status < 300 and find_error(body) is None):
                return Reply(status, body, server_time(response.headers, self._timing.clock()))
        if 200 <= status < 400 and find_error(body) is None:
            raise unreadable(call, status)
        hint = retry_after(response.headers, self._timing.clock())
        wait = hint if hint is not None else self._options.throttle_wait
        # A proxy's page may name a time too, but cannot tell whether the service behind it was reached.
        throttled = hint is not None and isinstance(body, Mapping)
        error = refusal(call, status, find_error(body), retry_after=wait, overload=throttled)
        error = explained(error, response.headers, self._timing.clock())
        if isinstance(error, PermissionDeniedError | ValidationFailedError) and self._is_about_the_entity(error):
            raise type(error)(error.reply, cure=ENTITY)
        raise error

    def _is_about_the_entity(self, error: ServiceError) -> bool:
        """Whether a call was refused for the entity it was made in. UNCONFIRMED: the vendor's text is not known."""
        entity = place_or(self._options.entity_id)
        return bool(entity) and f"{entity} is not a valid entity" in error.reply.message
