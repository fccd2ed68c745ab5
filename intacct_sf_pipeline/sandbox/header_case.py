"""Header names spelled as the services send them.

Names of headers mean the same in any letter case, and ASGI wants them in lower case; but public clients look some of
them up by the service's spelling (Airbyte's `Sforce-Locator` ends a download when it is not found).
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SPELLED = {
    b"etag": b"ETag",
    b"sforce-numberofrecords": b"Sforce-NumberOfRecords",
    b"www-authenticate": b"WWW-Authenticate",
}


class HeaderCase:
    """An ASGI middleware, to stand outside all others of an application."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def spelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = [(spell(name), value) for name, value in message.get("headers", [])]
                message = {**message, "headers": named}
            await send(message)

        await self._app(scope, receive, spelled)


def spell(name: bytes) -> bytes:
    """The usual spelling: each word with a capital, and the exceptions."""
    return _SPELLED.get(name.lower()) or b"-".join(word.capitalize() for word in name.split(b"-"))
