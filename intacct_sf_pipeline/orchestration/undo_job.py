"""The job `undo_run`: puts back what a run wrote, as far as nobody has edited it since."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dagster as dg
from pydantic import Field

from intacct_sf_pipeline.engine.review.undo import undo_run as put_back
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import StepReport
from intacct_sf_pipeline.orchestration import names
from intacct_sf_pipeline.orchestration.pipeline import UNDO_JOB, Pipeline
from intacct_sf_pipeline.orchestration.plain_words import plain_words
from intacct_sf_pipeline.staging.undo_target import UndoTarget, find_target


class UndoConfig(dg.Config):
    """What to put back."""

    run_id: str = Field(description="The run to undo, or the beginning of its id.")
    entity: str = Field(default="", description="Only this flow: accounts, contacts, products, prices or stock.")
    record: str = Field(default="", description="Only this record of the flow: Intacct key or id, or Salesforce id.")
    field: str = Field(default="", description="Only this field, by its name in the mapping.")
    plan: bool = Field(default=False, description="Say what would be put back and write nothing.")


def undo_job(setup: SyncConfig, tags: Mapping[str, str]) -> dg.JobDefinition:
    """The job."""

    @dg.op(
        description="Reads what the run wrote to as it is now, and puts back what still holds the value of that run.",
        pool=names.pool(Side.INTACCT),
    )
    def put_back_values(
        context: dg.OpExecutionContext, config: UndoConfig, pipeline: dg.ResourceParam[Pipeline]
    ) -> None:
        with plain_words():
            target = find_target(
                pipeline.runtime.store,
                config.run_id,
                entity=config.entity or None,
                record=config.record or None,
                field=config.field or None,
            )
        if not target.entities:
            context.log.info("Run %s wrote nothing of this; there is nothing to put back.", target.undo.undoes)
            return
        if config.plan:
            pipeline.options = replace(pipeline.options, plan_only=True)
        with plain_words(), pipeline.step(context, *target.entities) as ctx:
            reports = put_back(ctx, target.entities, target.undo)
        for entity in target.entities:
            for side in names.writeback_sides(entity):
                key = names.writeback_key(setup.mapping, entity, side)
                metadata = _metadata(target, reports[entity.name][side], planned_only=ctx.options.plan_only)
                context.log_event(dg.AssetObservation(asset_key=key, metadata=metadata))

    @dg.job(
        name=UNDO_JOB,
        description="Puts back what a run wrote, field by field, unless somebody has edited it since. Plan it first.",
        tags=dict(tags),
    )
    def undo_run() -> None:
        put_back_values()

    return undo_run


def _metadata(target: UndoTarget, report: StepReport, *, planned_only: bool) -> dict[str, Any]:
    """Counts of one side of a flow; which fields they are stands in the plan lines of the run."""
    told: dict[str, Any] = {"undoes": target.undo.undoes, **report.counts, "seconds": round(report.seconds, 3)}
    if planned_only:
        told["note"] = "A rehearsal: nothing was written to either system."
    return told
