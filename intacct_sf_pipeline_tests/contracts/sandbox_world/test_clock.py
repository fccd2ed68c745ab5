"""The sandbox clocks: aware UTC, moved by hand."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.clock import OffsetClock, SystemClock

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_the_system_clock_is_aware_utc() -> None:
    assert SystemClock()().utcoffset() == timedelta(0)


@given(steps=st.lists(st.integers(-100_000, 100_000)))
def test_advances_add_up(steps: list[int]) -> None:
    clock = OffsetClock.frozen_at(START)
    for step in steps:
        clock.advance(step)
    assert clock() == START + timedelta(seconds=sum(steps))


def test_set_takes_any_zone_and_gives_utc() -> None:
    clock = OffsetClock.frozen_at(START)
    moment = datetime(2027, 1, 1, 9, 0, tzinfo=timezone(timedelta(hours=9)))
    clock.set(moment)
    assert clock() == moment
    assert clock().utcoffset() == timedelta(0)


def test_a_moved_clock_runs_along_with_its_base() -> None:
    base = OffsetClock.frozen_at(START)
    clock = OffsetClock(base)
    clock.advance(60)
    base.advance(5)
    assert clock() == START + timedelta(seconds=65)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        OffsetClock.frozen_at(datetime(2026, 1, 1))  # noqa: DTZ001 - the point
