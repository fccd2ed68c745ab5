"""What the tests of the loopback Salesforce share: a clock, a small HTTP client and a server on a real port."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import uvicorn
from requests.adapters import HTTPAdapter
from starlette.testclient import TestClient

from intacct_sf_pipeline.sandbox.salesforce.app import create_app
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures

CLIENT_ID, CLIENT_SECRET = "test-client", "test-secret"
START = datetime(2026, 1, 5, 10, 0, 0, tzinfo=UTC)
HEAD_BYTES = 128 * 1024


class Clock:
    """A clock that moves when told."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


def make_org(
    clock: Callable[[], datetime], features: OrgFeatures | None = None, api_quota: int = 100_000
) -> SalesforceOrg:
    return SalesforceOrg(
        clock=clock, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, features=features, api_quota=api_quota
    )


class Api:
    """Calls one version of the API in process, logged in as the integration user."""

    def __init__(self, org: SalesforceOrg, version: str = "59.0") -> None:
        self.org = org
        self.http = TestClient(create_app(org, lambda: "http://testserver"), raise_server_exceptions=True)
        self.version = version
        self.login()

    def login(self) -> None:
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        token = self.http.post("/services/oauth2/token", data=form).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def path(self, rest: str) -> str:
        return f"/services/data/v{self.version}/{rest}"

    def get(self, rest: str, **kwargs: Any) -> Any:
        return self.http.get(self.path(rest), **kwargs)

    def post(self, rest: str, body: object, **kwargs: Any) -> Any:
        return self.http.post(self.path(rest), json=body, **kwargs)

    def patch(self, rest: str, body: object, **kwargs: Any) -> Any:
        return self.http.patch(self.path(rest), json=body, **kwargs)

    def delete(self, rest: str, **kwargs: Any) -> Any:
        return self.http.delete(self.path(rest), **kwargs)

    def create(self, sobject: str, **fields: object) -> str:
        reply = self.post(f"sobjects/{sobject}", fields)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["id"])

    def query(self, statement: str, **kwargs: Any) -> list[dict[str, Any]]:
        reply = self.get("query", params={"q": statement}, **kwargs)
        assert reply.status_code == 200, reply.text
        records: list[dict[str, Any]] = reply.json()["records"]
        return records

    def column(self, statement: str) -> list[Any]:
        """The values of the last column of each record."""
        return [list(record.values())[-1] for record in self.query(statement)]

    def refused(self, statement: str) -> dict[str, Any]:
        reply = self.get("query", params={"q": statement})
        assert reply.status_code == 400, reply.text
        return error_of(reply)


def error_of(reply: Any) -> dict[str, Any]:
    """The one error of a failed single request."""
    body = reply.json()
    assert isinstance(body, list), body
    assert len(body) == 1, body
    error: dict[str, Any] = body[0]
    return error


class LoopbackAdapter(HTTPAdapter):
    """Sends every https request of a client to one plain-http origin, naming the host it was meant for."""

    def __init__(self, origin: str) -> None:
        self._origin = urlsplit(origin)
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        meant = urlsplit(str(request.url))
        request.headers["X-Original-Host"] = meant.netloc
        request.url = urlunsplit((self._origin.scheme, self._origin.netloc, meant.path, meant.query, ""))
        return super().send(request, *args, **kwargs)


@contextmanager
def serving(org: SalesforceOrg) -> Iterator[str]:
    """Serves the org on a free port of 127.0.0.1 in a thread; gives its base URL."""
    address: dict[str, str] = {}
    app = create_app(org, lambda: address["url"])
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_level="critical",
        access_log=False,
        lifespan="off",
        date_header=False,
        h11_max_incomplete_event_size=HEAD_BYTES,
        http="h11",
    )
    server = uvicorn.Server(config)
    sock = config.bind_socket()
    sock.listen()  # from here on connections wait for the thread instead of being refused
    address["url"] = f"http://127.0.0.1:{sock.getsockname()[1]}"
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    try:
        yield address["url"]
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        sock.close()


def loopback_session(origin: str) -> requests.Session:
    """A `requests` session for clients that insist on https."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", LoopbackAdapter(origin))
    return session


def as_items(reply: Any) -> list[Mapping[str, Any]]:
    """The items of a collections reply."""
    assert reply.status_code == 200, reply.text
    items: list[Mapping[str, Any]] = reply.json()
    return items
