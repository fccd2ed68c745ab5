"""Retention of Dagster's own history: old runs with their events, files and results of checks, and old ticks.

Dagster purges ticks (`retention:` in `dagster.yaml`, while its daemon runs) but keeps runs and events for ever; on
SQLite even a deleted run leaves its event database and log folder on disk. The staging database has a retention of its
own (`staging.retention`).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import dagster as dg

from intacct_sf_pipeline.model.retention import RetentionConfig
from intacct_sf_pipeline.orchestration.maintenance_files import (
    folders_of,
    old_scratch_copies,
    remove,
    size,
    vacuum,
)
from intacct_sf_pipeline.orchestration.maintenance_rows import prune_checks, prune_ticks, runs_of_latest_checks

FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept: every run younger than `keep_days`, the last `keep_runs` of each job, the newest run of each asset
    and of each asset check; ticks younger than `tick_days`.
    """

    keep_days: int = 30
    keep_runs: int = 20
    tick_days: int = 30

    @classmethod
    def of(cls, config: RetentionConfig) -> "Retention":
        """As the configuration says."""
        return cls(config.dagster_runs, config.runs_of_each_job, config.ticks)


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What was removed, or with `dry_run` would be: runs, files and folders left by deleted runs, ticks and rehearsals,
    ticks, results of checks, and bytes on disk; and how many of Dagster's databases gave pages back.
    """

    dry_run: bool
    runs: int
    leftovers: int
    ticks: int
    checks: int
    bytes: int
    vacuumed: int

    def as_dict(self) -> dict[str, int | bool]:
        """Names and figures, for JSON and metadata."""
        return asdict(self)


def prune(instance: dg.DagsterInstance, retention: Retention, *, now: datetime, dry_run: bool = False) -> PruneReport:
    """Delete finished runs that `retention` does not keep, with their files, old ticks and what else has no owner, and
    give the space back to the disk.
    """
    folders, horizon = folders_of(instance), now - timedelta(days=retention.tick_days)
    doomed, freed = _doomed(instance, retention, now), 0
    for run_id in doomed:
        files = folders.of_run(run_id)
        freed += sum(map(size, files))
        if not dry_run:
            instance.delete_run(run_id)
            for path in folders.of_run(run_id):
                remove(path)
    leftovers = [path for run_id, path in folders.of_runs() if run_id not in doomed and not instance.has_run(run_id)]
    leftovers += [*folders.of_old_ticks(horizon), *old_scratch_copies()]
    freed += sum(map(size, leftovers))
    ticks, checks = prune_ticks(instance, horizon, dry_run=dry_run), prune_checks(instance, dry_run=dry_run)
    vacuumed = 0
    if not dry_run:
        for path in leftovers:
            remove(path)
        vacuumed = sum(vacuum(path) for path in folders.databases())
    return PruneReport(dry_run, len(doomed), len(leftovers), ticks, checks, freed, vacuumed)


def _doomed(instance: dg.DagsterInstance, retention: Retention, now: datetime) -> frozenset[str]:
    keep = _newest_of_assets(instance) | runs_of_latest_checks(instance)
    seen: Counter[str] = Counter()
    doomed = set()
    horizon = now - timedelta(days=retention.keep_days)
    for record in _finished(instance):
        run = record.dagster_run
        seen[run.job_name] += 1
        if seen[run.job_name] > retention.keep_runs and record.create_timestamp < horizon and run.run_id not in keep:
            doomed.add(run.run_id)
    return frozenset(doomed)


def _finished(instance: dg.DagsterInstance) -> Iterator[dg.RunRecord]:
    cursor = None
    while True:
        page = instance.get_run_records(dg.RunsFilter(statuses=FINISHED), limit=_PAGE, cursor=cursor)
        yield from page
        if len(page) < _PAGE:
            return
        cursor = page[-1].dagster_run.run_id


def _newest_of_assets(instance: dg.DagsterInstance) -> frozenset[str]:
    events = (instance.get_latest_materialization_event(key) for key in instance.get_asset_keys())
    return frozenset(event.run_id for event in events if event is not None)
