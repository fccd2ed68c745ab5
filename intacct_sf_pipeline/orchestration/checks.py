"""The asset checks: promises that the data itself can show, three groups per entity, each one step of the run.

Checks on staging and on the plan are blocking: with severity ERROR the run stops before anything is written. Checks on the write-backs come after
the fact and block nothing. What only concerns single records is a warning, because those are held one by one and never stop their neighbours.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from intacct_sf_pipeline.model.config import Limits, SyncConfig
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.orchestration import names
from intacct_sf_pipeline.orchestration.pipeline import Pipeline
from intacct_sf_pipeline.orchestration.reporting import SEE_HELD

ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
Results = Iterator[dg.AssetCheckResult]


def build_checks(config: SyncConfig) -> list[dg.AssetChecksDefinition]:
    """Every check of the mapping."""
    return [
        check
        for entity in config.mapping.enabled()
        for check in (staging_checks(entity), plan_checks(config, entity), writeback_checks(config, entity))
        if check is not None
    ]


def staging_checks(entity: EntityMapping) -> dg.AssetChecksDefinition:
    """Identity and references of the records that wait for a decision."""
    key = names.staging_key(entity)
    specs = [
        _spec("external_ids_unique", key, "No two linked records of a side carry the same external id. A copy without a partner is a warning: it is held."),
        _spec("one_link_per_record", key, "No record has two partners."),
        _spec("references_known", key, "Every record belongs to a record that is staged too; others wait until it is.", blocking=False),
    ]

    @dg.multi_asset_check(name=f"check_staging_{entity.name}", specs=specs)
    def check(pipeline: dg.ResourceParam[Pipeline]) -> Results:
        questions = pipeline.questions
        shared = questions.shared_external_ids(entity)
        linked = sum(found.linked for found in shared.values())
        copies = {f"{side.value} records": found.shared for side, found in shared.items()}
        yield pipeline.noted(_result("external_ids_unique", key, not any(copies.values()), copies, ERROR if linked else WARN))
        double = questions.double_links(entity)
        yield pipeline.noted(_result("one_link_per_record", key, double == 0, {"records": double}))
        dangling = questions.dangling_references(entity)
        yield _result("references_known", key, dangling == 0, {"records": dangling}, WARN)

    return check


def plan_checks(config: SyncConfig, entity: EntityMapping) -> dg.AssetChecksDefinition:
    """The plan stays within the limits of the configuration and writes no record twice."""
    key = names.reconcile_key(entity)
    specs = [
        _spec("within_limits", key, "The run creates, updates and deactivates no more records on a side than the configuration allows."),
        _spec("each_record_once", key, "No record is written by two lines of the plan."),
    ]

    @dg.multi_asset_check(name=f"check_plan_{entity.name}", specs=specs)
    def check(pipeline: dg.ResourceParam[Pipeline]) -> Results:
        questions = pipeline.questions
        run_id = questions.last_run(entity) or ""
        planned = questions.planned(entity, run_id)
        excess = over(config.limits_for(entity.name), planned)
        counts = {f"{side.value} {operation}": count for side, found in planned.items() for operation, count in found.items() if count}
        severity = WARN if pipeline.options.plan_only else ERROR
        yield pipeline.noted(_result("within_limits", key, not excess, counts | excess, severity))
        twice = questions.touched_twice(entity, run_id)
        yield pipeline.noted(_result("each_record_once", key, twice == 0, {"records": twice}))

    return check


def writeback_checks(config: SyncConfig, entity: EntityMapping) -> dg.AssetChecksDefinition | None:
    """Every planned line came to an end, nothing waits for a person, and both sides now hold what was written."""
    keys = {side: names.writeback_key(config.mapping, entity, side) for side in names.writeback_sides(entity)}
    if not keys:
        return None
    last = list(keys.values())[-1]
    specs = [
        *(_spec("every_line_settled", key, "Every planned write ended: written, or refused and held.", blocking=False) for key in keys.values()),
        _spec("nothing_held", last, "Nothing waits for a person.", blocking=False),
        _spec("written_agrees", last, "Records that were written now hold the same on both sides.", blocking=False),
    ]

    @dg.multi_asset_check(name=f"check_writeback_{entity.name}", specs=specs)
    def check(pipeline: dg.ResourceParam[Pipeline]) -> Results:
        questions = pipeline.questions
        run_id = questions.last_run(entity) or ""
        for side, key in keys.items():
            open_lines = questions.unsettled(entity, side, run_id)
            yield _result("every_line_settled", key, not open_lines, open_lines, WARN)
        held = questions.open_holds(entity)
        yield _result("nothing_held", last, not held, {**held, "what to do": SEE_HELD} if held else {}, WARN)
        differing = questions.disagreeing(entity, run_id)
        yield _result("written_agrees", last, not differing, differing, WARN)

    return check


def over(limits: Limits, planned: Mapping[Side, Mapping[str, int]]) -> dict[str, str]:
    """What of a plan exceeds its limits, side by side, in words; empty when nothing does."""
    return {
        f"{side.value} {operation} over the limit": f"{counts[operation]} planned, {limit} allowed"
        for operation in ("create", "update", "deactivate")
        if (limit := getattr(limits, operation)) is not None
        for side, counts in planned.items()
        if counts[operation] > limit
    }


def _spec(name: str, key: dg.AssetKey, description: str, *, blocking: bool = True) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(name, asset=key, description=description, blocking=blocking)


def _result(
    name: str, key: dg.AssetKey, passed: bool, metadata: Mapping[str, Any], severity: dg.AssetCheckSeverity = ERROR
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(check_name=name, asset_key=key, passed=passed, metadata=metadata, severity=severity)
