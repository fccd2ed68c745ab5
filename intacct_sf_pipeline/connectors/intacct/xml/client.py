"""One request to the XML gateway: in a session, timed, retried where that is safe, counted, its errors typed.

Source: web services, requests and error handling; vendor SDKs (retries on 5xx, never on 524 or for a write).
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from xml.etree.ElementTree import Element

import requests

from intacct_sf_pipeline.connectors.http import Call, PatientAdapter, open_session, transport_error
from intacct_sf_pipeline.connectors.intacct.places import place_or
from intacct_sf_pipeline.connectors.intacct.throttling import explained
from intacct_sf_pipeline.connectors.intacct.xml.document import element
from intacct_sf_pipeline.connectors.intacct.xml.envelope import Function, Request, document, session
from intacct_sf_pipeline.connectors.intacct.xml.faults import DeadSessionError
from intacct_sf_pipeline.connectors.intacct.xml.formats import STANDARD, Formats, read_offset
from intacct_sf_pipeline.connectors.intacct.xml.options import IntacctXmlOptions
from intacct_sf_pipeline.connectors.intacct.xml.replies import Reply, Result, understand
from intacct_sf_pipeline.connectors.intacct.xml.sessions import Session, SessionSource
from intacct_sf_pipeline.connectors.meter import Meter
from intacct_sf_pipeline.connectors.retry import RetryPolicy
from intacct_sf_pipeline.connectors.slots import PROCESS_SLOTS
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.model.errors import (
    AuthenticationError,
    ConfigurationError,
    PermissionDeniedError,
    ThrottledError,
)
from intacct_sf_pipeline.model.spend import CallKind

logger = logging.getLogger(__name__)
_HEADERS: Final = {"Content-Type": "application/xml", "Accept": "application/xml, text/xml"}
_BILLED: Final = frozenset({"query", "read", "get_icitemtotals"})
"""Reading calls that count as transactions: `query` is documented, `read` and the older `get_...` calls are counted to
be on the safe side; calls about the model, the user and the session are not counted (UNCONFIRMED).

Source: limits and metering.
"""


class XmlClient:
    """Sends functions to one company, at the top level or in one entity."""

    def __init__(self, options: IntacctXmlOptions, timing: Timing, meter: Meter) -> None:
        self.options = options
        self._timing, self._meter = timing, meter
        adapter = PatientAdapter(options.http)
        self._http, self.witness = open_session(options.url, adapter), adapter.witness
        self._retry = RetryPolicy(options.http.retry, timing)
        self._slots = PROCESS_SLOTS.of(options.url, options.company_id, options.concurrency)
        self._sources: dict[str | None, SessionSource] = {}
        self._formats: Formats | None = None
        self._lock, self._signing = threading.Lock(), threading.Lock()

    def ask(self, call: Call, function: Element) -> Result:
        """One reading function.

        Raises:
            ServiceError: it failed, or patience ended.
        """
        return self.ask_at(call, function)[0]

    def ask_at(self, call: Call, function: Element) -> tuple[Result, Reply]:
        """One reading function, with the reply it came in (the service's clock)."""
        request = Request([Function("read", function)])

        def attempt() -> tuple[Result, Reply]:
            reply = self._in_session(call, request)
            result = reply.result(call, "read", self.options.throttle_wait)
            if function.tag in _BILLED:
                self._meter.bill(1)
            return result, reply

        return self._retry.call(attempt)

    def write(self, call: Call, functions: Sequence[Function], *, transaction: bool = False) -> Reply:
        """Functions that change records; those whose control id was completed before are not run again.

        Raises:
            OutcomeUnknownError: the request was sent and no understandable answer came back.
        """
        request = Request(functions, unique=True, transaction=transaction)
        return self._retry.call(lambda: self._in_session(call, request))

    def formats(self) -> Formats:
        """How the API shows dates and stamps to this user; asked once, since an offset shifts with daylight saving.

        Raises:
            ConfigurationError: the user's format may or may not be the API's, and the options do not say.
        """
        with self._lock:
            if self._formats is None:
                self._formats = self._ask_formats()
            return self._formats

    def user_formats(self) -> Result:
        """What the gateway tells of the user's preferences; a cheap call that proves the sign-in."""
        call = Call("intacct", "read user formatting")
        asked = element("readUserFormatting", None, element("userId", self.options.user_id))
        return self.ask(call, asked)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _ask_formats(self) -> Formats:
        told = _preferences(self.user_formats().data)
        order, clock = told("dateformat") or STANDARD, told("clock")[:2] or "24"
        dates = self.options.dates
        if dates == "check" and (order, clock) != (STANDARD, "24"):
            raise ConfigurationError(
                f"the web services user has the date format {order} and a {clock}-hour clock; whether the API follows "
                "them is not documented",
                where="INTACCT_USER_ID",
                cure="give the user mm/dd/yyyy and 24 hours in Intacct (My preferences), or set INTACCT_XML_DATES",
            )
        offset = timedelta(0) if self.options.time_zone == "utc" else read_offset(told("gmtoffset") or "+00:00")
        if offset is None:
            raise ConfigurationError(
                "the GMT offset of the web services user cannot be read",
                where="INTACCT_USER_ID",
                cure="set the user's time zone in Intacct (My preferences), or INTACCT_XML_TIME_ZONE=utc",
            )
        return Formats(offset, order, clock) if dates == "user" else Formats(offset)

    def _in_session(self, call: Call, request: Request) -> Reply:
        """One request in the present session and, when that is over, one more in a new one."""
        sessions = self._sessions()
        held = self._entered(sessions)
        try:
            return self._once(call, request, sessions, held)
        except DeadSessionError:
            logger.info("intacct %s: the session is over, signing in again", call.operation)
        held = sessions.renew(held)
        try:
            return self._once(call, request, sessions, held)
        except DeadSessionError as error:
            cure = "a new session was refused too: check INTACCT_USER_ID and its session time-out"
            raise AuthenticationError(error.reply, cure=cure) from None

    def _entered(self, sessions: SessionSource) -> Session:
        """The present session; where only the entity of some records is closed to the user, they are refused alone."""
        place = place_or(None)
        try:
            return sessions.session()
        except AuthenticationError as error:
            if place in (None, self.options.entity_id):
                raise
            cure = f"let the user of INTACCT_USER_ID enter the entity {place} (Company > Entities)"
            raise PermissionDeniedError(error.reply, cure=cure) from None

    def _sessions(self) -> SessionSource:
        """The sessions of the entity worked in at this moment; one source for each, since a session has one place."""
        place = place_or(self.options.entity_id)
        with self._signing:
            if place not in self._sources:
                self._sources[place] = SessionSource(replace(self.options, entity_id=place), self._post, self._timing)
            return self._sources[place]

    def _once(self, call: Call, request: Request, sessions: SessionSource, held: Session) -> Reply:
        reply = self._post(call, held.endpoint, request, session(held.session_id))
        sessions.used(held, reply)
        return reply

    def _post(self, call: Call, url: str, request: Request, authentication: Element) -> Reply:
        body = document(self.options, request, authentication, str(uuid.uuid4()))
        self._meter.request(_kind(call, request))
        try:
            with self._slots.taken():
                response = self._http.post(url, data=body, headers=_HEADERS)
        except requests.RequestException as error:
            raise transport_error(error, call) from None
        now = self._timing.clock()
        try:
            return understand(call, response, now, self.options.throttle_wait)
        except ThrottledError as error:
            raise explained(error, response.headers, now) from None


def _kind(call: Call, request: Request) -> CallKind:
    """What a request is counted as."""
    if call.write:
        return CallKind.WRITE
    tag = request.functions[0].call.tag
    if tag == "getAPISession":
        return CallKind.LOGIN
    return CallKind.READ if tag in _BILLED else CallKind.DESCRIBE


def _preferences(data: Element | None) -> Callable[[str], str]:
    """Reads a preference by name, whatever element of the reply holds it."""
    found = {} if data is None else {node.tag.lower(): (node.text or "").strip() for node in data.iter()}

    def told(name: str) -> str:
        return found.get(name, "")

    return told
