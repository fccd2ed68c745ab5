"""Reading every account: ours beside the bare download and parse of the very same pages, and beside other clients."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import world
from benchmarks.figures import Figure, Table, spread
from benchmarks.options import Options
from benchmarks.peers.doors import extractors
from benchmarks.processes import PYTHON, Ran, run
from benchmarks.services import Services, served

ASKED = "at most 1.5 x the time of downloading and JSON-parsing the same pages with `requests` alone"


def measure(options: Options) -> Table:
    """Both systems, each `options.rows` accounts."""
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        data = world.linked(folder / "data", world.Size(options.rows, 0))
        with served("--data", str(data)) as services:
            figures = _inside(services, folder, options)
            figures += _programs(services, folder, options)
    return Table(
        f"Extraction: {options.rows:,} accounts",
        ASKED,
        tuple(figures),
        (
            (
                "The floor repeats the requests our connector made, recorded one by one, on one connection, "
                "and parses "
                "each reply with `response.json()`."
            ),
            (
                "`in process`: seconds of the reading alone. `whole program`: from start to end of the "
                "process, start-up "
                "and login included, as these tools are run; not to be set beside the floor, hence no ratio. "
                "dlt also writes what it reads into SQLite."
            ),
        ),
    )


def _inside(services: Services, folder: Path, options: Options) -> list[Figure]:
    file = folder / "requests.json"
    rest = {**services.env, "SALESFORCE_BULK_FROM_ROWS": "0"}
    _worker("record", file, rest)
    ways: dict[str, Callable[[], Ran]] = {
        "floor": lambda: _worker("floor", file, rest),
        "ours": lambda: _worker("ours", file, rest),
        "simple": lambda: _worker("simple", file, rest),
        "bulk": lambda: _worker("ours", file, {**rest, "SALESFORCE_BULK_FROM_ROWS": "1"}),
    }
    runs: dict[str, list[Ran]] = {name: [] for name in ways}
    for number in range(options.repeats):
        options.tell(f"extraction {number + 1}/{options.repeats}")
        for name, way in ways.items():
            runs[name].append(way())
    shown = []
    for side, subjects in _SUBJECTS.items():
        floor = spread([one.document()[side]["seconds"] for one in runs["floor"]]).middle
        shown += [_figure(subject, side, runs[name], floor) for name, subject in subjects.items()]
    return shown


_SUBJECTS = {
    "intacct": {"floor": "Intacct: floor, `requests` alone", "ours": "Intacct: ours"},
    "salesforce": {
        "floor": "Salesforce: floor, `requests` alone",
        "ours": "Salesforce: ours, REST pages",
        "simple": "Salesforce: simple-salesforce `query_all`",
        "bulk": "Salesforce: ours, Bulk API 2.0 (CSV, waits between polls)",
    },
}


def _figure(subject: str, side: str, runs: list[Ran], floor: float) -> Figure:
    taken = spread([one.document()[side]["seconds"] for one in runs])
    first: dict[str, Any] = runs[0].document()[side]
    peak = max(one.peak_mb for one in runs)
    note = f"in process; {first['rows']:,} rows" + (f", {first['bytes']:,} bytes" if "bytes" in first else "")
    calls = first.get("requests")
    return Figure(subject, taken.middle, "s", taken.middle / floor, peak, calls, note, taken.ends)


def _worker(how: str, file: Path, env: dict[str, str]) -> Ran:
    return run([PYTHON, "-m", "benchmarks.work.extract", how, file], env=env)


def _programs(services: Services, folder: Path, options: Options) -> list[Figure]:
    figures = []
    dlt = folder / "dlt"
    dlt.mkdir()
    options.tell("extraction: dlt")
    program: list[str | Path] = [options.peers.program("python"), "benchmarks/peers/dlt_accounts.py", dlt]
    ran = run(program, given=services.ready)
    figures.append(_program("Salesforce: dlt into SQLite", ran, ran.document()["read"]))
    with extractors(services, options.peers, folder) as found:
        for title, extractor in found.items():
            options.tell(f"extraction: {title}")
            ran, records = extractor.read()
            figures.append(_program(f"Salesforce: {title}", ran, records))
    return figures


def _program(subject: str, ran: Ran, rows: int) -> Figure:
    return Figure(subject, ran.seconds, "s", None, ran.peak_mb, note=f"whole program, one run; {rows:,} rows")
