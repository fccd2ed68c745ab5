"""The sandbox's clocks: callables that give the present moment as an aware UTC `datetime`.

Every stamp, token life and idempotency window of the sandbox comes from one clock passed in at construction, so that a
test moves time by a method call and never sleeps.
"""

from __future__ import annotations

from collections.abc import Callable
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


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the sandbox clock takes aware moments only (give the time zone)")
    return moment.astimezone(UTC)
