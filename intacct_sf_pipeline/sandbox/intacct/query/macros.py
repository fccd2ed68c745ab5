"""Dates in filters: plain dates, date-times and the relative words (`today`, `priorMonth`, ...).

Every value becomes a range of days or instants, first and last included; an exact value is a range of one.
Source: REST Guide, Query, relative date values; `asOfDate` anchors them.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from intacct_sf_pipeline.sandbox.intacct.errors import invalid_request

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Span:
    """First and last value of a date operand, in the text form of the field (dates or date-times)."""

    first: str
    last: str


@dataclass(frozen=True)
class Anchor:
    """What relative words start from: a day and the first day of a week (0 = Monday)."""

    today: date
    week_start: int = 0


def _month(day: date, months: int, length: int = 1) -> tuple[date, date]:
    """First and last day of `length` months, `months` away from the month of `day`."""
    start = day.year * _MONTHS_A_YEAR + day.month - 1 + months
    end = start + length
    first = date(start // _MONTHS_A_YEAR, start % _MONTHS_A_YEAR + 1, 1)
    return first, date(end // _MONTHS_A_YEAR, end % _MONTHS_A_YEAR + 1, 1) - timedelta(days=1)


def relative_days(word: str, anchor: Anchor) -> tuple[date, date] | None:
    """First and last day a relative word means, or None when it is no such word."""
    day = anchor.today
    week = day - timedelta(days=(day.weekday() - anchor.week_start) % 7)
    quarter = -((day.month - 1) % 3)
    year = -(day.month - 1)
    spans = {
        "today": (day, day),
        "yesterday": (day - timedelta(days=1), day - timedelta(days=1)),
        "currentWeek": (week, week + timedelta(days=6)),
        "lastWeek": (week - timedelta(days=7), week - timedelta(days=1)),
        "currentMonth": _month(day, 0),
        "priorMonth": _month(day, -1),
        "currentQuarter": _month(day, quarter, 3),
        "priorQuarter": _month(day, quarter - 3, 3),
        "currentYear": _month(day, year, _MONTHS_A_YEAR),
        "priorYear": _month(day, year - _MONTHS_A_YEAR, _MONTHS_A_YEAR),
    }
    return spans.get(word)


def read_span(value: object, anchor: Anchor, *, with_time: bool) -> Span:
    """The range a filter value means for a date (or, `with_time`, date-time) field.

    Raises:
        ApiError: 400, neither a date, a date-time nor a relative word.
    """
    if isinstance(value, str):
        days = relative_days(value, anchor)
        if days is not None:
            first, last = (day.isoformat() for day in days)
            return Span(first + "T00:00:00Z", last + "T23:59:59Z") if with_time else Span(first, last)
        exact = to_stamp(value) if with_time else to_day(value)
        if exact is not None:
            return Span(exact, exact)
    message = f"{value!r} is not a valid {'date-time' if with_time else 'date'}"
    raise invalid_request(message)


@lru_cache(maxsize=4096)
def to_stamp(text: str) -> str | None:
    """A date-time (or date: its midnight) in the stored form, UTC whole seconds; None when it is not one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def to_day(text: str) -> str | None:
    """A calendar date `YYYY-MM-DD`, or None when it is not one."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None
