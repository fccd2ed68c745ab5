"""The forecast: never below what was spent, never falling when more is spent, exact at the month's end."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.model.budget import next_month
from intacct_sf_pipeline.model.config import ScheduleConfig
from intacct_sf_pipeline.model.forecast import Daily, business_hours, forecast

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns")
schedules = st.builds(
    lambda zone, weekdays: ScheduleConfig(time_zone=zone, weekdays=weekdays),
    st.sampled_from(ZONES),
    st.sampled_from([("mon", "tue", "wed", "thu", "fri"), ("sat",), ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]),
)
moments = st.datetimes(datetime(2023, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - as asked
numbers = st.dictionaries(st.integers(0, 40), st.integers(0, 100_000), max_size=8)


def days(now: datetime, schedule: ScheduleConfig, ago: dict[int, int]) -> dict[date, int]:
    """Counts of so many days before the local day of `now`."""
    today = now.astimezone(schedule.zone).date()
    return {today - timedelta(days=back): count for back, count in ago.items()}


def of_month(now: datetime, schedule: ScheduleConfig, *daily: dict[date, int]) -> int:
    """What was spent in the month of `now`."""
    today = now.astimezone(schedule.zone).date()
    return sum(
        count for counts in daily for day, count in counts.items() if (day.year, day.month) == (today.year, today.month)
    )


@given(schedules, moments, numbers, numbers)
def test_it_is_never_less_than_what_was_spent(schedule, now, business, always):
    found = Daily(days(now, schedule, business), days(now, schedule, always))
    assert forecast(schedule, found, now) >= of_month(now, schedule, found.business, found.always) >= 0


@given(schedules, moments, numbers, numbers, st.integers(0, 40), st.integers(0, 10_000), st.booleans())
def test_it_does_not_fall_when_more_was_spent(schedule, now, business, always, back, more, in_business):
    before = Daily(days(now, schedule, business), days(now, schedule, always))
    raised = business if in_business else always
    raised = {**raised, back: raised.get(back, 0) + more}
    after = Daily(
        *(
            days(now, schedule, raised if which is in_business else other)
            for which, other in ((True, business), (False, always))
        )
    )
    assert forecast(schedule, after, now) >= forecast(schedule, before, now)


@given(schedules, moments, numbers, numbers)
def test_at_the_end_of_the_month_it_is_what_was_spent(schedule, now, business, always):
    last = next_month(now, schedule.zone) - timedelta(milliseconds=1)
    found = Daily(days(last, schedule, business), days(last, schedule, always))
    assert forecast(schedule, found, last) == of_month(last, schedule, found.business, found.always)


@given(schedules, moments, st.integers(1, 10_000))
def test_on_the_first_day_one_busy_hour_is_no_habit(schedule, now, count):
    local = now.astimezone(schedule.zone)
    first = datetime.combine(local.date().replace(day=1), time(0, 30), schedule.zone).astimezone(UTC)
    found = Daily({}, days(first, schedule, {0: count}))
    assert forecast(schedule, found, first, since=first - timedelta(minutes=30)) <= count * 32


def test_an_even_pace_gives_the_even_sum():
    schedule = ScheduleConfig()
    now = datetime(2024, 2, 15, tzinfo=UTC)
    found = Daily({}, {date(2024, 2, day): 100 for day in range(1, 15)})
    assert forecast(schedule, found, now, since=datetime(2024, 2, 1, tzinfo=UTC)) == 1400 + round(600 / 144 * 24 * 15)


def test_in_leap_years_february_has_its_day():
    schedule = ScheduleConfig(weekdays=("thu",))
    now = datetime(2024, 2, 28, 12, tzinfo=UTC)
    found = Daily({date(2024, 2, 22): 120}, {})
    assert forecast(schedule, found, now) == 240
    assert forecast(schedule, Daily({date(2023, 2, 23): 120}, {}), now.replace(year=2023)) == 120


def test_a_weekend_ahead_costs_nothing_for_flows_of_business_hours():
    schedule = ScheduleConfig()
    friday_evening = datetime(2026, 5, 29, 19, tzinfo=UTC)
    spent = {date(2026, 5, 25) + timedelta(days=day): 50 for day in range(5)}
    assert forecast(schedule, Daily(spent, {}), friday_evening) == 250
    assert forecast(schedule, Daily({}, spent), friday_evening) > 300


def test_holidays_are_no_business_time():
    usual = ScheduleConfig()
    free = ScheduleConfig(holidays=(date(2026, 6, 30),))
    now = datetime(2026, 6, 29, 19, tzinfo=UTC)
    spent = Daily({date(2026, 6, 29): 100}, {})
    assert forecast(free, spent, now, since=datetime(2026, 6, 29, tzinfo=UTC)) == 100
    assert forecast(usual, spent, now, since=datetime(2026, 6, 29, tzinfo=UTC)) == 200


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 3, 9), 24)])
def test_days_of_23_and_25_hours_are_counted_as_they_are(day, hours):
    schedule = ScheduleConfig(
        time_zone="America/New_York",
        weekdays=("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        business_hours={"start": "00:00", "end": "23:59"},
    )
    zone = ZoneInfo("America/New_York")
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    assert float(business_hours(schedule, start, end)) == pytest.approx(hours - 1 / 60)


@given(schedules, moments)
def test_business_hours_of_two_parts_are_those_of_the_whole(schedule, now):
    middle, end = now + timedelta(hours=31, minutes=7), now + timedelta(days=9)
    whole = business_hours(schedule, now, end)
    parts = business_hours(schedule, now, middle) + business_hours(schedule, middle, end)
    assert abs(parts - whole) < Decimal("1e-20")
