"""What a run over some days reads, and which days a tick closes."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.orchestration.partitions import (
    FIRST_DAY,
    MAX_DAYS_CLOSED,
    PARTITION_TAG,
    RANGE_END_TAG,
    RANGE_START_TAG,
    TICK_TAG,
    Reading,
    daily,
    day_key,
    reading,
    tick_days,
)

NOW = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)
days = st.dates(FIRST_DAY, NOW.date())


def tags_of(first: date, last: date) -> dict[str, str]:
    return {RANGE_START_TAG: first.isoformat(), RANGE_END_TAG: last.isoformat()}


def test_todays_partition_exists_from_midnight_on_and_tomorrows_does_not():
    with dg.partition_loading_context(effective_dt=datetime(2026, 3, 4, tzinfo=UTC)):
        assert daily().get_last_partition_key() == "2026-03-04"
        assert daily().get_first_partition_key() == FIRST_DAY.isoformat()


@pytest.mark.parametrize("tags", [{}, {PARTITION_TAG: "2026-03-04"}, tags_of(NOW.date(), NOW.date())])
def test_a_run_over_today_reads_from_the_watermark_on(tags):
    assert reading(tags, NOW) == Reading()


def test_one_past_day_reads_the_rows_modified_in_it():
    assert reading({PARTITION_TAG: "2026-03-02"}, NOW) == Reading(
        since=datetime(2026, 3, 2, tzinfo=UTC), until=datetime(2026, 3, 3, tzinfo=UTC)
    )


@given(days, days)
def test_a_backfill_reads_whole_days_and_no_row_of_them_is_left_out(one, other):
    first, last = sorted((one, other))
    found = reading(tags_of(first, last), NOW)
    if first == last == NOW.date():
        assert found == Reading()
    elif first == FIRST_DAY and last == NOW.date():
        assert found == Reading(full=True)
    else:
        assert found.until == datetime.combine(last, datetime.min.time(), UTC) + timedelta(days=1)
        start = datetime.combine(first, datetime.min.time(), UTC)
        assert found.since == start or (first == FIRST_DAY and found.since < start)


def test_the_first_partition_holds_all_that_is_older():
    found = reading({PARTITION_TAG: FIRST_DAY.isoformat()}, NOW)
    assert found.since is not None
    assert found.since < datetime(1971, 1, 1, tzinfo=UTC)


@given(days)
def test_a_tick_reads_from_the_watermark_on_whatever_days_it_closes(first):
    assert reading({TICK_TAG: "true"} | tags_of(first, NOW.date()), NOW) == Reading()


@given(days)
def test_a_tick_closes_every_day_since_the_last_one_and_a_month_at_most(last_day):
    first, last = tick_days(NOW, last_day.isoformat())
    assert last == day_key(NOW)
    closed = (NOW.date() - date.fromisoformat(first)).days
    assert closed == min((NOW.date() - last_day).days, MAX_DAYS_CLOSED)


def test_the_very_first_tick_closes_today_only():
    assert tick_days(NOW, None) == ("2026-03-04", "2026-03-04")


def test_a_clock_that_went_backwards_closes_today_only():
    assert tick_days(NOW, "2026-03-09") == ("2026-03-04", "2026-03-04")
