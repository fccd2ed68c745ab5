"""An empty Dagster run: as many assets as the sync job has, doing nothing, on an instance and a partition alike.

    python -m benchmarks.work.dagster_floor ASSETS [--count]

With `--count` it prints how many assets and checks the sync job has, instead.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime, timedelta

import dagster as dg


def empty_run(assets: int) -> bool:
    """Run that many empty assets in this process, as `intacct-sf sync` runs its own; DAGSTER_HOME is the instance."""
    today = datetime.now(UTC).date()
    days = dg.DailyPartitionsDefinition(str(today - timedelta(days=365)), end_offset=1)
    given = [_asset(number, days) for number in range(assets)]
    job = dg.define_asset_job("nothing", selection=given, executor_def=dg.in_process_executor)
    code = dg.Definitions(assets=given, jobs=[job])
    with dg.DagsterInstance.get() as instance:
        done = code.resolve_job_def("nothing").execute_in_process(
            instance=instance, partition_key=str(today), run_config={"loggers": {"console": _QUIET}}
        )
    return done.success


_QUIET = {"config": {"log_level": "CRITICAL"}}


def _asset(number: int, days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    # A chain of short links, as ours: each asset waits for the one three places before it.
    before = [dg.AssetKey(f"nothing_{number - 3}")] if number >= 3 else []

    @dg.asset(name=f"nothing_{number}", deps=before, partitions_def=days)
    def nothing() -> None:
        return None

    return nothing


def shape() -> dict[str, int]:
    """How many assets and checks the sync job of the default mapping has."""
    from intacct_sf_pipeline.definitions import defs
    from intacct_sf_pipeline.orchestration.jobs import EVERYTHING, sync_job

    layer = defs.resolve_job_def(sync_job(EVERYTHING)).asset_layer
    return {"assets": len(layer.executable_asset_keys), "checks": len(list(layer.asset_graph.asset_check_keys))}


def main() -> None:
    """Run or count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=int, nargs="?", default=0)
    parser.add_argument("--count", action="store_true")
    wanted = parser.parse_args()
    if wanted.count:
        print(json.dumps(shape()))
    elif not empty_run(wanted.assets):
        sys.exit(1)


if __name__ == "__main__":
    main()
