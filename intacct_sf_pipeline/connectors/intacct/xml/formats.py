"""How one user of the gateway sees dates and stamps, and how the connector reads and says them.

Source: parameter formats; users (`readUserFormatting`: `dateformat` is separator and order, `gmtoffset`, `clock`). The
API shows `MM/DD/YYYY HH:MM:SS`; that stamps follow the user's own GMT offset was tested by one client (estuary), others
take them for UTC. Dates alone have no zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

_OFFSET = re.compile(r"([+-]?)(\d{1,2}):?(\d{2})?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([AaPp][Mm])?")
STANDARD: Final = "/mdY"


@dataclass(frozen=True)
class Formats:
    """Formats of the API for one user.

    Args:
        offset: of stamps, east of UTC.
        order: separator and order of a date, e.g. `/mdY`.
        clock: `24` or `12`.
    """

    offset: timedelta = timedelta(0)
    order: str = STANDARD
    clock: str = "24"

    def stamp_text(self, moment: datetime) -> str:
        """A moment as a filter literal, in whole seconds."""
        local = moment.astimezone(UTC) + self.offset
        time = local.strftime("%H:%M:%S" if self.clock == "24" else "%I:%M:%S %p")
        return f"{self.date_text(local.date())} {time}"

    def bound(self, moment: datetime, *, upper: bool) -> datetime:
        """The moment whose literal bounds stamps so that none is left out, whether or not they follow the offset.

        Source: the reference, timestamps: one client found that stamps follow the user's offset, four read them as UTC.
        """
        wider = max(self.offset * (-1 if upper else 1), timedelta(0))
        return moment + wider if upper else moment - wider

    def date_text(self, day: date) -> str:
        """A date as a literal."""
        parts = {"Y": f"{day.year:04d}", "m": f"{day.month:02d}", "d": f"{day.day:02d}"}
        return self.order[0].join(parts[letter] for letter in self.order[1:])

    def read_date(self, text: str) -> date | None:
        """The date a text begins with, None when it is none in this format."""
        numbers = text.strip().partition(" ")[0].split(self.order[0])
        if len(numbers) != 3 or not all(number.isascii() and number.isdigit() for number in numbers):
            return None
        given = dict(zip(self.order[1:], map(int, numbers), strict=True))
        try:
            return date(given["Y"], given["m"], given["d"])
        except ValueError:
            return None

    def read_stamp(self, text: str) -> datetime | None:
        """A stamp in UTC; one that carries only a date is its midnight, an ISO one is read as such.

        Some stamps show only a date (Source: the reference, timestamps).
        """
        day = self.read_date(text)
        if day is None:
            return _iso(text)
        clock = text.strip().partition(" ")[2]
        hour, minute, second = _time(clock) if clock else (0, 0, 0)
        try:
            local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            return None
        return local - self.offset


def _time(text: str) -> tuple[int, int, int]:
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return -1, 0, 0
    hour, half = int(found[1]), (found[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour, int(found[2]), int(found[3] or 0)


def _iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_offset(text: str) -> timedelta | None:
    """A GMT offset such as `-08:00` or `+00:00`; None when it is none."""
    found = _OFFSET.fullmatch(text.strip().removeprefix("GMT").strip())
    if found is None:
        return None
    size = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return -size if found[1] == "-" else size
