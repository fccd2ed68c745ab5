"""`db upgrade|check|dictionary|reader`: the staging database's schema, what it means, and who may read it."""

from __future__ import annotations

from typing import Annotated

import typer

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.cli.options import Json

app = typer.Typer(help="The staging database.", no_args_is_help=True)


@app.command()
def upgrade(
    sql: Annotated[bool, typer.Option("--sql", help="Print the script that would do it; run nothing.")] = False,
    new: Annotated[bool, typer.Option("--new", help="With --sql: for an empty database, which is not asked.")] = False,
    json_: Json = False,
) -> None:
    """Bring the schema up to date: migrations, then the tables that follow the mapping. Nothing is ever dropped."""
    from intacct_sf_pipeline.cli.database import upgrade_database

    output = Output(json_mode=json_)
    if new and not sql:
        raise typer.BadParameter("only with --sql", param_hint="--new")
    if sql:
        _print_script(output, new=new)
        return
    report = upgrade_database()
    output.document(report)
    done = report["applied"]
    output.show(f"{report['database']}: " + (f"applied {', '.join(done)}." if done else "already up to date."))


def _print_script(output: Output, *, new: bool) -> None:
    from intacct_sf_pipeline.cli.database import staging_engine
    from intacct_sf_pipeline.cli.session import load_config, load_settings
    from intacct_sf_pipeline.staging.tables import MappingTables
    from intacct_sf_pipeline.staging.upgrade_script import script_for, script_for_new

    settings = load_settings()
    tables = MappingTables(load_config(settings).mapping)
    if new:
        script = script_for_new(settings.database_url, tables)
    else:
        with staging_engine(settings) as engine:
            script = script_for(engine, tables)
    output.document({"script": script})
    output.show(script or "-- Already up to date.")


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


@app.command()
def dictionary(json_: Json = False) -> None:
    """Print what every view, table and column means, as Markdown, for the mapping in use."""
    from intacct_sf_pipeline.cli.session import load_config, load_settings
    from intacct_sf_pipeline.staging.dictionary import data_dictionary
    from intacct_sf_pipeline.staging.tables import MappingTables

    output = Output(json_mode=json_)
    text = data_dictionary(MappingTables(load_config(load_settings()).mapping))
    output.document({"dictionary": text})
    output.show(text)


@app.command()
def reader(
    role: Annotated[str, typer.Option(help="Name of the role.")] = "staging_reader",
    schema: Annotated[str | None, typer.Option(help="Schema of the views (default: STAGING_SCHEMA).")] = None,
    json_: Json = False,
) -> None:
    """Print the script that makes a role which may read the views and nothing else; runs nothing."""
    from sqlalchemy.engine import make_url

    from intacct_sf_pipeline.cli.session import load_settings
    from intacct_sf_pipeline.staging.readers import reader_script

    output = Output(json_mode=json_)
    settings = load_settings()
    server = make_url(settings.database_url).get_backend_name()
    script = reader_script(server, role, schema=schema or settings.staging_schema)
    output.document({"server": server, "script": script})
    output.show(script)
