"""What the schedule alone will cost: ticks that find nothing, and the nightly comparison. Pure.

An idle tick reads each feed of its cadence once (objects without a modification stamp: one page per so many rows);
a comparison reads every feed in full. Source: DESIGN, figures to reach; query page sizes of both references.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from dagster._utils.schedules import cron_string_iterator

from intacct_sf_pipeline.model.config import Cadence, ScheduleConfig, SyncConfig
from intacct_sf_pipeline.model.mapping import FeedSpec, ReadMode
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.orchestration import cadences

PAGE: Final = {Side.INTACCT: 4000, Side.SALESFORCE: 2000}
"""Rows of one query page."""
_DAYS: Final = 30
Rows = Mapping[tuple[Side, str], int]
"""How many rows each feed is known to have."""


@dataclass(frozen=True)
class IdleCost:
    """Billed units by side when nothing changes: of the busiest day, and of 30 days."""

    per_day: Mapping[Side, int] = field(default_factory=dict)
    per_month: Mapping[Side, int] = field(default_factory=dict)


def ticks(schedule: ScheduleConfig, cadence: Cadence, after: datetime, until: datetime) -> Iterator[datetime]:
    """When a cadence does something between two moments; ticks outside business hours are left out."""
    for tick in cron_string_iterator(after.timestamp(), schedule.cron(cadence), schedule.time_zone):
        if tick >= until:
            return
        if tick > after and cadences.skip_reason(schedule, cadence, tick) is None:
            yield tick


def idle_cost(config: SyncConfig, rows: Rows, now: datetime) -> IdleCost:
    """What the next 30 days cost when nothing changes."""
    schedule, until = config.schedule, now + timedelta(days=_DAYS)
    by_day: dict[Side, Counter[object]] = {side: Counter() for side in Side}
    for cadence in cadences.used(config):
        days = Counter(tick.astimezone(schedule.zone).date() for tick in ticks(schedule, cadence, now, until))
        entities = cadences.entities(config, cadence)
        each = _pages(config.mapping.used_feeds(*entities), lambda feed: _idle_pages(feed, rows))
        for side, pages in each.items():
            by_day[side].update({day: count * pages for day, count in days.items()})
    whole = _pages(config.mapping.used_feeds(), lambda feed: _all_pages(feed, rows))
    nights = Counter(tick.astimezone(schedule.zone).date() for tick in _nights(schedule, now, until))
    for side, pages in whole.items():
        by_day[side].update({day: count * pages for day, count in nights.items()})
    return IdleCost(
        {side: max(days.values(), default=0) for side, days in by_day.items()},
        {side: sum(days.values()) for side, days in by_day.items()},
    )


def _nights(schedule: ScheduleConfig, after: datetime, until: datetime) -> Iterator[datetime]:
    for tick in cron_string_iterator(after.timestamp(), schedule.cron("compare"), schedule.time_zone):
        if tick >= until:
            return
        yield tick


def _pages(feeds: tuple[FeedSpec, ...], cost: Callable[[FeedSpec], int]) -> Counter[Side]:
    total: Counter[Side] = Counter()
    for feed in feeds:
        total[feed.side] += cost(feed)
    return total


def _idle_pages(feed: FeedSpec, rows: Rows) -> int:
    return _all_pages(feed, rows) if feed.read is ReadMode.ALL else 1


def _all_pages(feed: FeedSpec, rows: Rows) -> int:
    return max(1, ceil(rows.get((feed.side, feed.name), 0) / PAGE[feed.side]))
