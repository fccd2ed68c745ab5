"""`doctor`: looks at everything a sync needs, from settings to custom fields, and says how to mend what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import typer

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.cli.findings import Finding, document, failed, failure, ok, problem, table
from intacct_sf_pipeline.cli.options import Json
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.errors import ConfigurationError, SyncError
from intacct_sf_pipeline.settings import Settings


def doctor(json_: Json = False) -> None:
    """Check configuration, both systems, permissions, custom fields, clocks, quota, schedule, database and Dagster.

    Nothing is written to either system. Exit code 1 when something is wrong.
    """
    output = Output(json_mode=json_)
    with output.working("looking at settings, both systems, the schedule and the database"):
        found = list(examine())
    output.document(document(found))
    output.show(table("Doctor", found))
    raise typer.Exit(ExitCode.FAILED if failed(found) else ExitCode.DONE)


def examine() -> Iterator[Finding]:
    """Every finding, in the order in which things are needed; what rests on something missing is left out."""
    from intacct_sf_pipeline.cli.session import load_config, load_settings

    try:
        settings = load_settings()
    except ConfigurationError as error:
        yield _refused("settings", error)
        return
    complete = True
    try:
        settings.validate_for_run()
        yield ok("settings", "environment", "every variable that is needed is set")
    except ConfigurationError as error:
        complete = False
        yield _refused("settings", error)
    try:
        config: SyncConfig | None = load_config(settings)
        yield ok("mapping", str(settings.sync_config or "packaged default"), "the file is right")
    except ConfigurationError as error:
        config = None
        yield _refused("mapping", error)
    yield from _here(settings, config)
    if complete and config is not None:
        yield from _there(settings, config)


def _here(settings: Settings, config: SyncConfig | None) -> Iterator[Finding]:
    """What can be looked at without either system."""
    from intacct_sf_pipeline.cli.doctor_dagster import dagster_findings
    from intacct_sf_pipeline.cli.doctor_database import database_findings
    from intacct_sf_pipeline.cli.doctor_schedule import schedule_findings
    from intacct_sf_pipeline.engine.context import utc_now

    yield from _safely("database", database_findings(settings))
    if config is not None:
        yield from schedule_findings(config, utc_now())
        yield from _safely("Dagster", dagster_findings(settings, config))


def _there(settings: Settings, config: SyncConfig) -> Iterator[Finding]:
    from intacct_sf_pipeline.cli.doctor_systems import system_findings

    yield from _safely("connection", system_findings(settings, config))


def _safely(area: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, and one more where looking itself failed."""
    try:
        yield from findings
    except SyncError as error:
        yield failure(area, "check", error, "Mend this first, then run `intacct-sf doctor` again.")


def _refused(area: str, error: ConfigurationError) -> Finding:
    return problem(area, error.where, error.what, error.cure)
