"""The demo's report for people: what was linked, created and held, who won the conflict and why, and the cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from intacct_sf_pipeline.cli.compare import agreement_table
from intacct_sf_pipeline.cli.sync import report_table

SYNCS = ("first_sync", "second_sync", "mended_sync", "idle_sync")


def tell(document: Mapping[str, Any]) -> list[RenderableType]:
    """The report, top to bottom."""
    return [
        Panel("Sage Intacct and Salesforce, kept in agreement: a demo on two loopback services", expand=False),
        _headline(
            "1. First sync: the two systems meet",
            "Records that are the same were linked although they are spelt differently; the rest was created.",
        ),
        report_table(document["first_sync"]),
        _headline("2. People edit both sides, and a second sync follows", ""),
        _story(document),
        report_table(document["second_sync"]),
        _headline(
            "3. What is held, and how it goes on",
            "A record that cannot be written waits here; its neighbours went through.",
        ),
        _held(document),
        Text("  {done} {outcome} It went through by itself in the next sync.".format(**document["mended"])),
        _headline("4. Once both sides agree, nothing is written", ""),
        report_table(document["idle_sync"]),
        _headline("5. Proof", "Every linked record, every mapped field, both sides read afresh."),
        agreement_table(document["agreement"]),
        _cost(document),
        Text(
            f"\nDone in {document['seconds']} seconds. Next: `make ui` shows the same in the Dagster UI; "
            "docs/getting-started.md leads on.\n"
        ),
    ]


def _headline(title: str, text: str) -> Text:
    return Text.assemble("\n", (title, "bold"), f"\n{text}" if text else "")


def _story(document: Mapping[str, Any]) -> RenderableType:
    parts: list[RenderableType] = []
    for scene in document["story"]:
        lines = Text.assemble(
            (f"{scene['title']}. ", "bold"), scene["done"], "\n", ("  -> ", "green"), scene["outcome"]
        )
        for reason in scene["why"]:
            lines.append(f"\n     {reason}", style="dim")
        parts.append(lines)
    return Group(*parts)


def _held(document: Mapping[str, Any]) -> Table:
    table = Table(title="Held after the second sync", title_justify="left")
    for heading in ("flow", "record", "reason", "what to do"):
        table.add_column(heading, overflow="fold")
    shown = sorted(document["held"], key=lambda hold: hold["reason"] != "rejected")
    for hold in shown[:5]:
        table.add_row(hold["entity"], f"{hold['side']} {hold['key']}", hold["reason"], hold["message"])
    if len(shown) > len(shown[:5]):
        table.add_row("", f"and {len(shown) - 5} more", "", "intacct-sf holds list")
    return table


def _cost(document: Mapping[str, Any]) -> Table:
    table = Table(title="What it cost", title_justify="left")
    table.add_column("sync")
    for heading in ("Intacct transactions", "Salesforce calls", "records written"):
        table.add_column(heading, justify="right")
    for name in SYNCS:
        entities = document[name]["entities"].values()
        table.add_row(
            name.replace("_", " "),
            *(
                str(sum(entity["api"][unit] for entity in entities))
                for unit in ("intacct_transactions", "salesforce_calls")
            ),
            str(
                sum(
                    side[kind]
                    for entity in entities
                    for side in entity["written"].values()
                    for kind in ("created", "updated", "deactivated")
                )
            ),
        )
    return table
