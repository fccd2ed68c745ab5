"""The configuration beside the mapping: policies, schedule, limits, and the whole they form (with `budget`,
`costs` and `retention`). Values and pure questions about them.

`mapping_loader` reads it from YAML; `default_mapping.yaml` names and explains every key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

import holidays as holiday_calendars
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from intacct_sf_pipeline.model.budget import BudgetConfig
from intacct_sf_pipeline.model.costs import Costs
from intacct_sf_pipeline.model.mapping import SyncMapping
from intacct_sf_pipeline.model.retention import RetentionConfig

Effect = Literal["deactivate", "hold"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Cadence = Literal["customers", "catalogue", "stock"]
Excess = Literal["stop", "hold"]
LimitedOperation = Literal["create", "update", "deactivate"]

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CADENCES: tuple[Cadence, ...] = ("customers", "catalogue", "stock")
LIMITED: tuple[LimitedOperation, ...] = ("create", "update", "deactivate")
PERCENT_FROM = 100
"""Linked pairs from which on a limit in percent is applied: of a few records any change is a large share."""
_CRON_FIELD = r"[\d*/,-]+"
_CRON = re.compile(rf"{_CRON_FIELD}(?: {_CRON_FIELD}){{4}}")
_EVERY = re.compile(r"every (\d+) (minute|hour)s?")
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Policies(_Model):
    """Decisions that hold for all entities.

    `overlap_seconds` is how far each read reaches back before its watermark; `hold_retry_minutes` are the waits after
    which a rejected write is tried again, the last one over and over.
    """

    default_region: str = Field(default="US", pattern="^[A-Z]{2}$")
    overlap_seconds: int = Field(default=600, ge=0, le=7 * 86_400)
    deleted_in_salesforce: Effect = "deactivate"
    deleted_in_intacct: Effect = "deactivate"
    hold_retry_minutes: tuple[Annotated[int, Field(ge=0)], ...] = Field(default=(0, 60, 240, 1440), min_length=1)

    @field_validator("default_region")
    @classmethod
    def _known_region(cls, value: str) -> str:
        from phonenumbers import SUPPORTED_REGIONS

        if value not in SUPPORTED_REGIONS:
            raise ValueError(f"{value} is not a country: give its two-letter ISO code, such as US, GB or DE")
        return value


class BusinessHours(_Model):
    """From `start` up to, but not including, `end`, in the schedule's time zone."""

    start: time = time(7)
    end: time = time(19)

    @model_validator(mode="after")
    def _in_order(self) -> BusinessHours:
        if self.start >= self.end:
            raise ValueError("business hours have to start before they end, on the same day")
        return self


class HolidayCalendar(_Model):
    """The public holidays of a country, or of one part of it, as the `holidays` library knows them."""

    country: str
    subdivision: str | None = None

    @model_validator(mode="after")
    def _known(self) -> HolidayCalendar:
        supported = holiday_calendars.list_supported_countries()
        if self.country not in supported:
            raise ValueError(
                f"there is no holiday calendar for {self.country!r}: give a two-letter ISO code, such as US or GB"
            )
        if self.subdivision is not None and self.subdivision not in supported[self.country]:
            raise ValueError(
                f"{self.country} has no part {self.subdivision!r}: {', '.join(supported[self.country]) or 'none'}"
            )
        return self


def _kind_of_holiday(value: object) -> str:
    return "calendar" if isinstance(value, Mapping | HolidayCalendar) else "date"


Holiday = Annotated[
    Annotated[date, Tag("date")] | Annotated[HolidayCalendar, Tag("calendar")], Discriminator(_kind_of_holiday)
]


class ScheduleConfig(_Model):
    """When what runs. `customers` ticks within business hours only; the others around the clock.

    A cadence is `every N minutes` (N divides 60), `every N hours` (N divides 24), `hourly`, a time of day such as
    `02:00`, or five cron fields; `cron` turns it into the latter.
    """

    time_zone: str = "UTC"
    business_hours: BusinessHours = BusinessHours()
    weekdays: tuple[Weekday, ...] = WEEKDAYS[:5]
    holidays: tuple[Holiday, ...] = ()
    customers: str = "every 15 minutes"
    catalogue: str = "hourly"
    stock: str = "hourly"
    compare: str = "02:00"
    maintenance: str = "03:30"

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(
                f"{value!r} is not a time zone: give a name such as UTC, America/New_York or Europe/London"
            )
        return value

    @field_validator("customers", "catalogue", "stock", "compare", "maintenance")
    @classmethod
    def _known_cadence(cls, value: str) -> str:
        cron_fields(value)
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which hours, weekdays and holidays are meant."""
        return ZoneInfo(self.time_zone)

    def cron(self, name: Cadence | Literal["compare", "maintenance"]) -> str:
        """The five cron fields of one cadence, in the schedule's time zone."""
        cadence: str = getattr(self, name)
        return cron_fields(cadence)


class Bound(_Model):
    """The most records one run may touch with one operation: a number, a share of the entity's linked pairs, or both
    (the smaller one counts).

    The share is not applied to fewer than `PERCENT_FROM` pairs. A plain number in the file is a `count`; `null`: any
    number.
    """

    count: int | None = Field(default=None, ge=0)
    percent: Decimal | None = Field(default=None, gt=0, le=100)

    def most(self, pairs: int) -> int | None:
        """The most records when there are `pairs` linked pairs; None: any number."""
        found = [] if self.count is None else [self.count]
        if self.percent is not None and pairs >= PERCENT_FROM:
            found.append(int(self.percent * pairs / 100))
        return min(found, default=None)


def _bound(value: object) -> object:
    if value is None:
        return {}
    return {"count": value} if isinstance(value, str | int) else value


class OnExceed(_Model):
    """What happens when a limit is exceeded: `stop` the run before it writes anything, or `hold` the lines for approval
    and let everything else pass.
    """

    create: Excess = "stop"
    update: Excess = "stop"
    deactivate: Excess = "hold"


class Limits(_Model):
    """How many records one run may create, change and deactivate on one side, and what happens beyond."""

    create: Annotated[Bound, BeforeValidator(_bound)] = Bound()
    update: Annotated[Bound, BeforeValidator(_bound)] = Bound()
    deactivate: Annotated[Bound, BeforeValidator(_bound)] = Bound()
    on_exceed: OnExceed = OnExceed()

    @property
    def in_percent(self) -> bool:
        """Whether any of them is a share of the linked pairs."""
        return any(bound.percent is not None for bound in (self.create, self.update, self.deactivate))

    def bound(self, operation: LimitedOperation) -> Bound:
        """The limit of one operation."""
        bounds: Mapping[LimitedOperation, Bound] = {
            "create": self.create,
            "update": self.update,
            "deactivate": self.deactivate,
        }
        return bounds[operation]

    def action(self, operation: LimitedOperation) -> Excess:
        """What happens when the limit of one operation is exceeded."""
        actions: Mapping[LimitedOperation, Excess] = {
            "create": self.on_exceed.create,
            "update": self.on_exceed.update,
            "deactivate": self.on_exceed.deactivate,
        }
        return actions[operation]


class SyncConfig(_Model):
    """All that the YAML file says."""

    mapping: SyncMapping
    policies: Policies = Policies()
    schedule: ScheduleConfig = ScheduleConfig()
    limits: Mapping[str, Limits] = Field(default_factory=dict)
    budget: BudgetConfig = BudgetConfig()
    costs: Costs = Costs()
    retention: RetentionConfig = RetentionConfig()

    def limits_for(self, entity: str) -> Limits:
        """The limits of `entity`; none when the file names none."""
        return self.limits.get(entity, Limits())


def is_business_time(schedule: ScheduleConfig, moment: datetime) -> bool:
    """Whether aware `moment` lies in business hours, on a working weekday and no holiday, in the schedule's zone."""
    local = moment.astimezone(schedule.zone)
    hours = schedule.business_hours
    if WEEKDAYS[local.weekday()] not in schedule.weekdays or not hours.start <= local.time() < hours.end:
        return False
    return not any(_falls_on(holiday, local.date()) for holiday in schedule.holidays)


def cron_fields(cadence: str) -> str:
    """The five cron fields of a cadence in words.

    Raises:
        ValueError: the words are not understood, or the step does not divide the hour or the day evenly.
    """
    words = " ".join(cadence.lower().split())
    if words in {"hourly", "every hour"}:
        return "0 * * * *"
    if match := _EVERY.fullmatch(words):
        number, whole = int(match[1]), 60 if match[2] == "minute" else 24
        if number == 0 or whole % number:
            raise ValueError(f"{cadence!r} does not divide {'an hour' if whole == 60 else 'a day'} evenly")
        if number == whole:
            return "0 * * * *" if whole == 60 else "0 0 * * *"
        return f"*/{number} * * * *" if whole == 60 else f"0 */{number} * * *"
    if match := _TIME_OF_DAY.fullmatch(words):
        return f"{int(match[2])} {int(match[1])} * * *"
    if _CRON.fullmatch(words):
        return words
    raise ValueError(
        f"{cadence!r} is not understood: write 'every 15 minutes', 'hourly', 'every 4 hours', '02:00', or cron fields"
    )


def _falls_on(holiday: date | HolidayCalendar, day: date) -> bool:
    if isinstance(holiday, HolidayCalendar):
        return day in _holidays_of(holiday.country, holiday.subdivision, day.year)
    return holiday == day


@lru_cache(maxsize=64)
def _holidays_of(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(holiday_calendars.country_holidays(country, subdiv=subdivision, years=year))
