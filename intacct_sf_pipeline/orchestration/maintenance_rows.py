"""Rows in Dagster's own tables that nothing of Dagster's removes: ticks of schedules and sensors that are gone (or of
an instance without `retention:`), and results of asset checks, which stay behind when their run is deleted.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, cast

import dagster as dg
from dagster._core.scheduler.instigation import TickStatus
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.schedules.schema import JobTickTable
from dagster._core.storage.schedules.sql_schedule_storage import SqlScheduleStorage
from sqlalchemy import Connection, delete, func, select

_CHUNK = 500
_checks, _ticks = AssetCheckExecutionsTable, JobTickTable


class _Connects(Protocol):
    def connect(self) -> AbstractContextManager[Connection]: ...


def runs_of_latest_checks(instance: dg.DagsterInstance) -> frozenset[str]:
    """Runs in which some asset check was last evaluated: without them the UI would not know its state."""
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        return frozenset()
    latest = select(func.max(_checks.c.id)).group_by(_checks.c.asset_key, _checks.c.check_name)
    with storage.index_connection() as connection:
        return frozenset(connection.execute(select(_checks.c.run_id).where(_checks.c.id.in_(latest))).scalars())


def prune_checks(instance: dg.DagsterInstance, *, dry_run: bool = False) -> int:
    """Remove results of checks whose run is gone; how many."""
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        return 0
    removed = 0
    for run_ids in _pages_of_runs(storage):
        known = {record.dagster_run.run_id for record in instance.get_run_records(dg.RunsFilter(run_ids=run_ids))}
        gone = _checks.c.run_id.in_([run_id for run_id in run_ids if run_id not in known])
        with storage.index_connection() as connection:
            if dry_run:
                removed += int(connection.execute(select(func.count()).where(gone)).scalar_one())
            else:
                removed += connection.execute(delete(_checks).where(gone)).rowcount
    return removed


def prune_ticks(instance: dg.DagsterInstance, before: datetime, *, dry_run: bool = False) -> int:
    """Remove ticks from before `before`, except those that are being evaluated; how many."""
    storage = instance.schedule_storage
    if not isinstance(storage, SqlScheduleStorage):
        return 0
    old = (_ticks.c.timestamp < before.replace(tzinfo=None), _ticks.c.status != TickStatus.STARTED.value)
    store = cast(_Connects, storage)
    if dry_run:
        with store.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(_ticks).where(*old)).scalar_one())
    removed = 0
    while True:
        with store.connect() as connection:
            keys = list(
                connection.execute(select(_ticks.c.id).where(*old).order_by(_ticks.c.id).limit(_CHUNK)).scalars()
            )
            removed += connection.execute(delete(_ticks).where(_ticks.c.id.in_(keys))).rowcount if keys else 0
        if len(keys) < _CHUNK:
            return removed


def _pages_of_runs(storage: SqlEventLogStorage) -> Iterator[list[str]]:
    """Ids of runs that have results of checks, a page at a time."""
    after = ""
    while True:
        page = select(_checks.c.run_id).where(_checks.c.run_id > after).distinct().order_by(_checks.c.run_id)
        with storage.index_connection() as connection:
            run_ids = list(connection.execute(page.limit(_CHUNK)).scalars())
        if not run_ids:
            return
        yield run_ids
        after = run_ids[-1]
