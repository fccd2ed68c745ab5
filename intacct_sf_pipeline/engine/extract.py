"""The extract step: what changed in one feed since its watermark goes, page by page, into its landing table.

The watermark commits with the last page only, so a read that breaks off is read again; nothing is lost, and rows
already landed are unchanged.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.model.mapping import FeedSpec, ReadMode
from intacct_sf_pipeline.model.results import LandCounts, Page
from intacct_sf_pipeline.model.windows import Watermark, Window, advance, window_after


def extract_feed(ctx: SyncContext, feed: FeedSpec) -> tuple[LandCounts, float | None]:
    """Read one feed and land it.

    Its counts, and the seconds by which the newest row read lags behind the service's clock.
    """
    before = ctx.store.watermark(feed)
    window = _window(ctx, feed, before)
    counts, seen = LandCounts(), set[str]()
    newest: datetime | None = None
    server_time: datetime | None = None
    held_back: Page | None = None
    for page in ctx.connectors[feed.side].read(feed, ctx.config.mapping.columns(feed), window):
        if held_back is not None:
            counts += ctx.store.land(feed, held_back.rows, run_id=ctx.run_id)
        held_back, server_time = page, page.server_time
        newest = max((moment for moment in (newest, *(row.modified for row in page.rows)) if moment), default=None)
        if window.full:
            seen.update(row.key for row in page.rows)
        ctx.progress(f"read {feed.side.value} {feed.name}", counts.read + len(page.rows), page.total)
    if held_back is None or server_time is None:
        return counts, None
    if window.full:
        counts += LandCounts(deleted=_sweep(ctx, feed, seen))
    counts += ctx.store.land(
        feed, held_back.rows, run_id=ctx.run_id, watermark=_after(ctx, feed, before, window, server_time)
    )
    return counts, (server_time - newest).total_seconds() if newest else None


def _window(ctx: SyncContext, feed: FeedSpec, before: Watermark | None) -> Window:
    options = ctx.options
    if options.full or feed.read is ReadMode.ALL or feed.modified is None:
        return Window()
    if options.since is not None:
        return Window(options.since, options.until)
    return window_after(before, timedelta(seconds=ctx.config.policies.overlap_seconds))


def _after(
    ctx: SyncContext, feed: FeedSpec, before: Watermark | None, window: Window, server_time: datetime
) -> Watermark | None:
    """A backfill of past days proves nothing about later ones and leaves the watermark where it is."""
    if ctx.options.since is not None and not window.full:
        return None
    return advance(before, feed.name, server_time=server_time, full=window.full)


def _sweep(ctx: SyncContext, feed: FeedSpec, seen: set[str]) -> int:
    """Rows that a full read did not show are gone; a read that shows nothing at all proves nothing."""
    if not seen:
        return 0
    return ctx.store.sweep(feed, seen, run_id=ctx.run_id)
