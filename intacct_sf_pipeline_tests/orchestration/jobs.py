"""Runs jobs of the real definitions in this process and looks at what they did to the sandbox."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.orchestration.build import build_definitions
from intacct_sf_pipeline.orchestration.jobs import run_options
from intacct_sf_pipeline.orchestration.partitions import RANGE_END_TAG, RANGE_START_TAG
from intacct_sf_pipeline.sandbox.server import Sandbox

QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
WRITES = ("created", "updated", "deactivated", "failed", "unknown")
CUSTOMER, CONTACT, ITEM = "accounts-receivable/customer", "company-config/contact", "inventory-control/item"


def today(back: int = 0) -> str:
    """The partition of today, or of some days ago."""
    return (datetime.now(UTC) - timedelta(days=back)).date().isoformat()


def run(
    instance: dg.DagsterInstance,
    config: SyncConfig,
    job: str,
    *,
    days: tuple[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    **options: Any,
) -> dg.ExecuteInProcessResult:
    """Run a job over today's partition, or over a range of days as a backfill does."""
    job_def = build_definitions(config).resolve_job_def(job)
    ranged = {RANGE_START_TAG: days[0], RANGE_END_TAG: days[1]} if days else {}
    partitioned = job_def.partitions_def is not None and not days
    return job_def.execute_in_process(
        instance=instance,
        partition_key=today() if partitioned else None,
        run_config=QUIET | (run_options(**options) if options else {}),
        tags=dict(tags or {}) | ranged,
        raise_on_error=False,
    )


def metadata(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    """Asset key -> metadata of its materialisation."""
    return {
        event.materialization.asset_key.to_user_string(): {
            name: value.value for name, value in event.materialization.metadata.items()
        }
        for event in result.get_asset_materialization_events()
    }


def written(result: dg.ExecuteInProcessResult) -> Counter[str]:
    """Writes of a run over all write-backs."""
    found: Counter[str] = Counter()
    for key, values in metadata(result).items():
        if "writeback" in key:
            found.update({name: values[name] for name in WRITES})
    return found


def headline(result: dg.ExecuteInProcessResult) -> str:
    """What the UI shows of a failed step above any stack trace."""
    return " ".join(event.step_failure_data.error.message for event in result.all_events if event.is_step_failure)


def failures(result: dg.ExecuteInProcessResult) -> str:
    """What stopped a run, for messages of tests."""
    told = [getattr(event.event_specific_data, "error", None) for event in result.all_events if event.is_failure]
    return "\n".join(error.to_string() for error in told if error is not None) or "no error was told"


def population(sandbox: Sandbox) -> dict[str, int]:
    """How many records of each kind there are on both sides."""
    org, company = sandbox.org, sandbox.company
    return {name: org.count(name) for name in ("Account", "Contact", "Product2", "PricebookEntry")} | {
        name: company.count(name) for name in (CUSTOMER, CONTACT, ITEM)
    }
