"""The job `maintenance`: prunes Dagster's own history and the staging database's, and gives the room back."""

import dagster as dg
from pydantic import Field

from intacct_sf_pipeline.engine.context import utc_now
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.orchestration import dead_runs
from intacct_sf_pipeline.orchestration.maintenance import Retention, prune
from intacct_sf_pipeline.orchestration.resources import crashed_runs
from intacct_sf_pipeline.staging.retention import prune_history as prune_staging
from intacct_sf_pipeline.staging.store import SqlStagingStore


class PruneConfig(dg.Config):
    """What one clean-up may do differently; how long things are kept is in the configuration file (`retention`)."""

    dry_run: bool = Field(default=False, description="Say what would go, and remove nothing.")


def maintenance_job() -> dg.JobDefinition:
    """Drops what is older than the `retention` of the configuration."""

    @dg.op(
        description="Old runs, events, logs and ticks of Dagster, and old history in the staging database, as "
        "`retention` says; never an asset's newest run, nor anything that a sync rests on."
    )
    def prune_history(
        context: dg.OpExecutionContext,
        config: PruneConfig,
        configuration: dg.ResourceParam[SyncConfig],
        staging: dg.ResourceParam[SqlStagingStore],
    ) -> None:
        dead_runs.sign(context.instance, context.run)
        dead_runs.living_runs(context.instance, utc_now(), crashed=crashed_runs)
        retention = configuration.retention
        report = prune(context.instance, Retention.of(retention), now=utc_now(), dry_run=config.dry_run)
        history = prune_staging(staging, retention, now=utc_now(), dry_run=config.dry_run)
        context.add_output_metadata({**report.as_dict(), **history.as_dict()})

    @dg.job(name="maintenance", description="Drops old runs, events and history, and the files they leave behind.")
    def maintenance() -> None:
        prune_history()

    return maintenance
