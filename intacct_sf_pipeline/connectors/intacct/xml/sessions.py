"""The session: got by `getAPISession`, kept, shared by threads, renewed before it ends and after it was refused.

Source: API sessions. The time-out slides with every call, and a session belongs to the endpoint that came with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from pydantic import SecretStr

from intacct_sf_pipeline.connectors.http import Call, is_loopback
from intacct_sf_pipeline.connectors.intacct.xml.document import element, text_of
from intacct_sf_pipeline.connectors.intacct.xml.envelope import Function, Request, login
from intacct_sf_pipeline.connectors.intacct.xml.options import IntacctXmlOptions
from intacct_sf_pipeline.connectors.intacct.xml.replies import Reply
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.model.errors import AuthenticationError, ValidationFailedError

_CALL = Call("intacct", "sign in")
_CONTROL_ID: Final = "session"
_MARGIN: Final = 300.0
_SHARE: Final = 0.2

Post = Callable[[Call, str, Request, Element], Reply]
"""Sends a request to an address with an authentication; what the client does."""


@dataclass(frozen=True)
class Session:
    """A session and the only address it is good at."""

    session_id: SecretStr
    endpoint: str


@dataclass
class _Held:
    """The session in use and when it was last used; `life` None: its end was not told."""

    session: Session
    life: timedelta | None
    used: float


class SessionSource:
    """Hands out the session of one company and entity; retrying is left to the call that needs it."""

    def __init__(self, options: IntacctXmlOptions, post: Post, timing: Timing) -> None:
        self._options, self._post, self._timing = options, post, timing
        self._lock = threading.Lock()
        self._held: _Held | None = None

    def session(self) -> Session:
        """The session to use now; signs in when there is none or the present one nears its end.

        Raises:
            AuthenticationError: the credentials were refused; the message names the settings to look at.
        """
        with self._lock:
            if self._held is None or self._ends_soon(self._held):
                return self._sign_in()
            return self._held.session

    def renew(self, refused: Session) -> Session:
        """A session other than `refused`: signs in anew unless another thread has done so meanwhile."""
        with self._lock:
            if self._held is None or self._held.session == refused:
                return self._sign_in()
            return self._held.session

    def used(self, session: Session, reply: Reply) -> None:
        """A call went well: the end of the session moved on."""
        with self._lock:
            if self._held is not None and self._held.session == session:
                self._held.used = self._timing.monotonic()
                self._held.life = reply.life or self._held.life

    def _ends_soon(self, held: _Held) -> bool:
        if held.life is None:
            return False
        seconds = held.life.total_seconds()
        return self._timing.monotonic() - held.used > seconds - min(_MARGIN, seconds * _SHARE)

    def _sign_in(self) -> Session:
        self._held = None
        place = () if self._options.entity_id is None else (element("locationid", self._options.entity_id),)
        request = Request([Function(_CONTROL_ID, element("getAPISession", None, *place))])
        reply = self._post(_CALL, self._options.url, request, login(self._options))
        try:
            result = reply.result(_CALL, _CONTROL_ID, self._options.throttle_wait)
        except ValidationFailedError as error:
            cure = "check INTACCT_ENTITY_ID, and that INTACCT_USER_ID may enter this entity"
            raise AuthenticationError(error.reply, cure=cure) from None
        api = None if result.data is None else result.data.find("api")
        session_id, endpoint = text_of(api, "sessionid"), text_of(api, "endpoint") or self._options.url
        if not session_id:
            raise AuthenticationError(_CALL.reply(200, "unreadable", "the reply holds no session"))
        session = Session(SecretStr(session_id), self._checked(endpoint))
        self._held = _Held(session, reply.life, self._timing.monotonic())
        return session

    def _checked(self, endpoint: str) -> str:
        """The endpoint, if it may be trusted with the company's data and the sender's password.

        Raises:
            AuthenticationError: it is neither https on the configured host's domain, nor loopback like the configured
                address.
        """
        given, configured = urlsplit(endpoint), urlsplit(self._options.url)
        if is_loopback(self._options.url):
            trusted = is_loopback(endpoint) and given.scheme in {"http", "https"}
        else:
            trusted = given.scheme == "https" and _domain(given.hostname) == _domain(configured.hostname)
        if trusted and not given.username:
            return endpoint
        reply = _CALL.reply(200, "endpoint", f"the session belongs to an address of another domain: {given.hostname}")
        raise AuthenticationError(reply, cure="check INTACCT_XML_URL")


def _domain(host: str | None) -> str:
    """The last two labels of a host name; all hosts of the vendor share them."""
    return ".".join((host or "").casefold().rsplit(".", 2)[-2:])
