"""Dates and times as the org keeps them: canonical text, so that they sort as they compare and print as they are.

A dateTime is `2026-01-05T10:11:12.000+0000`, always UTC with three decimals; a date is `2026-01-05`.
Source: salesforce.md section 3.3.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

_MOMENT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s?(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE
)
EARLIEST, LATEST = date(1700, 1, 1), date(4000, 12, 31)


def stamp(moment: datetime) -> str:
    """The canonical text of an aware moment, in whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def moment_text(moment: datetime) -> str:
    """The canonical text of an aware moment, milliseconds kept."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def moment_of(text: str) -> datetime:
    """The aware moment of a canonical text."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


@lru_cache(maxsize=4096)
def parse_moment(text: str) -> str | None:
    """The canonical text of an ISO 8601 date and time, or None when it is none.

    Without an offset the time is taken as UTC, as the export tools write it; a space may stand for the T.
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day),
            int(hour),
            int(minute),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]),
            _offset(offset),
        )
        return moment_text(moment) if EARLIEST <= moment.date() <= LATEST else None
    except (ValueError, OverflowError):
        return None


def _offset(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def parse_day(text: str) -> str | None:
    """The canonical text of a date, or None when it is none. A date and time gives its date."""
    try:
        day = date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
    whole = len(text.strip()) == len("2026-01-05")
    if not whole and parse_moment(text) is None:
        return None
    return day.isoformat() if EARLIEST <= day <= LATEST else None
