"""The assets: three factories and the write-back, each calling one step of the engine and reporting what it did.

Extracts and staging are partitioned by day; plan and write-backs are not and run in the same job. Each asset is one
engine call: all rows stay in the staging database.
"""

from collections.abc import Sequence

import dagster as dg

from intacct_sf_pipeline.engine import steps
from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import StepReport
from intacct_sf_pipeline.orchestration import checks, names, reporting, specs
from intacct_sf_pipeline.orchestration.pipeline import Pipeline

ONE_RUN = dg.BackfillPolicy.single_run()


def build_assets(config: SyncConfig) -> list[dg.AssetsDefinition]:
    """Every asset of the mapping."""
    mapping = config.mapping
    groups: dict[dg.AssetKey, list[FeedSpec]] = {}
    for feed in mapping.used_feeds():
        groups.setdefault(names.extract_key(feed), []).append(feed)
    assets = [extract_asset(config, tuple(feeds)) for feeds in groups.values()]
    for entity in mapping.enabled():
        assets += [staging_asset(config, entity), reconcile_asset(config, entity)]
        assets += [writeback_asset(config, entity, side) for side in names.writeback_sides(entity)]
    return assets


def extract_asset(config: SyncConfig, feeds: Sequence[FeedSpec]) -> dg.AssetsDefinition:
    """Reads `feeds`, all of one side and one asset, into their landing tables."""
    spec = specs.extract_spec(config, tuple(feeds))

    @dg.multi_asset(name=names.op_name(spec.key), specs=[spec], backfill_policy=ONE_RUN, pool=names.pool(feeds[0].side))
    def extract(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> reporting.Materialised:
        with pipeline.step(context) as ctx:
            reports = pipeline.read(context, ctx, feeds)
            moved = any(report.counts[name] for report in reports for name in ("new", "deleted"))
            rows = ctx.store.landed(feeds[0]) if moved and _read_in_full(ctx, feeds[0]) else None
            _say_waiting(context, reports)
            preview = reporting.extract_rows(feeds, reports)
            return reporting.materialisation(reports, preview=preview, row_count=rows)

    return extract


def staging_asset(config: SyncConfig, entity: EntityMapping) -> dg.AssetsDefinition:
    """Brings the landed changes of `entity`, both sides, into canonical form."""
    spec, check = specs.staging_spec(config, entity), checks.identity_check(entity)

    @dg.multi_asset(name=names.op_name(spec.key), specs=[spec], check_specs=[check.spec], backfill_policy=ONE_RUN)
    def stage(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> reporting.Materialised:
        with pipeline.step(context, entity) as ctx:
            report = steps.stage(ctx, entity)
            _say_waiting(context, [report])
            preview = pipeline.questions.waiting_keys(entity)
            return reporting.materialisation([report], preview=preview, checks=[check.result(pipeline)])

    return stage


def reconcile_asset(config: SyncConfig, entity: EntityMapping) -> dg.AssetsDefinition:
    """Matches, merges and plans what changed of `entity`."""
    spec, check = specs.reconcile_spec(config, entity), checks.plan_check(config, entity)

    @dg.multi_asset(name=names.op_name(spec.key), specs=[spec], check_specs=[check.spec])
    def reconcile(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> reporting.Materialised:
        with pipeline.step(context, entity) as ctx:
            reports = [steps.reconcile(ctx, entity)]
            _say_waiting(context, reports)
            found = [check.result(pipeline)]
            return reporting.materialisation(reports, planned_only=ctx.options.plan_only, checks=found)

    return reconcile


def writeback_asset(config: SyncConfig, entity: EntityMapping, side: Side) -> dg.AssetsDefinition:
    """Writes this run's plan of `entity` to `side`; the last of its write-backs tells whether all is settled."""
    spec = specs.writeback_spec(config, entity, side)
    asked = [checks.settled_check(config, entity)] if side is names.writeback_sides(entity)[-1] else []
    asked_specs = [check.spec for check in asked]

    @dg.multi_asset(name=names.op_name(spec.key), specs=[spec], check_specs=asked_specs, pool=names.pool(side))
    def write_back(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> reporting.Materialised:
        with pipeline.step(context, entity) as ctx:
            reports = [steps.write_back(ctx, entity, side)]
            _say_waiting(context, reports)
            return reporting.materialisation(
                reports,
                planned_only=ctx.options.plan_only,
                month=pipeline.month,
                checks=[check.result(pipeline) for check in asked],
            )

    return write_back


def _read_in_full(ctx: SyncContext, feed: FeedSpec) -> bool:
    """Whether the last read of `feed` was of every row: only then may its rows be counted, which takes as long."""
    mark = ctx.store.watermark(feed)
    return mark is not None and mark.full_at is not None and mark.full_at == mark.value


def _say_waiting(context: dg.AssetExecutionContext, reports: Sequence[StepReport]) -> None:
    """Say in the run's log what the budget keeps back."""
    for told in dict.fromkeys(report.waiting for report in reports if report.waiting):
        context.log.warning(told)
