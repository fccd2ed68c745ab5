"""What is different in a thread that only sends: it books nothing, and sends nothing more once it is told to stop.

The staging database belongs to the thread that takes the answers (`in_flight.py`); a worker has the wire and nothing
else. The transport asks `require_going_on` right before each request, waits included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from intacct_sf_pipeline.model.errors import ServiceError, ServiceReply

GoOn = Callable[[], bool]
STOPPED: Final = "stopped"
"""The code of a reply that stands for a request which never left."""
_GO_ON: ContextVar[GoOn | None] = ContextVar("go_on", default=None)


class StoppedError(ServiceError):
    """The request was not sent, since the work ends; it had no effect."""


@contextmanager
def working(go_on: GoOn) -> Iterator[None]:
    """While the block runs, this thread is a worker that may send for as long as `go_on` says so."""
    token = _GO_ON.set(go_on)
    try:
        yield
    finally:
        _GO_ON.reset(token)


def is_worker() -> bool:
    """Whether this thread only sends."""
    return _GO_ON.get() is not None


def require_going_on() -> None:
    """Called before each request of a worker, and while it waits to send one again.

    Raises:
        StoppedError: the work ends; nothing was sent.
    """
    go_on = _GO_ON.get()
    if go_on is not None and not go_on():
        message = "another call ended the work before this one was sent"
        raise StoppedError(ServiceReply("sync", "write", code=STOPPED, message=message))
