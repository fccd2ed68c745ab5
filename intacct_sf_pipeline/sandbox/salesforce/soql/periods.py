"""Named spans of days such as LAST_N_DAYS:7. Source: SOQL Ref, Date Formats and Date Literals.

Weeks begin on Sunday (English locale); the fiscal year is the calendar year; days are those of UTC.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

Span = tuple[date, date]
_MONTHS = 12
_QUARTER = 3


def span_of(name: str, count: int | None, today: date) -> Span | None:
    """First day and the day after the last of a named span, or None when there is no such name."""
    try:
        if count is None:
            found = _NAMED.get(name)
            return found(today) if found is not None else None
        counted = _COUNTED.get(name)
        return counted(today, count) if counted is not None else None
    except (OverflowError, ValueError):
        return None  # a count that leaves the calendar


def _days(today: date, first: int, after: int) -> Span:
    return today + timedelta(days=first), today + timedelta(days=after)


def _week(today: date, first: int, after: int) -> Span:
    sunday = today - timedelta(days=(today.weekday() + 1) % 7)
    return sunday + timedelta(weeks=first), sunday + timedelta(weeks=after)


def _months(today: date, first: int, after: int, size: int = 1) -> Span:
    month = today.year * _MONTHS + today.month - 1
    start = month - month % size

    def day(offset: int) -> date:
        year, index = divmod(start + offset * size, _MONTHS)
        return date(year, index + 1, 1)

    return day(first), day(after)


def _years(today: date, first: int, after: int) -> Span:
    return date(today.year + first, 1, 1), date(today.year + after, 1, 1)


_NAMED: Mapping[str, Callable[[date], Span]] = {
    "YESTERDAY": lambda d: _days(d, -1, 0),
    "TODAY": lambda d: _days(d, 0, 1),
    "TOMORROW": lambda d: _days(d, 1, 2),
    "LAST_WEEK": lambda d: _week(d, -1, 0),
    "THIS_WEEK": lambda d: _week(d, 0, 1),
    "NEXT_WEEK": lambda d: _week(d, 1, 2),
    "LAST_MONTH": lambda d: _months(d, -1, 0),
    "THIS_MONTH": lambda d: _months(d, 0, 1),
    "NEXT_MONTH": lambda d: _months(d, 1, 2),
    "LAST_90_DAYS": lambda d: _days(d, -90, 1),
    "NEXT_90_DAYS": lambda d: _days(d, 1, 91),
    "LAST_QUARTER": lambda d: _months(d, -1, 0, _QUARTER),
    "THIS_QUARTER": lambda d: _months(d, 0, 1, _QUARTER),
    "NEXT_QUARTER": lambda d: _months(d, 1, 2, _QUARTER),
    "LAST_FISCAL_QUARTER": lambda d: _months(d, -1, 0, _QUARTER),
    "THIS_FISCAL_QUARTER": lambda d: _months(d, 0, 1, _QUARTER),
    "NEXT_FISCAL_QUARTER": lambda d: _months(d, 1, 2, _QUARTER),
    "LAST_YEAR": lambda d: _years(d, -1, 0),
    "THIS_YEAR": lambda d: _years(d, 0, 1),
    "NEXT_YEAR": lambda d: _years(d, 1, 2),
    "LAST_FISCAL_YEAR": lambda d: _years(d, -1, 0),
    "THIS_FISCAL_YEAR": lambda d: _years(d, 0, 1),
    "NEXT_FISCAL_YEAR": lambda d: _years(d, 1, 2),
}

# LAST_N_DAYS includes today (salesforce.md section 6); the other LAST_N spans end before the present one.
_COUNTED: Mapping[str, Callable[[date, int], Span]] = {
    "LAST_N_DAYS": lambda d, n: _days(d, -n, 1),
    "NEXT_N_DAYS": lambda d, n: _days(d, 1, n + 1),
    "N_DAYS_AGO": lambda d, n: _days(d, -n, -n + 1),
    "LAST_N_WEEKS": lambda d, n: _week(d, -n, 0),
    "NEXT_N_WEEKS": lambda d, n: _week(d, 1, n + 1),
    "N_WEEKS_AGO": lambda d, n: _week(d, -n, -n + 1),
    "LAST_N_MONTHS": lambda d, n: _months(d, -n, 0),
    "NEXT_N_MONTHS": lambda d, n: _months(d, 1, n + 1),
    "N_MONTHS_AGO": lambda d, n: _months(d, -n, -n + 1),
    "LAST_N_QUARTERS": lambda d, n: _months(d, -n, 0, _QUARTER),
    "NEXT_N_QUARTERS": lambda d, n: _months(d, 1, n + 1, _QUARTER),
    "LAST_N_YEARS": lambda d, n: _years(d, -n, 0),
    "NEXT_N_YEARS": lambda d, n: _years(d, 1, n + 1),
}
