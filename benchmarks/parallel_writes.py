"""Writing back 500 changes to a service that takes its time: one request at a time beside as many as are allowed.

What is measured is the write-back step alone, as the run's own ledger has it; reading and deciding are the same in
both. `python -m benchmarks.parallel_writes` measures only this and prints it.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from benchmarks import world
from benchmarks.figures import Figure, Table, spread
from benchmarks.services import Pipeline, Services, served

ASKED = "writes use as many parallel requests as the configured limits allow, never more"
CHANGES, BATCH, LATENCY_MS, LIMIT, REPEATS = 500, 100, 1000, 6, 3
"""LIMIT is what the lowest tier lets one application have; BATCH what one request of the connector takes."""


def measure(folder: Path, repeats: int = REPEATS) -> Table:
    """Medians of the write-back's seconds, by the number of requests that may be open."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        data = world.linked(Path(name) / "data", world.Size(CHANGES))
        with served("--data", str(data), "--latency-ms", str(LATENCY_MS)) as services:
            pipeline = Pipeline(services, Path(name))
            pipeline.sync("accounts")
            taken: dict[int, list[float]] = {1: [], LIMIT: []}
            for number in range(repeats):
                for most, seconds in taken.items():
                    seconds.append(_write_back(services, pipeline, most, f"{number}{most}"))
    one = spread(taken[1])
    figures = [
        Figure(
            f"{most} at once", (found := spread(seconds)).middle, "s", found.middle / one.middle, spread=found.ends,
            note=f"{one.middle / found.middle:.1f} times as fast",
        )
        for most, seconds in taken.items()
    ]  # fmt: skip
    calls = -(-CHANGES // BATCH)
    remark = (
        f"{calls} requests of {BATCH} records, each answered after {LATENCY_MS} ms: at best {calls} s one after the "
        f"other, and {-(-calls // LIMIT)} s at once. What is over that is the staging database's part."
    )
    return Table(f"Write-back of {CHANGES} changed customers to Intacct", ASKED, tuple(figures), (remark,))


def _write_back(services: Services, pipeline: Pipeline, most: int, text: str) -> float:
    services.edit_accounts([world.account_id(n) for n in range(CHANGES)], text)
    _, report = replace(pipeline, more={"INTACCT_CONCURRENCY": str(most)}).sync("accounts")
    written = report["entities"]["accounts"]["written"]["intacct"]["updated"]
    if written != CHANGES:
        raise RuntimeError(f"{written} customers were written instead of {CHANGES}")
    query = "SELECT seconds FROM run_steps WHERE entity = 'accounts' AND step = 'intacct_writeback' ORDER BY step_id"
    with closing(sqlite3.connect(pipeline.folder / "staging.db")) as connection:
        return float(connection.execute(query).fetchall()[-1][0])


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        table = measure(Path(folder))
    print(table.title)
    for figure in table.figures:
        low, high = figure.spread or (0.0, 0.0)
        print(f"  {figure.subject}: {figure.value:.2f} s ({low:.2f} to {high:.2f}); {figure.note}")
    print(f"  {table.remarks[0]}")


if __name__ == "__main__":
    main()
