"""Stage, match, merge and plan: a first match of both sides, then a change of every account on one side.

    python -m benchmarks.work.reconcile URL RECORDS

Prints rows and seconds of each phase; nothing is written to any service.
"""

from __future__ import annotations

import json
import sys
import time

from pydantic import SecretStr

from benchmarks.work.replay import Replay
from intacct_sf_pipeline.engine.extract import extract_feed
from intacct_sf_pipeline.engine.reconcile import reconcile_entity
from intacct_sf_pipeline.engine.stage import stage_entity
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.runtime import Runtime, open_runtime
from intacct_sf_pipeline.settings import Settings


def measure(url: str, records: int) -> dict[str, float | int]:
    """Seconds of each phase and what was planned."""
    config = load_config(None)
    sides = {side: Replay(side, records, config.mapping) for side in Side}
    settings = Settings.model_construct(staging_database_url=SecretStr(url), sync_config=None)
    with open_runtime(settings, config=config, connectors=sides) as runtime:
        found: dict[str, float | int] = {"records": records}
        found |= _phase(runtime, "first", Side.INTACCT, Side.SALESFORCE)
        sides[Side.SALESFORCE].edition = 1
        found |= _phase(runtime, "changed", Side.SALESFORCE)
    return found


def _phase(runtime: Runtime, name: str, *read: Side) -> dict[str, float | int]:
    ctx = runtime.context(name)
    entity = ctx.config.mapping.entity("accounts")
    ctx.store.start_run(name, kind="sync", entities=["accounts"], at=ctx.clock())
    began = time.perf_counter()
    for feed in ctx.config.mapping.used_feeds(entity):
        if feed.side in read and feed.name in {"customers", "accounts"}:
            extract_feed(ctx, feed)
    landed, cpu = time.perf_counter(), time.process_time()
    stage_entity(ctx, entity)
    staged = time.perf_counter()
    counts, _ = reconcile_entity(ctx, entity)
    ended, used = time.perf_counter(), time.process_time() - cpu
    ctx.store.finish_run(name, status="done", at=ctx.clock())
    return {
        f"{name}_land": landed - began,
        f"{name}_stage": staged - landed,
        f"{name}_reconcile": ended - staged,
        f"{name}_cpu": used,
        f"{name}_updates": counts["update"],
        f"{name}_held": counts["held"],
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
