"""Ticks: when they run, when they say why not, and that one never runs twice or on top of another."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.model.config import BusinessHours, HolidayCalendar, ScheduleConfig, is_business_time
from intacct_sf_pipeline.orchestration.build import build_definitions
from intacct_sf_pipeline.orchestration.cadences import longest_pause, skip_reason
from intacct_sf_pipeline.orchestration.jobs import CADENCE_TAG
from intacct_sf_pipeline.orchestration.partitions import PARTITION_TAG, RANGE_END_TAG, RANGE_START_TAG, TICK_TAG

MONDAY_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NEW_YORK = ScheduleConfig(
    time_zone="America/New_York", holidays=(HolidayCalendar(country="US"), datetime(2026, 3, 4, tzinfo=UTC).date())
)


@pytest.fixture(scope="module")
def defs(config):
    return build_definitions(config)


@pytest.fixture
def tick(defs, instance):
    """Evaluates a schedule at a moment."""

    def evaluate(name, moment, definitions=defs):
        with dg.build_schedule_context(
            instance=instance, scheduled_execution_time=moment, repository_def=definitions.get_repository_def()
        ) as context:
            return definitions.resolve_schedule_def(name).evaluate_tick(context)

    return evaluate


def leave_run(instance, defs, job, status, tags):
    """A run of `job` as another process would have left it."""
    run = instance.create_run_for_job(defs.resolve_job_def(job), tags=tags)
    events = {
        dg.DagsterRunStatus.STARTED: [dg.DagsterEventType.PIPELINE_START],
        dg.DagsterRunStatus.SUCCESS: [dg.DagsterEventType.PIPELINE_START, dg.DagsterEventType.PIPELINE_SUCCESS],
        dg.DagsterRunStatus.FAILURE: [dg.DagsterEventType.PIPELINE_START, dg.DagsterEventType.PIPELINE_FAILURE],
    }
    for kind in events.get(status, []):
        instance.report_dagster_event(dg.DagsterEvent(kind.value, job), run.run_id)
    return run.run_id


def test_a_tick_asks_for_one_run_over_today_from_the_watermark_on(tick):
    (request,) = tick("sync_customers_schedule", MONDAY_NOON).run_requests
    assert request.partition_key == "2026-03-02"
    assert request.tags[TICK_TAG] == "true"


def test_the_same_tick_has_the_same_key_and_the_next_another(tick):
    keys = [
        tick("sync_customers_schedule", moment).run_requests[0].run_key
        for moment in (MONDAY_NOON, MONDAY_NOON, MONDAY_NOON + timedelta(minutes=15))
    ]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        (datetime(2026, 3, 1, 12, 0, tzinfo=UTC), "a Sunday"),
        (datetime(2026, 3, 2, 6, 45, tzinfo=UTC), "before hours"),
        (datetime(2026, 3, 2, 19, 0, tzinfo=UTC), "after hours"),
    ],
)
def test_outside_business_hours_a_tick_says_why_it_does_nothing(tick, moment, why):
    result = tick("sync_customers_schedule", moment)
    assert result.run_requests == [], why
    assert "outside business hours: 07:00 to 19:00 on mon, tue, wed, thu, fri" in result.skip_message


@pytest.mark.parametrize("name", ["sync_catalogue_schedule", "sync_stock_schedule"])
def test_the_hourly_flows_also_run_at_night(tick, name):
    assert len(tick(name, datetime(2026, 3, 1, 3, 0, tzinfo=UTC)).run_requests) == 1


@pytest.mark.parametrize(
    ("moment", "runs"),
    [
        (datetime(2026, 3, 3, 12, 0, tzinfo=UTC), True),  # 07:00 in New York
        (datetime(2026, 3, 3, 11, 45, tzinfo=UTC), False),
        (datetime(2026, 3, 9, 11, 0, tzinfo=UTC), True),  # summer time began the day before
        (datetime(2026, 3, 4, 15, 0, tzinfo=UTC), False),  # a day the company named
        (datetime(2026, 7, 3, 15, 0, tzinfo=UTC), False),  # Independence Day, observed
    ],
)
def test_hours_and_holidays_are_those_of_the_configured_place(moment, runs):
    assert (skip_reason(NEW_YORK, "customers", moment) is None) is runs


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED])
@pytest.mark.parametrize("job", ["sync_customers", "sync_all"])
def test_a_tick_waits_for_a_run_of_the_same_flow(tick, instance, defs, job, status):
    cadence = "all" if job == "sync_all" else "customers"
    busy = leave_run(instance, defs, job, status, {CADENCE_TAG: cadence})
    result = tick("sync_customers_schedule", soon())
    assert result.run_requests == []
    assert busy in result.skip_message


def test_a_run_of_another_flow_or_one_that_ended_stops_no_tick(tick, instance, defs):
    leave_run(instance, defs, "sync_stock", dg.DagsterRunStatus.STARTED, {CADENCE_TAG: "stock"})
    leave_run(instance, defs, "sync_customers", dg.DagsterRunStatus.FAILURE, {CADENCE_TAG: "customers"})
    assert len(tick("sync_customers_schedule", soon()).run_requests) == 1


def test_a_run_that_died_unseen_half_a_day_ago_blocks_nobody(tick, instance, defs):
    leave_run(instance, defs, "sync_stock", dg.DagsterRunStatus.STARTED, {CADENCE_TAG: "stock"})
    assert tick("sync_stock_schedule", datetime.now(UTC)).run_requests == []
    assert len(tick("sync_stock_schedule", datetime.now(UTC) + timedelta(hours=13)).run_requests) == 1


@pytest.mark.parametrize(
    "tags", [{PARTITION_TAG: "2026-02-27"}, {RANGE_START_TAG: "2026-02-20", RANGE_END_TAG: "2026-02-27"}]
)
def test_the_first_tick_after_a_weekend_closes_the_days_since_the_last(tick, instance, defs, tags):
    leave_run(instance, defs, "sync_customers", dg.DagsterRunStatus.SUCCESS, {TICK_TAG: "true", **tags})
    (request,) = tick("sync_customers_schedule", MONDAY_NOON).run_requests
    assert request.partition_key is None
    assert (request.tags[RANGE_START_TAG], request.tags[RANGE_END_TAG]) == ("2026-02-27", "2026-03-02")
    assert request.tags[TICK_TAG] == "true"


@given(
    st.integers(0, 22).flatmap(lambda start: st.tuples(st.just(start), st.integers(start + 1, 23))),
    st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1),
    st.integers(0, 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_a_tick_is_skipped_exactly_outside_business_hours(hours, weekdays, moment, zone):
    schedule = ScheduleConfig(
        time_zone=zone,
        business_hours=BusinessHours(start=f"{hours[0]:02}:00", end=f"{hours[1]:02}:00"),
        weekdays=tuple(sorted(weekdays)),
    )
    assert (skip_reason(schedule, "customers", moment) is None) == is_business_time(schedule, moment)
    assert skip_reason(schedule, "stock", moment) is None


def test_data_may_be_as_old_as_the_weekend_is_long():
    assert longest_pause(ScheduleConfig(), "customers") == timedelta(days=2, hours=12, minutes=15)
    assert longest_pause(ScheduleConfig(stock="every 4 hours"), "stock") == timedelta(hours=4)


def soon() -> datetime:
    """The last business noon: runs made by this test are recent then, whatever the hour at which it runs."""
    now = datetime.now(UTC)
    moment = now.replace(hour=12, minute=0, second=0, microsecond=0)
    while moment > now or not is_business_time(ScheduleConfig(), moment):
        moment += timedelta(days=-1)
    return moment
