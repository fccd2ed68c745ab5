"""Both systems are read at once, and what comes of it is what comes of reading them one after the other.

Nobody sleeps: a reader waits at a barrier until the other side's reader has come to it too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field, replace

import pytest

from intacct_sf_pipeline.engine import steps
from intacct_sf_pipeline.engine.context import RunOptions, SyncContext
from intacct_sf_pipeline.engine.side_by_side import Reads, read_all
from intacct_sf_pipeline.model.errors import ServiceReply, TransientError
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.model.results import Page
from intacct_sf_pipeline.model.windows import Window
from intacct_sf_pipeline.runtime import Runtime
from intacct_sf_pipeline.settings import Settings
from intacct_sf_pipeline.staging.setup import open_staging
from intacct_sf_pipeline_tests.scale.made_world import FIRST, MadeService, MovedClock, made_world

PATIENCE = 20.0
"""Seconds until a barrier nobody else comes to breaks; the reads were not at once then."""
ROWS = 5


@dataclass
class InFlight:
    """How many reads are open at each side, and the most there ever were at once."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    open: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(SIDES, 0))
    most_of_side: int = 0
    most: int = 0

    def move(self, side: Side, by: int) -> None:
        with self.lock:
            self.open[side] += by
            self.most_of_side = max(self.most_of_side, self.open[side])
            self.most = max(self.most, sum(self.open.values()))


@dataclass
class MetService(MadeService):
    """Its first page comes when the other service's first page is asked for, too."""

    barrier: threading.Barrier | None = None
    flight: InFlight = field(default_factory=InFlight)
    broken: str = ""

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        self.flight.move(self.side, 1)
        try:
            if feed.name == self.broken:
                raise TransientError(ServiceReply(self.side.value, "read", message="not today"))
            if self.barrier is not None:
                barrier, self.barrier = self.barrier, None
                barrier.wait(PATIENCE)
            yield from super().read(feed, columns, window)
        finally:
            self.flight.move(self.side, -1)


@dataclass
class Setting:
    """A context over two services that are read at once."""

    ctx: SyncContext
    feeds: list[FeedSpec]
    services: dict[Side, MetService]

    def landed(self) -> dict[str, int]:
        return {f"{feed.side.value} {feed.name}": self.ctx.store.landed(feed) for feed in self.feeds}

    def booked(self) -> list[tuple[object, ...]]:
        """What was booked: feed, system, calls."""
        with self.ctx.store.database.engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT entity, system, sum(requests) FROM api_spend GROUP BY entity, system ORDER BY 1, 2"
            )
            return [tuple(row) for row in rows]


@pytest.fixture
def make(tmp_path):
    stores = []

    def setting(name: str, *, meet: bool) -> Setting:
        config, clock = load_config(None), MovedClock()
        store = open_staging(f"sqlite:///{tmp_path}/{name}.db", config.mapping, clock)
        stores.append(store)
        barrier, flight = threading.Barrier(2) if meet else None, InFlight()
        numbers = range(FIRST, FIRST + ROWS)
        plain = made_world(config.mapping, clock, numbers, numbers)
        services = {
            side: MetService(side, config.mapping, clock, numbers, numbers, page_size=2, barrier=barrier, flight=flight)
            for side in plain
        }
        runtime = Runtime(Settings.model_construct(), config, store, services, clock)
        ctx = runtime.context("run-1", RunOptions())
        entities = [entity.name for entity in config.mapping.enabled()]
        store.start_run("run-1", kind="sync", entities=entities, at=clock())
        return Setting(ctx, list(config.mapping.used_feeds()), services)

    yield setting
    for store in stores:
        store.database.engine.dispose()


def counts(reports) -> list[tuple[str, dict[str, int]]]:
    return [(report.subject, dict(report.counts)) for report in reports]


def test_both_systems_are_read_at_once_and_neither_twice_at_once(make):
    setting = make("both", meet=True)
    read_all(setting.ctx, setting.feeds)  # one after the other, the first would wait for the second until it broke
    flight = setting.services[Side.INTACCT].flight
    assert (flight.most, flight.most_of_side) == (2, 1)


def test_what_is_read_at_once_is_what_is_read_in_turn(make):
    together, in_turn = make("together", meet=True), make("in-turn", meet=False)
    at_once = read_all(together.ctx, together.feeds)
    one_by_one = [steps.extract(in_turn.ctx, feed) for feed in in_turn.feeds]
    assert counts(at_once) == counts(one_by_one)
    assert together.landed() == in_turn.landed()
    assert together.landed()["intacct customers"] == ROWS
    assert together.booked() == in_turn.booked()
    assert {system for _, system, _ in together.booked()} == {"intacct", "salesforce"}


def test_a_feed_that_cannot_be_read_leaves_the_others_alone(make):
    setting = make("broken", meet=True)
    setting.services[Side.INTACCT].broken = "contacts"
    reads = Reads(setting.ctx, setting.feeds)
    for feed in setting.feeds:
        if (feed.side, feed.name) == (Side.INTACCT, "contacts"):
            with pytest.raises(TransientError, match="not today"):
                reads.report(feed)
            assert setting.ctx.store.watermark(feed) is None
        else:
            assert reads.report(feed).step == "extract"
            assert setting.ctx.store.watermark(feed) is not None
    landed = setting.landed()
    assert (landed["intacct contacts"], landed["intacct customers"], landed["salesforce accounts"]) == (0, ROWS, ROWS)


def test_reads_that_are_stopped_end_after_their_page_and_begin_no_other(make):
    setting = make("stopped", meet=False)
    shown, go_on = threading.Event(), threading.Event()

    def progress(_step: str, _done: int, _total: int | None) -> None:
        shown.set()
        go_on.wait(PATIENCE)

    reads = Reads(replace(setting.ctx, progress=progress), setting.feeds)
    assert shown.wait(PATIENCE)
    stopping = threading.Thread(target=reads.stop)
    stopping.start()
    assert reads.stopped.wait(PATIENCE)
    go_on.set()
    stopping.join(PATIENCE)
    assert not stopping.is_alive()
    for feed in setting.feeds:
        assert setting.ctx.store.watermark(feed) is None
        with pytest.raises(CancelledError):
            reads.report(feed)
