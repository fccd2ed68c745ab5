"""What a sensor's calls cost, until it is booked: a tick never fails because the staging database is busy. What could
not be booked stays in the sensor's cursor, and the next tick that can books it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import Quota
from intacct_sf_pipeline.model.spend import SpendEntry
from intacct_sf_pipeline.staging.glance import StagingUnavailableError

UNBOOKED = "(unbooked)"
"""The key in a cursor under which they stand; no feed is called so."""


class Books(Protocol):
    """Where spend is booked; raises StagingUnavailableError when that cannot be done now."""

    def book(self, entries: Sequence[SpendEntry], quotas: Mapping[Side, Quota]) -> None:
        """See `SpendStore.book`."""
        ...


class Purse:
    """Books at once what can be booked, and keeps the rest.

    Args:
        books: where it is booked.
        sensor: the name under which it is booked.
        cursor: the sensor's, parsed: what earlier ticks kept.
        zone: the company's, by which days end.
    """

    def __init__(self, books: Books, sensor: str, cursor: Mapping[str, Any], zone: ZoneInfo) -> None:
        self._books = books
        self._earlier = [_entry(sensor, told, zone) for told in cursor.get(UNBOOKED, ())]
        self._kept: list[SpendEntry] = []

    def book(self, entries: Sequence[SpendEntry], quotas: Mapping[Side, Quota]) -> None:
        """See `SpendStore.book`; never fails for want of the database. A vendor's word on its quota is not kept."""
        try:
            self._books.book(entries, quotas)
        except StagingUnavailableError:
            self._kept += entries

    def left(self) -> list[dict[str, str | int]]:
        """What has to stay in the cursor, after what earlier ticks kept was booked if it can be; one entry for all of a
        day, so that it does not grow.
        """
        if self._earlier and not self._kept:
            earlier, self._earlier = self._earlier, []
            self.book(earlier, {})
        return [_told(entry) for entry in _by_day([*self._earlier, *self._kept])]


def parsed(cursor: str | None) -> dict[str, Any]:
    """A sensor's cursor: newest stamps asked for, by feed, and what could not be booked yet."""
    found: dict[str, Any] = json.loads(cursor) if cursor else {}
    return found


def _by_day(entries: Sequence[SpendEntry]) -> list[SpendEntry]:
    found: dict[tuple[str, str, str, str], SpendEntry] = {}
    for entry in entries:
        day = (entry.side.value, entry.kind, entry.day.isoformat(), entry.local_day.isoformat())
        known = found.get(day)
        found[day] = entry if known is None else _sum(known, entry)
    return list(found.values())


def _sum(one: SpendEntry, other: SpendEntry) -> SpendEntry:
    return replace(one, billed=one.billed + other.billed, requests=one.requests + other.requests)


def _told(entry: SpendEntry) -> dict[str, str | int]:
    return {
        "side": entry.side.value,
        "step": entry.step,
        "kind": entry.kind,
        "billed": entry.billed,
        "requests": entry.requests,
        "at": entry.at.isoformat(),
    }


def _entry(sensor: str, told: Mapping[str, Any], zone: ZoneInfo) -> SpendEntry:
    at = datetime.fromisoformat(told["at"])
    side, step, kind = Side(told["side"]), str(told["step"]), str(told["kind"])
    days = at.date(), at.astimezone(zone).date()
    return SpendEntry(sensor, sensor, step, side, kind, int(told["billed"]), int(told["requests"]), at, *days)
