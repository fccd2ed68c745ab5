"""`maintenance prune`: drops old Dagster runs, their events and their files, and folds old API spend, by retention."""

from __future__ import annotations

from typing import Annotated

import typer

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.options import Json, PlanOnly

app = typer.Typer(help="Keep the history from growing without end.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `prune` a sub-command although it is the only one."""


@app.command()
def prune(
    plan: PlanOnly = False,
    keep_days: Annotated[int, typer.Option(min=0, help="Keep every run younger than this.")] = 30,
    keep_runs: Annotated[int, typer.Option(min=0, help="Keep this many runs of each job whatever their age.")] = 20,
    json_: Json = False,
) -> None:
    """Drop old runs, events and files, and fold old API spend into daily sums; what was synchronised is not touched."""
    from intacct_sf_pipeline.cli.database import prune_spend
    from intacct_sf_pipeline.cli.instance import shared_instance
    from intacct_sf_pipeline.cli.session import load_settings
    from intacct_sf_pipeline.engine.context import utc_now
    from intacct_sf_pipeline.orchestration.maintenance import Retention
    from intacct_sf_pipeline.orchestration.maintenance import prune as prune_instance

    output = Output(json_mode=json_)
    with shared_instance(load_settings().home) as instance:
        report = prune_instance(
            instance, Retention(keep_days=keep_days, keep_runs=keep_runs), now=utc_now(), dry_run=plan
        )
    spend_rows = prune_spend(keep_days, dry_run=plan)
    output.document({**report.as_dict(), "spend_rows": spend_rows})
    verb = "Would remove" if plan else "Removed"
    output.show(
        f"{verb} {report.runs} runs and {report.leftovers} left-over files: {report.bytes / 1_048_576:.1f} MiB; "
        f"{spend_rows} rows of API spend folded into daily sums."
    )
