"""The part of the staging store that the extract step fills: landed rows, watermarks, sightings of the clocks."""

from __future__ import annotations

import logging
from collections.abc import Collection, Container, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from sqlalchemy import Connection

from intacct_sf_pipeline.model.clocks import Clocks, Sighting
from intacct_sf_pipeline.model.errors import LeaseHeldError
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.records import Side, SourceRow
from intacct_sf_pipeline.model.results import LandCounts
from intacct_sf_pipeline.model.windows import Watermark
from intacct_sf_pipeline.staging.landing import load_watermark, save_watermark
from intacct_sf_pipeline.staging.parts import StoreParts

logger = logging.getLogger(__name__)


class LandingParts(StoreParts):
    """`engine.landing_ports.LandingStore` on SQLAlchemy Core."""

    def watermark(self, feed: FeedSpec) -> Watermark | None:
        """See `LandingStore.watermark`."""
        with self.database.read() as connection:
            return load_watermark(connection, feed)

    @contextmanager
    def reading(self, feed: FeedSpec) -> Iterator[None]:
        """See `LandingStore.reading`; a lease of the feed, where the leases of this run do not cover all its users."""
        held = {lease.entity: lease.holder for grant in self._held() for lease in grant.leases}
        name = f"{feed.side.value}/{feed.name}"
        users = {entity.name for entity in self.mapping.consumers(feed)}
        if not held or name in held or users <= held.keys():
            yield
            return
        with ExitStack() as stack:
            holder = next(iter(held.values()))
            self.feed_patience.wait(lambda: stack.enter_context(self._alone([name], holder)), _tell)
            yield

    def sightings(self, side: Side) -> Sequence[Sighting]:
        """See `LandingStore.sightings`."""
        with self.database.read() as connection:
            return self._sightings.of(connection, side)

    def sight(self, side: Side, clocks: Clocks) -> Sequence[Sighting]:
        """See `LandingStore.sight`."""
        return self.database.write(lambda connection: self._sightings.add(connection, side, clocks))

    def land(
        self, feed: FeedSpec, rows: Sequence[SourceRow], *, run_id: str, watermark: Watermark | None = None
    ) -> LandCounts:
        """See `LandingStore.land`."""

        def work(connection: Connection) -> LandCounts:
            counts = self._landing.land(connection, feed, rows, run_id)
            if watermark is not None:
                save_watermark(connection, self.database, feed, watermark)
            return counts

        return LandCounts() if not rows and watermark is None else self._fenced(work)

    def unseen(self, feed: FeedSpec, seen: Container[str]) -> list[str]:
        """See `LandingStore.unseen`."""
        with self.database.read() as connection:
            return self._landing.unseen(connection, feed, seen)

    def sweep(self, feed: FeedSpec, keys: Collection[str], *, run_id: str) -> int:
        """See `LandingStore.sweep`."""
        return self._fenced(lambda connection: self._landing.sweep(connection, feed, keys, run_id))

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
        """See `LandingStore.sweep_among`."""
        return self._fenced(
            lambda connection: self._landing.sweep_among(
                connection, feed, column, values, seen, run_id, settled=settled
            )
        )

    def landed(self, feed: FeedSpec) -> int:
        """See `LandingStore.landed`."""
        with self.database.read() as connection:
            return self._landing.count(connection, feed)


def _tell(busy: LeaseHeldError, left: float) -> None:
    logger.info("%s is being read by another run (%s), waiting up to %.0f s", busy.entity, busy.holder, left)
