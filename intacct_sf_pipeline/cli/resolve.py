"""`holds resolve|export|decisions|withdraw`: what people decide about holds, one by one or on a sheet."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.options import Json
from intacct_sf_pipeline.engine.people.answer_sheet import Answer, read_sheet, write_sheet
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.plans import Decision, Verdict

HoldId = Annotated[int | None, typer.Argument(help="Number from `holds list`; none with --file.", metavar="[ID]")]
_CHOICE = "--link KEY, --create, --ignore, --take intacct|salesforce or --approve"
_LONGEST_NAME = 100


class Winner(StrEnum):
    """Whose value stays."""

    INTACCT = "intacct"
    SALESFORCE = "salesforce"


def resolve(
    hold_id: HoldId = None,
    link: Annotated[
        str | None, typer.Option(metavar="KEY", help="It is the same as this record of the other system (key or id).")
    ] = None,
    create: Annotated[bool, typer.Option("--create", help="It has no partner yet: create one.")] = False,
    ignore: Annotated[bool, typer.Option("--ignore", help="Leave it alone until this is withdrawn.")] = False,
    take: Annotated[Winner | None, typer.Option(help="In a conflict: whose value stays.")] = None,
    approve: Annotated[bool, typer.Option("--approve", help="Let the held write pass.")] = False,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Decide in bulk: a sheet (CSV) from `holds export`, filled in.")
    ] = None,
    note: Annotated[str, typer.Option(help="Why, for those who ask later.")] = "",
    by: Annotated[str, typer.Option(help="Who decides; the name you are logged in with when left out.")] = "",
    json_: Json = False,
) -> None:
    """Decide about holds; the next sync carries it out. Nothing is stored unless everything is right."""
    from intacct_sf_pipeline.cli.database import staging_store
    from intacct_sf_pipeline.staging.resolve import resolve as store_decisions

    output = Output(json_mode=json_)
    given = {
        Verdict.LINK: link is not None,
        Verdict.CREATE: create,
        Verdict.IGNORE: ignore,
        Verdict.TAKE_INTACCT: take is Winner.INTACCT,
        Verdict.TAKE_SALESFORCE: take is Winner.SALESFORCE,
        Verdict.APPROVE: approve,
    }
    verdicts = [verdict for verdict, is_given in given.items() if is_given]
    answers = _of_file(file, hold_id, verdicts, note) if file else [_of_options(hold_id, verdicts, link or "", note)]
    with staging_store() as store:
        stored = store_decisions(store, answers, by=_name(by))
    flows = list(dict.fromkeys(decision.entity for decision in stored))
    output.document(
        {"stored": len(stored), "entities": flows, "decisions": [_as_json(decision) for decision in stored]}
    )
    if stored:
        run = f"`intacct-sf sync {flows[0]}`" if len(flows) == 1 else "`intacct-sf sync`"
        output.show(f"{len(stored)} decided: run {run} to carry it out, or wait for the next tick.")
    else:
        output.show("No row has a verdict yet; nothing was stored.")


def export(
    file: Annotated[Path, typer.Argument(help="The CSV file to write; it holds the names of the records.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
    json_: Json = False,
) -> None:
    """Write the open holds to a sheet whose column `verdict` is filled in for `holds resolve --file`."""
    from intacct_sf_pipeline.cli.database import staging_store
    from intacct_sf_pipeline.staging.hold_sheet import sheet_rows

    output = Output(json_mode=json_)
    with staging_store() as store:
        rows = sheet_rows(store)
    _save(file, write_sheet(rows), overwrite=overwrite)
    output.document({"file": str(file), "holds": len(rows)})
    output.show(
        f"{len(rows)} holds written to {file}. Fill in verdict (and partner), then: holds resolve --file {file}"
    )


def decisions(
    everything: Annotated[bool, typer.Option("--all", help="Also those carried out, withdrawn or overtaken.")] = False,
    json_: Json = False,
) -> None:
    """List the decisions in force: about which record, what, by whom and why."""
    from rich.table import Table

    from intacct_sf_pipeline.cli.database import staging_store
    from intacct_sf_pipeline.staging.queries import decisions_taken

    output = Output(json_mode=json_)
    with staging_store() as store:
        rows = decisions_taken(store.database, everything=everything)
    output.document(rows)
    if not rows:
        output.show("Nothing is decided that is still in force.")
        return
    table = Table(title=f"{len(rows)} decisions", title_justify="left")
    for heading in ("id", "flow", "record", "about", "decided", "partner", "by", "at", "note", "over"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        about = ", ".join((row["reason"], *row["fields"]))
        told = (row["verdict"], row["partner"] or "", row["by"] or "", _minute(row["at"]), row["note"] or "")
        record = f"{row['side']} {row['key']}"
        table.add_row(str(row["id"]), row["entity"], record, about, *told, _minute(row["closed_at"]))
    output.show(table)


def withdraw(
    decision_id: Annotated[int, typer.Argument(help="Number from `holds decisions`.", metavar="DECISION_ID")],
    json_: Json = False,
) -> None:
    """Take a decision back; the next sync looks at the record again."""
    from intacct_sf_pipeline.cli.database import staging_store
    from intacct_sf_pipeline.staging.resolve import withdraw as take_back

    output = Output(json_mode=json_)
    with staging_store() as store:
        decision = take_back(store, decision_id)
    output.document({"withdrawn": decision_id, "decision": _as_json(decision)})
    output.show(
        f"Withdrawn: {decision.verdict.value} of {decision.entity} {decision.record_side.value} {decision.key}."
    )


def _of_options(hold_id: int | None, verdicts: list[Verdict], partner: str, note: str) -> Answer:
    if hold_id is None:
        raise ConfigurationError("no hold is named", cure="give its number from `holds list`, or a sheet with --file")
    if len(verdicts) != 1:
        what = "two verdicts contradict" if verdicts else "a verdict is missing"
        raise ConfigurationError(what, cure=f"give one of {_CHOICE}")
    return Answer(verdicts[0].value, str(hold_id), partner=partner, note=note)


def _of_file(file: Path, hold_id: int | None, verdicts: list[Verdict], note: str) -> list[Answer]:
    if hold_id is not None or verdicts or note:
        raise ConfigurationError("a sheet says itself what is decided", cure="give --file (and --by) alone")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"it cannot be read: {error.strerror}", where=str(file)) from error
    return read_sheet(file.name, content)


def _save(file: Path, content: bytes, *, overwrite: bool) -> None:
    """Write a file that only its owner may read: it names people and companies."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if overwrite else os.O_EXCL)
    try:
        with os.fdopen(os.open(file, flags, 0o600), "wb") as target:
            target.write(content)
    except FileExistsError:
        raise ConfigurationError(
            "the file exists", where=str(file), cure="name another one, or add --overwrite"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"it cannot be written: {error.strerror}", where=str(file)) from error


def _name(by: str) -> str:
    """Who decides: as given, else the name of the account, as far as known."""
    if len(by) > _LONGEST_NAME:
        raise ConfigurationError(f"a name has at most {_LONGEST_NAME} characters", where="--by")
    try:
        return by or getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""


def _as_json(decision: Decision) -> Mapping[str, Any]:
    return {
        "entity": decision.entity,
        "side": decision.record_side.value,
        "key": decision.key,
        "reason": decision.reason.value,
        "fields": list(decision.fields),
        "verdict": decision.verdict.value,
        "partner": decision.partner_key,
        "by": decision.decided_by,
        "note": decision.note,
    }


def _minute(moment: str | None) -> str:
    return (moment or "")[:16].replace("T", " ")
