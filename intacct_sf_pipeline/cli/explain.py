"""`explain ENTITY KEY`: what both sides hold, what was decided about each field, and what was last written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.options import Json

LAST_WRITES = 20


def explain(
    entity: Annotated[str, typer.Argument(help="accounts, contacts, products, prices or stock.")],
    key: Annotated[str, typer.Argument(help="Intacct key or id, or Salesforce id.")],
    json_: Json = False,
) -> None:
    """Explain one record: base, both sides, decision, rule and reason of every field, and its last writes."""
    from intacct_sf_pipeline.cli.database import explain_record

    output = Output(json_mode=json_)
    explanation = explain_record(entity, key)
    output.document(explanation)
    output.show(*render(explanation))


def render(explanation: Mapping[str, Any]) -> list[RenderableType]:
    """Tables for people."""
    link = explanation.get("link") or {}
    heading = (
        f"Intacct {link.get('intacct_key')} = Salesforce {link.get('salesforce_id')}, linked by {link.get('method')}"
        if link
        else "No partner yet"
    )
    fields = Table(title=heading, title_justify="left")
    for name in ("field", "last agreed", "Intacct", "Salesforce", "decision", "why"):
        fields.add_column(name, overflow="fold")
    for name, field in explanation["fields"].items():
        fields.add_row(
            name, *(_cell(field[k]) for k in ("base", "intacct", "salesforce")), field["decision"], field["reason"]
        )
    parts: list[RenderableType] = [fields]
    parts += [f"Held ({hold['reason']}): {hold['message']}" for hold in explanation.get("holds", ())]
    parts += [_decided(decision) for decision in explanation.get("decisions", ())]
    if explanation["journal"]:
        journal = Table(title="Last writes", title_justify="left")
        for name in ("at", "to", "field", "before", "after", "rule"):
            journal.add_column(name, overflow="fold")
        for entry in explanation["journal"][:LAST_WRITES]:
            journal.add_row(
                str(entry["at"])[:19],
                entry["side"],
                entry["field"],
                _cell(entry["before"]),
                _cell(entry["after"]),
                entry["rule"],
            )
        parts.append(journal)
    return parts


def _decided(decision: Mapping[str, Any]) -> str:
    """A decision in force, in one sentence."""
    who = f" by {decision['by']}" if decision["by"] else ""
    note = f": {decision['note']}" if decision["note"] else ""
    return f"Decided ({decision['verdict']}){who} on {decision['at'][:10]}{note}"


def _cell(value: object) -> str:
    return "" if value is None else str(value)
