"""The engine's own tables, whichever of the modules beside this one they are in.

Their history is in `migrations`; a test proves that both say the same. Tables that follow the mapping are in `tables`.
"""

from intacct_sf_pipeline.staging.schema_columns import metadata
from intacct_sf_pipeline.staging.schema_holds import decisions, hold_watches, holds
from intacct_sf_pipeline.staging.schema_records import (
    clock_sightings,
    flows,
    links,
    mapping_state,
    reconcile_queue,
    stage_queue,
    watermarks,
)
from intacct_sf_pipeline.staging.schema_runs import api_quotas, api_spend, leases, run_steps, runs
from intacct_sf_pipeline.staging.schema_writes import journal, plan_lines, write_jobs

__all__ = [
    "api_quotas",
    "api_spend",
    "clock_sightings",
    "decisions",
    "flows",
    "hold_watches",
    "holds",
    "journal",
    "leases",
    "links",
    "mapping_state",
    "metadata",
    "plan_lines",
    "reconcile_queue",
    "run_steps",
    "runs",
    "stage_queue",
    "watermarks",
    "write_jobs",
]
