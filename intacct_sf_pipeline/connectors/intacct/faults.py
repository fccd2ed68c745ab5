"""What Intacct says when it refuses, read from every shape its errors come in, and which of our errors that is.

Source: error handling guide; observed traffic. The extraction order is `ia::result.ia::error`, `ia::error`,
`error`, the body itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.values import Json, text
from intacct_sf_pipeline.model.errors import (
    AuthenticationError,
    DuplicateRecordError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RecordNotFoundError,
    ServiceError,
    ServiceReply,
    ThrottledError,
    TransientError,
    ValidationFailedError,
)

ERROR = "ia::error"
RESULT = "ia::result"
_LOCKED = re.compile(r"locked by another|try again later|record_is_locked")
"""How Intacct says that somebody else has the record open. UNCONFIRMED for REST: the texts are those of the XML API."""
DUPLICATE_TEXT = "another record with the value"
_TOKEN_TEXTS = ("invalid token", "token is not valid", "tokeninvalid")
_TOKEN_CODES = frozenset({"tokenInvalid", "GW-0031", "GW-0034"})
_CODE_STATUS = {
    "unauthorizedUser": 403,
    "GW-0042": 403,
    "notFound": 404,
    "GW-0010": 429,
    "GW-0001": 500,
    "unprocessed": 0,
}
_NO_STATUS = 422
_RIGHTS = (
    "give the user of INTACCT_USERNAME the permission for this object and operation"
    " (Company > Admin > Web Services users > the user > Roles or Permissions)"
)


@dataclass(frozen=True)
class Fault:
    """One error as Intacct words it; `messages` starts with the cause where the service names one in its details."""

    codes: tuple[str, ...]
    messages: tuple[str, ...]
    reference: str = ""
    fields: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """All codes and messages in lower case, to be searched."""
        return " ".join((*self.codes, *self.messages)).lower()


def find_error(body: Json) -> Json:
    """The error inside a reply body; None when there is none."""
    if isinstance(body, list):
        return next((found for found in map(find_error, body) if found), None)
    if not isinstance(body, Mapping):
        return None
    result = body.get(RESULT)
    if isinstance(result, Mapping) and result.get(ERROR):
        return result[ERROR]
    for name in (ERROR, "error"):
        if body.get(name):
            return body[name]
    return body if "code" in body and ("message" in body or "supportId" in body) else None


def read_fault(error: Json) -> Fault:
    """A `Fault` from an error object, a list of them, or a bare text."""
    if isinstance(error, list):
        return _joined([read_fault(one) for one in error])
    if not isinstance(error, Mapping):
        return Fault((text(error),), (text(error),))
    inner = [read_fault(one) for one in _details(error.get("details"))]
    own = Fault(
        codes=_present(error.get("errorId"), error.get("code")),
        messages=_present(error.get("message"), error.get("error_description")),
        reference=text(error.get("supportId")) or _request_id(error.get("details")),
        fields=tuple(_fields(error)),
    )
    return _joined([*inner, own])


def _details(details: Json) -> list[Json]:
    if isinstance(details, list):
        return details
    if isinstance(details, str) and details:
        return [{"message": details}]
    if isinstance(details, Mapping) and ("message" in details or "code" in details):
        return [details]
    return []


def _request_id(details: Json) -> str:
    return text(details.get("requestId")) if isinstance(details, Mapping) else ""


def _fields(error: Mapping[str, Json]) -> Iterator[str]:
    target = error.get("target")
    if isinstance(target, str) and target:
        yield target.strip("/").replace("/", ".")
    info = error.get("additionalInfo")
    holders = info.get("placeholders") if isinstance(info, Mapping) else None
    if isinstance(holders, Mapping):
        for name in ("FIELD", "FIELD_PATH"):
            if isinstance(holders.get(name), str):
                yield text(holders[name])


def _joined(faults: list[Fault]) -> Fault:
    return Fault(
        codes=tuple(dict.fromkeys(code for fault in faults for code in fault.codes)),
        messages=tuple(dict.fromkeys(message for fault in faults for message in fault.messages)),
        reference=next((fault.reference for fault in reversed(faults) if fault.reference), ""),
        fields=tuple(dict.fromkeys(name for fault in faults for name in fault.fields)),
    )


def _present(*values: Json) -> tuple[str, ...]:
    return tuple(text(value) for value in values if value not in (None, "") and not isinstance(value, Mapping | list))


def refusal(
    call: Call, status: int, error: Json, *, retry_after: float | None = None, overload: bool = False
) -> ServiceError:
    """The typed error for a refused call or for one refused record of a batch.

    Args:
        call: what was being done.
        status: HTTP status of the call, or `ia::status` of the record; a status below 300 is replaced by what the
            code implies.
        error: the error object found, or None.
        retry_after: seconds the service asked to wait.
        overload: whether a 503 is a throttle answer, given before anything was done.
    """
    fault = read_fault(error)
    status = status if status >= 300 else next((_CODE_STATUS[c] for c in fault.codes if c in _CODE_STATUS), _NO_STATUS)
    code = fault.codes[0] if fault.codes else ""
    message = "; ".join(fault.messages) or f"the service answered HTTP {status}"
    reply = call.reply(status, code, message, fault.reference, fault.fields)
    if status in {400, 401} and is_token_fault(status, fault):
        return AuthenticationError(reply)
    if status == 429 or "GW-0010" in fault.codes or (status == 503 and overload):
        return ThrottledError(reply, retry_after)
    return _by_status(call, status, fault, reply)


def _by_status(call: Call, status: int, fault: Fault, reply: ServiceReply) -> ServiceError:
    if status == 403:
        return PermissionDeniedError(reply, cure=_RIGHTS)
    if DUPLICATE_TEXT in fault.words:
        return DuplicateRecordError(reply)
    if status == 404:
        return RecordNotFoundError(reply)
    if status == 409 and call.write and "idempot" in fault.words:
        return OutcomeUnknownError(reply, cure="an earlier call with the same key exists: look the record up")
    if status == 0 or (status == 422 and _LOCKED.search(fault.words)):
        return TransientError(reply)
    if status >= 500:
        return OutcomeUnknownError(reply) if call.write else TransientError(reply)
    return ValidationFailedError(reply)


def is_token_fault(status: int, fault: Fault) -> bool:
    """Whether the access token was refused: any 401, and a 400 whose text says so. Source: the vendor's Python SDK."""
    return (
        status == 401
        or bool(_TOKEN_CODES.intersection(fault.codes))
        or any(words in fault.words for words in _TOKEN_TEXTS)
    )


def unreadable(call: Call, status: int | None) -> ServiceError:
    """A reply that is not what the service sends (a proxy's page, a cut-off body): for a write the outcome is
    unknown.
    """
    reply = call.reply(status, "unreadable", "the reply could not be understood")
    return OutcomeUnknownError(reply) if call.write else TransientError(reply)
