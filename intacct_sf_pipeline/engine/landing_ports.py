"""What the extract step needs of the staging database: landed rows, watermarks, and what is known of the clocks."""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from intacct_sf_pipeline.model.clocks import Clocks, Sighting
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.records import Side, SourceRow
from intacct_sf_pipeline.model.results import LandCounts
from intacct_sf_pipeline.model.windows import Watermark


class LandingStore(Protocol):
    """Rows as they were read. Every method that changes something is one transaction."""

    def watermark(self, feed: FeedSpec) -> Watermark | None:
        """How far `feed` has been read."""
        ...

    def reading(self, feed: FeedSpec) -> AbstractContextManager[None]:
        """While the block runs, no other run reads `feed` and lands what it read; waits for one that does.

        Costs nothing when this run is the one writer of every entity that uses the feed.

        Raises:
            LeaseHeldError: another run goes on reading it for too long.
        """
        ...

    def sightings(self, side: Side) -> Sequence[Sighting]:
        """What is known of a service's clock, in order; the newest sightings only."""
        ...

    def sight(self, side: Side, clocks: Clocks) -> Sequence[Sighting]:
        """Note what a service's clock showed, if it jumped; what is known of it then."""
        ...

    def land(
        self, feed: FeedSpec, rows: Sequence[SourceRow], *, run_id: str, watermark: Watermark | None = None
    ) -> LandCounts:
        """Upsert rows into the landing table; enqueue new, changed and deleted ones for every consuming entity.

        A row whose content (all columns but the stamps) is unchanged is not marked changed. The watermark, when given,
        commits with the rows.
        """
        ...

    def unseen(self, feed: FeedSpec, seen: Container[str]) -> list[str]:
        """Keys of live landed rows that a full read did not show; rows we made a moment ago left out."""
        ...

    def sweep(self, feed: FeedSpec, keys: Collection[str], *, run_id: str) -> int:
        """Mark landed rows that were looked for and are gone as deleted, enqueue them, and return how many."""
        ...

    def sweep_among(
        self,
        feed: FeedSpec,
        column: str,
        values: Collection[str],
        seen: Collection[str],
        *,
        run_id: str,
        settled: bool = False,
    ) -> int:
        """Like `sweep`, among the rows whose `column` is one of `values`, after all of these were looked up.

        With `settled`, rows we wrote a moment ago and never read are left out, as in `unseen`.
        """
        ...

    def landed(self, feed: FeedSpec) -> int:
        """Rows of `feed` that are landed and not deleted."""
        ...
