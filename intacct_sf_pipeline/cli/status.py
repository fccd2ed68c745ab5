"""`status`: how far each feed has been read, what is held, what the last runs did, and what the APIs cost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.options import Json

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT")


def status(json_: Json = False) -> None:
    """Show watermarks and lag, open holds, jobs under way, the last runs, this month's API spend and the budget."""
    from intacct_sf_pipeline.cli.database import read_status

    output = Output(json_mode=json_)
    report = read_status()
    output.document(report)
    output.show(
        *_section(
            "Read up to",
            report["watermarks"],
            {"side": "side", "feed": "feed", "value": "watermark", "lag_seconds": "lag (s)", "full_at": "read in full"},
        ),
        *_section(
            "Held",
            report["holds"],
            {"entity": "flow", "reason": "reason", "count": "records", "oldest": "oldest"},
            "Nothing is held.",
        ),
        *_section(
            "Jobs under way (the next run takes their results)",
            report["jobs"],
            {
                "job_id": "job",
                "entity": "flow",
                "object": "object",
                "operation": "operation",
                "lines": "records",
                "state": "state",
                "processed": "processed",
                "opened_at": "since",
            },
        ),
        *_section(
            "Last runs",
            report["runs"],
            {"run_id": "run", "kind": "kind", "status": "status", "started_at": "started", "seconds": "seconds"},
            "Nothing has run yet.",
        ),
        *_section(
            "API spend this month",
            report["spend"],
            {
                "system": "system",
                "billed": "billed",
                "requests": "requests",
                "forecast": "forecast",
                "included": "included",
                "over_forecast": "over (forecast)",
                "cost": "cost",
                "cost_forecast": "cost (forecast)",
                "currency": "",
            },
        ),
        *_budget(report["budget"]),
    )


def _budget(budget: Mapping[str, Any]) -> list[RenderableType]:
    """The bounds, what waits, and the org's own allowance as far as it is known."""
    columns = {"system": "system", "window": "per", "used": "used", "allowed": "allowed", "reserve": "reserve"}
    told: list[RenderableType] = [*_section("Budget", budget["bounds"], columns)]
    for system, quota in budget["quota"].items():
        told.append(
            f"{system}: {quota['used']:,} of {quota['allowed']:,} calls of 24 hours used by all, {_cell(quota['at'])}."
        )
    told.extend(
        f"{wait['entity']} ({wait['priority']} priority) waits for the budget: {wait['reason']}; until "
        f"{_cell(wait['until'])} UTC at the latest."
        for wait in budget["waiting"]
    )
    return told


def _section(
    title: str, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], empty: str = ""
) -> list[RenderableType]:
    if not rows:
        return [empty] if empty else []
    table = Table(title=title, title_justify="left")
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*_cells(row, columns))
    return [table]


def _cells(row: Mapping[str, Any], columns: Iterable[str]) -> list[str]:
    return [_cell(row.get(name)) for name in columns]


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}"
    text = "" if value is None else str(value)
    return text[:19].replace("T", " ") if _STAMP.match(text) else text
