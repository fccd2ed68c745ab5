"""Peak memory of the pipeline's process in a first load, an idle tick and a nightly compare, by the system's account.

    python benchmarks/memory.py [--pairs 100000] [--url sqlite:////somewhere/staging.db]

Both services are made up on the fly and hold next to nothing (`scale/made_world.py`), so what grows is the pipeline.
One line per step: seconds, records per second, the process's peak so far, and what Python itself holds.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

from intacct_sf_pipeline.engine import steps
from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.review.compare import compare_entities
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import SIDES
from intacct_sf_pipeline.runtime import Runtime
from intacct_sf_pipeline.settings import Settings
from intacct_sf_pipeline.staging.setup import open_staging
from intacct_sf_pipeline_tests.scale.made_world import FIRST, MovedClock, made_world


def peak() -> float:
    """Largest resident set of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident() -> float:
    """Resident set of this process now, MB; 0 where the system does not say."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * resource.getpagesize() / 1e6 if status.exists() else 0.0


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


def load(ctx: SyncContext, steps_of: Steps) -> None:
    """One run over accounts, the engine's steps in their order."""
    mapping = ctx.config.mapping
    accounts = mapping.entity("accounts")
    for feed in mapping.used_feeds(accounts):
        steps_of.do(f"extract {feed.side.value} {feed.name}", lambda feed=feed: steps.extract(ctx, feed))
    steps_of.do("stage", lambda: steps.stage(ctx, accounts))
    steps_of.do("reconcile", lambda: steps.reconcile(ctx, accounts))
    for side in SIDES:
        steps_of.do(f"write {side.value}", lambda side=side: steps.write_back(ctx, accounts, side))


def main() -> None:
    """Load, look again, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--url", help="an empty staging database; default: a SQLite file in a temporary folder")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        config, clock = load_config(None), MovedClock()
        store = open_staging(options.url or f"sqlite:///{folder}/staging.db", config.mapping, clock)
        numbers = range(FIRST, FIRST + options.pairs)
        services = made_world(config.mapping, clock, numbers, range(0), empty=True)
        runtime = Runtime(Settings.model_construct(), config, store, services, clock)
        measured = Steps(options.pairs)
        for run in ("first load", "second tick"):
            clock.advance(900)
            print(run)
            load(runtime.context(run.replace(" ", "-")), measured)
        clock.advance(900)
        print("nightly compare")
        ctx = runtime.context("compare")
        measured.do("compare", lambda: print(compare_entities(ctx, [config.mapping.entity("accounts")])))
        store.database.engine.dispose()


if __name__ == "__main__":
    main()
