"""The transport of one org: counts what is billed, keeps what each reply says of the quota, finds loopback services.

Source: Limits Reference (every data call is billed, signing in is not); simple-salesforce 1.12 source code (it writes
https into every address).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, cast
from urllib.parse import urlsplit, urlunsplit

import requests

from intacct_sf_pipeline.connectors.http import HttpOptions, PatientAdapter, bounded, is_loopback
from intacct_sf_pipeline.connectors.meter import Meter
from intacct_sf_pipeline.connectors.salesforce.limit_info import HEADER, read_limit_info
from intacct_sf_pipeline.connectors.slots import Slots
from intacct_sf_pipeline.model.results import Quota
from intacct_sf_pipeline.model.spend import CallKind

_DATA: Final = "/services/data/"
_USED_UP: Final = b"REQUEST_LIMIT_EXCEEDED"
_QUERIES: Final = frozenset({"query", "queryAll"})


class OrgAdapter(PatientAdapter):
    """Counts calls, remembers the head of the last response of this thread, and maps https back to http for
    loopback hosts.

    The library writes https into every address; a loopback service speaks plain http.
    """

    def __init__(
        self,
        options: HttpOptions,
        meter: Meter,
        clock: Callable[[], datetime],
        *,
        plain: bool,
        slots: Slots | None = None,
    ) -> None:
        super().__init__(options, slots)
        self._meter, self._clock, self._plain = meter, clock, plain
        self._local = threading.local()
        self.quota: Quota | None = None

    def leaving(self, request: requests.PreparedRequest) -> None:
        """Count the call (every data call is billed, signing in is not) and correct its scheme. Source: Limits
        Reference.
        """
        parts = urlsplit(request.url or "")
        kind = call_kind(request.method or "GET", parts.path, request.body)
        self._meter.request(kind)
        if kind is not CallKind.LOGIN:
            self._meter.bill(1, kind)
        if self._plain and parts.scheme == "https" and is_loopback(request.url or ""):
            request.url = urlunsplit(("http", *parts[1:]))

    def arrived(self, response: requests.Response) -> None:
        """Remember the response's head and what it says of the quota; a call that was turned away is not charged."""
        path, asked = urlsplit(response.url).path, response.request
        kind = call_kind(asked.method or "GET", path, asked.body)
        if kind is not CallKind.LOGIN and self._is_free(response):
            self._meter.bill(-1, kind)
        self._local.headers = response.headers
        told = read_limit_info(response.headers.get(HEADER), self._clock())
        if told is not None:
            self.quota = told

    def _is_free(self, response: requests.Response) -> bool:
        """Whether a call was turned away before it counted: by a session that ended, or by the used-up allowance."""
        if response.status_code != 403:
            return response.status_code == 401
        with bounded(response, self._body_timeout):
            return _USED_UP in response.content

    @property
    def headers(self) -> Mapping[str, str]:
        """The head of this thread's last response."""
        return cast(Mapping[str, str], getattr(self._local, "headers", {}))


def call_kind(method: str, path: str, body: object) -> CallKind:
    """What a call is counted as, by its address; what is not below the data resource signs in.

    A query too long for an address is the one part of a composite call: its body tells. Source: REST Guide, resources.
    """
    if not path.startswith(_DATA):
        return CallKind.LOGIN
    words = [word for word in path.removeprefix(_DATA).split("/") if word][1:]
    first = words[0] if words else ""
    if first in _QUERIES or words[:2] == ["jobs", "query"] or words[-1:] in (["updated"], ["deleted"]):
        return CallKind.READ
    if first in {"", "limits"} or words[-1] == "describe" or words == ["sobjects"]:
        return CallKind.DESCRIBE
    if words == ["composite"] and isinstance(body, str | bytes) and (b"/query" in _bytes(body)):
        return CallKind.READ
    return CallKind.READ if method == "GET" and words[:2] != ["jobs", "ingest"] else CallKind.WRITE


def _bytes(body: str | bytes) -> bytes:
    return body.encode() if isinstance(body, str) else body
