"""Watermarks against a simulated service: no change is ever passed, and nothing is read in full without need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.model.windows import CLOCK_TOLERANCE, Watermark, Window, advance, window_after

from .simulated_service import BASE, Clocks, Reader, Service

OVERLAP = timedelta(seconds=600)
LATEST = int(OVERLAP.total_seconds())


@dataclass(frozen=True)
class Interval:
    """What happens between two reads: edits as (seconds later, key, lateness, stamped), and perhaps one clock jump."""

    edits: tuple[tuple[int, str, int, bool], ...]
    jump: tuple[str, int, int] | None
    rest: int


keys = st.sampled_from([f"k{number}" for number in range(6)])
edits = st.tuples(st.integers(0, 400), keys, st.integers(0, LATEST), st.sampled_from([True, True, True, False]))
sizes, places = st.integers(-40_000, 40_000) | st.integers(-90, 90), st.integers(0, 8)
jumps = st.tuples(st.sampled_from(["service", "own"]), sizes, places)
own_jumps = st.tuples(st.just("own"), sizes, places)
jumps_back = st.tuples(st.just("service"), sizes.map(lambda size: -abs(size)), places)
some_edits = st.lists(edits, max_size=8).map(tuple)
quiet = st.builds(Interval, some_edits, st.none(), st.integers(0, 50_000))
jumpy = st.builds(Interval, some_edits, st.none() | jumps, st.integers(LATEST, 50_000))
hasty = st.builds(Interval, some_edits, st.none() | own_jumps | jumps_back, st.integers(0, 900))
timelines = st.lists(jumpy, max_size=8) | st.lists(hasty, max_size=8)
"""Reads further apart than the overlap, as by default, with any jump; or in haste, with any but the service's ahead."""


def live_through(service: Service, interval: Interval) -> None:
    for place, (wait, key, late, stamped) in enumerate(interval.edits):
        _jump_at(service, interval, place)
        service.now += wait
        service.edit(key, late, stamped=stamped)
    if interval.jump and interval.jump[2] >= len(interval.edits):
        _jump(service, interval.jump)
    service.now += interval.rest


def _jump_at(service: Service, interval: Interval, place: int) -> None:
    if interval.jump and interval.jump[2] == place:
        _jump(service, interval.jump)


def _jump(service: Service, jump: tuple[str, int, int]) -> None:
    if jump[0] == "service":
        service.clock_offset += jump[1]
    else:
        service.own_offset += jump[1]


def settle(service: Service, reader: Reader) -> None:
    service.now += LATEST
    reader.tick()


@settings(max_examples=600, deadline=None)
@given(intervals=timelines)
def test_every_row_is_read_at_its_last_version_whatever_the_clocks_do(intervals: list[Interval]) -> None:
    service = Service()
    reader = Reader(service, OVERLAP)
    for interval in intervals:
        live_through(service, interval)
        reader.tick()
    settle(service, reader)
    assert service.unread(reader.known) == []


@settings(max_examples=600, deadline=None)
@given(intervals=st.lists(jumpy, max_size=8))
def test_the_next_window_reaches_every_change_that_is_still_on_its_way(intervals: list[Interval]) -> None:
    service = Service()
    reader = Reader(service, OVERLAP)
    for interval in intervals:
        live_through(service, interval)
        reader.tick()
        start = window_after(reader.watermark, OVERLAP).start
        on_their_way = [version.stamp for version in service.unread(reader.known) if version.stamp is not None]
        assert start is None or all(stamp >= start for stamp in on_their_way)


@settings(max_examples=300, deadline=None)
@given(intervals=st.lists(quiet, min_size=1, max_size=8))
def test_with_steady_clocks_each_tick_is_one_read_and_only_the_first_is_full(intervals: list[Interval]) -> None:
    service = Service()
    service.edit("there from the beginning")
    reader = Reader(service, OVERLAP)
    for interval in intervals:
        live_through(service, interval)
        reader.tick()
    assert (reader.reads, reader.full_reads) == (len(intervals), 1)


@settings(max_examples=300, deadline=None)
@given(intervals=st.lists(jumpy, min_size=1, max_size=8))
def test_everything_is_read_again_only_when_the_service_is_found_behind_the_watermark(
    intervals: list[Interval],
) -> None:
    service = Service()
    service.edit("there from the beginning")
    reader = Reader(service, OVERLAP)
    behind = 0
    for interval in intervals:
        live_through(service, interval)
        value = reader.watermark.value if reader.watermark else None
        behind += value is not None and service.clocks.server < value - CLOCK_TOLERANCE
        reader.tick()
    assert reader.full_reads == 1 + behind


def test_thousands_in_one_second_straddling_a_read_are_all_read() -> None:
    service = Service(now=1000)
    reader = Reader(service, OVERLAP)
    for number in range(3000):
        service.edit(f"a{number}")
    reader.tick()
    for number in range(3000):
        service.edit(f"b{number}")
    settle(service, reader)
    assert len(reader.known) == 6000


def test_a_clock_that_ran_ahead_over_night_leaves_no_gap() -> None:
    """The watermark was set an hour ahead; when the next read comes, the right clock has long passed it."""
    service = Service(clock_offset=3600)
    service.edit("first")
    reader = Reader(service, OVERLAP)
    reader.tick()
    service.clock_offset = 0
    service.now += 1200
    service.edit("stamped before the watermark")
    service.now += 8 * 3600
    reader.tick()
    assert service.unread(reader.known) == []
    assert (reader.full_reads, reader.reads) == (1, 3)


def test_a_row_on_its_way_when_the_clock_jumps_ahead_is_not_passed() -> None:
    service = Service(now=5000)
    service.edit("first")
    reader = Reader(service, OVERLAP)
    reader.tick()
    service.now += 900
    service.edit("on its way", late=500)
    service.clock_offset = 3600
    service.now += 5
    reader.tick()
    settle(service, reader)
    assert service.unread(reader.known) == []


def test_once_read_after_a_jump_the_watermark_keeps_up_with_the_service_again() -> None:
    service = Service(clock_offset=7200)
    reader = Reader(service, OVERLAP)
    service.edit("first")
    reader.tick()
    service.clock_offset += 3600
    for _ in range(2):
        service.now += 900
        reader.tick()
    assert reader.watermark
    assert reader.watermark.value == service.clocks.server


def test_our_own_clock_jumping_costs_at_most_one_wider_read_and_never_a_full_one() -> None:
    service = Service()
    service.edit("first")
    reader = Reader(service, OVERLAP)
    reader.tick()
    for offset in (86_400, -86_400, 0):
        service.own_offset = offset
        service.now += 900
        before = reader.reads
        reader.tick()
        assert reader.reads - before <= 2
        service.now += 900
        reader.tick()
    assert reader.full_reads == 1


def test_a_feed_that_never_showed_a_row_is_still_read_in_full() -> None:
    clocks = Clocks(BASE, BASE)
    empty = advance(None, "feed", clocks, full=True, shown=False)
    assert (empty.value, empty.full_at) == (BASE, None)
    assert window_after(empty, OVERLAP) == Window()
    assert window_after(advance(empty, "feed", clocks, full=True), OVERLAP) == Window(start=BASE - OVERLAP)


def test_an_emptied_watermark_means_everything() -> None:
    assert window_after(Watermark("feed", None, BASE), OVERLAP) == Window()
    assert window_after(None, OVERLAP) == Window()
