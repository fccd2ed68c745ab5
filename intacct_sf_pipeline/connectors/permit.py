"""Leave to send, asked for right before each request goes out: a run that is no longer the one writer sends nothing.

The check before a batch is not enough: one batch may take several requests and waits between them, and a process may
be stopped at any point and wake up much later. Calls that are sent side by side ask each for
itself, and whether the work goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from intacct_sf_pipeline.engine.writing.worker import is_worker, require_going_on

Check = Callable[[], None]
_NAP = 1.0
_CHECK: ContextVar[Check | None] = ContextVar("permit", default=None)


@contextmanager
def permitted_by(check: Check | None) -> Iterator[None]:
    """While the block runs, no request of this thread leaves unless `check` lets it pass (it raises if not)."""
    token = _CHECK.set(check)
    try:
        yield
    finally:
        _CHECK.reset(token)


def require_permit() -> None:
    """Called by the transport before each request; whatever the check of the moment raises goes to the caller."""
    check = _CHECK.get()
    if check is not None:
        check()
    require_going_on()


def pause(seconds: float, sleep: Callable[[float], None]) -> None:
    """Wait before a request is sent again; a thread that only sends looks up every second whether it still may."""
    if not is_worker():
        sleep(seconds)
        return
    left = seconds
    while left > 0:
        require_permit()
        sleep(min(left, _NAP))
        left -= _NAP
