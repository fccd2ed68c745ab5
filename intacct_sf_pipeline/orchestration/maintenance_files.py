"""Where Dagster's local storages keep files, and what of them has no owner any more: event databases and log folders of
runs that are gone, logs of old ticks, and scratch copies that a killed rehearsal left behind.
"""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager

from intacct_sf_pipeline.staging.dialects.files import write_anew
from intacct_sf_pipeline.staging.rehearsal import SCRATCH_PREFIX

_SCRATCH_FOR = timedelta(days=1)
"""A rehearsal takes minutes, and Dagster ends any run after hours: an older scratch copy belongs to nobody."""
_LOGS = frozenset({".out", ".err", ".complete"})
_RUN = "*-*-*-*-*"
_VACUUM_WAIT_SECONDS = 5.0
_FREE_PERCENT = 10


@dataclass(frozen=True, slots=True)
class Folders:
    """Where SQLite storage and local logs keep one file or folder per run; empty for other storages.

    `history` is the folder of Dagster's SQLite storage, `logs` the folders with a folder per run in them.
    """

    history: Path | None
    logs: tuple[Path, ...]

    @property
    def events(self) -> Path | None:
        """The folder of the event databases."""
        return self.history and self.history / "runs"

    def of_run(self, run_id: str) -> list[Path]:
        """What there is of one run."""
        found = [folder / run_id for folder in self.logs]
        if self.events:
            found += [self.events / f"{run_id}.db{suffix}" for suffix in ("", "-wal", "-shm")]
        return [path for path in found if path.exists()]

    def of_runs(self) -> Iterator[tuple[str, Path]]:
        """Run id and path of all there is of any run."""
        if self.events:
            yield from ((path.name.partition(".")[0], path) for path in self.events.glob(f"{_RUN}.db*"))
        for folder in self.logs:
            yield from ((path.name, path) for path in folder.glob(_RUN) if path.is_dir())

    def of_old_ticks(self, before: datetime) -> list[Path]:
        """Logs of ticks last written before `before`."""
        others = (top for folder in self.logs if folder.is_dir() for top in folder.iterdir() if not top.match(_RUN))
        files = (path for top in others for path in top.rglob("*") if path.suffix in _LOGS)
        return [path for path in files if _is_older(path, before)]

    def databases(self) -> list[Path]:
        """The databases that stay, whose freed pages can be given back."""
        if self.history is None:
            return []
        ticks = self.history.parent / "schedules" / "schedules.db"
        return [path for path in (self.history / "runs" / "index.db", self.history / "runs.db", ticks) if path.exists()]


def folders_of(instance: dg.DagsterInstance) -> Folders:
    """The folders of an instance."""
    storage, logs = instance.event_log_storage, {Path(instance.storage_directory())}
    manager = instance.compute_log_manager
    if isinstance(manager, LocalComputeLogManager):
        logs.add(Path(manager.get_captured_local_path(["x"], "err")).parent)
    history = (
        Path(storage.path_for_shard("index")).parent.parent if isinstance(storage, SqliteEventLogStorage) else None
    )
    return Folders(history, tuple(sorted(logs)))


def old_scratch_copies() -> list[Path]:
    """Copies of the staging database that rehearsals made for themselves and did not live to remove.

    Their age is told by the clock that stamped them, whatever time it is for the caller: others may be in use.
    """
    before = datetime.now(UTC) - _SCRATCH_FOR
    found = Path(tempfile.gettempdir()).glob(f"{SCRATCH_PREFIX}*")
    return [path for path in found if path.is_dir() and _rests(path, before)]


def size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = (entry for entry in path.rglob("*") if entry.is_file()) if path.is_dir() else iter([path])
    return sum(file.stat().st_size for file in files)


def remove(path: Path) -> None:
    """Remove a file or folder; one that somebody else removes at the same time is no trouble."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def vacuum(path: Path) -> int:
    """Give freed pages back where they are many; 0 when there is little to give or the database is in use, which the
    next night makes good.
    """
    return int(write_anew(path, free_percent=_FREE_PERCENT, wait_seconds=_VACUUM_WAIT_SECONDS))


def _is_older(path: Path, before: datetime) -> bool:
    return path.is_file() and path.stat().st_mtime < before.timestamp()


def _rests(folder: Path, before: datetime) -> bool:
    """Whether nothing in the folder, nor itself, was touched since `before`."""
    return all(path.stat().st_mtime < before.timestamp() for path in (folder, *folder.rglob("*")))
