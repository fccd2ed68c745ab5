"""What a month's API use comes to at its end, if it goes on as of late. Pure.

The rule: what was spent this month, plus the pace of the last seven days (with today) for the time that is left. Paces
are counted apart for the flows that run in business hours only and for those that run around the clock, each per hour
in which it may run: a weekend or a holiday ahead adds nothing for the former. A busy first load weighs for a week and
then no more. In its first day of work at least one day (of business hours) is taken as the time observed, so that one
busy hour is not taken for a habit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from intacct_sf_pipeline.model.budget import next_month
from intacct_sf_pipeline.model.config import ScheduleConfig, is_business_time

TREND_DAYS = 7
_HOUR = Decimal(3600)


@dataclass(frozen=True, slots=True)
class Daily:
    """Units billed by local day: of flows that run in business hours only, and of all others."""

    business: Mapping[date, int]
    always: Mapping[date, int]


def forecast(schedule: ScheduleConfig, daily: Daily, now: datetime, since: datetime | None = None) -> int:
    """Units of the whole month of `now` (in the schedule's time zone), at its end.

    Never less than was spent, not less when more was spent, and exactly that at the month's end.

    Args:
        schedule: time zone, business hours, weekdays and holidays.
        daily: what was billed on each local day, this month and the `TREND_DAYS` before today.
        now: aware.
        since: when counting began, if that is later than the `TREND_DAYS`.
    """
    zone, local = schedule.zone, now.astimezone(schedule.zone)
    today, end = local.date(), next_month(now, zone)
    first = datetime.combine(today - timedelta(days=TREND_DAYS - 1), time(), zone)
    begin = max(first, since.astimezone(zone)) if since is not None and since < now else first
    month = [day for day in {*daily.business, *daily.always} if (day.year, day.month) == (today.year, today.month)]
    total = sum(daily.business.get(day, 0) + daily.always.get(day, 0) for day in month)
    further = Decimal(0)
    for counts, hours, least in (
        (daily.business, business_hours, _business_day(schedule)),
        (daily.always, _all_hours, Decimal(24)),
    ):
        recent = sum(number for day, number in counts.items() if first.date() <= day <= today)
        if recent:
            observed = max(hours(schedule, begin, now), least)
            further += recent * hours(schedule, now, end) / observed
    return total + int(further.to_integral_value(ROUND_HALF_UP))


def business_hours(schedule: ScheduleConfig, start: datetime, end: datetime) -> Decimal:
    """Business hours between two aware moments: weekdays and holidays minded, and days of 23 and 25 hours."""
    zone, hours = schedule.zone, schedule.business_hours
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    seconds = Decimal(0)
    while day <= last:
        opens, closes = (datetime.combine(day, at, zone).astimezone(UTC) for at in (hours.start, hours.end))
        if is_business_time(schedule, opens):
            worked = min(closes, end.astimezone(UTC)) - max(opens, start.astimezone(UTC))
            seconds += max(Decimal(0), Decimal(str(worked.total_seconds())))
        day += timedelta(days=1)
    return seconds / _HOUR


def _all_hours(schedule: ScheduleConfig, start: datetime, end: datetime) -> Decimal:  # noqa: ARG001 - as business_hours
    return max(Decimal(0), Decimal(str((end.astimezone(UTC) - start.astimezone(UTC)).total_seconds()))) / _HOUR


def _business_day(schedule: ScheduleConfig) -> Decimal:
    start, end = (datetime.combine(date.min, at) for at in (schedule.business_hours.start, schedule.business_hours.end))
    return Decimal(str((end - start).total_seconds())) / _HOUR
