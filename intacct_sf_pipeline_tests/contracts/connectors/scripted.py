"""A loopback HTTP server that answers from a script, for replies and failures a well-behaved service does not give."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """One reply; `body` is JSON unless it is bytes. `drop` closes the connection without a word."""

    body: object = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


Script = Callable[[Asked], Answer | None]


class ScriptedServer:
    """Answers sign-ins by itself, everything else from `script` if it gives an answer, else from `answers` in order."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.script: Script = lambda _: None
        self.asked: list[Asked] = []
        self.logins = 0
        self.url = ""

    @property
    def calls(self) -> list[Asked]:
        """Everything but sign-ins."""
        return [asked for asked in self.asked if "/oauth2/token" not in asked.path]

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        own = self.script(asked)
        if own is not None:
            return own
        if asked.path.endswith("/oauth2/token"):
            self.logins += 1
            token = {
                "access_token": f"token-{self.logins}",
                "token_type": "Bearer",
                "expires_in": 1000,
                "instance_url": self.url,
            }
            return Answer(token)
        return self.answers.pop(0)


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    """Serve on a free loopback port while the context lasts."""
    scripted = ScriptedServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            target = urlsplit(self.path)
            asked = Asked(
                self.command, target.path + (f"?{target.query}" if target.query else ""), dict(self.headers), body
            )
            answer = scripted.answer(asked)
            if answer.drop:
                self.close_connection = True
                return
            content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            begin = self.send_response_only if "Date" in answer.headers else self.send_response
            begin(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - names given by the base class

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scripted.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield scripted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
