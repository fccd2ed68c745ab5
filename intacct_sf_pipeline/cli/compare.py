"""`compare [ENTITY]`: reads both sides afresh and proves agreement, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.table import Table

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.cli.options import Json
from intacct_sf_pipeline.engine.context import no_progress
from intacct_sf_pipeline.engine.ports import Progress


def compare(
    entity: Annotated[
        str | None, typer.Argument(help="accounts, contacts, products, prices or stock; all when left out.")
    ] = None,
    json_: Json = False,
) -> None:
    """Compare every linked record and field, both sides read afresh; exit code 1 on an unexplained difference."""
    output = Output(json_mode=json_)
    with output.bars("compare") as bars:
        documents = agreement_document(entity, bars)
    output.document(documents)
    output.show(agreement_table(documents))
    for name, counts in documents.items():
        for difference in counts["differences"]:
            record = f"{difference['intacct_key']} = {difference['salesforce_id']}"
            output.show(f"  {difference['verdict']}: {name} {record} {difference['field']}: {difference['reason']}")
    unexplained = any(counts["unexplained"] for counts in documents.values())
    raise typer.Exit(ExitCode.FAILED if unexplained else ExitCode.DONE)


def agreement_document(entity: str | None, progress: Progress = no_progress) -> dict[str, dict[str, Any]]:
    """Compare one flow, or all of them; the document that `compare --json` prints.

    Raises:
        ConfigurationError: there is no such flow.
    """
    from intacct_sf_pipeline.cli.session import open_session
    from intacct_sf_pipeline.cli.targets import chosen
    from intacct_sf_pipeline.engine.compare import compare_entities

    with open_session() as runtime:
        entities = chosen(runtime.config.mapping, entity or "all")
        run_id = f"compare-{uuid4()}"
        runtime.store.start_run(run_id, kind="compare", entities=[spec.name for spec in entities], at=runtime.clock())
        status = "failed"
        try:
            reports = compare_entities(runtime.context(run_id, progress=progress), entities)
            status = "done"
        finally:
            runtime.store.finish_run(run_id, status=status, at=runtime.clock())
    return {
        name: {
            "equal": report.equal,
            "explained": report.explained,
            "unexplained": report.unexplained,
            "fields": dict(report.fields),
            "differences": [asdict(difference) for difference in report.differences],
        }
        for name, report in reports.items()
    }


def agreement_table(documents: Mapping[str, Mapping[str, Any]]) -> Table:
    """Linked records per flow: how many are equal, differ for a known reason, or differ without one."""
    table = Table(title="Agreement of linked records", title_justify="left")
    for heading in ("flow", "equal", "explained", "unexplained"):
        table.add_column(heading, justify="left" if heading == "flow" else "right")
    for name, counts in documents.items():
        table.add_row(name, *(str(counts[key]) for key in ("equal", "explained", "unexplained")))
    return table
