"""What a schedule's tick or a sensor asks for: a run over today (and the days to be closed), unless a run of the same
flow is at work.
"""

from datetime import datetime, timedelta

import dagster as dg

from intacct_sf_pipeline.orchestration import dead_runs
from intacct_sf_pipeline.orchestration.jobs import CADENCE_TAG, EVERYTHING, sync_job
from intacct_sf_pipeline.orchestration.names import of_tenant, tenant
from intacct_sf_pipeline.orchestration.partitions import (
    PARTITION_TAG,
    RANGE_END_TAG,
    RANGE_START_TAG,
    TICK_TAG,
    tick_days,
)
from intacct_sf_pipeline.orchestration.pipeline import OPTION_TAG, PLAN_ONLY
from intacct_sf_pipeline.orchestration.resources import crashed_runs

_FORGOTTEN_AFTER = timedelta(hours=12)


def at_work(instance: dg.DagsterInstance, cadence: str, now: datetime) -> str | None:
    """Why a run of `cadence` must not start now: an unfinished run of the same flow. None when there is none.

    A run whose process has died is closed here and holds nobody up; neither does a rehearsal, which writes nothing, nor
    a run of which nothing has been known for half a day.
    """
    for record in dead_runs.living_runs(instance, now, crashed=crashed_runs):
        tags = record.dagster_run.tags
        same_flow = (
            tags.get(CADENCE_TAG) in {of_tenant(cadence), of_tenant(EVERYTHING)} and tags.get(OPTION_TAG) != PLAN_ONLY
        )
        if same_flow and record.create_timestamp > now - _FORGOTTEN_AFTER:
            return f"run {record.dagster_run.run_id} of the same flow is still at work"
    return None


def run_request(instance: dg.DagsterInstance, cadence: str, now: datetime, run_key: str) -> dg.RunRequest:
    """A tick of `cadence`: today's partition, together with the days since the last tick, which it closes."""
    first, today = tick_days(now, _last_day(instance, cadence))
    tags = {TICK_TAG: "true"}
    if first == today:
        return dg.RunRequest(run_key=run_key, partition_key=today, tags=tags)
    return dg.RunRequest(run_key=run_key, tags=tags | {RANGE_START_TAG: first, RANGE_END_TAG: today})


def tick_tags() -> dict[str, str]:
    """Tags of a run over today's partition that reads from the watermark on, as a tick does (for callers without a
    schedule).
    """
    return {TICK_TAG: "true"}


def _last_day(instance: dg.DagsterInstance, cadence: str) -> str | None:
    tags = {TICK_TAG: "true"} | ({CADENCE_TAG: of_tenant(cadence)} if tenant() else {})
    filters = dg.RunsFilter(job_name=sync_job(cadence), tags=tags, statuses=[dg.DagsterRunStatus.SUCCESS])
    records = instance.get_run_records(filters, limit=1)
    if not records:
        return None
    found = records[0].dagster_run.tags
    return found.get(RANGE_END_TAG) or found.get(PARTITION_TAG)
