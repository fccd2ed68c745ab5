"""What replies show of a service's clock: every one of them carries it, whatever it is about."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from intacct_sf_pipeline.model.clocks import SIGHTED_FROM, Glance

_MOST = 200
"""Looks that are kept until somebody asks; a clock that jumps more often is past helping."""


class ClockWitness:
    """Keeps the `Date` headers that tell something new, until they are asked for. Safe to share between threads.

    Args:
        monotonic: seconds that nobody sets.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._seen: list[tuple[datetime, float]] = []

    def see(self, headers: Mapping[str, str]) -> None:
        """A reply came with these headers."""
        try:
            server = parsedate_to_datetime(headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError, TypeError):
            return
        now = self._monotonic()
        with self._lock:
            if self._seen and len(self._seen) < _MOST:
                last, at = self._seen[-1]
                if abs((server - last).total_seconds() - (now - at)) < SIGHTED_FROM.total_seconds() / 2:
                    return
            self._seen = [*self._seen[-_MOST + 1 :], (server, now)]

    def taken(self) -> tuple[Glance, ...]:
        """What was kept since the last time, in order."""
        with self._lock:
            seen, self._seen = self._seen, []
        now = self._monotonic()
        return tuple(Glance(server, max(now - at, 0.0)) for server, at in seen)
