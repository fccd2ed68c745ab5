"""`holds list|show|retry`: what waits for a person, and a new try once it is mended. Answers are in `resolve`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from intacct_sf_pipeline.cli import resolve
from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.options import Json
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.plans import HoldReason, Verdict, Who

app = typer.Typer(help="Records that are not written until something is mended or decided.", no_args_is_help=True)
EntityFilter = Annotated[
    str | None, typer.Argument(help="accounts, contacts, products, prices or stock; all when left out.")
]
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
_OPTIONS = {
    Verdict.LINK: "--link KEY",
    Verdict.CREATE: "--create",
    Verdict.IGNORE: "--ignore",
    Verdict.TAKE_INTACCT: "--take intacct",
    Verdict.TAKE_SALESFORCE: "--take salesforce",
    Verdict.APPROVE: "--approve",
}


@app.command("list")
def list_(
    entity: EntityFilter = None,
    entity_option: Annotated[str | None, typer.Option("--entity", help="The same as the argument.")] = None,
    who: Annotated[Who | None, typer.Option(help="Only what these people can mend.")] = None,
    reason: Annotated[HoldReason | None, typer.Option(help="Only holds for this reason.")] = None,
    json_: Json = False,
) -> None:
    """List the open holds: which record, why, for how long, who can mend it, and what to do."""
    from rich.table import Table

    from intacct_sf_pipeline.cli.database import open_holds

    output = Output(json_mode=json_)
    wanted = {"who": who and who.value, "reason": reason and reason.value}
    rows = [
        row
        for row in open_holds(entity or entity_option)
        if all(value in (None, row[name]) for name, value in wanted.items())
    ]
    output.document(rows)
    if not rows:
        output.show("Nothing is held.")
        return
    table = Table(title=f"{len(rows)} held", title_justify="left")
    for heading in ("id", "flow", "record", "reason", "fields", "age", "who", "what is wrong, and what to do"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        told = f"{row['message']} {row['cure']}" + (f" (Decided: {row['decision']}.)" if row["decision"] else "")
        table.add_row(
            str(row["id"]),
            row["entity"],
            f"{row['side']} {row['key']}",
            row["reason"],
            ", ".join(row["fields"]),
            age(row["age_seconds"]),
            row["who"],
            told,
        )
    output.show(table)


@app.command()
def show(
    hold_id: Annotated[int, typer.Argument(help="Number from `holds list`.", metavar="ID")], json_: Json = False
) -> None:
    """Show one hold, what can be decided about it, and everything that is known of its record."""
    from intacct_sf_pipeline.cli.database import explain_record, open_holds
    from intacct_sf_pipeline.cli.explain import render

    output = Output(json_mode=json_)
    found = [row for row in open_holds(None) if row["id"] == hold_id]
    if not found:
        raise ConfigurationError(f"there is no open hold {hold_id}", cure="`intacct-sf holds list` shows the open ones")
    hold = found[0]
    explanation = explain_record(hold["entity"], hold["key"])
    output.document({**hold, "explanation": explanation})
    output.show(*_told(hold), *render(explanation))


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


app.command("resolve")(resolve.resolve)
app.command("export")(resolve.export)
app.command("decisions")(resolve.decisions)
app.command("withdraw")(resolve.withdraw)


def age(seconds: int) -> str:
    """How long something lasts already, in the largest unit that fits."""
    for size, unit in _UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}" + ("s" if count != 1 else "")
    return "just now"


def _told(hold: Mapping[str, Any]) -> list[str]:
    """One hold in sentences."""
    lines = [
        f"{hold['entity']} {hold['side']} {hold['key']}: {hold['reason']}, held for {age(hold['age_seconds'])}",
        hold["message"],
        f"What to do ({hold['who']}): {hold['cure']}",
    ]
    lines += [
        f"Candidate: {one['key']}" + ("" if one["score"] is None else f", score {one['score']:.2f}")
        for one in hold["candidates"]
    ]
    if hold["decision"]:
        lines.append(f"Decided: {hold['decision']}; the next sync carries it out.")
    elif hold["resolutions"]:
        options = " | ".join(_OPTIONS[Verdict(word)] for word in hold["resolutions"])
        lines.append(f"To decide: intacct-sf holds resolve {hold['id']} {options}")
    return lines
