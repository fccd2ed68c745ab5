"""Disk use over thirty simulated days of ticks, at the end of each day after the clean-up.

    python benchmarks/storage.py [--days 30] [--ticks 8] [--changes 50] [--keep 7] [--accounts 200] [--assets 12]

The staging database: real ticks of all flows on the sandbox, the pipeline's clock moved. DAGSTER_HOME: a real instance
with as many runs of a job of so many assets and checks, the stamps of what it stored moved. Both with a retention of
`--keep` days for everything, so that days beyond it can show whether anything grows.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

import dagster as dg

from intacct_sf_pipeline.model.retention import RetentionConfig
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline_tests.integration.loop import running_loop
from intacct_sf_pipeline_tests.orchestration.aging import DagsterDays, StagingDays

MIB = 1_048_576


def retention(keep: int) -> RetentionConfig:
    """So many days for everything, as far as it goes."""
    names = ("dagster_runs", "ticks", "runs", "plan_lines", "previews", "journal_values", "journal", "closed_holds")
    kept = dict.fromkeys((*names, "write_jobs", "deleted_records"), keep)
    return RetentionConfig.model_validate(kept | {"runs_of_each_job": 1, "api_spend": max(10, keep), "daily_spend": 62})


def measure(options: argparse.Namespace, folder: Path) -> list[tuple[int, int]]:
    """Bytes of the staging database and of DAGSTER_HOME at the end of each day."""
    home, found = folder / "home", []
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    kept = retention(options.keep)
    world = SandboxOptions(accounts=options.accounts, contacts=options.accounts // 2, items=20)
    with running_loop(folder, world) as loop, dg.DagsterInstance.from_config(str(home)) as instance:
        loop.sync()
        staging, dagster = StagingDays(loop, folder, kept), DagsterDays(instance, kept, assets=options.assets)
        print(f"{'day':>4} {'staging MiB':>12} {'DAGSTER_HOME MiB':>17}")
        for day in range(1, options.days + 1):
            found.append((staging.pass_one(options.ticks, options.changes), dagster.pass_one(options.ticks)))
            print(f"{day:>4} {found[-1][0] / MIB:>12.2f} {found[-1][1] / MIB:>17.2f}", flush=True)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("days", 30), ("ticks", 8), ("changes", 50), ("keep", 7), ("accounts", 200), ("assets", 12)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="storage-") as folder:
        found = measure(options, Path(folder))
    first = min(max(options.keep + 3, 10), len(found)) - 1
    for name, index in (("staging", 0), ("DAGSTER_HOME", 1)):
        print(f"{name}: day {len(found)} to day {first + 1}: {found[-1][index] / found[first][index]:.3f}")


if __name__ == "__main__":
    main()
