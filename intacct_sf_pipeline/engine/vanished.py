"""Rows that a full read did not show: looked for by key before they are taken for deleted.

A truncated read, a filter or a lost permission makes rows vanish too. So a row is gone only when a look-up by its key
does not find it while the same look-up finds every witness, rows that the read has just shown. When too many vanish at
once, none is taken for gone: that is for a person to see.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.results import LandCounts

logger = logging.getLogger(__name__)
SWEEP_MAX_PERCENT = 20
"""Share of a feed's rows that may vanish at once and still be taken for deleted."""

SWEEP_FREE_ROWS = 20
"""So many rows may vanish at once whatever their share; a small feed is no reason to ask."""

WITNESSES = 20
"""So many rows known to be there are looked up along with the vanished ones."""

_CHUNK = 200
"""Keys per look-up: with the witnesses they fit into one call of either service."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What became of vanished rows: found by looking (and landed), gone (and marked deleted), or left as they were."""

    counts: LandCounts = field(default_factory=LandCounts)
    unswept: int = 0


def too_many_vanished(vanished: int, seen: int) -> bool:
    """Whether so many rows cannot simply be deleted, when a full read showed `seen`."""
    return vanished > SWEEP_FREE_ROWS and 100 * vanished > SWEEP_MAX_PERCENT * (vanished + seen)


def sweep_vanished(
    ctx: SyncContext, feed: FeedSpec, keys: Sequence[str], seen: int, witnesses: Collection[str]
) -> Sweep:
    """Look for the rows `keys` that a full read of `seen` rows did not show; mark as deleted what is gone.

    Args:
        ctx: the run.
        feed: the feed that was read.
        keys: keys of live landed rows that were not shown.
        seen: how many rows were shown.
        witnesses: keys of live rows that were shown; without any nothing is taken for gone.
    """
    if not keys:
        return Sweep()
    name = f"{feed.side.value} {feed.name}"
    if too_many_vanished(len(keys), seen):
        logger.warning("%s: %d rows vanished and %d are left; none is taken for deleted", name, len(keys), seen)
        return Sweep(unswept=len(keys))
    counts, unswept = LandCounts(), 0
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        asked = [*chunk, *witnesses]
        rows = ctx.connectors[feed.side].lookup(feed, ctx.config.mapping.columns(feed), feed.key, asked)
        found = {row.key for row in rows}
        if rows:
            counts += ctx.store.land(feed, rows, run_id=ctx.run_id)
        absent = [key for key in chunk if key not in found]
        if witnesses and found.issuperset(witnesses):
            counts += LandCounts(deleted=ctx.store.sweep(feed, absent, run_id=ctx.run_id))
        else:
            unswept += len(absent)
    if unswept:
        logger.warning("%s: %d rows vanished, but a look-up misses others too; left as they are", name, unswept)
    return Sweep(counts, unswept)
