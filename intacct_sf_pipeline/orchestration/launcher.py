"""Dagster's own run launcher, which can also say whether a run's process lives: with it, Dagster's run monitoring finds
a killed run within its polling interval, whichever program started the run. Named in `dagster.yaml`.
"""

from datetime import UTC, datetime

import dagster as dg
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster._core.launcher.default_run_launcher import DefaultRunLauncher

from intacct_sf_pipeline.orchestration import dead_runs
from intacct_sf_pipeline.staging.workers import Fate


class WatchfulRunLauncher(DefaultRunLauncher):
    """Launches runs on the code server, one process each, and looks after them."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Run monitoring may ask."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether the process of `run` has died; what cannot be known from here counts as running."""
        record = self._instance.get_run_record_by_id(run.run_id)
        if record is not None and dead_runs.fate_of(self._instance, record, datetime.now(UTC)) is Fate.DEAD:
            return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its process is gone")
        return CheckRunHealthResult(WorkerStatus.RUNNING)
