"""Watermarks and the windows read from them: pure arithmetic on aware UTC times.

A watermark is the service's own clock at the start of the last complete read. The next window opens `overlap` before
it, because both services stamp a row inside the transaction and show it only at commit (Source: reference on late
commits).

Where the service's clock was behind for a while, stamps lie before the watermark. How far, the sightings of that clock
tell (`clocks.py`): every reply of the service to anybody is one. The window opens earlier by as much, until a read
that began `overlap` after the clock was last seen behind. What stays for the nightly full read is a clock that went
back and forth again without a single reply between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from intacct_sf_pipeline.model.clocks import Clocks, Sighting, lowest_offset

CLOCK_TOLERANCE = timedelta(seconds=60)
"""How far a service's clock may be found behind before it is read further back at once; its servers are never quite in
step."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a feed has been read, and when a full read of it last showed any row.

    `own` is what our own clock showed when the service's clock showed `value`, `sighting` the number of the last
    sighting of that clock until then (0: none is known).
    """

    feed: str
    value: datetime | None = None
    full_at: datetime | None = None
    own: datetime | None = field(default=None, compare=False)
    sighting: int = field(default=0, compare=False)


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


def window_after(watermark: Watermark | None, overlap: timedelta, sightings: Sequence[Sighting] = ()) -> Window:
    """The window that follows `watermark`: everything as long as no full read has shown a row.

    `sightings` are those of the service's clock, in order.
    """
    if watermark is None or watermark.value is None or watermark.full_at is None:
        return Window()
    return Window(start=whole_second(watermark.value - overlap - _behind(watermark, overlap, sightings)))


def window_after_jump(
    watermark: Watermark | None, clocks: Clocks, overlap: timedelta, sightings: Sequence[Sighting], opened: Window
) -> Window | None:
    """The window to read instead of `opened` once the clocks are known; None when that one was right.

    `sightings` are all there are by then. A service's clock behind the watermark gives stamps that the watermark has
    passed: everything is read. One that went less far than ours, or was seen behind meanwhile by a call about
    something else, may have given stamps before the window: it opens earlier by the difference.
    """
    if watermark is None or watermark.value is None or opened.start is None:
        return None
    tolerance = min(CLOCK_TOLERANCE, overlap)
    if clocks.server < watermark.value - tolerance:
        return Window()
    wider = window_after(watermark, overlap, [*sightings, Sighting(watermark.sighting + 1, clocks)])
    return None if wider.start is not None and wider.start >= opened.start - tolerance else wider


def advance(
    watermark: Watermark | None, feed: str, clocks: Clocks, *, sighting: int = 0, full: bool, shown: bool = True
) -> Watermark:
    """The watermark after a complete read that began at `clocks`; `shown` says whether it gave any row.

    A full read that showed nothing does not count as one.
    """
    full_at = clocks.server if full and shown else (watermark.full_at if watermark else None)
    return Watermark(feed, clocks.server, full_at, own=clocks.own, sighting=sighting)


def whole_second(moment: datetime) -> datetime:
    """`moment` in UTC cut to the second, the precision both services filter by."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _behind(watermark: Watermark, overlap: timedelta, sightings: Sequence[Sighting]) -> timedelta:
    """How far the service's clock may have been behind where it was at the watermark's read; not below nothing."""
    if watermark.value is None or watermark.own is None or not sightings:
        return timedelta(0)
    read = Clocks(watermark.value, watermark.own)
    return max(read.offset - lowest_offset(sightings, watermark.sighting, read, overlap), timedelta(0))
