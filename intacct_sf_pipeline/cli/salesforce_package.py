"""`salesforce-package`: the custom fields and the permission set that the mapping needs, ready to be deployed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.options import Json


def salesforce_package(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to write it: a new or empty directory, or an earlier package.")
    ],
    json_: Json = False,
) -> None:
    """Write the custom fields and the permission set of the mapping as a project that the Salesforce CLI deploys.

    It needs no credentials and calls nobody; the same mapping gives the same files.
    """
    from rich.table import Table

    from intacct_sf_pipeline.cli.package_files import write_package
    from intacct_sf_pipeline.cli.session import load_config, load_settings
    from intacct_sf_pipeline.connectors.salesforce.metadata import build_project

    output = Output(json_mode=json_)
    settings = load_settings()
    project = build_project(load_config(settings).mapping, settings.salesforce_api_version)
    changed = write_package(directory, project.files)
    told = project.document()
    output.document({"directory": str(directory.resolve()), "changed": changed, **told})
    table = Table(title="Custom fields", title_justify="left")
    for heading in ("object", "field", "type", "also", "access", "named by"):
        table.add_column(heading, overflow="fold")
    for field in project.needed.fields:
        also = "External ID, Unique" if field.external_id else ""
        access = "read, edit" if field.editable else "read"
        table.add_row(field.object, field.name, field.type, also, access, ", ".join(field.named_by))
    output.show(table)
    for text in project.needed.left_out:
        output.say(f"Not in the package: {text}.")
    output.say(f"{directory}: " + ("written." if changed else "is as it was."))
    output.say("To deploy it, from that directory:")
    for command in project.commands:
        output.say(f"  {command}")
