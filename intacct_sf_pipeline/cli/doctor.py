"""`doctor`: looks at everything a sync needs, from settings to custom fields, and says how to mend what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.cli.findings import Finding, document, failed, ok, problem, table, warning
from intacct_sf_pipeline.cli.options import Json
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.errors import ConfigurationError, SyncError
from intacct_sf_pipeline.settings import Settings


def doctor(json_: Json = False) -> None:
    """Check configuration, credentials, permissions, custom fields, database; exit code 1 when something is wrong."""
    output = Output(json_mode=json_)
    with output.working("looking at settings, both systems and the database"):
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
    yield from _database(settings)
    if complete and config is not None:
        yield from _systems(settings, config)


def _refused(area: str, error: ConfigurationError) -> Finding:
    return problem(area, error.where, error.what, error.cure)


def _database(settings: Settings) -> Iterator[Finding]:
    from intacct_sf_pipeline.cli.database import check_database

    try:
        report = check_database(settings)
    except SyncError as error:
        yield problem("database", "connection", str(error), "Check STAGING_DATABASE_URL, and that the server runs.")
        return
    if report["pending"]:
        pending = len(report["pending"])
        yield warning(
            "database",
            report["database"],
            f"{pending} migration(s) pending",
            "The next sync applies them; or run `intacct-sf db upgrade`.",
        )
    else:
        yield ok("database", report["database"], "reached, and its schema is up to date")


def _systems(settings: Settings, config: SyncConfig) -> Iterator[Finding]:
    from intacct_sf_pipeline.cli.live import connection_finding, mapping_findings, services
    from intacct_sf_pipeline.runtime import build_connectors

    systems = services(build_connectors(settings))
    reached = [connection_finding(side, system) for side, system in systems.items()]
    yield from reached
    if not failed(reached):
        yield from mapping_findings(config.mapping, systems)
