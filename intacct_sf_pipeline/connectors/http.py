"""What both connectors share of HTTP: sessions that cannot hang or leak, and what a broken connection means for a
call.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Timer
from typing import Final
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from intacct_sf_pipeline.connectors.permit import require_permit
from intacct_sf_pipeline.connectors.retry import RetryOptions
from intacct_sf_pipeline.connectors.slots import Slots
from intacct_sf_pipeline.connectors.witness import ClockWitness
from intacct_sf_pipeline.model.errors import (
    ConfigurationError,
    OutcomeUnknownError,
    ServiceReply,
    SyncError,
    TransientError,
)

_CONNECTIONS: Final = 100
"""Connections kept open for the next request: as many requests as may ever be under way at once."""


@dataclass(frozen=True)
class HttpOptions:
    """How connections behave; times in seconds. There is no way to switch certificate checks off.

    `read_timeout` is the longest silence, `body_timeout` the longest a reply may take once its head is there, and
    `retry.budget` ends the attempts at one call.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 120.0
    body_timeout: float = 600.0
    retry: RetryOptions = field(default_factory=RetryOptions)


@dataclass(frozen=True)
class Call:
    """What is being done, for errors and for the decision what a failure means.

    Args:
        system: `intacct` or `salesforce`.
        operation: a few words without field values, e.g. `query accounts-receivable/customer`.
        write: whether the call changes something, so that a lost reply leaves its outcome open.
    """

    system: str
    operation: str
    write: bool = False

    def reply(
        self,
        status: int | None = None,
        code: str = "",
        message: str = "",
        reference: str = "",
        fields: tuple[str, ...] = (),
    ) -> ServiceReply:
        """A reply that belongs to this call."""
        return ServiceReply(self.system, self.operation, status, code, message, reference, fields)


class PatientAdapter(HTTPAdapter):
    """A transport adapter that puts a time-out on every call which names none, and an end to every reply.

    `witness` knows what replies showed of the service's clock. `leaving` and `arrived` are for subclasses. With `slots`
    no more requests are open at once than they allow; a body that is streamed comes after its slot was given back.
    """

    def __init__(self, options: HttpOptions, slots: Slots | None = None) -> None:
        self._timeout = (options.connect_timeout, options.read_timeout)
        self.witness = ClockWitness()
        self._body_timeout = options.body_timeout
        self._slots = slots
        super().__init__(max_retries=0, pool_maxsize=_CONNECTIONS)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send with the default time-outs unless the caller gave some; the reply is read whole unless it is to be
        streamed (then by `bounded`).
        """
        with nullcontext() if self._slots is None else self._slots.taken():
            require_permit()
            self.leaving(request)
            response = super().send(request, stream, timeout or self._timeout, verify, cert, proxies)
            self.witness.see(response.headers)
            self.arrived(response)
            if not stream:
                with bounded(response, self._body_timeout):
                    response.content  # noqa: B018 - reads the body and keeps it
        return response

    def leaving(self, request: requests.PreparedRequest) -> None:
        """Called before a request is sent; may change its address."""

    def arrived(self, response: requests.Response) -> None:
        """Called when the head of a response is there."""


@contextmanager
def bounded(response: requests.Response, seconds: float) -> Iterator[None]:
    """While the block reads the body, cut off a service that never ends it.

    A read time-out alone would let one byte a minute go on for ever.
    """
    watchdog = Timer(seconds, _cut_off, [response])
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def _cut_off(response: requests.Response) -> None:
    with suppress(OSError, ValueError):  # the connection was given back in the same moment
        response.raw.shutdown()


class NoAuth(requests.auth.AuthBase):
    """Leaves a request as it is; set on a session it keeps `requests` from reading passwords out of a .netrc file."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Change nothing."""
        return r


def open_session(base_url: str, adapter: HTTPAdapter) -> requests.Session:
    """A session on `adapter` for a service at `base_url`: certificates verified, no redirects, no .netrc, no proxy
    for loopback.
    """
    session = requests.Session()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.auth = NoAuth()
    session.max_redirects = 0
    session.trust_env = not is_loopback(base_url)
    return session


def is_loopback(url: str) -> bool:
    """Whether `url` names this machine by loopback address or as `localhost`."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_url(url: str, setting: str) -> str:
    """`url` without a trailing slash.

    Raises:
        ConfigurationError: it is no https address (plain http is accepted for loopback only), or holds credentials.
    """
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise ConfigurationError(
            "the address holds credentials", where=setting, cure="give them in their own variables"
        )
    if parts.scheme == "https" and parts.hostname:
        return url.rstrip("/")
    if parts.scheme == "http" and is_loopback(url):
        return url.rstrip("/")
    raise ConfigurationError(
        "the address is not https" if parts.hostname else "this is not a web address",
        where=setting,
        cure="use https://...; plain http is accepted for loopback addresses only",
    )


def transport_error(error: requests.RequestException, call: Call) -> SyncError:
    """What a failure below HTTP means: no effect (try again), outcome unknown (look), or a certificate nobody trusts.

    The original text is left out on purpose: it holds the address with its query, and so field values.
    """
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return ConfigurationError(
            f"the certificate of the {call.system} service is not trusted",
            cure="install the issuing authority, or name its bundle in REQUESTS_CA_BUNDLE",
        )
    kind = type(error).__name__
    if not call.write:
        return TransientError(call.reply(code=kind, message="the connection failed"))
    if _never_sent(error):
        return TransientError(call.reply(code=kind, message="no connection could be made, nothing was sent"))
    return OutcomeUnknownError(
        call.reply(code=kind, message="the connection failed after sending; whether it was done is not known")
    )


def _never_sent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError)


def server_time(headers: Mapping[str, str], otherwise: datetime) -> datetime:
    """The service's clock from the `Date` header, in UTC; `otherwise` when it is missing or unreadable."""
    try:
        return parsedate_to_datetime(headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return otherwise


_SECRET_WORDS = re.compile(
    r"(?i)(\"?(?:client_secret|(?:access|refresh)_token|password|session_?id|assertion|authorization)\"?"
    r"\s*[:=]\s*\"?(?:bearer\s+|basic\s+)?)[^\s\"&,;}]+"
)


def redact(text: str, *secrets: str) -> str:
    """`text` with the given secrets, and whatever follows a word such as `client_secret`, replaced by asterisks."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "****")
    return _SECRET_WORDS.sub(r"\1****", text)
