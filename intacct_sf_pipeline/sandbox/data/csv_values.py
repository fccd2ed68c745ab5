"""Turns the cells of an export into what the sandbox's bulk loaders take: canonical names, ISO dates, known users."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from intacct_sf_pipeline.sandbox.data.csv_columns import Column, Fate
from intacct_sf_pipeline.sandbox.data.csv_tables import Cell
from intacct_sf_pipeline.sandbox.intacct.schema.catalog import Catalog
from intacct_sf_pipeline.sandbox.intacct.schema.types import Kind, ObjectSpec
from intacct_sf_pipeline.sandbox.salesforce.ids import to_long
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType

Reader = Callable[[Sequence[Cell]], dict[str, object]]
_Convert = Callable[[str], str | None]

_SLASHED = re.compile(
    r"(?P<date>\d{1,2}/\d{1,2}/\d{4})(?:[ T](?P<time>\d{1,2}:\d{2}(?::\d{2})?)\s*(?P<half>[AaPp][Mm])?)?"
)


def iso_moment(cell: str) -> str:
    """Return a month/day/year date, with or without a time, in ISO form; anything else comes back as it is.

    "6/30/2026" -> "2026-06-30"; "6/30/2026 5:04 PM" -> "2026-06-30T17:04:00Z".
    """
    match = _SLASHED.fullmatch(cell.strip())
    if match is None:
        return cell
    clock, half = match["time"], match["half"]
    try:
        if clock is None:
            return datetime.strptime(match["date"], "%m/%d/%Y").date().isoformat()  # noqa: DTZ007 - a date alone
        seconds = ":%S" if clock.count(":") == 2 else ""
        hours = f"%I:%M{seconds} %p" if half else f"%H:%M{seconds}"
        text = f"{match['date']} {clock} {half}" if half else f"{match['date']} {clock}"
        moment = datetime.strptime(text, f"%m/%d/%Y {hours}")  # noqa: DTZ007 - exports without a zone are in UTC
    except ValueError:
        return cell
    return f"{moment.isoformat()}Z"


def salesforce_reader(org: SalesforceOrg, sobject: SObjectType, columns: Sequence[Column]) -> Reader:
    """Return the function that makes a row of `sobject` from the cells of a record."""
    kept = [column for column in columns if column.fate is Fate.KEPT]
    converters = [(column.position, column.name, _salesforce_value(org, sobject, column.name)) for column in kept]
    parents = _parents(sobject, columns)
    flag = next((column.position for column in columns if column.header.lower() == "pricebook2.isstandard"), None)

    def read(cells: Sequence[Cell]) -> dict[str, object]:
        row: dict[str, object] = {}
        for position, name, convert in converters:
            cell = cells[position]
            row[name] = convert(cell) if cell is not None and convert is not None else cell
        for reference, candidates in parents:
            if row.get(reference) is None:
                chosen = next((column for column in candidates if cells[column.position] is not None), None)
                if chosen is not None:
                    row[chosen.name] = cells[chosen.position]
        if flag is not None and row.get("Pricebook2Id") is None and str(cells[flag]).lower() in ("true", "1"):
            row["Pricebook2Id"] = org.standard_pricebook_id
        return row

    return read


def _salesforce_value(org: SalesforceOrg, sobject: SObjectType, name: str) -> _Convert | None:
    field = sobject.by_name[name.lower()]
    if field.type in ("date", "datetime"):
        return iso_moment
    if field.reference_to == ("User",):
        return lambda cell: cell if _is_usable_user(org, cell, as_owner=field.name == "OwnerId") else None
    return None


def _is_usable_user(org: SalesforceOrg, cell: str, *, as_owner: bool) -> bool:
    """Whether the org has the user; to own a loaded record a user must also be active, as for any write."""
    row = org.db.table("User").get(to_long(cell.strip()))
    return row is not None and not (as_owner and row["IsActive"] is False)


def _parents(sobject: SObjectType, columns: Sequence[Column]) -> list[tuple[str, list[Column]]]:
    """Return per reference field the dotted columns that may stand for it, the surest first."""
    found: dict[str, list[Column]] = {}
    for column in columns:
        if column.fate is Fate.PARENT_KEY:
            reference = sobject.by_relationship[column.name.partition(".")[0].lower()]
            found.setdefault(reference.name, []).append(column)
    return [(name, sorted(candidates, key=_uncertainty)) for name, candidates in found.items()]


def _uncertainty(column: Column) -> int:
    member = column.name.partition(".")[2]
    if member == "Id":
        return 0
    return 1 if member.endswith("__c") else 3 if member == "Name" else 2


def intacct_reader(catalog: Catalog, spec: ObjectSpec, columns: Sequence[Column]) -> Reader:
    """Return the function that makes a row of `spec` from the cells of a record."""
    kept = []
    for column in columns:
        if column.fate is Fate.KEPT:
            path = catalog.resolve(spec, column.name)
            is_time = path is not None and path.field.kind in (Kind.DATE, Kind.DATE_TIME)
            kept.append((column.position, column.name, iso_moment if is_time else None))

    def read(cells: Sequence[Cell]) -> dict[str, object]:
        row: dict[str, object] = {}
        for position, name, convert in kept:
            cell = cells[position]
            row[name] = convert(cell) if cell is not None and convert is not None else cell
        return row

    return read
