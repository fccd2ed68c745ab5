"""The nightly job `compare_all`: reads both sides afresh, proves agreement, and heals what it cannot explain."""

from collections.abc import Mapping, Sequence

import dagster as dg
from pydantic import Field

from intacct_sf_pipeline.engine.review.compare import CompareReport, compare_entities
from intacct_sf_pipeline.engine.review.heal import compare_and_heal
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.suggest import did_you_mean
from intacct_sf_pipeline.orchestration import names, reporting
from intacct_sf_pipeline.orchestration.pipeline import COMPARE_JOB, Pipeline


class CompareConfig(dg.Config):
    """What to compare, and whether to put right what differs without an explanation."""

    entities: list[str] = Field(default=[], description="Only these flows; all when left out.")
    heal: bool = Field(default=True, description="Settle what is found, within the ordinary limits, in the same run.")


def compare_job(setup: SyncConfig, tags: Mapping[str, str]) -> dg.JobDefinition:
    """The job; it fails when a difference is left without an explanation, so that somebody is told."""

    @dg.op(
        description="Every feed in full, then every linked pair, field by field; what nothing explains is settled.",
        pool=names.pool(Side.INTACCT),
    )
    def compare_everything(
        context: dg.OpExecutionContext, config: CompareConfig, pipeline: dg.ResourceParam[Pipeline]
    ) -> None:
        entities = _chosen(setup, config.entities)
        with pipeline.step(context, *entities) as ctx:
            wait = None if ctx.gate is None else ctx.gate.compare_waits()
            if wait is not None:
                context.log.warning(wait.told())
                context.add_output_metadata({"waits for the budget": wait.told()})
                return
            reports = (compare_and_heal if config.heal else compare_entities)(ctx, entities)
        for entity in entities:
            metadata = reporting.agreement(reports[entity.name])
            context.log_event(dg.AssetObservation(asset_key=names.reconcile_key(entity), metadata=metadata))
        unexplained = {name: report.unexplained for name, report in reports.items() if report.unexplained}
        if unexplained:
            raise dg.Failure(_told(unexplained, reports, healed=config.heal), allow_retries=False)

    @dg.job(
        name=COMPARE_JOB,
        description="Proves that both sides agree (equal, explained, unexplained, per entity) and heals what polling "
        "missed, within the limits of an ordinary run.",
        tags=dict(tags),
    )
    def compare_all() -> None:
        compare_everything()

    return compare_all


def _chosen(setup: SyncConfig, wanted: Sequence[str]) -> tuple[EntityMapping, ...]:
    enabled = {entity.name: entity for entity in setup.mapping.enabled()}
    for name in wanted:
        if name not in enabled:
            raise ConfigurationError(f"there is no flow {name!r}", cure=did_you_mean(name, list(enabled)))
    return tuple(entity for name, entity in enabled.items() if not wanted or name in wanted)


def _told(unexplained: Mapping[str, int], reports: Mapping[str, CompareReport], *, healed: bool) -> str:
    stopped = [report.stopped for report in reports.values() if report.stopped]
    cure = "with `heal` the run settles them." if not healed else "They differ still, after healing was tried."
    if stopped:
        cure = f"A limit stopped healing: {'; '.join(stopped)}."
    return (
        f"Records differ without an explanation: {dict(unexplained)}. The observations of the `reconcile` assets name "
        f"the fields; {cure}"
    )
