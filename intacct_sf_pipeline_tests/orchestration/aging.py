"""Simulated days: ticks with changes, then the clean-up, for the staging database and for Dagster's own history.

The pipeline's clock is injected and moved. Dagster's is not ours: of what it stored, the stamps are moved instead.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import dagster as dg
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickData, TickStatus

from intacct_sf_pipeline.model.retention import RetentionConfig
from intacct_sf_pipeline.orchestration.maintenance import Retention, prune
from intacct_sf_pipeline.staging.retention import prune_history
from intacct_sf_pipeline_tests.integration.loop import Loop

from .jobs import QUIET

_DAY = 86_400
_OF_A_TICK = 120
_STAMPS = {"history/runs.db": ("runs", "create_timestamp"), "schedules/schedules.db": ("job_ticks", "timestamp")}


class StagingDays:
    """Days of a loop: real ticks of all entities on the sandbox."""

    def __init__(self, loop: Loop, folder: Path, retention: RetentionConfig) -> None:
        self._loop, self._folder, self._retention = loop, folder, retention
        self._numbers = count(1)

    def pass_one(self, ticks: int, changes: int) -> int:
        """One day; the bytes that the database takes at its end."""
        accounts = self._accounts()
        for _ in range(ticks):
            for _ in range(changes):
                number = next(self._numbers)
                phone = f"+1 415 555 {number % 10_000:04}"
                self._loop.as_person("Account", accounts[number % len(accounts)], Phone=phone)
            self._loop.sync()
            self._loop.clock.advance(_DAY // ticks - _OF_A_TICK)
        prune_history(self._loop.runtime.store, self._retention, now=self._loop.clock())
        return sum(path.stat().st_size for path in self._folder.glob("staging.db*"))

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Rows of the staging database."""
        with self._loop.runtime.store.database.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def _accounts(self) -> list[str]:
        found = self.rows("SELECT salesforce_id FROM links WHERE entity = 'accounts' ORDER BY salesforce_id")
        return [str(row[0]) for row in found]


class DagsterDays:
    """Days of an instance: runs of a job with as many assets and checks as a tick has, and a tick beside each."""

    def __init__(self, instance: dg.DagsterInstance, retention: RetentionConfig, *, assets: int) -> None:
        self._instance, self._retention = instance, retention
        self._job = _job(assets)
        self._folder = Path(instance.root_directory)

    def pass_one(self, ticks: int) -> int:
        """One day; the bytes that the instance takes at its end."""
        for _ in range(ticks):
            result = self._job.execute_in_process(instance=self._instance, run_config=QUIET)
            assert result.success
            now = datetime.now(UTC).timestamp()
            told = TickData("origin", "sync", InstigatorType.SCHEDULE, TickStatus.SKIPPED, now, selector_id="selector")
            self._instance.create_tick(told)
        self._grow_older()
        prune(self._instance, Retention.of(self._retention), now=datetime.now(UTC))
        return sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())

    def _grow_older(self) -> None:
        for file, (table, column) in _STAMPS.items():
            with closing(sqlite3.connect(self._folder / file)) as connection, connection:
                moved = f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-1 day') || '000'"
                connection.execute(f"UPDATE {table} SET {column} = {moved}")


def _job(assets: int) -> dg.JobDefinition:
    def asset(number: int) -> dg.AssetsDefinition:
        @dg.asset(name=f"a{number}", check_specs=[dg.AssetCheckSpec("sound", asset=f"a{number}")])
        def one() -> dg.MaterializeResult:
            return dg.MaterializeResult(metadata={"rows": number}, check_results=[dg.AssetCheckResult(passed=True)])

        return one

    jobs = [dg.define_asset_job("tick", executor_def=dg.in_process_executor)]
    return dg.Definitions(assets=[asset(number) for number in range(assets)], jobs=jobs).resolve_job_def("tick")
