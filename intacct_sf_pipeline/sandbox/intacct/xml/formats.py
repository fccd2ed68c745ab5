"""How dates and times look to one user of the XML gateway: `MM/DD/YYYY HH:MM:SS` in the user's own GMT offset.

Source: the reference, 6. Whether stamps follow the user's offset or are always UTC is UNCONFIRMED (a switch); so is
whether other date preferences change what the API shows (a switch, off).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from intacct_sf_pipeline.sandbox.intacct.options import XmlOptions

_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")
_TIME_24 = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})")
_TIME_12 = re.compile(r"(\d{1,2}):(\d{2}):(\d{2}) ([AP]M)", re.IGNORECASE)
_STORED = "%Y-%m-%dT%H:%M:%SZ"
_STANDARD = "/mdY"


@dataclass(frozen=True)
class Formats:
    """The formats of one user.

    Attributes:
        offset: added to UTC before a stamp is shown.
        dateformat: separator and order, such as `/mdY` or `-Ymd`; `y` is a year of two digits, of this century.
        clock: `24` or `12`.
    """

    offset: timedelta = timedelta(0)
    dateformat: str = _STANDARD
    clock: str = "24"

    def show_date(self, stored: str) -> str:
        """A stored date `YYYY-MM-DD` as shown: `MM/DD/YYYY` unless the user has it otherwise."""
        year, month, day = stored.split("-")
        parts = {"Y": year, "y": year[2:], "m": month, "d": day}
        return self.dateformat[0].join(parts[letter] for letter in self.dateformat[1:])

    def show_stamp(self, stored: str) -> str:
        """A stored stamp `YYYY-MM-DDTHH:MM:SSZ` as shown, in the user's offset, whole seconds."""
        moment = datetime.fromisoformat(stored) + self.offset
        hour = f"{moment:%H:%M:%S}" if self.clock == "24" else f"{moment:%I:%M:%S %p}"
        return f"{self.show_date(moment.date().isoformat())} {hour}"

    def read_date(self, text: str) -> str | None:
        """The stored form of a date literal; None when it is none (ISO dates are none)."""
        parts = text.strip().split(self.dateformat[0])
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
            return None
        given = dict(zip(self.dateformat[1:], parts, strict=True))
        year = given.get("Y", f"20{given.get('y', '')}")
        if len(year) != 4:
            return None
        try:
            return date(int(year), int(given["m"]), int(given["d"])).isoformat()
        except ValueError:
            return None

    def read_stamp(self, text: str) -> str | None:
        """The stored form of a stamp literal, or of a date (its midnight), read in the user's offset, or None."""
        day, _, time = text.strip().partition(" ")
        stored = self.read_date(day)
        if stored is None:
            return None
        clock = self._read_time(time) if time else (0, 0, 0)
        if clock is None:
            return None
        try:
            local = datetime.fromisoformat(f"{stored}T{clock[0]:02}:{clock[1]:02}:{clock[2]:02}+00:00")
            return (local - self.offset).strftime(_STORED)
        except (ValueError, OverflowError):
            return None

    def _read_time(self, text: str) -> tuple[int, int, int] | None:
        found = _TIME_24.fullmatch(text)
        if found is not None:
            return int(found[1]), int(found[2]), int(found[3])
        found = _TIME_12.fullmatch(text) if self.clock == "12" else None
        if found is None or not 1 <= int(found[1]) <= 12:
            return None
        return int(found[1]) % 12 + (12 if found[4].upper() == "PM" else 0), int(found[2]), int(found[3])


def user_formats(options: XmlOptions) -> Formats:
    """The formats the API uses for the company's web services user."""
    offset = timedelta(0) if options.always_utc else parse_offset(options.gmt_offset)
    if options.format_follows_user:
        return Formats(offset, options.date_format, options.clock)
    return Formats(offset)


def parse_offset(text: str) -> timedelta:
    """A GMT offset such as `-08:00`.

    Raises:
        ValueError: not an offset.
    """
    found = _OFFSET.fullmatch(text)
    if found is None:
        message = f"{text!r} is no GMT offset such as +01:00"
        raise ValueError(message)
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -size if found[1] == "-" else size
