"""`doctor` on the schedule: time zone, when each cadence is due next, holidays. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Final

from intacct_sf_pipeline.cli.findings import Finding, ok, problem
from intacct_sf_pipeline.cli.forecast import ticks
from intacct_sf_pipeline.model.config import WEEKDAYS, Cadence, ScheduleConfig, SyncConfig, is_business_time
from intacct_sf_pipeline.orchestration import cadences

_SHOWN: Final = 3
_LOOK_AHEAD: Final = timedelta(days=60)
_HOLIDAYS_WITHIN: Final = 92


def schedule_findings(config: SyncConfig, now: datetime) -> Iterator[Finding]:
    """One finding for the clock the schedule goes by, one per cadence, one for the holidays."""
    schedule = config.schedule
    hours = schedule.business_hours
    local = now.astimezone(schedule.zone)
    yield ok(
        "schedule",
        "time zone",
        f"{schedule.time_zone}, where it is {local:%a %H:%M}; business hours {hours.start:%H:%M} to {hours.end:%H:%M}",
    )
    for cadence in cadences.used(config):
        yield _due(config, cadence, now)
    yield ok("schedule", "holidays", _holidays(schedule, local.date()))


def _due(config: SyncConfig, cadence: Cadence, now: datetime) -> Finding:
    schedule = config.schedule
    names = ", ".join(entity.name for entity in cadences.entities(config, cadence))
    coming = list(islice(ticks(schedule, cadence, now, now + _LOOK_AHEAD), _SHOWN))
    if not coming:
        return problem(
            "schedule",
            cadence,
            f"{names}: never due within {_LOOK_AHEAD.days} days: no time of `{getattr(schedule, cadence)}` lies in"
            " business hours on a working day",
            f"Correct `schedule.{cadence}`, business_hours, weekdays or holidays.",
        )
    shown = ", ".join(f"{tick.astimezone(schedule.zone):%a %d %b %H:%M}" for tick in coming)
    return ok("schedule", cadence, f"{names}: due next on {shown}")


def _holidays(schedule: ScheduleConfig, today: date) -> str:
    if not schedule.holidays:
        return "none are configured"
    always = schedule.model_copy(update={"holidays": ()})
    noon = time(schedule.business_hours.start.hour, schedule.business_hours.start.minute)
    free = []
    for days in range(_HOLIDAYS_WITHIN):
        day = today + timedelta(days=days)
        moment = datetime.combine(day, noon, schedule.zone)
        if WEEKDAYS[day.weekday()] in schedule.weekdays and is_business_time(always, moment):
            free += [] if is_business_time(schedule, moment) else [f"{day:%a %d %b %Y}"]
    return f"next: {', '.join(free[:_SHOWN])}" if free else f"none on a working day within {_HOLIDAYS_WITHIN} days"
