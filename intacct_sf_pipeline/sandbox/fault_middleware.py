"""Makes the faults of a plan happen: an ASGI middleware around either service, and the table of open connections it
needs to drop one for real.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from intacct_sf_pipeline.sandbox.faults import FaultPlan, FaultRule

_PATIENCE = 300.0
_LINGER_NOT = struct.pack("ii", 1, 0)
_PROXY_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head>"
    b"<body><h1>Service Unavailable</h1><p>The server is temporarily unable to serve you.</p></body></html>\n"
)
_SALESFORCE_CODES = {
    400: "UNABLE_TO_LOCK_ROW",
    401: "INVALID_SESSION_ID",
    403: "REQUEST_LIMIT_EXCEEDED",
    404: "NOT_FOUND",
    500: "UNKNOWN_EXCEPTION",
    503: "SERVER_UNAVAILABLE",
}

Peer = tuple[str, int]


class ConnectionTable:
    """The open connections of one server, by the client's address. Used from that server's event loop only."""

    def __init__(self) -> None:
        """Start without connections."""
        self._transports: dict[Peer, asyncio.Transport] = {}

    def protocol(self) -> type[H11Protocol]:
        """Return uvicorn's HTTP protocol, entering each of its connections here while it is open."""
        transports = self._transports

        class RecordedProtocol(H11Protocol):
            peer: Peer

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn does
                super().connection_made(transport)
                host, port = transport.get_extra_info("peername")[:2]
                self.peer = (host, port)
                transports[self.peer] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                transports.pop(self.peer, None)
                super().connection_lost(exc)

        return RecordedProtocol

    def reset(self, peer: Peer) -> None:
        """Drop the connection of `peer` at once, with a TCP reset.

        Raises:
            ConnectionResetError: there is no such connection (the service is not behind a socket).
        """
        transport = self._transports.get(peer)
        if transport is None:
            raise ConnectionResetError("fault: the connection was reset")
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        transport.abort()

    def close(self, peer: Peer) -> None:
        """Send what is written so far to `peer`, then close.

        Raises:
            ConnectionResetError: there is no such connection.
        """
        transport = self._transports.get(peer)
        if transport is None:
            raise ConnectionResetError("fault: the connection was closed")
        transport.close()

    def abort_all(self) -> None:
        """Drop every connection, so that a server stops without waiting for anybody."""
        for transport in list(self._transports.values()):
            transport.abort()


class FaultMiddleware:
    """Wraps a service so that requests meet the faults of a plan."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        service: str,
        plan: FaultPlan,
        connections: ConnectionTable,
        expire_tokens: Callable[[], None],
    ) -> None:
        """Wrap `app`, which is the `service` (`salesforce` or `intacct`) of the plan's rules."""
        self._app = app
        self._service = service
        self._plan = plan
        self._connections = connections
        self._expire_tokens = expire_tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or fail as planned."""
        rule = self._planned(scope) if scope["type"] == "http" else None
        if rule is None:
            await self._app(scope, receive, send)
            return
        if rule.fault.endswith("_after") or rule.fault == "truncate":
            answer = _Recorder()
            await self._app(scope, receive, answer.send)
            if rule.fault == "truncate":
                await self._send_half(scope, receive, send, answer)
                return
        if rule.fault.startswith("timeout"):
            await self._keep_silent(scope, receive, _PATIENCE if rule.seconds is None else rule.seconds)
        elif rule.fault.startswith("reset"):
            if rule.fault == "reset_before":
                await _whole_request(receive)
            self._connections.reset(scope["client"])
            await _disconnected(receive)
        elif rule.fault in ("slow", "expire_token"):
            await self._serve_hindered(rule, scope, receive, send)
        else:
            await _answer(send, *_refusal(rule, self._service))

    def _planned(self, scope: Scope) -> FaultRule | None:
        query = scope["query_string"].decode("latin-1")
        return self._plan.next_fault(self._service, scope["method"], scope["path"] + (f"?{query}" if query else ""))

    async def _serve_hindered(self, rule: FaultRule, scope: Scope, receive: Receive, send: Send) -> None:
        if rule.fault == "slow":
            await asyncio.sleep(1.0 if rule.seconds is None else rule.seconds)
        else:
            self._expire_tokens()
        await self._app(scope, receive, send)

    async def _keep_silent(self, scope: Scope, receive: Receive, seconds: float) -> None:
        try:
            await asyncio.wait_for(_disconnected(receive), timeout=seconds)
        except TimeoutError:
            self._connections.close(scope["client"])
            await _disconnected(receive)

    async def _send_half(self, scope: Scope, receive: Receive, send: Send, answer: _Recorder) -> None:
        body = answer.body
        headers = [(name, value) for name, value in answer.headers if name.lower() != b"content-length"]
        headers.append((b"content-length", str(max(len(body), 2)).encode("ascii")))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        self._connections.close(scope["client"])
        await _disconnected(receive)


class _Recorder:
    """Keeps a service's answer instead of sending it."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


async def _whole_request(receive: Receive) -> None:
    """Read the request to its end: a client that still writes would see a broken pipe instead of a reset."""
    while (await receive()).get("more_body", False):
        pass


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    raw.append((b"content-length", str(len(body)).encode("ascii")))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def _refusal(rule: FaultRule, service: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and body of a refusal in the vendor's shape.

    Source: Salesforce reference 4; Intacct reference 3.2, 3.3, 8 and 10.
    """
    if rule.fault == "html_503":
        return 503, [("content-type", "text/html; charset=utf-8"), ("retry-after", "1")], _PROXY_PAGE
    as_json = ("content-type", "application/json;charset=UTF-8")
    if rule.fault == "throttle":
        return _throttled(service, rule.retry_after, as_json)
    headers = [*rule.headers]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(as_json)
    if isinstance(rule.body, str):
        return rule.status, headers, rule.body.encode("utf-8")
    body = rule.body if rule.body is not None else _error_body(rule, service)
    return rule.status, headers, json.dumps(body).encode("utf-8")


def _throttled(service: str, retry_after: int, as_json: tuple[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
    if service == "salesforce":
        text = "TotalRequests Limit exceeded."
        return 403, [as_json], json.dumps([{"message": text, "errorCode": "REQUEST_LIMIT_EXCEEDED"}]).encode()
    limits = [
        ("X-IA-Throttle-Limit", "6"),
        ("X-IA-Throttle-Limit-Remaining", "0"),
        ("X-IA-Throttle-Limit-RetryAfter", str(retry_after)),
    ]
    return 429, [as_json, *limits], json.dumps(_gateway_body("GW-0010", "API rate limit exceeded")).encode()


def _error_body(rule: FaultRule, service: str) -> object:
    if service == "salesforce":
        code = rule.code or _SALESFORCE_CODES.get(rule.status, "UNKNOWN_EXCEPTION")
        return [{"message": rule.message or "The sandbox was told to fail here.", "errorCode": code}]
    message = rule.message or "The sandbox was told to fail here."
    if rule.status >= 500 or rule.status in (401, 429):
        gateway = {401: "GW-0031", 429: "GW-0010"}.get(rule.status, "GW-0001")
        return _gateway_body(rule.code or gateway, message)
    error = {"code": rule.code or "operationFailed", "message": message, "errorId": "REST-7001", "supportId": "SIM%7E1"}
    return {"ia::result": {"ia::error": error}, "ia::meta": {"totalCount": 1, "totalSuccess": 0, "totalError": 1}}


def _gateway_body(code: str, message: str) -> dict[str, object]:
    return {"ia::error": {"code": code, "message": message, "details": {"requestId": "SIM:1"}}}
