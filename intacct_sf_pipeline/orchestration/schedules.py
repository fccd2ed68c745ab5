"""The schedules: one per cadence, a nightly compare and nightly maintenance. Times, zone, weekdays and holidays come
from the configuration.

They start switched off: whoever installs the project switches them on in the UI once the first sync has been looked
at.
"""

from datetime import UTC, datetime

import dagster as dg

from intacct_sf_pipeline.model.config import Cadence, ScheduleConfig, SyncConfig
from intacct_sf_pipeline.orchestration import cadences, ticks
from intacct_sf_pipeline.orchestration.jobs import sync_job
from intacct_sf_pipeline.orchestration.pipeline import COMPARE_JOB


def build_schedules(config: SyncConfig) -> list[dg.ScheduleDefinition]:
    """Every schedule."""
    schedule = config.schedule
    return [
        *(sync_schedule(schedule, cadence) for cadence in cadences.used(config)),
        _nightly(
            schedule,
            COMPARE_JOB,
            schedule.cron("compare"),
            "Proves every night that both sides agree.",
        ),
        _nightly(
            schedule,
            "maintenance",
            schedule.cron("maintenance"),
            "Drops old runs and events every night.",
        ),
    ]


def sync_schedule(schedule: ScheduleConfig, cadence: Cadence) -> dg.ScheduleDefinition:
    """Ticks of one cadence; a tick is skipped outside business hours (where they apply) and while a run of the same
    flow is at work.
    """

    @dg.schedule(
        name=f"{sync_job(cadence)}_schedule",
        job_name=sync_job(cadence),
        cron_schedule=schedule.cron(cadence),
        execution_timezone=schedule.time_zone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=f"{getattr(schedule, cadence).capitalize()}, {schedule.time_zone}"
        + ("; business hours only." if cadence in cadences.BUSINESS_HOURS_ONLY else "."),
    )
    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        due = context.scheduled_execution_time
        reason = cadences.skip_reason(schedule, cadence, due) or ticks.at_work(context.instance, cadence, due)
        if reason:
            return dg.SkipReason(reason)
        return ticks.run_request(context.instance, cadence, due, run_key=_run_key(cadence, due))

    return tick


def _nightly(schedule: ScheduleConfig, job: str, cron: str, description: str) -> dg.ScheduleDefinition:
    return dg.ScheduleDefinition(
        name=f"{job}_schedule",
        job_name=job,
        cron_schedule=cron,
        execution_timezone=schedule.time_zone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=description,
    )


def _run_key(cadence: Cadence, due: datetime) -> str:
    """The same for the same tick however often it is evaluated, so that a tick is not run twice."""
    return f"{cadence}:{due.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
