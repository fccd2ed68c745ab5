"""Peak memory of the pipeline's process in a first load, an idle tick and a nightly compare, by the system's account.

    python -m benchmarks.memory [--pairs 100000] [--postgresql] [--linked]

Both services are made up on the fly and hold next to nothing (`scale/made_world.py`), so what grows is the pipeline.
Salesforce is empty at first, or with `--linked` holds the same accounts, each with its Intacct id.
One line per step: seconds, records per second, resident memory after it, and the process's peak so far.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.work.databases import staging_url
from intacct_sf_pipeline.engine import steps
from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.review.compare import compare_entities
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import SIDES
from intacct_sf_pipeline.runtime import Runtime
from intacct_sf_pipeline.settings import Settings
from intacct_sf_pipeline.staging.checks_queries import CheckQueries
from intacct_sf_pipeline.staging.setup import open_staging
from intacct_sf_pipeline_tests.scale.made_world import FIRST, MovedClock, made_world
from intacct_sf_pipeline_tests.scale.ticks import ask

_MIB = 1024 if sys.platform != "darwin" else 1024 * 1024


def peak() -> float:
    """Largest resident set of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB


def resident() -> float:
    """Resident set of this process now, MB; 0 where the system does not say."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20 if status.exists() else 0.0


class Steps:
    """Does steps and prints what each took."""

    def __init__(self, pairs: int) -> None:
        self.pairs = pairs
        print(f"{'step':40} {'s':>8} {'records/s':>10} {'now MB':>8} {'peak MB':>8}   at the start {peak():.0f} MB")

    def do(self, name: str, step: Callable[[], object]) -> None:
        """One step."""
        began = time.perf_counter()
        step()
        seconds = time.perf_counter() - began
        print(f"{name:40} {seconds:8.1f} {self.pairs / seconds:10.0f} {resident():8.0f} {peak():8.0f}", flush=True)


def load(ctx: SyncContext, questions: CheckQueries, measured: Steps) -> None:
    """One run over accounts: the engine's steps in their order, and what the asset checks ask."""
    mapping = ctx.config.mapping
    accounts = mapping.entity("accounts")
    for feed in mapping.used_feeds(accounts):
        measured.do(f"extract {feed.side.value} {feed.name}", partial(steps.extract, ctx, feed))
    measured.do("stage", lambda: steps.stage(ctx, accounts))
    measured.do("checks after stage", lambda: ask(questions, accounts, ctx.run_id))
    measured.do("reconcile", lambda: steps.reconcile(ctx, accounts))
    measured.do("checks after reconcile", lambda: ask(questions, accounts, ctx.run_id))
    for side in SIDES:
        measured.do(f"write {side.value}", partial(steps.write_back, ctx, accounts, side))
    measured.do("checks after write", lambda: ask(questions, accounts, ctx.run_id))


def main() -> None:
    """Load, look again, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    parser.add_argument("--linked", action="store_true", help="both sides are full and agree: nothing is written")
    options = parser.parse_args()
    with staging_url(postgresql=options.postgresql) as url:
        config, clock = load_config(None), MovedClock()
        store = open_staging(url, config.mapping, clock)
        numbers = range(FIRST, FIRST + options.pairs)
        services = made_world(config.mapping, clock, numbers, range(0), empty=not options.linked)
        runtime = Runtime(Settings.model_construct(), config, store, services, clock)
        measured, questions = Steps(options.pairs), CheckQueries(store.database, store.tables)
        for run in ("first load", "second tick"):
            clock.advance(900)
            print(run)
            load(runtime.context(run.replace(" ", "-")), questions, measured)
        clock.advance(900)
        print("nightly compare")
        ctx = runtime.context("compare")
        measured.do("compare", lambda: print(compare_entities(ctx, [config.mapping.entity("accounts")])))
        store.database.engine.dispose()


if __name__ == "__main__":
    main()
