"""What the XML gateway says when it refuses, as chains of errors, and which of our errors a whole chain is.

Source: web services, error handling; the reference's table of codes. The cause comes first and generic wrappers follow,
so a chain is judged by everything it says. Codes are unreliable (free texts, none at all), hence texts count too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.xml.document import text_of
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

ROLLED_BACK: Final = "XL03000009"
SIGN_IN: Final = "XL03000006"
OFFLINE_WAIT: Final = 90.0
"""Seconds to wait when the service is off-line or its CDN shows a page of its own. Source: hotgluexyz/tap-intacct."""

_SUPPORT_ID = re.compile(r"\s*\[(?:Support|Request) ID: ?([^\]]*)\]", re.IGNORECASE)
_DUPLICATES = frozenset({"BL34000061", "PL05000104"})
_RIGHTS = "give the user of INTACCT_USER_ID this permission (Company > Admin > Web Services users > the user)"
_SENDER = (
    "ask the company's administrator to authorise the sender: Company > Setup > Company > Security > "
    "Web Services authorizations, with the value of INTACCT_SENDER_ID"
)


@dataclass(frozen=True)
class ErrorLine:
    """One error of a chain; `reference` is its support id, taken out of the texts."""

    code: str
    texts: tuple[str, ...]
    reference: str = ""


Chain = tuple[ErrorLine, ...]


class DeadSessionError(AuthenticationError):
    """The session is over; a new one may be got once."""


def read_chain(parent: Element | None) -> Chain:
    """The errors of an `errormessage` beside or under `parent`, in order."""
    message = None if parent is None else parent.find("errormessage")
    return () if message is None else tuple(map(_line, message.findall("error")))


def _line(error: Element) -> ErrorLine:
    texts, references = [], []
    for name in ("description2", "description", "correction"):
        text = text_of(error, name)
        references += _SUPPORT_ID.findall(text)
        text = " ".join(_SUPPORT_ID.sub("", text).split())
        if text:
            texts.append(text)
    return ErrorLine(text_of(error, "errorno"), tuple(texts), references[0] if references else "")


def reply_of(call: Call, chain: Chain, status: int | None = None) -> ServiceReply:
    """What the chain says, safe to log; the cause's code, the texts without repetition."""
    code = next((line.code for line in chain if line.code), "")
    texts = dict.fromkeys(text for line in chain for text in line.texts)
    message = "; ".join(texts) or code or "the service gave no reason"
    return call.reply(status, code, message, next((line.reference for line in chain if line.reference), ""))


def classify(call: Call, chain: Chain, wait: float) -> ServiceError:
    """The typed error of a function that failed: it was not carried out, unless the chain says otherwise.

    `wait` are the seconds to wait when the service throttles.
    """
    codes, words = _codes(chain), _words(chain)
    general = _general(call, chain, wait)
    if general is not None:
        return general
    if "PL04000005" in codes or "do not have permission" in words or "not have sufficient permission" in words:
        return PermissionDeniedError(reply_of(call, chain, 403), cure=_RIGHTS)
    if call.write and _says_repeated(words):
        cure = "an earlier call with the same control id was carried out: look the record up"
        return OutcomeUnknownError(reply_of(call, chain), cure=cure)
    if codes & _DUPLICATES or re.search(r"another .+ already exists", words):
        return DuplicateRecordError(reply_of(call, chain, 422))
    if re.search(r"object definition .+ not found|cannot find .+ with key|could not find .+ with key", words):
        return RecordNotFoundError(reply_of(call, chain, 404))
    if codes == {ROLLED_BACK}:
        return TransientError(reply_of(call, chain, 422))
    return ValidationFailedError(reply_of(call, chain, 422))


def refused_control(call: Call, chain: Chain, status: int, wait: float) -> ServiceError:
    """The typed error of a request refused as a whole (control level, edge): no function ran.

    A 5xx of the edge is the exception: what stands behind it may have been reached.
    """
    codes, words = _codes(chain), _words(chain)
    general = _general(call, chain, wait)
    if general is not None:
        return general
    reply = reply_of(call, chain, status if status >= 400 else None)
    if status >= 500 or any(re.fullmatch(r"GW-000[1-9]", code) for code in codes):
        return OutcomeUnknownError(reply) if call.write else TransientError(reply)
    if "GW-0011" in codes:
        cure = "check INTACCT_SENDER_ID and INTACCT_COMPANY_ID; both have to be active"
        return AuthenticationError(reply, cure=cure)
    if status == 401 or SIGN_IN in codes or "XMLGW_JPP0002" in codes:
        return _sign_in_error(reply, words, at_control=True)
    if "PL04000055" in codes:
        return AuthenticationError(reply, cure="the company has expired: check INTACCT_COMPANY_ID")
    return ValidationFailedError(reply)


def refused_sign_in(call: Call, chain: Chain, wait: float) -> ServiceError:
    """The typed error of an operation that was not authenticated: no function ran."""
    general = _general(call, chain, wait)
    return general or _sign_in_error(reply_of(call, chain, 401), _words(chain), at_control=False)


def _sign_in_error(reply: ServiceReply, words: str, *, at_control: bool) -> ServiceError:
    """One code, several situations; the text decides. Source: the reference, failures at authentication level."""
    if "invalid session" in words:
        return DeadSessionError(reply, cure="sign in again")
    if "not authorized" in words or "invalid web services authorization" in words:
        return AuthenticationError(reply, cure=_SENDER)
    if at_control or "partner id" in words:
        return AuthenticationError(reply, cure="check INTACCT_SENDER_ID and INTACCT_SENDER_PASSWORD")
    cure = "check INTACCT_USER_ID, INTACCT_COMPANY_ID, INTACCT_USER_PASSWORD and INTACCT_ENTITY_ID"
    return AuthenticationError(reply, cure=cure)


def _general(call: Call, chain: Chain, wait: float) -> ServiceError | None:
    """Throttled or off-line, at whatever level it is said; nothing was carried out."""
    words = _words(chain)
    if "GW-0010" in _codes(chain) or "api rate limit exceeded" in words:
        return ThrottledError(reply_of(call, chain, 429), wait)
    if "service is temporarily off-line" in words:
        return ThrottledError(reply_of(call, chain, 503), max(wait, OFFLINE_WAIT))
    if re.search(r"please try again later|locked by another|record_is_locked", words):
        return TransientError(reply_of(call, chain, 503))
    return None


def _says_repeated(words: str) -> bool:
    """Whether a write is refused because its control id was completed before. The wording is UNCONFIRMED."""
    about = "controlid" in words or "control id" in words
    return about and bool(re.search(r"already|duplicate|not unique|has been (?:processed|used|completed)", words))


def _codes(chain: Chain) -> frozenset[str]:
    return frozenset(line.code for line in chain if line.code)


def _words(chain: Iterable[ErrorLine]) -> str:
    return " ".join(part for line in chain for part in (line.code, *line.texts)).lower()
