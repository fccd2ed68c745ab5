"""One call to Salesforce through simple-salesforce: signed, timed, retried where that is safe, counted, its errors
typed.

What the library does badly is done here instead: time-outs, retries, signing in again without losing the caller's
headers, plain http for loopback. Source: simple-salesforce 1.12 source code; REST Guide, headers.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar, cast
from urllib.parse import quote_plus, urlsplit

import requests

from intacct_sf_pipeline.connectors.http import Call, bounded, open_session, server_time, transport_error
from intacct_sf_pipeline.connectors.meter import Meter
from intacct_sf_pipeline.connectors.retry import RetryPolicy
from intacct_sf_pipeline.connectors.salesforce.faults import EXPIRED, error_items, is_unfit, refusal, unreadable
from intacct_sf_pipeline.connectors.salesforce.limit_info import used_up
from intacct_sf_pipeline.connectors.salesforce.login import Login
from intacct_sf_pipeline.connectors.salesforce.login.advice import ENDED_SESSION, REFUSED_AGAIN, UNFIT_SESSION
from intacct_sf_pipeline.connectors.salesforce.options import SalesforceOptions
from intacct_sf_pipeline.connectors.salesforce.org_adapter import OrgAdapter
from intacct_sf_pipeline.connectors.salesforce.soql import too_long
from intacct_sf_pipeline.connectors.slots import PROCESS_SLOTS
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.connectors.values import dump_json
from intacct_sf_pipeline.connectors.witness import ClockWitness
from intacct_sf_pipeline.model.errors import AuthenticationError, QuotaExceededError, ServiceError
from intacct_sf_pipeline.model.results import Quota

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce

T = TypeVar("T")
logger = logging.getLogger(__name__)
_PIECE: Final = 65_536
TOO_LONG: Final = frozenset({414, 431})
"""Statuses that say: address, or address and headers, are longer than 16,384 bytes."""


class SalesforceClient:
    """Calls of one org; safe to share between threads."""

    def __init__(self, options: SalesforceOptions, login: Login, timing: Timing, meter: Meter) -> None:
        self._options, self._login, self._timing = options, login, timing
        slots = PROCESS_SLOTS.of(options.login_url, options.client_id, options.concurrency)
        plain = options.login_url.startswith("http://")
        self._adapter = OrgAdapter(options.http, meter, timing.clock, plain=plain, slots=slots)
        self._session = open_session(options.login_url, self._adapter)
        self._retry = RetryPolicy(options.http.retry, timing)
        self._lock = threading.Lock()
        self._org: Salesforce | None = None

    @property
    def witness(self) -> ClockWitness:
        """What replies showed of the org's clock."""
        return self._adapter.witness

    @property
    def quota(self) -> Quota | None:
        """The org's API use as the last reply that told of it said, refusals included."""
        return self._adapter.quota

    def query(self, call: Call, soql: str, *, deleted: bool) -> tuple[Mapping[str, Any], datetime]:
        """First page of a query and the service's clock; `deleted` includes deleted rows (queryAll).

        A query that does not fit into an address is sent in a body. Source: REST Guide, Status Codes (414, 431).
        """
        if too_long(soql):
            page: object = self._query_in_body(call, soql, deleted=deleted)
        else:
            try:
                page = self._call(call, lambda org: org.query(soql, include_deleted=deleted, headers=self._paging()))
            except ServiceError as error:
                if error.reply.status not in TOO_LONG:
                    raise
                page = self._query_in_body(call, soql, deleted=deleted)
        return _page(call, page), server_time(self._adapter.headers, self._timing.clock())

    def _query_in_body(self, call: Call, soql: str, *, deleted: bool) -> object:
        """The query as the one part of a composite request. Source: REST Guide, Composite; SOQL up to 100,000 chars."""
        path = self.data_path(f"{'queryAll' if deleted else 'query'}?q={quote_plus(soql)}")
        part = {"method": "GET", "url": path, "referenceId": "rows"}
        return part_of(call, self.send(call, "POST", "composite", {"compositeRequest": [part]}))

    def more(self, call: Call, url: str) -> Mapping[str, Any]:
        """A further page, by the address the service gave."""
        return _page(
            call, self._call(call, lambda org: org.query_more(url, identifier_is_url=True, headers=self._paging()))
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

    def exchange(
        self, call: Call, method: str, path: str, *, params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None, content: BinaryIO | None = None, into: BinaryIO | None = None,
    ) -> Mapping[str, str]:  # fmt: skip
        """Send a file, or fetch one `into` another, in pieces; `path` is below `/services/data/vXX.X/`.

        Returns the head of the reply.
        """
        from simple_salesforce.util import exception_handler

        def once(org: Salesforce) -> Mapping[str, str]:
            for file in filter(None, (content, into)):
                file.seek(0)
            address = f"https://{org.sf_instance}{self.data_path(path)}"
            head = {**org.headers, **self._headers(), "Content-Type": None, **(headers or {})}
            response = self._session.request(
                method, address, params=dict(params or {}), data=content, headers=head, stream=True
            )
            with response, bounded(response, self._options.http.body_timeout):
                if response.status_code >= 300:
                    exception_handler(response, name=path)
                for piece in response.iter_content(_PIECE):
                    if into is not None:
                        into.write(piece)
            if into is not None:
                into.truncate()
            return response.headers

        return self._call(call, once)

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def data_path(self, path: str) -> str:
        """The full path of `path` below the data resource of this version."""
        return f"/services/data/v{self._options.api_version}/{path}"

    def _headers(self, more: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Headers of every call; the library's wish for pretty-printed bodies is taken back."""
        return {"Sforce-Call-Options": f"client={self._options.client_name}", "X-PrettyPrint": None, **(more or {})}

    def _paging(self) -> dict[str, Any]:
        """Headers of a query: those of every call, and the rows wished for per page."""
        return self._headers({"Sforce-Query-Options": f"batchSize={self._options.query_batch}"})

    def _call(self, call: Call, function: Callable[[Salesforce], T]) -> T:
        return self._retry.call(lambda: self._signed(call, function))

    def _signed(self, call: Call, function: Callable[[Salesforce], T]) -> T:
        """One call with the present session and, when that has expired, one more with a new one."""
        org = self._signed_in(None)
        try:
            return self._once(call, org, function)
        except AuthenticationError as error:
            if is_unfit(error.reply):
                raise AuthenticationError(error.reply, cure=UNFIT_SESSION) from None
            if error.reply.code != EXPIRED:
                raise
            if not self._login.renewable:
                raise AuthenticationError(error.reply, cure=ENDED_SESSION) from None
            logger.info("salesforce %s: session expired, signing in again", call.operation)
        try:
            return self._once(call, self._signed_in(org), function)
        except AuthenticationError as error:
            raise AuthenticationError(error.reply, cure=error.cure or REFUSED_AGAIN) from None

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
            raise self._told(refusal(call, int(error.status), error_items(error.content))) from None
        except requests.exceptions.JSONDecodeError:
            raise unreadable(call, 200) from None
        except requests.RequestException as error:
            raise transport_error(error, call) from None
        return result

    def _told(self, error: ServiceError) -> ServiceError:
        """The error, with the figures when it is the quota."""
        return QuotaExceededError(error.reply, used_up(self.quota)) if isinstance(error, QuotaExceededError) else error


def part_of(call: Call, reply: object) -> object:
    """The body of the one part of a composite reply.

    Raises:
        ServiceError: the part was refused, or there is none.
    """
    parts = reply.get("compositeResponse") if isinstance(reply, Mapping) else None
    if not isinstance(parts, list) or len(parts) != 1 or not isinstance(parts[0], Mapping):
        raise unreadable(call, 200)
    status = parts[0].get("httpStatusCode")
    if status != 200:
        raise refusal(call, status if isinstance(status, int) else 400, error_items(parts[0].get("body")))
    return cast(object, parts[0].get("body"))


def _page(call: Call, page: object) -> Mapping[str, Any]:
    if isinstance(page, Mapping) and isinstance(page.get("records"), list):
        return page
    raise unreadable(call, 200)
