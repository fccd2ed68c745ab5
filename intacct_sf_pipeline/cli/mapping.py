"""`mapping show` prints the mapping as a table; `mapping check` holds it against both live systems."""

from __future__ import annotations

from typing import Annotated

import typer

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.cli.options import Json

app = typer.Typer(help="The mapping: show it, check it against both live systems.", no_args_is_help=True)


@app.command()
def show(
    entity: Annotated[
        str | None, typer.Argument(help="accounts, contacts, products, prices or stock; all when left out.")
    ] = None,
    json_: Json = False,
) -> None:
    """Print which field goes where, in which direction, and by which rule."""
    from rich.table import Table

    from intacct_sf_pipeline.cli.session import load_config
    from intacct_sf_pipeline.cli.targets import chosen
    from intacct_sf_pipeline.model.mapping_table import mapping_table

    output = Output(json_mode=json_)
    config = load_config()
    names = {spec.name for spec in chosen(config.mapping, entity or "all")}
    rows = [row for row in mapping_table(config) if row.entity in names]
    output.document(rows)
    table = Table(title="Mapping", title_justify="left")
    for heading in ("flow", "field", "Intacct", "", "Salesforce", "type", "conflict", "notes"):
        table.add_column(heading, overflow="fold")
    last = ""
    for row in rows:
        if last and row.entity != last:
            table.add_section()
        last = row.entity
        table.add_row(row.entity, row.field, row.intacct, row.arrow, row.salesforce, row.type, row.conflict, row.notes)
    output.show(table)


@app.command()
def check(
    offline: Annotated[bool, typer.Option("--offline", help="Check the file only; call neither system.")] = False,
    json_: Json = False,
) -> None:
    """Check the YAML, then every mapped field against what both systems say about their objects."""
    from intacct_sf_pipeline.cli import findings
    from intacct_sf_pipeline.cli.live import mapping_findings, services
    from intacct_sf_pipeline.cli.session import load_config, open_session

    output = Output(json_mode=json_)
    config = load_config()
    found = [
        findings.ok(
            "file",
            "mapping",
            f"{sum(len(e.fields) for e in config.mapping.enabled())} fields in {len(config.mapping.enabled())} flows",
        )
    ]
    if not offline:
        with open_session() as runtime:
            found += mapping_findings(config.mapping, services(runtime.connectors))
    output.document(findings.document(found))
    output.show(findings.table("Mapping check", found))
    raise typer.Exit(ExitCode.FAILED if findings.failed(found) else ExitCode.DONE)
