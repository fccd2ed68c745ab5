"""`db upgrade|check`: the staging database's schema."""

from __future__ import annotations

import typer

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.cli.options import Json

app = typer.Typer(help="The staging database.", no_args_is_help=True)


@app.command()
def upgrade(json_: Json = False) -> None:
    """Bring the schema up to date: migrations, then the tables that follow the mapping. Nothing is ever dropped."""
    from intacct_sf_pipeline.cli.database import upgrade_database

    output = Output(json_mode=json_)
    report = upgrade_database()
    output.document(report)
    done = report["applied"]
    output.show(f"{report['database']}: " + (f"applied {', '.join(done)}." if done else "already up to date."))


@app.command()
def check(json_: Json = False) -> None:
    """Say whether the database can be reached and its schema is up to date; changes nothing."""
    from intacct_sf_pipeline.cli.database import check_database

    output = Output(json_mode=json_)
    report = check_database()
    output.document(report)
    missing = report["pending"]
    output.show(
        f"{report['database']}: "
        + (f"waiting for {', '.join(missing)}; run `intacct-sf db upgrade`." if missing else "up to date.")
    )
    raise typer.Exit(ExitCode.FAILED if missing else ExitCode.DONE)
