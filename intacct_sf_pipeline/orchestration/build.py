"""Puts the definitions together. Loading needs no credentials, no database and no network; tests hand in resources of
their own.
"""

from collections.abc import Mapping

import dagster as dg

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.orchestration.assets import build_assets
from intacct_sf_pipeline.orchestration.jobs import build_jobs
from intacct_sf_pipeline.orchestration.resources import build_resources
from intacct_sf_pipeline.orchestration.schedules import build_schedules
from intacct_sf_pipeline.orchestration.sensors import build_sensors


def build_definitions(
    config: SyncConfig,
    resources: Mapping[str, object] | None = None,
    executor: dg.ExecutorDefinition = dg.in_process_executor,
) -> dg.Definitions:
    """Everything Dagster shows, from one configuration; `resources` replaces those of the same name.

    One process per run unless `executor`, that of the sync jobs, says otherwise: steps are engine calls that share
    connections, so a process for each costs start-up time. Other jobs have a single step each.
    """
    return dg.Definitions(
        assets=build_assets(config),
        jobs=build_jobs(config, executor),
        schedules=build_schedules(config),
        sensors=build_sensors(config),
        resources={**build_resources(), **(resources or {})},
        executor=dg.in_process_executor,
    )
