"""The sandbox's clocks: callables that give the present moment as an aware UTC `datetime`.

Every stamp, token life and idempotency window of the sandbox comes from one clock passed in at construction, so that a
test moves time by a method call and never sleeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock

Clock = Callable[[], datetime]


class SystemClock:
    """The machine's own clock, in UTC."""

    def __call__(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)


class OffsetClock:
    """A clock that can be moved: another clock plus an offset. Safe to use from several threads."""

    def __init__(self, base: Clock | None = None) -> None:
        """Run along with `base` (the system clock when left out) until moved."""
        self._base: Clock = base if base is not None else SystemClock()
        self._offset = timedelta(0)
        self._lock = Lock()

    @classmethod
    def frozen_at(cls, moment: datetime) -> OffsetClock:
        """Return a clock that stands still at `moment` and moves only by `advance` and `set`."""
        still = _utc(moment)
        return cls(lambda: still)

    def __call__(self) -> datetime:
        """Return the moved moment."""
        with self._lock:
            return self._base() + self._offset

    def advance(self, seconds: float) -> datetime:
        """Move by `seconds` (negative goes back) and return the new moment."""
        with self._lock:
            self._offset += timedelta(seconds=seconds)
            return self._base() + self._offset

    def set(self, moment: datetime) -> datetime:
        """Jump to `moment`, which must be aware, and return it in UTC.

        Raises:
            ValueError: `moment` carries no time zone.
        """
        target = _utc(moment)
        with self._lock:
            self._offset = target - self._base()
        return target


class ServiceClock:
    """One service's own clock: another clock, which faults can make jump for a while or stand still for a moment.

    Stamps and the `Date` header follow it. Lives (of tokens, cursors, idempotency keys) go by `steady`, so that a jump
    does not also end them.
    """

    def __init__(self, steady: Clock) -> None:
        """Run with `steady` until told otherwise."""
        self.steady = steady
        self._offset = timedelta(0)
        self._left: int | None = None
        self._held: datetime | None = None
        self._lock = Lock()

    def __call__(self) -> datetime:
        """Return the moment this service believes it is."""
        with self._lock:
            return self._held if self._held is not None else self.steady() + self._offset

    def jump(self, seconds: float, requests: int | None = None) -> None:
        """Be `seconds` off from now on, or only until so many requests (the present one included) are answered."""
        with self._lock:
            self._offset, self._left = timedelta(seconds=seconds), requests

    def answered(self) -> None:
        """Count an answered request; after the last one of a jump the clock is right again."""
        with self._lock:
            if self._left is None:
                return
            self._left -= 1
            if self._left <= 0:
                self._offset, self._left = timedelta(0), None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Stand still while a block runs, so that all it stamps bears one second."""
        now = self()
        with self._lock:
            before, self._held = self._held, now
        try:
            yield
        finally:
            with self._lock:
                self._held = before


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the sandbox clock takes aware moments only (give the time zone)")
    return moment.astimezone(UTC)
