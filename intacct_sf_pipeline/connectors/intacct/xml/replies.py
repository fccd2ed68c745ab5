"""Replies: from an HTTP response to the result of each function, or to the error that stands in its place.

Source: web services, responses and error handling. Read in this order: HTTP class, content, well-formed XML, control,
authentication, each result by its control id. A fault at one level hides everything below it; a result that is missing
is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

import requests

from intacct_sf_pipeline.connectors.http import Call, server_time
from intacct_sf_pipeline.connectors.intacct.xml.document import NotXmlError, parse, text_of
from intacct_sf_pipeline.connectors.intacct.xml.faults import (
    OFFLINE_WAIT,
    Chain,
    classify,
    read_chain,
    refused_control,
    refused_sign_in,
)
from intacct_sf_pipeline.connectors.retry import retry_after
from intacct_sf_pipeline.model.errors import OutcomeUnknownError, ServiceError, ThrottledError, TransientError


@dataclass(frozen=True)
class Result:
    """One function's result; `data` is its `data` element, `chain` its errors, the cause first."""

    status: str
    data: Element | None = None
    key: str = ""
    chain: Chain = ()

    @property
    def succeeded(self) -> bool:
        """Whether the function was carried out."""
        return self.status == "success"


@dataclass(frozen=True)
class Reply:
    """What came back: results by control id, the service's clock, how long the session lives after this call."""

    at: datetime
    results: Mapping[str, Result]
    life: timedelta | None = None

    def result(self, call: Call, control_id: str, wait: float) -> Result:
        """The result of one function that succeeded.

        Raises:
            ServiceError: it failed (classified by its whole chain), or there is none.
        """
        found = self.results.get(control_id)
        if found is None:
            raise missing(call)
        if not found.succeeded:
            raise classify(call, found.chain, wait)
        return found


def missing(call: Call) -> ServiceError:
    """The reply holds no result of a function: for a write its outcome is unknown."""
    reply = call.reply(200, "missing", "the reply holds no result of this function")
    return OutcomeUnknownError(reply) if call.write else TransientError(reply)


def understand(call: Call, response: requests.Response, now: datetime, wait: float) -> Reply:
    """The reply in `response`; `wait` are the seconds to wait when the service throttles and names no time.

    Raises:
        ServiceError: the request was refused as a whole, or its answer cannot be understood.
    """
    status, hint = response.status_code, retry_after(response.headers, now)
    wait = wait if hint is None else hint
    try:
        root = parse(response.content)
    except NotXmlError:
        raise _not_ours(call, response, wait) from None
    if root.tag != "response":
        raise _not_ours(call, response, wait)
    if status == 524:
        raise _lost(call, status, "the request took too long; it may still be at work")
    if text_of(root.find("control"), "status") != "success" or status >= 400:
        raise refused_control(call, read_chain(root), status, wait)
    operation = root.find("operation")
    if operation is None:
        raise refused_control(call, read_chain(root), status, wait) if read_chain(root) else missing(call)
    authentication = operation.find("authentication")
    if text_of(authentication, "status") == "failure":
        raise refused_sign_in(call, read_chain(operation), wait)
    results = {text_of(result, "controlid"): _result(result) for result in operation.findall("result")}
    return Reply(server_time(response.headers, now), results, _life(authentication))


def _result(element: Element) -> Result:
    status, chain = text_of(element, "status"), read_chain(element)
    return Result(status or ("failure" if chain else ""), element.find("data"), text_of(element, "key"), chain)


def _life(authentication: Element | None) -> timedelta | None:
    """How long a session lives after a call; by the service's own clock, since ours may differ."""
    try:
        began = datetime.fromisoformat(text_of(authentication, "sessiontimestamp"))
        ends = datetime.fromisoformat(text_of(authentication, "sessiontimeout"))
        return ends - began
    except (ValueError, TypeError):
        return None


def _not_ours(call: Call, response: requests.Response, wait: float) -> ServiceError:
    """An answer that is not the gateway's: an empty or cut-off body, a page of a proxy or of the CDN."""
    status = response.status_code
    if status == 429 or (not call.write and b"cf-error-details" in response.content[:200_000]):
        reply = call.reply(status, "unreadable", "a page that asks for patience came instead of a reply")
        return ThrottledError(reply, max(wait, OFFLINE_WAIT) if status != 429 else wait)
    return _lost(call, status, "the reply could not be understood")


def _lost(call: Call, status: int, message: str) -> ServiceError:
    reply = call.reply(status, "unreadable", message)
    return OutcomeUnknownError(reply) if call.write else TransientError(reply)
