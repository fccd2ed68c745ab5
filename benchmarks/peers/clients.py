"""What the peer scripts share: signing in to both services of the sandbox, and reading Intacct customers page by page.

They run in an environment of their own, with this folder on their path. `given` is a service's part of the sandbox's
ready document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

VERSION = "67.0"
PAGE = 4000


def salesforce_token(given: Mapping[str, str]) -> str:
    """An access token by client credentials."""
    form = {name: given[name] for name in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
    reply = requests.post(f"{given['login_url']}/services/oauth2/token", data=form, timeout=60)
    reply.raise_for_status()
    return str(reply.json()["access_token"])


def salesforce_client(given: Mapping[str, str]) -> Salesforce:
    """simple-salesforce, signed in."""
    return client_of(given["instance_url"], salesforce_token(given), VERSION)


def client_of(instance_url: str, token: str, version: str) -> Salesforce:
    """simple-salesforce on a session that exists."""
    session = requests.Session()
    session.mount("https://", PlainAdapter())
    return Salesforce(instance_url=instance_url, session_id=token, version=version, session=session)


class PlainAdapter(HTTPAdapter):
    """Sends in plain text what a client insists on calling https: the library does, the sandbox on loopback is http."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send by http."""
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, stream, timeout, verify, cert, proxies)


def intacct_session(given: Mapping[str, str]) -> requests.Session:
    """A signed-in session for Intacct's REST interface."""
    session = requests.Session()
    form = {name: given[name] for name in ("client_id", "client_secret", "username")}
    reply = session.post(
        f"{given['base_url']}/oauth2/token", json={**form, "grant_type": "client_credentials"}, timeout=60
    )
    reply.raise_for_status()
    session.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"
    return session


def intacct_customers(session: requests.Session, base: str, members: Sequence[str]) -> list[dict[str, object]]:
    """These members of every customer."""
    rows: list[dict[str, object]] = []
    start: int | None = 1
    while start is not None:
        query = {"object": "accounts-receivable/customer", "fields": list(members), "start": start, "size": PAGE}
        reply = session.post(f"{base}/services/core/query", json=query, timeout=300)
        reply.raise_for_status()
        document = reply.json()
        rows += document["ia::result"]
        start = document["ia::meta"].get("next")
    return rows
