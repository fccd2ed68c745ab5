"""Options and arguments that several commands share, each declared once."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")]
PlanOnly = Annotated[bool, typer.Option("--plan", help="Say what would be done and write nothing.")]
