"""Ticks and nightly compare of a linked company of any size, on either database: what they cost and what they hold.

    python -m benchmarks.work.linked [--pairs 1000000] [--postgresql]   # default: a SQLite file, gone afterwards

Both services are made up on the fly (`scale/made_world.py`) and hold next to nothing, so that memory is the pipeline's.
The links come from one pair that the database itself copies (`scale/steady.py`); the rows of both systems are then read
in full by the real extract, so that a later full read finds them unchanged. Work of the database is counted in a second
tick of the same kind: steps of SQLite's virtual machine (in tens), or rows and index entries that PostgreSQL read.
Prints one JSON document per figure.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, delete, inspect, text

from benchmarks.work.databases import staging_url
from intacct_sf_pipeline.engine import steps
from intacct_sf_pipeline.engine.context import RunOptions, SyncContext
from intacct_sf_pipeline.engine.review.compare import compare_entities
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.runtime import Runtime
from intacct_sf_pipeline.settings import Settings
from intacct_sf_pipeline.staging.schema import stage_queue
from intacct_sf_pipeline_tests.scale.made_world import FIRST
from intacct_sf_pipeline_tests.scale.steady import steady_state
from intacct_sf_pipeline_tests.scale.ticks import Measured, Pipeline
from intacct_sf_pipeline_tests.scale.work import counted

CHANGES = 100
_MIB = 1024 if sys.platform != "darwin" else 1024 * 1024


def main() -> None:
    """Build, tick, change, tick, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    parser.add_argument("--no-compare", action="store_true", help="the ticks alone")
    options = parser.parse_args()
    with staging_url(postgresql=options.postgresql) as url:
        began = time.perf_counter()
        pipeline = _built(url, options.pairs)
        _tell("built", options.pairs, time.perf_counter() - began)
        first = pipeline.services[Side.INTACCT].numbers.start

        def edit(turn: int) -> None:
            numbers = range(first + turn * CHANGES, first + (turn + 1) * CHANGES)
            pipeline.services[Side.SALESFORCE].edit("accounts", numbers, Phone="+1480{n}")

        pipeline.tick()
        _tick(options.pairs, "idle tick", pipeline, lambda _: None)
        _tick(options.pairs, f"tick with {CHANGES} changes", pipeline, edit)
        if not options.no_compare:
            _compare(options.pairs, pipeline)
        pipeline.store.database.engine.dispose()


def _built(url: str, pairs: int) -> Pipeline:
    """A pipeline over so many linked accounts, whose landing tables hold what the services show."""
    config = load_config(None)
    pipeline = steady_state(url, config, pairs, 0, first=FIRST)
    engine = pipeline.store.database.engine
    _emptied(engine)
    ctx = _context(pipeline, "landing", full=True)
    accounts = config.mapping.entity("accounts")
    for feed in config.mapping.used_feeds(accounts):
        began = time.perf_counter()
        steps.extract(ctx, feed)
        _tell(f"extract {feed.side.value} {feed.name}", pairs, time.perf_counter() - began)
    pipeline.store.database.write(lambda connection: connection.execute(delete(stage_queue)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return pipeline


def _emptied(engine: Engine) -> None:
    """Forget the landed copies: their digests are those of the pair they were copied from."""
    with engine.begin() as connection:
        for name in inspect(connection).get_table_names():
            if name in ("landing_intacct_customers", "landing_salesforce_accounts"):
                connection.execute(text(f"DELETE FROM {name}"))


def _tick(pairs: int, name: str, pipeline: Pipeline, before: Callable[[int], None]) -> None:
    """One tick timed, a second one of the same kind counted."""
    before(0)
    for service in pipeline.services.values():
        service.calls.clear()
    timed = pipeline.tick()
    calls = sum(sum(service.calls.values()) for service in pipeline.services.values())
    pipeline.tick()  # the echo
    before(1)
    with counted(pipeline.store.database.engine) as work:
        pipeline.tick()
    pipeline.tick()
    slow = sorted(timed.steps.items(), key=lambda item: -item[1].seconds)[:3]
    _tell(
        name, pairs, timed.seconds, calls=calls, statements=timed.statements, work=work.units, written=_written(timed),
        slowest={step: round(cost.seconds, 3) for step, cost in slow},
    )  # fmt: skip


def _written(measured: Measured) -> int:
    return sum(counts.get("updated", 0) for counts in measured.counts.values())


def _compare(pairs: int, pipeline: Pipeline) -> None:
    pipeline.clock.advance(900)
    began = time.perf_counter()
    accounts = pipeline.config.mapping.entity("accounts")
    found = compare_entities(_context(pipeline, "compare"), [accounts])["accounts"]
    counts = {"equal": found.equal, "explained": found.explained, "unexplained": found.unexplained}
    _tell("compare", pairs, time.perf_counter() - began, **counts)


def _context(pipeline: Pipeline, run_id: str, *, full: bool = False) -> SyncContext:
    runtime = Runtime(Settings.model_construct(), pipeline.config, pipeline.store, pipeline.services, pipeline.clock)
    return runtime.context(run_id, RunOptions(full=full))


def _tell(name: str, pairs: int, seconds: float, **more: object) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB
    told = {"step": name, "pairs": pairs, "seconds": round(seconds, 2), "now_mb": _resident(), "peak_mb": round(peak)}
    print(json.dumps({**told, **more}), flush=True)


def _resident() -> int:
    """Resident set of this process now, MiB; 0 where the system does not say."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * resource.getpagesize() // 2**20 if status.exists() else 0


if __name__ == "__main__":
    main()
