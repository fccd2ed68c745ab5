"""Proving that both systems agree: `intacct-sf compare` beside datacompy and a duckdb join over the same accounts."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks import world
from benchmarks.figures import Figure, Table, spread
from benchmarks.options import Options
from benchmarks.processes import ProgramError, Ran, run
from benchmarks.services import Pipeline, Services, served

ASKED = "peak memory under 400 MB and flat in the number of records (no figure for speed)"
TOOLS = ("duckdb", "datacompy")


def measure(options: Options) -> Table:
    """Every account of both systems, read afresh and compared."""
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        data = world.linked(folder / "data", world.Size(options.rows, 0))
        with served("--data", str(data)) as services:
            pipeline = Pipeline(services, folder)
            pipeline.sync("accounts")
            runs: dict[str, list[Ran]] = {name: [] for name in ("ours", *TOOLS)}
            for number in range(options.repeats):
                options.tell(f"compare {number + 1}/{options.repeats}")
                runs["ours"].append(_ours(pipeline, options))
                for tool in TOOLS:
                    runs[tool].append(_peer(tool, services, options))
    return Table(
        f"Compare: {options.rows:,} accounts on each side",
        ASKED,
        tuple(_figure(name, found, options) for name, found in runs.items()),
        (
            "Whole programs, start-up and reading from both services included; all three find no difference.",
            (
                "duckdb and datacompy compare six columns with one normalisation (digits of the phone), in memory. "
                "Ours compares every mapped field with the rules of the sync and tells explained ones from others."
            ),
        ),
    )


def _ours(pipeline: Pipeline, options: Options) -> Ran:
    ran = pipeline.command("compare", "accounts", "--json")
    if json.loads(ran.out)["accounts"]["equal"] != options.rows:
        raise ProgramError(f"compare did not find all accounts equal: {ran.out[:600]}")
    return ran


def _peer(tool: str, services: Services, options: Options) -> Ran:
    program: list[str | Path] = [options.peers.program("python"), "benchmarks/peers/compare_sets.py", tool]
    ran = run(program, given=services.ready)
    found = ran.document()
    if (found["rows"], found["unequal"]) != (options.rows, 0):
        raise ProgramError(f"{tool} found {found}")
    return ran


def _figure(name: str, runs: list[Ran], options: Options) -> Figure:
    taken = spread([one.seconds for one in runs])
    cpu = spread([one.cpu_seconds for one in runs]).middle
    note = f"{options.rows / taken.middle:,.0f} records/s; {cpu:.2f} s of processor"
    if name in TOOLS:
        inside = spread([one.document()["compare"] for one in runs]).middle
        note += f"; {inside:.2f} s of it the comparison alone"
    return Figure(name, taken.middle, "s", None, max(one.peak_mb for one in runs), None, note, taken.ends)
