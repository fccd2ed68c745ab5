"""When each cadence of the configuration runs, in Dagster's terms: entities per cadence and how old their data may
become.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise, takewhile

import dagster as dg
from dagster._utils.schedules import cron_string_iterator

from intacct_sf_pipeline.model.config import CADENCES, Cadence, ScheduleConfig, SyncConfig, is_business_time
from intacct_sf_pipeline.model.mapping import EntityMapping

BUSINESS_HOURS_ONLY: frozenset[Cadence] = frozenset({"customers"})
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
_HOLIDAY_SLACK = timedelta(days=2)


def used(config: SyncConfig) -> tuple[Cadence, ...]:
    """The cadences that any enabled entity has, in the order of the configuration."""
    return tuple(cadence for cadence in CADENCES if entities(config, cadence))


def entities(config: SyncConfig, cadence: str) -> tuple[EntityMapping, ...]:
    """The enabled entities of one cadence, in settling order."""
    return tuple(entity for entity in config.mapping.enabled() if entity.cadence == cadence)


def skip_reason(schedule: ScheduleConfig, cadence: Cadence, moment: datetime) -> str | None:
    """Why a tick of `cadence` at `moment` does nothing, if it does nothing."""
    if cadence not in BUSINESS_HOURS_ONLY or is_business_time(schedule, moment):
        return None
    hours = schedule.business_hours
    return (
        f"outside business hours: {hours.start:%H:%M} to {hours.end:%H:%M} on {', '.join(schedule.weekdays)}, "
        f"holidays excepted, in {schedule.time_zone}"
    )


def freshness(schedule: ScheduleConfig, cadences: Iterable[str]) -> dg.FreshnessPolicy:
    """How old an asset of these cadences may be: the longest pause of the most frequent one, and some slack."""
    pause = min(longest_pause(schedule, cadence) for cadence in set(cadences) & set(CADENCES))
    return dg.FreshnessPolicy.time_window(
        warn_window=pause + timedelta(hours=1), fail_window=pause + timedelta(hours=4)
    )


@lru_cache(maxsize=8)
def longest_pause(schedule: ScheduleConfig, cadence: str) -> timedelta:
    """The longest time between two ticks of `cadence` in an ordinary week: nights and weekends count for business
    hours.
    """
    name = next(known for known in CADENCES if known == cadence)
    ticks = list(takewhile(lambda tick: tick < _MONDAY + timedelta(days=15), _ticks(schedule, name)))
    slack = _HOLIDAY_SLACK if schedule.holidays and name in BUSINESS_HOURS_ONLY else timedelta()
    return max((after - before for before, after in pairwise(ticks)), default=timedelta(days=31)) + slack


def _ticks(schedule: ScheduleConfig, cadence: Cadence) -> Iterator[datetime]:
    ordinary = schedule.model_copy(update={"holidays": ()})
    for tick in cron_string_iterator(_MONDAY.timestamp(), schedule.cron(cadence), schedule.time_zone):
        if skip_reason(ordinary, cadence, tick) is None or tick >= _MONDAY + timedelta(days=15):
            yield tick
