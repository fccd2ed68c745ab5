"""Functions of dates: the parts of a day or moment by which rows are grouped and filtered.

Values come as stored: canonical text. Days are UTC's, weeks begin on Sunday, the fiscal year is the calendar year.
Source: SOQL Ref, Date Functions.
"""

from collections.abc import Callable, Mapping
from datetime import date

from intacct_sf_pipeline.sandbox.salesforce.values import Value

_DAYS = 7
_MONTHS = 3


def _day(value: str) -> date:
    return date.fromisoformat(value[:10])


def _week_of_year(day: date) -> int:
    return (day.timetuple().tm_yday - 1) // _DAYS + 1


_OF_DAY: Mapping[str, Callable[[date], int]] = {
    "CALENDAR_YEAR": lambda d: d.year,
    "CALENDAR_QUARTER": lambda d: (d.month - 1) // _MONTHS + 1,
    "CALENDAR_MONTH": lambda d: d.month,
    "FISCAL_YEAR": lambda d: d.year,
    "FISCAL_QUARTER": lambda d: (d.month - 1) // _MONTHS + 1,
    "FISCAL_MONTH": lambda d: d.month,
    "DAY_IN_MONTH": lambda d: d.day,
    "DAY_IN_WEEK": lambda d: d.isoweekday() % _DAYS + 1,
    "DAY_IN_YEAR": lambda d: d.timetuple().tm_yday,
    "WEEK_IN_MONTH": lambda d: (d.day - 1) // _DAYS + 1,
    "WEEK_IN_YEAR": _week_of_year,
}
_OF_MOMENT: Mapping[str, Callable[[str], Value]] = {
    "HOUR_IN_DAY": lambda text: int(text[11:13]),
    "DAY_ONLY": lambda text: text[:10],
}
DATE_FUNCTIONS = frozenset(_OF_DAY) | frozenset(_OF_MOMENT)
MOMENT_ONLY = frozenset(_OF_MOMENT)


def part_of(name: str, value: Value) -> Value:
    """What the function `name` makes of a stored date or moment; None of None."""
    if not isinstance(value, str):
        return None
    return _OF_MOMENT[name](value) if name in _OF_MOMENT else _OF_DAY[name](_day(value))
