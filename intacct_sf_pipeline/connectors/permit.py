"""Leave to send, asked for right before each request goes out: a run that is no longer the one writer sends nothing.

The check before a batch is not enough: one batch may take several requests and waits between them, and a process may
be stopped at any point and wake up much later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Check = Callable[[], None]
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
