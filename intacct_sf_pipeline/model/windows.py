"""Watermarks and the windows read from them: pure arithmetic on aware UTC times.

A watermark is the service's own clock at the start of the last complete read. The next window opens `overlap` before
it, because both services stamp a row inside the transaction and show it only at commit (Source: reference on late
commits).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a feed has been read, and when it was last read in full."""

    feed: str
    value: datetime | None = None
    full_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """What to read: rows modified at or after `start` (None: every row) and before `end` (None: no upper bound)."""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def full(self) -> bool:
        """Whether every row is read."""
        return self.start is None and self.end is None


def window_after(watermark: Watermark | None, overlap: timedelta) -> Window:
    """The window that follows `watermark`: everything when there is none yet."""
    if watermark is None or watermark.value is None:
        return Window()
    return Window(start=whole_second(watermark.value - overlap))


def advance(watermark: Watermark | None, feed: str, *, server_time: datetime, full: bool) -> Watermark:
    """The watermark after a complete read that began at `server_time`; it never moves backwards."""
    before = watermark.value if watermark else None
    value = server_time if before is None else max(before, server_time)
    return Watermark(feed, value, server_time if full else (watermark.full_at if watermark else None))


def whole_second(moment: datetime) -> datetime:
    """`moment` in UTC cut to the second, the precision both services filter by."""
    return moment.astimezone(UTC).replace(microsecond=0)
