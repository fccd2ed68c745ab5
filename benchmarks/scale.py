"""Ticks and the nightly compare at a small and a very large number of linked accounts, the services made up on the fly.

Where `ticks.py` measures the whole command over a served company, this one counts what a tick asks of the staging
database, and goes to a million pairs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.figures import Figure, Table
from benchmarks.options import Options
from benchmarks.processes import PYTHON, run

ASKED = "the same API calls, statements and work at both sizes; peak memory under 400 MB"
_WORK = {"SQLite": "steps of its virtual machine, in tens", "PostgreSQL": "rows and index entries read"}


def measure(options: Options) -> Table:
    """Both databases at both sizes, one after the other in a process each."""
    return Table(
        f"Linked accounts: {options.small:,} and {options.pairs:,}",
        ASKED,
        tuple(_figures(options)),
        (
            "Engine and staging database alone (benchmarks/work/linked.py): no network, no Dagster. One run each.",
            "Work is counted in a second tick of the same kind: "
            + "; ".join(f"{name}: {what}" for name, what in _WORK.items())
            + ".",
        ),
    )


def _figures(options: Options) -> Iterator[Figure]:
    for name, more in (("SQLite", []), ("PostgreSQL", ["--postgresql"])):
        for pairs in (options.small, options.pairs):
            options.tell(f"scale {name} {pairs:,}")
            ran = run([PYTHON, "-m", "benchmarks.work.linked", "--pairs", str(pairs), *more])
            told = [json.loads(line) for line in ran.out.splitlines() if line.startswith("{")]
            yield from (_figure(name, one) for one in told if one["step"] != "built")


def _figure(database: str, told: Mapping[str, Any]) -> Figure:
    note = ""
    if "statements" in told:
        note = f"{told['statements']} statements, work {told['work']:,}, written {told['written']}"
    elif "equal" in told:
        note = f"equal {told['equal']:,}, explained {told['explained']}, unexplained {told['unexplained']}"
    subject = f"{database}, {told['pairs']:,}: {told['step']}"
    return Figure(subject, told["seconds"], peak_mb=told["peak_mb"], calls=told.get("calls"), note=note)
