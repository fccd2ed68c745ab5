"""`sync`: runs the Dagster sync job in this process and reports what it read, planned, wrote and held."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.cli.options import Json, PlanOnly

Since = Annotated[
    datetime | None,
    typer.Option(
        help="Read again what was modified since this moment (UTC).", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
    ),
]

Force = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Override a limit, a breaker or the budget in this run: accounts.deactivate, prices.unit_price, budget. "
        "May be repeated.",
    ),
]
_ACTIONS = {
    "stop": "the run stops before it writes.",
    "hold": "held for approval, see `intacct-sf holds list`.",
    "force": "overridden by --force.",
}


def sync(
    flow: Annotated[str, typer.Argument(help="accounts, contacts, products, prices, stock or all.")] = "all",
    plan: PlanOnly = False,
    full: Annotated[bool, typer.Option("--full", help="Read every record again, not only what changed.")] = False,
    since: Since = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Write at most so many records per flow and side.")] = None,
    wait: Annotated[
        int, typer.Option(min=0, metavar="SECONDS", help="Wait so long for another run on the same flows to end.")
    ] = 0,
    force: Force = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="With --plan: write the plan to this file.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="With --out: replace a file that exists.")] = False,
    apply: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what the plan in this file says, and nothing else.")
    ] = None,
    max_age_days: Annotated[int, typer.Option(min=0, help="With --apply: refuse an older plan.")] = 7,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the run's events on stderr.")] = False,
    json_: Json = False,
) -> None:
    """Run one sync: read what changed, plan, write, and say what was done. The run is seen in the Dagster UI too."""
    from intacct_sf_pipeline.cli.instance import shared_instance
    from intacct_sf_pipeline.cli.plan_files import PlanChoice, refused_table, save_plan
    from intacct_sf_pipeline.cli.runner import SyncRequest, run_sync
    from intacct_sf_pipeline.cli.session import load_config, load_settings
    from intacct_sf_pipeline.engine.guarding.limits import require_forceable

    output = Output(json_mode=json_)
    settings = load_settings()
    settings.validate_for_run()
    config = load_config(settings)
    choice = PlanChoice(plan, out, overwrite, apply, max_age_days)
    request = SyncRequest(
        choice.entities(config, flow, others={"--full": full, "--since": since, "--limit": limit}),
        plan_only=plan,
        full=full,
        since=since.replace(tzinfo=UTC) if since else None,
        limit=limit,
        wait=wait,
        force=tuple(sorted(require_forceable(force or (), config))),
        apply_plan=apply.absolute() if apply else None,
        max_plan_age_days=max_age_days,
    )
    with shared_instance(settings.home) as instance, output.bars(f"sync {flow}", quiet=verbose) as bars:
        finished = run_sync(
            config, request, instance, quiet=not verbose, progress=None if verbose else bars, tell=output.note
        )
    report = run_document(finished.run_id, [entity.name for entity in request.entities])
    if not finished.success:
        report |= {
            "status": "failed",
            "error": {"type": finished.failure_type, "message": finished.failure, "exit_code": int(finished.exit_code)},
        }
    elif out is not None:
        plan_hash = save_plan(out, config, finished.run_id, request.entities, overwrite=overwrite)
        report |= {"plan_file": str(out), "plan_hash": plan_hash}
    output.document(report)
    output.show(report_table(report, plan_only=plan))
    _show_guard(output, report)
    if report.get("refused"):
        output.show(refused_table(report["refused"]))
    if not finished.success:
        output.note(f"Failed: {finished.failure}")
        raise typer.Exit(finished.exit_code)
    if report["status"] == "failed":
        output.note("Some writes got no answer or could not be sent; the next sync settles them.")
        raise typer.Exit(ExitCode.FAILED)
    for kept in report.get("waiting", ()):
        output.note(f"{kept['entity']} waits for the budget: {kept['reason']}; --force budget overrides it.")
    if report.get("refused"):
        output.note("Some lines were refused; the next sync without --apply plans them anew.")
    if report["status"] == "held":
        output.note("Some records are held: `intacct-sf holds list` says why, and what to do.")
        raise typer.Exit(ExitCode.HELD)


def _show_guard(output: Output, report: Mapping[str, Any]) -> None:
    """Say which limits were exceeded, and where the plan's file is."""
    for excess in report.get("exceeded", ()):
        what = f"{excess['entity']}: {excess['planned']} to {excess['operation']} in {excess['side']}"
        output.note(f"{what}, the limit is {excess['limit']}: {_ACTIONS[excess['action']]}")
    if "plan_file" in report:
        output.say(f"The plan is in {report['plan_file']}; it holds values of records. sync --apply writes it.")


def report_table(report: Mapping[str, Any], *, plan_only: bool = False) -> Table:
    """One line per flow: read, planned, written to each side, held, and what it cost."""
    title = f"Run {report['run_id'][:8]}: {report['status']}" + (
        " (plan only, nothing was written)" if plan_only else ""
    )
    if report.get("waiting"):
        title += f"; waiting for the budget: {', '.join(wait['entity'] for wait in report['waiting'])}"
    table = Table(title=title, title_justify="left")
    table.add_column("flow")
    for heading in (
        "read",
        "create",
        "update",
        "link",
        "deactivate",
        "to Intacct",
        "to Salesforce",
        "held",
        "Intacct transactions",
        "Salesforce calls",
        "seconds",
    ):
        table.add_column(heading, justify="right")
    for name, entity in report["entities"].items():
        planned, written, api = entity["planned"], entity["written"], entity["api"]
        table.add_row(
            name,
            str(sum(entity["read"].values())),
            *(str(planned[operation]) for operation in ("create", "update", "link", "deactivate")),
            *(_written(written[side]) for side in ("intacct", "salesforce")),
            str(entity["held"]),
            str(api["intacct_transactions"]),
            str(api["salesforce_calls"]),
            f"{entity['seconds']:.1f}",
        )
    return table


def _written(counts: Mapping[str, int]) -> str:
    done = counts["created"] + counts["updated"] + counts["deactivated"]
    return f"{done}" + (f", {counts['failed']} refused" if counts["failed"] else "")


def run_document(run_id: str, entities: list[str]) -> dict[str, Any]:
    """The run's report from the ledger, as `sync --json` prints it."""
    from intacct_sf_pipeline.cli.database import run_report

    return run_report(run_id, entities)
