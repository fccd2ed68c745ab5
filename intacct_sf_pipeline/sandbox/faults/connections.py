"""The table of open connections of one server, so that a fault can drop one for real."""

from __future__ import annotations

import asyncio
import socket
import struct

from uvicorn.protocols.http.h11_impl import H11Protocol

_LINGER_NOT = struct.pack("ii", 1, 0)

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
