"""`compare [ENTITY]`: reads both sides afresh and proves agreement, field by field; `--heal` settles what differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.table import Table

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.cli.options import Json
from intacct_sf_pipeline.engine.context import no_progress
from intacct_sf_pipeline.engine.ports import Progress

_VERDICTS = ("equal", "explained", "unexplained", "healed")


def compare(
    entity: Annotated[
        str | None, typer.Argument(help="accounts, contacts, products, prices or stock; all when left out.")
    ] = None,
    heal: Annotated[
        bool, typer.Option("--heal", help="Settle what nothing explains, as the nightly job does, within the limits.")
    ] = False,
    json_: Json = False,
) -> None:
    """Compare every linked record and field, both sides read afresh; exit code 1 on an unexplained difference."""
    output = Output(json_mode=json_)
    with output.bars("compare") as bars:
        documents = healed_document(entity, output, bars) if heal else agreement_document(entity, bars)
    output.document(documents)
    output.show(agreement_table(documents))
    for name, counts in documents.items():
        for difference in counts["differences"]:
            record = f"{difference['intacct_key']} = {difference['salesforce_id']}"
            why = "; ".join(part for part in (difference["reason"], difference.get("cause")) if part)
            output.show(f"  {difference['verdict']}: {name} {record} {difference['field']}: {why}")
        output.show(*unlinked_lines(name, counts))
        if counts["stopped"]:
            output.note(f"Not healed, a limit stopped it: {counts['stopped']}")
    unexplained = any(counts["unexplained"] for counts in documents.values())
    raise typer.Exit(ExitCode.FAILED if unexplained else ExitCode.DONE)


def agreement_document(entity: str | None, progress: Progress = no_progress) -> dict[str, dict[str, Any]]:
    """Compare one flow, or all of them; the document that `compare --json` prints.

    Raises:
        ConfigurationError: there is no such flow.
        LeaseHeldError: a run is at work on it.
    """
    from intacct_sf_pipeline.cli.session import open_session
    from intacct_sf_pipeline.cli.targets import chosen
    from intacct_sf_pipeline.engine.review.compare import compare_entities

    with open_session() as runtime:
        entities = chosen(runtime.config.mapping, entity or "all")
        names = [spec.name for spec in entities]
        run_id = f"compare-{uuid4()}"
        with runtime.store.writer(names, run_id):
            runtime.store.start_run(run_id, kind="compare", entities=names, at=runtime.clock())
            status = "failed"
            try:
                reports = compare_entities(runtime.context(run_id, progress=progress), entities)
                status = "done"
            finally:
                runtime.store.finish_run(run_id, status=status, at=runtime.clock())
    return {name: report.as_document() for name, report in reports.items()}


def healed_document(entity: str | None, output: Output, progress: Progress) -> dict[str, dict[str, Any]]:
    """Run the nightly job in this process, over one flow or all; the same document, as the run's ledger entry has it.

    Raises:
        ConfigurationError: there is no such flow.
        Exit: the run failed before it had compared; what stopped it was said.
    """
    from intacct_sf_pipeline.cli.database import staging_store
    from intacct_sf_pipeline.cli.instance import shared_instance
    from intacct_sf_pipeline.cli.runner import run_job
    from intacct_sf_pipeline.cli.session import load_config, load_settings
    from intacct_sf_pipeline.cli.targets import chosen
    from intacct_sf_pipeline.engine.spending.gate import WAITING
    from intacct_sf_pipeline.model.budget import COMPARE
    from intacct_sf_pipeline.orchestration.pipeline import COMPARE_JOB

    settings = load_settings()
    settings.validate_for_run()
    config = load_config(settings)
    names = [spec.name for spec in chosen(config.mapping, entity or "all")]
    with shared_instance(settings.home) as instance:
        ops = {"compare_everything": {"entities": names, "heal": True}}
        finished = run_job(config, COMPARE_JOB, instance, ops, progress=progress, tell=output.note)
    with staging_store() as store:
        detail = store.detail(finished.run_id)
    found = detail.get("compare", {})
    if COMPARE in detail.get(WAITING, {}):
        reason = detail[WAITING][COMPARE][0]
        output.document({"waiting": [{"entity": COMPARE, "reason": reason}]})
        output.note(f"The comparison waits for the budget: {reason}.")
        raise typer.Exit(ExitCode.DONE)
    if len(found) < len(names):
        code = finished.exit_code
        error = {"type": finished.failure_type, "message": finished.failure, "exit_code": int(code)}
        output.document({"error": error})
        output.error(finished.failure)
        raise typer.Exit(code)
    return {name: found[name] for name in names}


def unlinked_lines(name: str, counts: Mapping[str, Any]) -> list[str]:
    """How many records of each side have no partner, and why; nothing where all have one."""
    lines = []
    for side, found in counts["unlinked"].items():
        told = ", ".join(f"{count} {category.replace('_', ' ')}" for category, count in found.items() if count)
        if told:
            lines.append(f"  {name}: without a partner in {side}: {told}")
    return lines


def agreement_table(documents: Mapping[str, Mapping[str, Any]]) -> Table:
    """Linked records per flow: how many are equal, differ for a known reason, differ without one, or were healed."""
    table = Table(title="Agreement of linked records", title_justify="left")
    for heading in ("flow", *_VERDICTS):
        table.add_column(heading, justify="left" if heading == "flow" else "right")
    for name, counts in documents.items():
        table.add_row(name, *(str(counts.get(key, 0)) for key in _VERDICTS))
    return table
