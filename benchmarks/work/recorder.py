"""A loopback proxy in front of both services that notes the requests for rows, so that a floor can repeat them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TypedDict
from urllib.parse import urlsplit

import requests

_KEPT = ("Authorization", "Content-Type", "Accept", "Accept-Encoding", "Sforce-Query-Options", "X-IA-API-Param-Entity")
_HOP_BY_HOP = frozenset({"connection", "content-length", "content-encoding", "transfer-encoding", "host", "keep-alive"})


class Sent(TypedDict):
    """A request as the floor makes it once more."""

    method: str
    url: str
    headers: dict[str, str]
    body: str | None


@contextmanager
def recording(services: Mapping[str, str], sent: Mapping[str, list[Sent]]) -> Iterator[dict[str, str]]:
    """One proxy for each of `services` (name -> origin) while the block runs; their origins by name.

    What asks for rows goes to the list of that name in `sent`, with the service's own address. A reply that names the
    service, such as the instance in Salesforce's token, names the proxy instead.
    """
    with ExitStack() as stack:
        yield {name: stack.enter_context(_proxy(origin, sent[name])) for name, origin in services.items()}


@contextmanager
def _proxy(origin: str, sent: list[Sent]) -> Iterator[str]:
    session = _plain_session()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(origin, session, sent))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        session.close()


def _plain_session() -> requests.Session:
    """A session that leaves headers and addresses as they are given."""
    session = requests.Session()
    session.trust_env = False
    session.headers.clear()
    return session


def _handler(origin: str, session: requests.Session, sent: list[Sent]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._forward()

        def do_POST(self) -> None:
            self._forward()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing: what passes is in the file."""

        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
            url = origin + self.path
            if "/query" in self.path and "/jobs/" not in self.path:
                kept = {name: self.headers[name] for name in _KEPT if name in self.headers}
                sent.append({"method": self.command, "url": url, "headers": kept, "body": body and body.decode()})
            given = {name: text for name, text in self.headers.items() if name.lower() not in _HOP_BY_HOP}
            reply = session.request(self.command, url, headers=given, data=body, timeout=300, allow_redirects=False)
            self._answer(reply, self.headers["Host"])

        def _answer(self, reply: requests.Response, own: str) -> None:
            content = reply.content.replace(urlsplit(origin).netloc.encode(), own.encode())
            self.send_response(HTTPStatus(reply.status_code))
            for name, text in reply.headers.items():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, text)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
