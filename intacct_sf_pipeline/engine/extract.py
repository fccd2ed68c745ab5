"""The extract step: what changed in one feed since its watermark goes, page by page, into its landing table.

The watermark commits with the last page only, so a read that breaks off is read again; nothing is lost, and rows
already landed are unchanged. A read that gave less than the service announced is read again once; if it still does,
what came is landed and the watermark stays where it was. Rows that a full read did not show are looked for, see
`vanished`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.seen_keys import SeenKeys
from intacct_sf_pipeline.engine.sighting import sighted, witness_clocks
from intacct_sf_pipeline.engine.vanished import WITNESSES, sweep_vanished, too_many_vanished
from intacct_sf_pipeline.model.clocks import Clocks, Sighting
from intacct_sf_pipeline.model.mapping import FeedSpec, ReadMode
from intacct_sf_pipeline.model.results import LandCounts, Page
from intacct_sf_pipeline.model.windows import Watermark, Window, advance, window_after, window_after_jump

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Extracted:
    """What one extract found.

    `lag_seconds` is how far the newest row read lies behind the service's clock. `doubts` counts what the data
    engineer should know of: `incomplete` (the read stayed short of what the service announced), `clock_jumps` (a clock
    had jumped, so the read reached back further), `unswept` (rows a full read did not show and that were not taken
    for deleted).
    """

    counts: LandCounts
    lag_seconds: float | None
    doubts: Mapping[str, int]


@dataclass(slots=True)
class _Reading:
    """One read of a feed at work; every page but the last one taken is landed."""

    window: Window
    clocks: Clocks
    sightings: Sequence[Sighting]
    last: Page
    jumped: bool = False
    counts: LandCounts = field(default_factory=LandCounts)
    seen: SeenKeys = field(default_factory=SeenKeys)
    witnesses: list[str] = field(default_factory=list)
    newest: datetime | None = None
    missing: int = 0
    shown: bool = False

    def take(self, page: Page) -> None:
        """Count a page in."""
        self.last = page
        self.missing += page.missing
        self.shown = self.shown or bool(page.rows)
        self.newest = max((m for m in (self.newest, *(row.modified for row in page.rows)) if m), default=None)
        if self.window.full:
            self.seen.update(row.key for row in page.rows)
            alive = (row.key for row in page.rows if not row.deleted)
            self.witnesses += islice(alive, WITNESSES - len(self.witnesses))


def extract_feed(ctx: SyncContext, feed: FeedSpec) -> Extracted:
    """Read one feed, land it, and mark as deleted what is gone."""
    with ctx.store.reading(feed):
        return _extract(ctx, feed)


def _extract(ctx: SyncContext, feed: FeedSpec) -> Extracted:
    before = ctx.store.watermark(feed)
    reading = _read(ctx, feed, before, _window(ctx, feed, before))
    vanished = _vanished(ctx, feed, reading)
    if _is_doubtful(ctx, feed, before, reading) or too_many_vanished(len(vanished), len(reading.seen)):
        reading = _read_again(ctx, feed, before, reading)
        vanished = _vanished(ctx, feed, reading)
    incomplete = reading.missing > 0 or _is_emptied(ctx, feed, before, reading)
    unswept = 0
    if incomplete:
        logger.warning(
            "%s %s: the read is incomplete, also the second time; it is repeated in the next run",
            feed.side.value,
            feed.name,
        )
    else:
        swept = sweep_vanished(ctx, feed, vanished, len(reading.seen), reading.witnesses)
        reading.counts += swept.counts
        unswept = swept.unswept
    after = None if incomplete else _after(ctx, feed, before, reading)
    reading.counts += ctx.store.land(feed, reading.last.rows, run_id=ctx.run_id, watermark=after)
    lag = (reading.clocks.server - reading.newest).total_seconds() if reading.newest else None
    doubts = {"incomplete": int(incomplete), "clock_jumps": int(reading.jumped), "unswept": unswept}
    return Extracted(reading.counts, lag, doubts)


def _read(ctx: SyncContext, feed: FeedSpec, before: Watermark | None, window: Window) -> _Reading:
    """Read `window`, or a wider one when the first page shows that a clock has jumped."""
    reading, pages = _open(ctx, feed, window)
    if not window.full and ctx.options.since is None:
        wider = window_after_jump(before, reading.clocks, _overlap(ctx), reading.sightings, window)
        if wider is not None:
            what = "everything" if wider.full else f"what changed since {wider.start}"
            logger.warning("%s %s: a clock has jumped, reading %s", feed.side.value, feed.name, what)
            reading, pages = _open(ctx, feed, wider)
            reading.jumped = True
    for page in pages:
        reading.counts += ctx.store.land(feed, reading.last.rows, run_id=ctx.run_id)
        reading.take(page)
        reading.counts += _sweep_extent(ctx, feed, page)
        ctx.progress(f"read {feed.side.value} {feed.name}", reading.counts.read + len(page.rows), page.total)
    return reading


def _open(ctx: SyncContext, feed: FeedSpec, window: Window) -> tuple[_Reading, Iterator[Page]]:
    """Begin to read: the first page taken, the others to come."""
    pages = ctx.connectors[feed.side].read(feed, ctx.config.mapping.columns(feed), window)
    first = next(pages)
    witness_clocks(ctx, feed.side)
    clocks = Clocks(first.server_time, ctx.clock())
    reading = _Reading(window, clocks, sighted(ctx, feed.side, clocks), first)
    reading.take(first)
    reading.counts += _sweep_extent(ctx, feed, first)
    ctx.progress(f"read {feed.side.value} {feed.name}", len(first.rows), first.total)
    return reading, pages


def _sweep_extent(ctx: SyncContext, feed: FeedSpec, page: Page) -> LandCounts:
    """Mark as deleted what a page that holds all of an extent does not show; done before the watermark moves."""
    if page.all_of is None or page.missing:
        return LandCounts()
    seen = {row.key for row in page.rows}
    extent = page.all_of
    gone = ctx.store.sweep_among(feed, extent.column, extent.values, seen, run_id=ctx.run_id, settled=True)
    return LandCounts(deleted=gone)


def _read_again(ctx: SyncContext, feed: FeedSpec, before: Watermark | None, first: _Reading) -> _Reading:
    """Read the same window once more; what either read showed counts as seen."""
    why = "incomplete" if first.shown or before is not None else "the first one, and showed nothing"
    level = logging.WARNING if first.shown or before is not None else logging.INFO
    logger.log(level, "%s %s: the read was %s, reading again", feed.side.value, feed.name, why)
    counts = first.counts + ctx.store.land(feed, first.last.rows, run_id=ctx.run_id)
    second = _read(ctx, feed, before, first.window)
    second.counts += counts
    second.seen.merge(first.seen)
    second.jumped = second.jumped or first.jumped
    return second


def _is_doubtful(ctx: SyncContext, feed: FeedSpec, before: Watermark | None, reading: _Reading) -> bool:
    """Whether rows are known to be missing, or a feed shows nothing that never was read or never was empty."""
    never_read = before is None and reading.window.full and not reading.shown
    return reading.missing > 0 or never_read or _is_emptied(ctx, feed, before, reading)


def _is_emptied(ctx: SyncContext, feed: FeedSpec, before: Watermark | None, reading: _Reading) -> bool:
    """Whether a full read shows nothing of a feed that has rows; such a read proves nothing."""
    if not reading.window.full or reading.shown or before is None or before.full_at is None:
        return False
    return ctx.store.landed(feed) > 0


def _vanished(ctx: SyncContext, feed: FeedSpec, reading: _Reading) -> list[str]:
    """Rows that a full read should have shown; one that shows nothing at all says nothing about any."""
    return ctx.store.unseen(feed, reading.seen) if reading.window.full and reading.shown else []


def _window(ctx: SyncContext, feed: FeedSpec, before: Watermark | None) -> Window:
    options = ctx.options
    if options.full or feed.read is ReadMode.ALL or feed.modified is None:
        return Window()
    if options.since is not None:
        return Window(options.since, options.until)
    return window_after(before, _overlap(ctx), ctx.store.sightings(feed.side))


def _after(ctx: SyncContext, feed: FeedSpec, before: Watermark | None, reading: _Reading) -> Watermark | None:
    """A backfill of past days proves nothing about later ones and leaves the watermark where it is."""
    if ctx.options.since is not None and not reading.window.full:
        return None
    number, full = reading.sightings[-1].number, reading.window.full
    return advance(before, feed.name, reading.clocks, sighting=number, full=full, shown=reading.shown)


def _overlap(ctx: SyncContext) -> timedelta:
    return timedelta(seconds=ctx.config.policies.overlap_seconds)
