"""The jobs: one sync per cadence and one for all, and what a person starts from the Launchpad.

A job is a selection of assets; everything it does is in them. Every sync job carries `CADENCE_TAG`, by which the
overlap guard of the schedules and the queue's limit know that two runs would do the same.
"""

from collections.abc import Sequence

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.storage.tags import RETRY_STRATEGY_TAG

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.orchestration import cadences, names
from intacct_sf_pipeline.orchestration.compare_job import compare_job
from intacct_sf_pipeline.orchestration.maintenance_job import maintenance_job
from intacct_sf_pipeline.orchestration.pipeline import OPTION_TAG
from intacct_sf_pipeline.orchestration.resolve_job import resolve_job
from intacct_sf_pipeline.orchestration.undo_job import undo_job

Job = dg.JobDefinition | UnresolvedAssetJobDefinition
CADENCE_TAG = "intacct_sf/cadence"
EVERYTHING = "all"
_RETRIED_WHOLE = {RETRY_STRATEGY_TAG: "ALL_STEPS"}
"""A crashed run starts from the beginning: its last steps alone would find nothing, their work belongs to that run."""


def sync_job(cadence: str) -> str:
    """The name of the job that syncs one cadence (`all`: every entity)."""
    return f"sync_{cadence}"


def build_jobs(config: SyncConfig, executor: dg.ExecutorDefinition = dg.in_process_executor) -> list[Job]:
    """Every job; `executor` is that of the syncs."""
    everything = config.mapping.enabled()
    groups = {cadence: cadences.entities(config, cadence) for cadence in cadences.used(config)} | {
        EVERYTHING: everything
    }
    return [
        *(_sync(config, cadence, entities, executor) for cadence, entities in groups.items()),
        _plan_only(config, everything),
        _retry_holds(config, everything, executor),
        resolve_job(config, sync_job(EVERYTHING), {CADENCE_TAG: names.of_tenant(EVERYTHING)}),
        compare_job(config, {CADENCE_TAG: names.of_tenant(EVERYTHING)}),
        undo_job(config, {CADENCE_TAG: names.of_tenant(EVERYTHING)}),
        maintenance_job(),
    ]


def _sync(config: SyncConfig, cadence: str, entities: Sequence[EntityMapping], executor: dg.ExecutorDefinition) -> Job:
    flows = ", ".join(entity.name for entity in entities)
    return _asset_job(
        sync_job(cadence),
        cadence,
        names.entity_keys(config.mapping, entities),
        f"Keeps {flows} in agreement: reads, stages, plans and writes.",
        executor=executor,
    )


def _plan_only(config: SyncConfig, entities: Sequence[EntityMapping]) -> Job:
    """The whole sync rehearsed, write-backs included: what comes later is planned on what was planned before it."""
    description = "Says what a sync would write: a rehearsal on a copy of the staging database, with simulated writes."
    keys = names.entity_keys(config.mapping, entities)
    return _asset_job("plan_only", EVERYTHING, keys, description, "plan_only")


def _retry_holds(config: SyncConfig, entities: Sequence[EntityMapping], executor: dg.ExecutorDefinition) -> Job:
    description = "Syncs every entity and tries each held record again, whether its retry is due or not."
    keys = names.entity_keys(config.mapping, entities)
    return _asset_job("retry_holds", EVERYTHING, keys, description, "retry_holds", executor=executor)


def _asset_job(
    name: str,
    cadence: str,
    keys: Sequence[dg.AssetKey],
    description: str,
    option: str = "",
    *,
    executor: dg.ExecutorDefinition = dg.in_process_executor,
) -> Job:
    return dg.define_asset_job(
        name,
        selection=dg.AssetSelection.assets(*keys),
        description=description,
        tags={CADENCE_TAG: names.of_tenant(cadence)} | ({OPTION_TAG: option} if option else {}) | _RETRIED_WHOLE,
        executor_def=executor,
    )


def run_options(**options: bool | int | str | list[str]) -> dict[str, object]:
    """Run configuration that sets options of one run, by the names of `resources.RunOptionsResource`."""
    return {"resources": {"run_options": {"config": options}}}
