"""`maintenance prune`: drops Dagster's old runs, events, ticks and files, and the staging database's old history."""

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
    keep_days: Annotated[
        int | None, typer.Option(min=0, help="Keep every Dagster run younger than this (default: as configured).")
    ] = None,
    keep_runs: Annotated[
        int | None,
        typer.Option(min=0, help="Keep this many runs of each job whatever their age (default: as configured)."),
    ] = None,
    json_: Json = False,
) -> None:
    """Drop what is older than the `retention` of the configuration; nothing that a sync rests on is touched."""
    from intacct_sf_pipeline.cli.database import prune_staging
    from intacct_sf_pipeline.cli.instance import shared_instance
    from intacct_sf_pipeline.cli.session import load_config, load_settings
    from intacct_sf_pipeline.engine.context import utc_now
    from intacct_sf_pipeline.orchestration.maintenance import Retention
    from intacct_sf_pipeline.orchestration.maintenance import prune as prune_instance

    output = Output(json_mode=json_)
    settings = load_settings()
    configured = Retention.of(load_config(settings).retention)
    retention = Retention(
        configured.keep_days if keep_days is None else keep_days,
        configured.keep_runs if keep_runs is None else keep_runs,
        configured.tick_days,
    )
    with shared_instance(settings.home) as instance:
        report = prune_instance(instance, retention, now=utc_now(), dry_run=plan)
    history = prune_staging(dry_run=plan)
    output.document({**report.as_dict(), "staging": history})
    verb, rows = "Would remove" if plan else "Removed", sum(n for name, n in history.items() if name.endswith("_rows"))
    output.show(
        f"{verb} {report.runs} runs, {report.ticks} ticks and {report.leftovers} left-over files of Dagster: "
        f"{report.bytes / 1_048_576:.1f} MiB; {rows} rows of the staging database."
    )
