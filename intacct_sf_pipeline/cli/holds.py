"""`holds list|show|retry`: what waits for a person, and a new try once it is mended."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.options import Json
from intacct_sf_pipeline.model.errors import ConfigurationError

app = typer.Typer(help="Records that are not written until something is mended.", no_args_is_help=True)
EntityFilter = Annotated[
    str | None, typer.Argument(help="accounts, contacts, products, prices or stock; all when left out.")
]


@app.command("list")
def list_(entity: EntityFilter = None, json_: Json = False) -> None:
    """List the open holds: which record, why, since when, and what to do."""
    from rich.table import Table

    from intacct_sf_pipeline.cli.database import open_holds

    output = Output(json_mode=json_)
    rows = open_holds(entity)
    output.document(rows)
    if not rows:
        output.show("Nothing is held.")
        return
    table = Table(title=f"{len(rows)} held", title_justify="left")
    for heading in ("id", "flow", "record", "reason", "fields", "since", "what to do"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        where = f"{row['side']} {row['key']}"
        table.add_row(
            str(row["id"]),
            row["entity"],
            where,
            row["reason"],
            ", ".join(row["fields"]),
            _minute(row["since"]),
            row["message"],
        )
    output.show(table)


@app.command()
def show(
    hold_id: Annotated[int, typer.Argument(help="Number from `holds list`.", metavar="ID")], json_: Json = False
) -> None:
    """Show one hold, and everything that is known of its record."""
    from intacct_sf_pipeline.cli.database import explain_record, open_holds
    from intacct_sf_pipeline.cli.explain import render

    output = Output(json_mode=json_)
    found = [row for row in open_holds(None) if row["id"] == hold_id]
    if not found:
        raise ConfigurationError(f"there is no open hold {hold_id}", cure="`intacct-sf holds list` shows the open ones")
    hold = found[0]
    explanation = explain_record(hold["entity"], hold["key"])
    output.document({**hold, "explanation": explanation})
    output.show(
        f"{hold['entity']} {hold['side']} {hold['key']}: {hold['reason']} since {_minute(hold['since'])}",
        hold["message"],
        *render(explanation),
    )


@app.command()
def retry(
    hold_id: Annotated[
        int | None, typer.Argument(help="Number from `holds list`; all open ones when left out.", metavar="[ID]")
    ] = None,
    json_: Json = False,
) -> None:
    """Look at held records again in the next sync, whether their next try is due or not."""
    from intacct_sf_pipeline.cli.database import requeue_holds

    output = Output(json_mode=json_)
    requeued = requeue_holds(hold_id)
    counts = Counter(row["entity"] for row in requeued)
    output.document({"requeued": len(requeued), "entities": dict(counts)})
    output.show(
        f"{len(requeued)} held records will be looked at again: run `intacct-sf sync`, or wait for the next tick."
    )


def _minute(moment: object) -> str:
    return str(moment)[:16].replace("T", " ")
