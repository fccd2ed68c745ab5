"""`undo RUN_ID`: puts back what a run wrote, as far as nobody has edited it since; `--plan` says it first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.table import Table

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.cli.options import Json, PlanOnly
from intacct_sf_pipeline.model.errors import ConfigurationError

_SHOWN_ROWS = 50
_WORDS = {"put_back": "put back", "left": "left", "already": "needs nothing", "open": "no answer"}


def undo(
    run_id: Annotated[str, typer.Argument(help="The run to undo, or the beginning of its id; `status` lists them.")],
    entity: Annotated[str | None, typer.Option(help="Only this flow: accounts, contacts, products, ...")] = None,
    record: Annotated[
        str | None, typer.Option(metavar="KEY", help="Only this record of the flow: Intacct key or id, Salesforce id.")
    ] = None,
    field: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this field, by its name in the mapping.")
    ] = None,
    plan: PlanOnly = False,
    wait: Annotated[
        int, typer.Option(min=0, metavar="SECONDS", help="Wait so long for another run on the same flows to end.")
    ] = 0,
    force: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Override a limit in this run: accounts.update.")
    ] = None,
    json_: Json = False,
) -> None:
    """Put back what a run wrote, unless somebody has edited it since; exit code 3 when something could not be."""
    from intacct_sf_pipeline.cli.instance import shared_instance
    from intacct_sf_pipeline.cli.runner import run_job
    from intacct_sf_pipeline.cli.session import load_config, load_settings
    from intacct_sf_pipeline.engine.guarding.limits import require_forceable
    from intacct_sf_pipeline.orchestration.pipeline import UNDO_JOB

    output = Output(json_mode=json_)
    settings = load_settings()
    settings.validate_for_run()
    config = load_config(settings)
    what = {"entity": entity, "record": record, "field": field}
    undoes, concerned, unmapped = _target(run_id, what)
    if not concerned:
        report = nothing(undoes, unmapped)
        output.document(report)
        output.show(f"Run {undoes} wrote nothing of this; there is nothing to put back.")
        raise typer.Exit(ExitCode.HELD if unmapped else ExitCode.DONE)
    given = {"run_id": undoes, "plan": plan, **{name: value for name, value in what.items() if value}}
    options = {"wait": wait, "force": sorted(require_forceable(force or (), config))}
    with shared_instance(settings.home) as instance, output.bars(f"undo {undoes[:8]}") as bars:
        ops = {"put_back_values": given}
        finished = run_job(config, UNDO_JOB, instance, ops, options=options, progress=bars, tell=output.note)
    if not finished.success and finished.exit_code is ExitCode.USAGE:
        raise ConfigurationError(finished.failure)
    report = _report(finished.run_id) | {"undoes": undoes, "unmapped": unmapped}
    if not finished.success:
        error = {"type": finished.failure_type, "message": finished.failure, "exit_code": int(finished.exit_code)}
        report |= {"status": "failed", "error": error}
    output.document(report)
    output.show(*render(report))
    if not finished.success:
        output.note(f"Failed: {finished.failure}")
        raise typer.Exit(finished.exit_code)
    raise typer.Exit(_exit_code(report))


def _target(run_id: str, what: Mapping[str, str | None]) -> tuple[str, list[str], list[str]]:
    """The run meant, the flows of which it wrote something, and those of them that are not in the mapping any more."""
    from intacct_sf_pipeline.cli.database import staging_store
    from intacct_sf_pipeline.staging.undo_target import find_target

    with staging_store() as store:
        target = find_target(store, run_id, **what)
        return target.undo.undoes, [entity.name for entity in target.entities], list(target.unmapped)


def _report(run_id: str) -> dict[str, Any]:
    from intacct_sf_pipeline.cli.database import staging_store
    from intacct_sf_pipeline.staging.undo_report import undo_report

    with staging_store() as store:
        return undo_report(store.database, run_id)


def _exit_code(report: Mapping[str, Any]) -> ExitCode:
    if report["open"] or report["status"] == "failed":
        return ExitCode.FAILED
    return ExitCode.HELD if report["left"] or report["unmapped"] else ExitCode.DONE


def nothing(undoes: str, unmapped: list[str]) -> dict[str, Any]:
    """The document when the run wrote nothing that could be put back; no run was started."""
    return {
        "run_id": None,
        "undoes": undoes,
        "plan": False,
        "status": "held" if unmapped else "done",
        **dict.fromkeys(_WORDS, 0),
        "entities": {},
        "fields": [],
        "unmapped": unmapped,
    }


def render(report: Mapping[str, Any]) -> list[Table | str]:
    """Counts, and the first fields: what could not be put back at the top."""
    done = "would be put back" if report["plan"] else "put back"
    title = f"Undo of run {report['undoes']}: {report['put_back']} {done}, {report['left']} left"
    counts = Table(title=title, title_justify="left")
    counts.add_column("flow")
    for word in _WORDS.values():
        counts.add_column(word, justify="right")
    for name, found in report["entities"].items():
        counts.add_row(name, *(str(found[verdict]) for verdict in _WORDS))
    parts: list[Table | str] = [counts]
    if report["fields"]:
        fields = Table(title="Fields", title_justify="left")
        for name in ("flow", "side", "record", "field", "written", "before", "what", "why"):
            fields.add_column(name, overflow="fold")
        for row in report["fields"][:_SHOWN_ROWS]:
            told = (row["entity"], row["side"], row["key"], row["field"], row["from"], row["to"])
            fields.add_row(*(_cell(value) for value in told), _WORDS[row["verdict"]], row["reason"])
        parts.append(fields)
    more = sum(report[verdict] for verdict in _WORDS) - _SHOWN_ROWS
    if more > 0:
        parts.append(f"... and {more} more; the table plan_lines of the staging database has them all.")
    if not report["fields"] or (not report["put_back"] and not report["left"]):
        parts.append("Nothing is left to put back.")
    parts += [f"{name}: written by that run, but no longer in the mapping." for name in report["unmapped"]]
    return parts


def _cell(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(str(part) for part in value if part is not None)
    return "" if value is None else str(value)
