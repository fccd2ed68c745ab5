"""Serves an ASGI application on a loopback socket from a thread: what the sandbox needs of uvicorn, and no more."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from intacct_sf_pipeline.sandbox.errors import SandboxError
from intacct_sf_pipeline.sandbox.faults.connections import ConnectionTable

_HOST = "127.0.0.1"
_LONGEST_HEAD = 256 * 1024
"""Bytes of request line and headers accepted by the HTTP parser, so that the services themselves answer 414 and 431."""

_START_SECONDS = 30.0
_STOP_SECONDS = 10.0


@contextmanager
def bound_socket(port: int) -> Iterator[socket.socket]:
    """Yield a socket bound to `port` of the loopback interface (0: any free one), and close it.

    Raises:
        SandboxError: the port is taken or may not be used.
    """
    # asyncio switches Nagle's algorithm off only where the protocol is named; with it every reply waits some 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, port))
        except OSError as error:
            raise SandboxError(f"port {port} of {_HOST} cannot be used: {error.strerror}") from error
        yield listener


def origin(listener: socket.socket) -> str:
    """Return the address of a bound socket, such as `http://127.0.0.1:8080`."""
    return f"http://{_HOST}:{listener.getsockname()[1]}"


def delayed(app: ASGIApp, latency_ms: int) -> ASGIApp:
    """Return `app` with every request held back for `latency_ms` milliseconds first."""
    if latency_ms <= 0:
        return app

    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(latency_ms / 1000)
        await app(scope, receive, send)

    return late


def quiet_when_left(app: ASGIApp) -> ASGIApp:
    """Return `app` without an error when a client leaves in the middle of its request: nobody waits for an answer."""

    async def left(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(ClientDisconnect):
            await app(scope, receive, send)

    return left


class _ReadyServer(uvicorn.Server):
    """A uvicorn server that tells when it accepts connections, and remembers its loop so that others can reach it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.loop = asyncio.get_running_loop()
        self.ready.set()

    def stop(self, before: Callable[[], None]) -> None:
        """Run `before` in the server's loop, then let the server end."""
        if self.loop is not None:
            self.loop.call_soon_threadsafe(before)
        self.should_exit = True


@contextmanager
def serving(app: ASGIApp, listener: socket.socket, connections: ConnectionTable) -> Iterator[None]:
    """Serve `app` on a bound socket from a thread of its own while the context lasts.

    On leaving, open connections are dropped, so that nobody who waits keeps the sandbox alive.

    Raises:
        SandboxError: the server did not come up.
    """
    config = uvicorn.Config(
        app,
        http=connections.protocol(),
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_graceful_shutdown=2,
        backlog=256,
    )
    server = _ReadyServer(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    if not server.ready.wait(_START_SECONDS):
        raise SandboxError("the sandbox did not come up in time")
    try:
        yield
    finally:
        server.stop(connections.abort_all)
        thread.join(_STOP_SECONDS)
