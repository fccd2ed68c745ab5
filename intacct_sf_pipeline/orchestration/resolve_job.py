"""The job `resolve_holds`: stores what people decided about holds, then runs the sync of the flows concerned.

The sync is a run of its own, with every asset and blocking check of an ordinary one; the op names it.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import dagster as dg
from dagster._core.storage.tags import MAX_RETRIES_TAG
from dagster._core.utils import make_new_run_id
from pydantic import Field

from intacct_sf_pipeline.engine.context import utc_now
from intacct_sf_pipeline.engine.people.answer_sheet import Answer, AnswersRefusedError, Refusal, answer_of, read_sheet
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping import EntityMapping, SyncMapping
from intacct_sf_pipeline.orchestration import dead_runs, names
from intacct_sf_pipeline.orchestration.partitions import TICK_TAG, day_key
from intacct_sf_pipeline.orchestration.plain_words import plain_words
from intacct_sf_pipeline.staging.resolve import resolve
from intacct_sf_pipeline.staging.store import SqlStagingStore

RESOLVE_JOB = "resolve_holds"
ASKED_BY_TAG = "intacct_sf/asked_by"
"""On the sync: the run of `resolve_holds` that started it."""


class DecisionConfig(dg.Config):
    """One row of the sheet that `intacct-sf holds export` writes."""

    hold_id: int = Field(default=0, description="Number of the hold; or leave it out and name the record and reason.")
    entity: str = Field(default="", description="With side, key and reason: all holds of that record for that reason.")
    side: str = Field(default="", description="intacct or salesforce")
    key: str = Field(default="", description="Key or id of the record")
    reason: str = Field(default="", description="Reason of the hold")
    verdict: str = Field(description="link, create, ignore, take_intacct, take_salesforce or approve")
    partner: str = Field(default="", description="For link: key or id of the record on the other side")
    note: str = Field(default="", description="Why")


class ResolveConfig(dg.Config):
    """What was decided: here, or on a sheet that the code server can read."""

    decisions: list[DecisionConfig] = Field(default=[], description="Decisions, one by one.")
    file: str = Field(default="", description="Path of a sheet (CSV) as `holds export` writes it, filled in.")
    by: str = Field(default="Launchpad", description="Who decided.")
    wait: int = Field(default=300, ge=0, description="Seconds to wait for another run on the same flows to end.")


def resolve_job(setup: SyncConfig, sync_all: str, tags: dict[str, str]) -> dg.JobDefinition:
    """The job; `sync_all` names the job whose assets the sync runs."""

    @dg.op(description="Checks and stores the decisions, all or none, then syncs the flows they are about.")
    def carry_out_decisions(
        context: dg.OpExecutionContext, config: ResolveConfig, staging: dg.ResourceParam[SqlStagingStore]
    ) -> None:
        dead_runs.sign(context.instance, context.run)
        with plain_words():
            decided = resolve(staging, _answers(config), by=config.by)
        flows = concerned(setup.mapping, {decision.entity for decision in decided})
        told: dict[str, int | str] = {"decisions": len(decided), "flows": ", ".join(flow.name for flow in flows)}
        if flows:
            told["run"] = _sync(context, setup, sync_all, flows, config.wait)
        context.add_output_metadata(told)

    @dg.job(
        name=RESOLVE_JOB,
        description="Stores decisions about held records (link, create, ignore, take a side, approve) and syncs the "
        "flows concerned. Nothing is stored unless all are right.",
        tags=tags,
    )
    def resolve_holds() -> None:
        carry_out_decisions()

    return resolve_holds


def concerned(mapping: SyncMapping, decided: Collection[str]) -> list[EntityMapping]:
    """The flows decided about, and those that wait for them (contacts for their accounts), in settling order."""
    found: list[EntityMapping] = []
    for entity in mapping.enabled():
        known = {flow.name for flow in found}
        if entity.name in decided or known & {*entity.after, entity.links}:
            found.append(entity)
    return found


def _answers(config: ResolveConfig) -> list[Answer]:
    if bool(config.decisions) == bool(config.file):
        what = "decisions and a file are given" if config.file else "nothing is decided"
        raise AnswersRefusedError([Refusal("", what, "Give `decisions`, or the path of a sheet as `file`")])
    if config.file:
        path = Path(config.file)
        try:
            return read_sheet(path.name, path.read_bytes())
        except OSError as error:
            raise AnswersRefusedError([Refusal(config.file, f"it cannot be read: {error.strerror}")]) from error
    return [_answer(row, number) for number, row in enumerate(config.decisions, start=1)]


def _answer(row: DecisionConfig, number: int) -> Answer:
    values = {name: str(value) for name, value in row.model_dump().items() if value}
    return answer_of(values, f"decision {number}")


def _sync(
    context: dg.OpExecutionContext, setup: SyncConfig, sync_all: str, flows: Sequence[EntityMapping], wait: int
) -> str:
    """Run the sync of `flows` in this process and wait for its end; its run id.

    Raises:
        Failure: the run failed; the decisions stay in force, and the next sync carries them out.
    """
    from intacct_sf_pipeline.orchestration.build import build_definitions

    run_id = make_new_run_id()
    told = f"The sync of {', '.join(flow.name for flow in flows)} is run {run_id}."
    context.log.info(told)
    result = (
        build_definitions(setup)
        .resolve_job_def(sync_all)
        .execute_in_process(
            run_config={"resources": {"run_options": {"config": {"wait": wait}}}},
            instance=context.instance,
            partition_key=day_key(utc_now()),
            asset_selection=list(names.entity_keys(setup.mapping, flows)),
            run_id=run_id,
            tags={TICK_TAG: "true", ASKED_BY_TAG: context.run_id, MAX_RETRIES_TAG: "0"} | dead_runs.signature(run_id),
            raise_on_error=False,
        )
    )
    if not result.success:
        raise dg.Failure(
            f"The decisions are stored, but the sync (run {run_id}) failed; the next one carries them out.",
            allow_retries=False,
        )
    return run_id
