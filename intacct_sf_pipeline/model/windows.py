"""Watermarks and the windows read from them: pure arithmetic on aware UTC times.

A watermark is the service's own clock at the start of the last complete read. The next window opens `overlap` before
it, because both services stamp a row inside the transaction and show it only at commit (Source: reference on late
commits).

The service's clock alone decides. Our own is kept beside it as a witness, and what it says can only make a window
wider: a step of the service's clock that ours did not make is not believed. Two things stay for the nightly full read:
what was stamped while the service's clock went back and forth again between two reads, and rows on their way when it
jumped ahead, if two more reads follow within the overlap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

CLOCK_TOLERANCE = timedelta(seconds=60)
"""How far a service's clock may be found behind before it is taken for a jump; its servers are never quite in step."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a feed has been read, and when a full read of it last showed any row.

    `own` is what our own clock showed when the service's clock showed `value`.
    """

    feed: str
    value: datetime | None = None
    full_at: datetime | None = None
    own: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The service's clock when a read began, and ours at the same moment."""

    server: datetime
    own: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """What to read: rows modified at or after `start` (None: every row) and before `end` (None: no upper bound).

    Rows without a stamp belong to every window that is open at its end.
    """

    start: datetime | None = None
    end: datetime | None = None

    @property
    def full(self) -> bool:
        """Whether every row is read."""
        return self.start is None and self.end is None


def window_after(watermark: Watermark | None, overlap: timedelta) -> Window:
    """The window that follows `watermark`: everything as long as no full read has shown a row."""
    if watermark is None or watermark.value is None or watermark.full_at is None:
        return Window()
    return Window(start=whole_second(watermark.value - overlap))


def window_after_jump(watermark: Watermark | None, clocks: Clocks, overlap: timedelta) -> Window | None:
    """The window to read instead of `window_after` once the clocks are known; None when that one was right.

    A service's clock behind the watermark gives stamps that the watermark has passed: everything is read. One that
    went less far than ours may have been ahead when the watermark was set: the window opens earlier by the difference.
    """
    if watermark is None or watermark.value is None:
        return None
    tolerance = min(CLOCK_TOLERANCE, overlap)
    if clocks.server < watermark.value - tolerance:
        return Window()
    behind = -_ahead(watermark, clocks) if watermark.own else timedelta(0)
    return Window(start=whole_second(watermark.value - overlap - behind)) if behind > tolerance else None


def advance(watermark: Watermark | None, feed: str, clocks: Clocks, *, full: bool, shown: bool = True) -> Watermark:
    """The watermark after a complete read that began at `clocks`; `shown` says whether it gave any row.

    When the service's clock went further than ours, rows stamped before its jump may still be on their way: for one
    read the watermark follows our clock (the first one takes the earlier of both), and never falls behind where it
    was. A full read that showed nothing does not count as one.
    """
    value = clocks.server - max(_ahead(watermark, clocks), timedelta(0))
    if watermark is not None and watermark.value is not None:
        value = max(value, min(watermark.value, clocks.server))
    full_at = clocks.server if full and shown else (watermark.full_at if watermark else None)
    return Watermark(feed, value, full_at, own=value - (clocks.server - clocks.own))


def whole_second(moment: datetime) -> datetime:
    """`moment` in UTC cut to the second, the precision both services filter by."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _ahead(watermark: Watermark | None, clocks: Clocks) -> timedelta:
    """How much further than ours the service's clock went since the watermark was set; negative: less far.

    Without an earlier comparison both are taken to have been in step.
    """
    if watermark is None or watermark.value is None or watermark.own is None:
        return clocks.server - clocks.own
    return (clocks.server - watermark.value) - (clocks.own - watermark.own)
