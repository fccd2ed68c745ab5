"""Watermarks against a simulated service: no change is ever passed, and nothing is read in full without need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.model.clocks import SIGHTED_FROM
from intacct_sf_pipeline.model.windows import CLOCK_TOLERANCE, Watermark, Window, advance, window_after
from intacct_sf_pipeline_tests.effort import tries

from .simulated_service import BASE, Clocks, Reader, Service

OVERLAP = timedelta(seconds=600)
LATEST = int((OVERLAP - 2 * SIGHTED_FROM).total_seconds())
"""How late a row may be seen and still be read: what is too small for a jump is covered by the overlap too."""


@dataclass(frozen=True)
class Event:
    """One thing that happens `wait` seconds after the one before it."""

    wait: int
    kind: str
    key: str = ""
    late: int = 0
    stamped: bool = True
    size: int = 0


Interval = tuple[tuple[Event, ...], int]
"""What happens between two reads, and how long it is quiet then."""

keys = st.sampled_from([f"k{number}" for number in range(6)])
waits = st.integers(0, 400)
stamped = st.sampled_from([True, True, True, False])
edits = st.builds(Event, waits, st.just("edit"), keys, st.integers(0, LATEST), stamped)
sizes = st.integers(-40_000, 40_000) | st.integers(-90, 90)
jumps = st.builds(Event, waits, st.just("service"), size=sizes)
own_jumps = st.builds(Event, waits, st.just("own"), size=sizes)
looks = st.builds(Event, waits, st.just("look"))
some_edits = st.lists(edits, max_size=8).map(tuple)


def intervals_of(jump: st.SearchStrategy[Event], longest: int) -> st.SearchStrategy[Interval]:
    """Edits, and looks at the clock by other feeds' reads; a jump is seen before the next one."""
    there_and_back = st.tuples(some_edits, jump, some_edits, looks, some_edits, jump, some_edits)
    once = st.tuples(some_edits, jump, some_edits)
    parts = st.one_of(st.tuples(some_edits), once, there_and_back)
    return st.tuples(parts.map(_flat), st.integers(0, longest))


def _flat(parts: tuple[tuple[Event, ...] | Event, ...]) -> tuple[Event, ...]:
    return tuple(event for part in parts for event in (part if isinstance(part, tuple) else (part,)))


quiet = st.tuples(some_edits, st.integers(0, 50_000))
jumpy = intervals_of(jumps | own_jumps, 50_000)
hasty = intervals_of(jumps | own_jumps, 900)
timelines = st.lists(jumpy, max_size=8) | st.lists(hasty, max_size=8)


def live_through(reader: Reader, interval: Interval) -> None:
    service, (events, rest) = reader.service, interval
    for event in events:
        service.now += event.wait
        if event.kind == "edit":
            service.edit(event.key, event.late, stamped=event.stamped)
        elif event.kind == "service":
            service.clock_offset += event.size
        elif event.kind == "own":
            service.own_offset += event.size
        else:
            reader.look()
    service.now += rest


def settle(service: Service, reader: Reader) -> None:
    service.now += LATEST
    reader.tick()


@settings(max_examples=tries(400), deadline=None)
@given(intervals=timelines)
def test_every_row_is_read_at_its_last_version_whatever_the_clocks_do(intervals: list[Interval]) -> None:
    service = Service()
    reader = Reader(service, OVERLAP)
    for interval in intervals:
        live_through(reader, interval)
        reader.tick()
    settle(service, reader)
    assert service.unread(reader.known) == []


@settings(max_examples=tries(300), deadline=None)
@given(intervals=timelines)
def test_the_next_window_reaches_every_change_that_is_still_on_its_way(intervals: list[Interval]) -> None:
    service = Service()
    reader = Reader(service, OVERLAP)
    for interval in intervals:
        live_through(reader, interval)
        reader.tick()
        start = reader.window().start
        on_their_way = [version.stamp for version in service.unread(reader.known) if version.stamp is not None]
        assert start is None or all(stamp >= start for stamp in on_their_way)


def test_a_clock_that_went_back_and_forth_between_two_reads_is_read_further_back_by_as_much() -> None:
    """Another feed's read saw the clock an hour behind; what was stamped then lies before this feed's watermark."""
    service = Service(now=50_000)
    service.edit("first")
    reader = Reader(service, OVERLAP)
    reader.tick()
    service.clock_offset = -3600
    reader.look()
    service.now += 30
    service.edit("stamped an hour behind")
    service.clock_offset = 0
    service.now += 900
    reader.tick()
    assert service.unread(reader.known) == []
    assert (reader.full_reads, reader.reads) == (1, 2)


def test_once_the_clock_was_steady_for_an_overlap_windows_are_as_narrow_as_before() -> None:
    service = Service(now=50_000)
    service.edit("first")
    reader = Reader(service, OVERLAP)
    reader.tick()
    service.clock_offset = -3600
    reader.look()
    service.clock_offset = 0
    for _ in range(3):
        service.now += 900
        reader.tick()
    assert reader.watermark
    assert reader.window() == Window(start=reader.watermark.value - OVERLAP)
    assert reader.reads == 4


@settings(max_examples=tries(300), deadline=None)
@given(intervals=st.lists(quiet, min_size=1, max_size=8))
def test_with_steady_clocks_each_tick_is_one_read_and_only_the_first_is_full(intervals: list[Interval]) -> None:
    service = Service()
    service.edit("there from the beginning")
    reader = Reader(service, OVERLAP)
    for interval in intervals:
        live_through(reader, interval)
        reader.tick()
    assert (reader.reads, reader.full_reads) == (len(intervals), 1)


@settings(max_examples=tries(300), deadline=None)
@given(intervals=st.lists(jumpy, min_size=1, max_size=8))
def test_everything_is_read_again_only_when_the_service_is_found_behind_the_watermark(
    intervals: list[Interval],
) -> None:
    service = Service()
    service.edit("there from the beginning")
    reader = Reader(service, OVERLAP)
    behind = 0
    for interval in intervals:
        live_through(reader, interval)
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
    assert (reader.full_reads, reader.reads) == (1, 2)


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
