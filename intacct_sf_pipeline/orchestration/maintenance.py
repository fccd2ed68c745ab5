"""Retention of Dagster's own history: old runs, their events, and the SQLite files that Dagster leaves behind.

Dagster purges ticks (`retention:` in `dagster.yaml`) but keeps runs and events for ever; on SQLite even a deleted run
leaves its event database and log folder on disk. Nothing here touches the staging database, which is the record of
what was synchronised.
"""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_PAGE = 500
_VACUUM_WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept: every run younger than `keep_days`, the last `keep_runs` of each job, and the newest run of each
    asset.
    """

    keep_days: int = 30
    keep_runs: int = 20


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What was removed, or with `dry_run` would be: runs, files and folders left by deleted runs, and bytes on disk."""

    dry_run: bool
    runs: int
    leftovers: int
    bytes: int
    vacuumed: int

    def as_dict(self) -> dict[str, int | bool]:
        """Names and figures, for JSON and metadata."""
        return asdict(self)


def prune(instance: dg.DagsterInstance, retention: Retention, *, now: datetime, dry_run: bool = False) -> PruneReport:
    """Delete finished runs that `retention` does not keep, with their files, and give the space back to the disk."""
    doomed = _doomed(instance, retention, now)
    folders = _folders(instance)
    size = sum(_size(path) for run_id in doomed for path in folders.of_run(run_id))
    if not dry_run:
        for run_id in doomed:
            instance.delete_run(run_id)
            for path in folders.of_run(run_id):
                _remove(path)
    leftovers = [path for run_id, path in folders.all() if run_id not in doomed and not instance.has_run(run_id)]
    size += sum(_size(path) for path in leftovers)
    vacuumed = 0
    if not dry_run:
        for path in leftovers:
            _remove(path)
        vacuumed = sum(_vacuum(path) for path in folders.databases())
    return PruneReport(dry_run, len(doomed), len(leftovers), size, vacuumed)


def _doomed(instance: dg.DagsterInstance, retention: Retention, now: datetime) -> list[str]:
    keep = _newest_of_assets(instance)
    seen: Counter[str] = Counter()
    doomed = []
    horizon = now - timedelta(days=retention.keep_days)
    for record in _finished(instance):
        run = record.dagster_run
        seen[run.job_name] += 1
        if seen[run.job_name] > retention.keep_runs and record.create_timestamp < horizon and run.run_id not in keep:
            doomed.append(run.run_id)
    return doomed


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


@dataclass(frozen=True, slots=True)
class _Folders:
    """Where SQLite storage and local logs keep one file or folder per run; empty for other storages."""

    events: Path | None
    logs: Path | None

    def of_run(self, run_id: str) -> list[Path]:
        found = []
        if self.events:
            found += [self.events / f"{run_id}.db{suffix}" for suffix in ("", "-wal", "-shm")]
        if self.logs:
            found.append(self.logs / run_id)
        return [path for path in found if path.exists()]

    def all(self) -> Iterator[tuple[str, Path]]:
        if self.events:
            yield from ((path.name.partition(".")[0], path) for path in self.events.glob("*-*-*-*-*.db*"))
        if self.logs and self.logs.is_dir():
            yield from ((path.name, path) for path in self.logs.glob("*-*-*-*-*") if path.is_dir())

    def databases(self) -> list[Path]:
        if self.events is None:
            return []
        return [p for p in (self.events / "index.db", self.events.parent / "runs.db") if p.exists()]


def _folders(instance: dg.DagsterInstance) -> _Folders:
    storage = instance.event_log_storage
    events = Path(storage.path_for_shard("index")).parent if isinstance(storage, SqliteEventLogStorage) else None
    return _Folders(events, Path(instance.storage_directory()))


def _size(path: Path) -> int:
    files = (entry for entry in path.rglob("*") if entry.is_file()) if path.is_dir() else iter([path])
    return sum(file.stat().st_size for file in files)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _vacuum(path: Path) -> int:
    """Give freed pages back; 0 when the database is in use, which the next night makes good."""
    try:
        with closing(sqlite3.connect(path, timeout=_VACUUM_WAIT_SECONDS, isolation_level=None)) as connection:
            connection.execute("VACUUM")
    except sqlite3.OperationalError:
        return 0
    return 1
