"""What Salesforce says when it refuses, and which of our errors that is. Decided by `errorCode`, not by status.

Source: REST Guide "Status Codes and Error Responses"; codes of the partner WSDL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.salesforce.field_access import access_cure, blamed
from intacct_sf_pipeline.connectors.values import text
from intacct_sf_pipeline.model.errors import (
    AuthenticationError,
    DuplicateRecordError,
    OutcomeUnknownError,
    PermissionDeniedError,
    QuotaExceededError,
    RecordNotFoundError,
    ServiceError,
    ServiceReply,
    ThrottledError,
    TransientError,
    ValidationFailedError,
)

LOCKED: Final = "UNABLE_TO_LOCK_ROW"
EXPIRED: Final = "INVALID_SESSION_ID"
SEVERAL: Final = "DUPLICATE_EXTERNAL_ID"
_NO_EFFECT: Final = frozenset(
    {"SERVER_UNAVAILABLE", LOCKED, "QUERY_TIMEOUT", "ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED"}
)
_MAYBE_DONE: Final = frozenset({"REQUEST_RUNNING_TOO_LONG", "UNKNOWN_EXCEPTION"})
_RIGHTS: Final = frozenset(
    {
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
        "TXN_SECURITY_METERING_ERROR",
    }
)
_GONE: Final = frozenset({"NOT_FOUND", "ENTITY_IS_DELETED", "INVALID_TYPE"})
_ALREADY_IN_BOOK: Final = "already exists in this price book"
_CURES: Final[Mapping[str, str]] = {
    "UNSUPPORTED_API_VERSION": "set SALESFORCE_API_VERSION to a version the org supports",
    "API_DISABLED_FOR_ORG": (
        "the API is not part of this org's edition, or switched off: ask Salesforce to enable it"
        " (Setup > Company Information names the edition); check SALESFORCE_LOGIN_URL"
    ),
    "API_CURRENTLY_DISABLED": (
        "give the user that is signed in the permission API Enabled"
        " (Setup > Users > the integration user > Permission Set Assignments)"
    ),
    "TXN_SECURITY_METERING_ERROR": (
        "a transaction security policy is too slow: exempt the integration user (Setup > Transaction Security Policies)"
    ),
}


_GRANT: Final = (
    "an administrator has to grant this to the integration user"
    " (Setup > Permission Sets > the integration's > Object Settings)"
)


def error_items(content: object) -> list[Mapping[str, object]]:
    """The error objects of a body, which is a list of them, one alone, or text."""
    if isinstance(content, bytes | bytearray):
        content = content.decode("utf-8", "replace")
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except ValueError:
            return []
    if isinstance(content, Mapping):
        return [content]
    return [item for item in content if isinstance(item, Mapping)] if isinstance(content, list) else []


def error_code(item: Mapping[str, object]) -> str:
    """`errorCode` of a single call, `statusCode` of a collections item, or `error` of the token endpoint."""
    return text(item.get("errorCode") or item.get("statusCode") or item.get("error"))


def refusal(call: Call, status: int, items: list[Mapping[str, object]]) -> ServiceError:
    """The typed error for a call refused with HTTP `status` and the error objects of its body."""
    reply = _reply(call, status, items)
    code = reply.code
    if status == 300:
        several = call.reply(
            status, SEVERAL, "several records carry this external id; merge or correct them in Salesforce"
        )
        return ValidationFailedError(several)
    if code == "REQUEST_LIMIT_EXCEEDED":
        return _limit(reply)
    if status in {406, 420, 429}:
        return ThrottledError(reply)
    if code == EXPIRED or status == 401:
        return AuthenticationError(reply)
    if code in _MAYBE_DONE or (status >= 500 and code not in _NO_EFFECT):
        return OutcomeUnknownError(reply) if call.write else TransientError(reply)
    return _by_code(reply)


def item_refusal(call: Call, items: list[Mapping[str, object]]) -> ServiceError:
    """The typed error for one record of a collections call: the service says for certain that it was not stored."""
    reply = _reply(call, None, items)
    if reply.code == "REQUEST_LIMIT_EXCEEDED":
        return _limit(reply)
    return TransientError(reply) if reply.code in _MAYBE_DONE else _by_code(reply)


def _by_code(reply: ServiceReply) -> ServiceError:
    code = reply.code
    if is_locked(reply) or code in _NO_EFFECT:
        return TransientError(reply)
    if code in _RIGHTS or reply.status == 403:
        return PermissionDeniedError(reply, cure=_CURES.get(code, _GRANT))
    if code == "DUPLICATE_VALUE" or _ALREADY_IN_BOOK in reply.message:
        return DuplicateRecordError(reply)
    cure = _CURES.get(code) or access_cure(code, blamed(code, reply.message, reply.operation, reply.fields))
    if code in _GONE or reply.status == 404:
        return RecordNotFoundError(reply, cure=cure)
    return ValidationFailedError(reply, cure=cure)


def _limit(reply: ServiceReply) -> ServiceError:
    """Too many calls at once (back off), or the allowance of 24 hours used up (stop). Source: Limits Reference."""
    if "concurrent" in reply.message.lower():
        return ThrottledError(reply)
    return QuotaExceededError(reply, cure="wait until the 24-hour window rolls, or buy more API calls")


def is_locked(reply: ServiceReply) -> bool:
    """Whether a row or its parent was locked; triggers wrap the code in the text of their own error."""
    return reply.code == LOCKED or LOCKED in reply.message


def is_unfit(reply: ServiceReply) -> bool:
    """Whether a session is refused for what it may do, not for its age; signing in again gives the same.

    Source: Help "API Access Control"; salesforce-cli and mcp-server-salesforce issues with this text.
    """
    return reply.code == EXPIRED and "not valid for use" in reply.message.lower()


def unreadable(call: Call, status: int | None) -> ServiceError:
    """A reply that is not what the service sends: for a write the outcome is unknown."""
    reply = call.reply(status, "unreadable", "the reply could not be understood")
    return OutcomeUnknownError(reply) if call.write else TransientError(reply)


def _reply(call: Call, status: int | None, items: list[Mapping[str, object]]) -> ServiceReply:
    first = items[0] if items else {}
    messages = "; ".join(
        dict.fromkeys(filter(None, (text(i.get("message") or i.get("error_description")) for i in items)))
    )
    fields = first.get("fields")
    names = tuple(str(name) for name in fields) if isinstance(fields, list) else ()
    silent = f"the service answered HTTP {status}" if status else "the service gave no reason"
    code = error_code(first)
    return call.reply(status, code, messages or silent, fields=blamed(code, messages, call.operation, names).fields)
