"""Makes the faults of the wire happen: an ASGI middleware around either service.

Faults that happen inside a service are told to it in the ASGI scope (`faults.plan.told`); it performs them itself.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from intacct_sf_pipeline.sandbox.faults.connections import ConnectionTable
from intacct_sf_pipeline.sandbox.faults.plan import NOTHING, FaultPlan, of_kind, tell
from intacct_sf_pipeline.sandbox.faults.refusals import refusal
from intacct_sf_pipeline.sandbox.faults.rules import XML_GATEWAY, FaultRule, Request

__all__ = ["ConnectionTable", "FaultMiddleware"]

_PATIENCE = 300.0
_NOT_UNIQUE = re.compile(rb"<uniqueid>\s*false\s*</uniqueid>")
_CONTROL_ID = re.compile(rb"<function\s+controlid=[\"']([^\"']*)[\"']")
_WORK_DONE = frozenset({"status_after", "timeout_after", "reset_after", "truncate", "cut_off"})
"""Faults for which the service first does what it is asked."""


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
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = b""
        xml = _asks_xml(self._service, scope)
        if xml or self._plan.reads_bodies(self._service):
            body = await _body(receive)
            receive = _replayed(body, receive)
        meeting = self._plan.meet(_request(self._service, scope, body))
        if of_kind(meeting.inside, "expire_token"):
            self._expire_tokens()
        told = scope if meeting is NOTHING else tell(scope, meeting)
        if meeting.wire is None:
            await self._app(told, receive, send)
        else:
            await self._hinder(meeting.wire.rule, told, receive, send)

    async def _hinder(self, rule: FaultRule, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Recorder()
        if rule.fault in _WORK_DONE:
            await self._app(scope, receive, answer.send)
        if rule.fault == "slow":
            await asyncio.sleep(1.0 if rule.seconds is None else rule.seconds)
            await self._app(scope, receive, send)
        elif rule.fault == "truncate":
            await self._send_half(scope, receive, send, answer)
        elif rule.fault.startswith("timeout"):
            await self._keep_silent(scope, receive, _PATIENCE if rule.seconds is None else rule.seconds)
        elif rule.fault.startswith("reset") or (rule.fault == "cut_off" and rule.status is None):
            if rule.fault == "reset_before":
                await _body(receive)
            self._connections.reset(scope["client"])
            await _disconnected(receive)
        else:
            await _answer(send, *refusal(rule, xml=_asks_xml(self._service, scope)))

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


def _request(service: str, scope: Scope, body: bytes) -> Request:
    query = scope["query_string"].decode("latin-1")
    target = scope["path"] + (f"?{query}" if query else "")
    key = next((value for name, value in scope["headers"] if name == b"idempotency-key"), None)
    control_ids = _unique_control_ids(body) if _asks_xml(service, scope) else ()
    return Request(service, scope["method"], target, body, None if key is None else key.decode("latin-1"), control_ids)


def _asks_xml(service: str, scope: Scope) -> bool:
    """Whether a request is for Intacct's XML gateway."""
    return service == "intacct" and bool(scope["path"].endswith(XML_GATEWAY))


def _unique_control_ids(body: bytes) -> tuple[str, ...]:
    """The functions' control ids where they are idempotency keys: `uniqueid` is true when absent."""
    if _NOT_UNIQUE.search(body) is not None:
        return ()
    return tuple(found.decode("utf-8", "replace") for found in _CONTROL_ID.findall(body))


async def _body(receive: Receive) -> bytes:
    """Read a request to its end: a client that still writes would see a broken pipe instead of a reset."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body read before, then what else comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    raw.append((b"content-length", str(len(body)).encode("ascii")))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
