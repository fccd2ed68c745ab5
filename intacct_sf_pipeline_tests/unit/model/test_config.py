"""Schedule, limits and policies: what they accept, what they refuse, and when business hours are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from intacct_sf_pipeline.model.config import (
    LIMITED,
    PERCENT_FROM,
    WEEKDAYS,
    Bound,
    Limits,
    Policies,
    ScheduleConfig,
    cron_fields,
    is_business_time,
)
from intacct_sf_pipeline.model.mapping_loader import load_config

LONDON = ScheduleConfig.model_validate(
    {"time_zone": "Europe/London", "business_hours": {"start": "08:00", "end": "18:00"}}
)
NEW_YORK = ScheduleConfig.model_validate(
    {"time_zone": "America/New_York", "holidays": ["2026-12-24", {"country": "US", "subdivision": "NY"}]}
)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        (datetime(2026, 7, 6, 7, 0, tzinfo=UTC), True),  # 08:00 in British summer time
        (datetime(2026, 7, 6, 6, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 1, 5, 7, 30, tzinfo=UTC), False),  # 07:30 in winter
        (datetime(2026, 7, 6, 16, 59, tzinfo=UTC), True),
        (datetime(2026, 7, 6, 17, 0, tzinfo=UTC), False),  # the end is not part of it
        (datetime(2026, 7, 5, 12, 0, tzinfo=UTC), False),  # Sunday
    ],
)
def test_business_hours_follow_the_zone_through_summer_and_winter(moment: datetime, open_: bool) -> None:
    assert is_business_time(LONDON, moment) is open_


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 12, 24), False),  # a date of the list
        (date(2026, 11, 26), False),  # Thanksgiving
        (date(2027, 1, 1), False),  # a holiday of another year than the first asked for
        (date(2026, 11, 25), True),
    ],
)
def test_no_business_on_holidays(day: date, open_: bool) -> None:
    noon = datetime.combine(day, time(12), tzinfo=ZoneInfo("America/New_York"))
    assert is_business_time(NEW_YORK, noon) is open_


def test_the_day_of_a_holiday_is_the_local_day() -> None:
    late = datetime(2026, 12, 25, 3, 0, tzinfo=UTC)  # still the evening of the 24th in New York
    schedule = NEW_YORK.model_copy(
        update={"business_hours": NEW_YORK.business_hours.model_copy(update={"end": time(23)})}
    )
    assert not is_business_time(schedule, late)
    assert is_business_time(schedule, late - timedelta(days=1))


@given(
    moment=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware
    zone=st.sampled_from(("UTC", "Asia/Tokyo", "America/Sao_Paulo", "Australia/Lord_Howe")),
    weekdays=st.sets(st.sampled_from(WEEKDAYS)),
)
def test_business_time_is_the_clock_and_calendar_of_the_zone(moment: datetime, zone: str, weekdays: set[str]) -> None:
    schedule = ScheduleConfig.model_validate({"time_zone": zone, "weekdays": sorted(weekdays)})
    local = moment.astimezone(ZoneInfo(zone))
    expected = f"{local:%a}".lower() in weekdays and "07:00" <= f"{local:%H:%M}" < "19:00"
    assert is_business_time(schedule, moment) is expected


@pytest.mark.parametrize(
    ("words", "cron"),
    [
        ("every 15 minutes", "*/15 * * * *"),
        ("Every  5  minutes", "*/5 * * * *"),
        ("every 60 minutes", "0 * * * *"),
        ("hourly", "0 * * * *"),
        ("every hour", "0 * * * *"),
        ("every 4 hours", "0 */4 * * *"),
        ("every 24 hours", "0 0 * * *"),
        ("02:00", "0 2 * * *"),
        ("23:45", "45 23 * * *"),
        ("*/20 8-18 * * 1-5", "*/20 8-18 * * 1-5"),
    ],
)
def test_cadences_become_cron_fields(words: str, cron: str) -> None:
    assert cron_fields(words) == cron


@pytest.mark.parametrize(
    "words", ["every 7 minutes", "every 0 minutes", "every 5 hours", "24:00", "often", "* * *", ""]
)
def test_a_cadence_that_cannot_be_kept_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"understood|evenly"):
        cron_fields(words)


@pytest.mark.parametrize(
    "schedule",
    [
        {"time_zone": "Europe/Londn"},
        {"business_hours": {"start": "18:00", "end": "08:00"}},
        {"weekdays": ["someday"]},
        {"holidays": [{"country": "XX"}]},
        {"holidays": [{"country": "US", "subdivision": "ZZ"}]},
        {"stock": "sometimes"},
        {"speed": "fast"},
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(schedule: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ScheduleConfig.model_validate(schedule)


@pytest.mark.parametrize(
    "policies",
    [{"default_region": "UK"}, {"default_region": "us"}, {"overlap_seconds": -1}, {"hold_retry_minutes": []}],
)
def test_policies_that_make_no_sense_are_refused(policies: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Policies.model_validate(policies)


def test_an_entity_without_limits_has_none() -> None:
    config = load_config()
    assert config.limits_for("accounts").deactivate == Bound(count=50, percent=Decimal(10))
    assert config.limits_for("warehouses") == Limits()
    assert all(Limits().bound(operation).most(1000) is None for operation in LIMITED)


@given(
    st.none() | st.integers(0, 300),
    st.none() | st.decimals(min_value=Decimal("0.1"), max_value=100, places=1),
    st.integers(0, 5000),
)
def test_a_limit_is_the_smaller_of_number_and_share_and_small_flows_have_no_share(
    count: int | None, percent: Decimal | None, pairs: int
) -> None:
    most = Bound(count=count, percent=percent).most(pairs)
    share = None if percent is None or pairs < PERCENT_FROM else percent
    if most is None:
        assert count is None
        assert share is None
        return
    assert count is None or most <= count
    assert share is None or most * 100 <= share * pairs
    assert most == count or (share is not None and (most + 1) * 100 > share * pairs)


@pytest.mark.parametrize(
    "limits",
    [
        {"create": -1},
        {"create": {"count": -1}},
        {"update": {"percent": 0}},
        {"update": {"percent": 101}},
        {"update": {"per_cent": 5}},
        {"create": "many"},
        {"on_exceed": {"create": "warn"}},
        {"on_exceed": {"link": "hold"}},
    ],
)
def test_limits_that_make_no_sense_are_refused(limits: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Limits.model_validate(limits)


def test_a_plain_number_is_a_count_and_only_deactivations_are_held_unless_told() -> None:
    limits = Limits.model_validate({"create": "5", "update": None, "deactivate": {"percent": "2.5"}})
    assert limits.create == Bound(count=5)
    assert limits.update == Bound()
    assert limits.deactivate == Bound(percent=Decimal("2.5"))
    assert [limits.action(operation) for operation in LIMITED] == ["stop", "stop", "hold"]


def test_every_cadence_of_the_default_schedule_has_cron_fields() -> None:
    schedule = load_config().schedule
    assert [schedule.cron(name) for name in ("customers", "catalogue", "stock", "compare", "maintenance")] == [
        "*/15 * * * *",
        "0 * * * *",
        "0 * * * *",
        "0 2 * * *",
        "30 3 * * *",
    ]
