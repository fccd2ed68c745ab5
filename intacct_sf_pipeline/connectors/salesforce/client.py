"""One call to Salesforce through simple-salesforce: signed, timed, retried where that is safe, counted, its errors
typed.

What the library does badly is done here instead: time-outs, retries, signing in again without losing the caller's
headers, plain http for loopback. Source: simple-salesforce 1.12 source code; REST Guide, headers.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

import requests

from intacct_sf_pipeline.connectors.http import (
    Call,
    HttpOptions,
    PatientAdapter,
    is_loopback,
    open_session,
    server_time,
    transport_error,
)
from intacct_sf_pipeline.connectors.meter import Meter
from intacct_sf_pipeline.connectors.retry import RetryPolicy
from intacct_sf_pipeline.connectors.salesforce.faults import EXPIRED, error_items, refusal, unreadable
from intacct_sf_pipeline.connectors.salesforce.login import Login
from intacct_sf_pipeline.connectors.salesforce.options import SalesforceOptions
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.connectors.values import dump_json
from intacct_sf_pipeline.model.errors import AuthenticationError

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce

T = TypeVar("T")
logger = logging.getLogger(__name__)
_DATA: Final = "/services/data/"


class OrgAdapter(PatientAdapter):
    """Counts calls, remembers the head of the last response of this thread, and maps https back to http for
    loopback hosts.

    The library writes https into every address; a loopback service speaks plain http.
    """

    def __init__(self, options: HttpOptions, meter: Meter, *, plain: bool) -> None:
        super().__init__(options)
        self._meter, self._plain = meter, plain
        self._local = threading.local()

    def leaving(self, request: requests.PreparedRequest) -> None:
        """Count the call (every data call is billed, signing in is not) and correct its scheme. Source: Limits
        Reference.
        """
        parts = urlsplit(request.url or "")
        self._meter.request()
        if parts.path.startswith(_DATA):
            self._meter.bill(1)
        if self._plain and parts.scheme == "https" and is_loopback(request.url or ""):
            request.url = urlunsplit(("http", *parts[1:]))

    def arrived(self, response: requests.Response) -> None:
        """Remember the response's head; a call whose session was refused is not charged."""
        if response.status_code == 401 and urlsplit(response.url).path.startswith(_DATA):
            self._meter.bill(-1)
        self._local.headers = response.headers

    @property
    def headers(self) -> Mapping[str, str]:
        """The head of this thread's last response."""
        return cast(Mapping[str, str], getattr(self._local, "headers", {}))


@dataclass(frozen=True)
class ApiUsage:
    """The org's API use in the rolling 24 hours, all its clients together."""

    used: int
    total: int


class SalesforceClient:
    """Calls of one org; safe to share between threads."""

    def __init__(self, options: SalesforceOptions, login: Login, timing: Timing, meter: Meter) -> None:
        self._options, self._login, self._timing = options, login, timing
        self._adapter = OrgAdapter(options.http, meter, plain=options.login_url.startswith("http://"))
        self._session = open_session(options.login_url, self._adapter)
        self._retry = RetryPolicy(options.http.retry, timing)
        self._lock = threading.Lock()
        self._org: Salesforce | None = None
        self.usage: ApiUsage | None = None

    def query(self, call: Call, soql: str, *, deleted: bool) -> tuple[Mapping[str, Any], datetime]:
        """First page of a query and the service's clock; `deleted` includes deleted rows (queryAll)."""
        headers = {"Sforce-Query-Options": f"batchSize={self._options.query_batch}"}
        page = self._call(call, lambda org: org.query(soql, include_deleted=deleted, headers=self._headers(headers)))
        return _page(call, page), server_time(self._adapter.headers, self._timing.clock())

    def more(self, call: Call, url: str) -> Mapping[str, Any]:
        """A further page, by the address the service gave."""
        headers = {"Sforce-Query-Options": f"batchSize={self._options.query_batch}"}
        return _page(
            call,
            self._call(call, lambda org: org.query_more(url, identifier_is_url=True, headers=self._headers(headers))),
        )

    def get(self, call: Call, path: str, params: Mapping[str, str] | None = None) -> object:
        """Read a resource below `/services/data/vXX.X/`; None for an empty one."""
        return cast(
            object, self._call(call, lambda org: org.restful(path, params=dict(params or {}), headers=self._headers()))
        )

    def send(self, call: Call, method: str, path: str, body: object) -> object:
        """Change something; decimals of `body` are sent digit by digit."""
        content = dump_json(body)
        rule = {"Sforce-Duplicate-Rule-Header": "allowSave=true"} if self._options.allow_save_duplicates else {}
        return cast(
            object,
            self._call(call, lambda org: org.restful(path, method=method, data=content, headers=self._headers(rule))),
        )

    def content(self, call: Call, path: str) -> str:
        """The text of a resource that is not JSON, in UTF-8; `path` begins with `/services/`."""

        def fetch(org: Salesforce) -> bytes:
            from simple_salesforce.util import exception_handler

            address = f"https://{org.sf_instance}{path}"
            response = self._session.get(address, headers={**org.headers, **self._headers(), "Content-Type": None})
            if response.status_code >= 300:
                exception_handler(response, name=path)
            return response.content

        return self._call(call, fetch).decode("utf-8", "replace")

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def data_path(self, path: str) -> str:
        """The full path of `path` below the data resource of this version."""
        return f"/services/data/v{self._options.api_version}/{path}"

    def _headers(self, more: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Headers of every call; the library's wish for pretty-printed bodies is taken back."""
        return {"Sforce-Call-Options": f"client={self._options.client_name}", "X-PrettyPrint": None, **(more or {})}

    def _call(self, call: Call, function: Callable[[Salesforce], T]) -> T:
        return self._retry.call(lambda: self._signed(call, function))

    def _signed(self, call: Call, function: Callable[[Salesforce], T]) -> T:
        """One call with the present session and, when that has expired, one more with a new one."""
        org = self._signed_in(None)
        try:
            return self._once(call, org, function)
        except AuthenticationError as error:
            if error.reply.code != EXPIRED:
                raise
            logger.info("salesforce %s: session expired, signing in again", call.operation)
        return self._once(call, self._signed_in(org), function)

    def _signed_in(self, refused: Salesforce | None) -> Salesforce:
        with self._lock:
            if self._org is None or self._org is refused:
                self._org = None
                grant = self._login(self._session)
                self._org = self._open(grant.access_token, urlsplit(grant.instance_url).netloc)
            return self._org

    def _open(self, token: str, host: str) -> Salesforce:
        """The library's client on our session; without a login of its own it cannot sign in behind our back."""
        from simple_salesforce.api import Salesforce

        return Salesforce(
            session_id=token,
            instance=host,
            session=self._session,
            version=self._options.api_version,
            parse_float=Decimal,
            object_pairs_hook=None,
        )

    def _once(self, call: Call, org: Salesforce, function: Callable[[Salesforce], T]) -> T:
        from simple_salesforce.exceptions import SalesforceError

        try:
            result = function(org)
        except SalesforceError as error:
            raise refusal(call, int(error.status), error_items(error.content)) from None
        except requests.exceptions.JSONDecodeError:
            raise unreadable(call, 200) from None
        except requests.RequestException as error:
            raise transport_error(error, call) from None
        self._note_usage(org)
        return result

    def _note_usage(self, org: Salesforce) -> None:
        usage = org.parse_api_usage(self._adapter.headers.get("Sforce-Limit-Info", "")).get("api-usage")
        if usage is not None:
            self.usage = ApiUsage(used=usage.used, total=usage.total)


def _page(call: Call, page: object) -> Mapping[str, Any]:
    if isinstance(page, Mapping) and isinstance(page.get("records"), list):
        return page
    raise unreadable(call, 200)
