"""Daily partitions by day of last modification, and what a run over some of them has to read.

Extracts and staging are partitioned so that days can be read again from the UI. A tick is a run over today (and,
after midnight, over the days since the last tick, which closes them): it reads from the watermark on. Any other range
reads the rows modified in those days once more, and the range that reaches back to the first partition reads
everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import dagster as dg

FIRST_DAY = date(2020, 1, 1)
"""Rows last modified before this day belong to the first partition."""

TICK_TAG = "intacct_sf/tick"
"""Marks a run that reads from the watermark on, whatever days it closes."""

RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"
PARTITION_TAG = "dagster/partition"
MAX_DAYS_CLOSED = 31
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a run's partitions ask for: everything, the rows modified in [since, until), or (neither) what is new."""

    full: bool = False
    since: datetime | None = None
    until: datetime | None = None


def daily() -> dg.DailyPartitionsDefinition:
    """One partition per UTC day from `FIRST_DAY` to today, today included."""
    return dg.DailyPartitionsDefinition(start_date=FIRST_DAY.isoformat(), timezone="UTC", end_offset=1)


def day_key(moment: datetime) -> str:
    """The partition key of the day `moment` falls in, UTC."""
    return moment.astimezone(UTC).date().isoformat()


def reading(tags: Mapping[str, str], now: datetime) -> Reading:
    """What the run with these tags reads at `now`, by the days it covers."""
    today = day_key(now)
    day = tags.get(PARTITION_TAG, today)
    first, last = tags.get(RANGE_START_TAG, day), tags.get(RANGE_END_TAG, day)
    if TICK_TAG in tags or (first == today and last == today):
        return Reading()
    from_the_start = first <= FIRST_DAY.isoformat()
    if from_the_start and last >= today:
        return Reading(full=True)
    return Reading(since=_EPOCH if from_the_start else _midnight(first), until=_midnight(last) + timedelta(days=1))


def tick_days(now: datetime, last_day: str | None) -> tuple[str, str]:
    """The days (first, last) that a tick at `now` closes when the tick before it ran on `last_day`.

    A day's partition was last filled by a tick within that day; what changed after it is read by the next tick, so
    the days from then on are materialised together with today (at most `MAX_DAYS_CLOSED`).
    """
    today = day_key(now)
    if last_day is None:
        return today, today
    earliest = day_key(now - timedelta(days=MAX_DAYS_CLOSED))
    return min(today, max(last_day, earliest)), today


def _midnight(key: str) -> datetime:
    return datetime.combine(date.fromisoformat(key), datetime.min.time(), tzinfo=UTC)
