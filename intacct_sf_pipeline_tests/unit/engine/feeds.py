"""A service and a landing table in memory, for tests of the extract step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from intacct_sf_pipeline.engine.context import RunOptions, SyncContext
from intacct_sf_pipeline.engine.extract import Extracted, extract_feed
from intacct_sf_pipeline.engine.ports import Connector, StagingStore
from intacct_sf_pipeline.model.clocks import Clocks, Glance, Sighting
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping import FeedSpec, SyncMapping
from intacct_sf_pipeline.model.records import Side, SourceRow
from intacct_sf_pipeline.model.results import LandCounts, Page
from intacct_sf_pipeline.model.windows import Watermark, Window

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
FEED = FeedSpec(name="f", side=Side.INTACCT, object="o", asset="f", key="key", modified="stamp")
CONFIG = SyncConfig(mapping=SyncMapping(feeds=(FEED,), entities=()))
Tamper = Callable[[list[SourceRow], Window], tuple[list[SourceRow], int]]


@dataclass
class FakeService:
    """Rows by key. `tampers` act on the reads to come, one each: which rows to show, and how many are missing."""

    now: datetime = START
    rows: dict[str, SourceRow] = field(default_factory=dict)
    tampers: list[Tamper] = field(default_factory=list)
    blind: bool = False
    forgets: set[str] = field(default_factory=set)
    page_size: int = 3
    glanced: list[Glance] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    lookups: list[set[str]] = field(default_factory=list)

    def put(self, *keys: str, **values: str) -> None:
        for key in keys:
            self.rows[key] = SourceRow(key, {"name": key, **values}, self.now)

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        self.windows.append(window)
        found = [
            row for row in self.rows.values() if window.start is None or (row.modified or self.now) >= window.start
        ]
        missing = 0
        if self.tampers:
            found, missing = self.tampers.pop(0)(found, window)
        pages = [found[at : at + self.page_size] for at in range(0, len(found), self.page_size)] or [[]]
        for number, page in enumerate(pages):
            yield Page(tuple(page), self.now, len(found) + missing, missing if number == len(pages) - 1 else 0)

    def glances(self) -> Sequence[Glance]:
        seen, self.glanced = self.glanced, []
        return seen

    def lookup(self, feed: FeedSpec, columns: Sequence[str], by: str, values: Collection[str]) -> list[SourceRow]:
        self.lookups.append(set(values))
        found = [self.rows[key] for key in values if key in self.rows and key not in self.forgets]
        return [] if self.blind else found


@dataclass
class FakeStore:
    """What landed, what was deleted, and the watermark; a write counts once per call."""

    mark: Watermark | None = None
    live: dict[str, SourceRow] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    seen: list[Sighting] = field(default_factory=list)

    @contextmanager
    def reading(self, feed: FeedSpec) -> Iterator[None]:
        yield

    def sightings(self, side: Side) -> Sequence[Sighting]:
        return self.seen

    def sight(self, side: Side, clocks: Clocks) -> Sequence[Sighting]:
        self.seen.append(Sighting(len(self.seen) + 1, clocks))
        return self.seen

    def landed(self, feed: FeedSpec) -> int:
        return len(set(self.live) - self.deleted)

    def watermark(self, feed: FeedSpec) -> Watermark | None:
        return self.mark

    def land(
        self, feed: FeedSpec, rows: Sequence[SourceRow], *, run_id: str, watermark: Watermark | None = None
    ) -> LandCounts:
        self.live.update((row.key, row) for row in rows)
        self.deleted -= {row.key for row in rows}
        self.mark = watermark or self.mark
        return LandCounts(read=len(rows))

    def unseen(self, feed: FeedSpec, seen: Collection[str]) -> list[str]:
        return [key for key in self.live if key not in seen and key not in self.deleted]

    def sweep(self, feed: FeedSpec, keys: Collection[str], *, run_id: str) -> int:
        self.deleted |= set(keys)
        return len(keys)


@dataclass
class Extraction:
    """Ticks of one feed."""

    service: FakeService = field(default_factory=FakeService)
    store: FakeStore = field(default_factory=FakeStore)
    own_offset: timedelta = timedelta(0)

    def tick(self, **options: object) -> Extracted:
        """Read the feed 15 minutes later."""
        self.service.now += timedelta(minutes=15)
        ctx = SyncContext(
            "run",
            CONFIG,
            cast(StagingStore, self.store),
            {Side.INTACCT: cast(Connector, self.service)},
            RunOptions(**options),  # type: ignore[arg-type]  # given by name, as a test needs them
            clock=lambda: self.service.now + self.own_offset,
        )
        return extract_feed(ctx, FEED)
