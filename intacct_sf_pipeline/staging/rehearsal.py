"""A scratch copy of the staging database for rehearsing a plan, and what is kept of it: a preview.

SQLite copies its file by the backup interface; other servers are copied table by table into a SQLite file, in one
transaction that sees one state, so that what a run commits meanwhile is copied whole or not at all. Nothing of the
rehearsal but the run's ledger entry and its lines (with the status `preview`) reaches the real database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select

from intacct_sf_pipeline.model.plans import LineStatus
from intacct_sf_pipeline.model.results import StepReport
from intacct_sf_pipeline.staging.run_report import HOLDS_STEP
from intacct_sf_pipeline.staging.schema import holds, metadata, plan_lines, run_steps, runs
from intacct_sf_pipeline.staging.setup import open_staging
from intacct_sf_pipeline.staging.store import SqlStagingStore
from intacct_sf_pipeline.staging.types import SQLITE

SCRATCH_PREFIX = "intacct-sf-plan-"
"""How the folder of a copy begins; the clean-up knows by it what a killed rehearsal left."""
_CHUNK = 2000
_AS_THEY_ARE = (LineStatus.NOTHING.value, LineStatus.HELD.value, LineStatus.SUPERSEDED.value)
"""Statuses of lines that would not have been written; all others are a preview."""
_KEPT = (runs, run_steps, plan_lines)


@contextmanager
def rehearsal(store: SqlStagingStore, run_id: str) -> Iterator[SqlStagingStore]:
    """A store on a copy of `store`'s database.

    When the block ends, what run `run_id` planned there is kept as a preview.
    """
    with TemporaryDirectory(prefix=SCRATCH_PREFIX) as folder:
        path = Path(folder) / "staging.db"
        if store.database.server == SQLITE:
            _back_up(store, path)
        copy = open_staging(
            f"sqlite:///{path}", store.mapping, store.database.clock, hold_retry_minutes=store.hold_retry_minutes
        )
        if store.database.server != SQLITE:
            _copy_rows(store, copy)
        try:
            yield copy
        finally:
            _keep(copy, store, run_id)
            copy.database.engine.dispose()


def _back_up(store: SqlStagingStore, path: Path) -> None:
    raw = store.database.engine.raw_connection()
    try:
        source = raw.driver_connection
        if not isinstance(source, sqlite3.Connection):
            raise TypeError("a SQLite engine has SQLite connections")
        with sqlite3.connect(path) as target:
            source.backup(target)
        target.close()
    finally:
        raw.close()


def _copy_rows(store: SqlStagingStore, copy: SqlStagingStore) -> None:
    with store.database.snapshot() as source:

        def work(target: Connection) -> None:
            for tables in (metadata, store.tables.metadata):
                for table in tables.sorted_tables:
                    _copy_table(source, target, table)

        copy.database.write(work)


def _copy_table(source: Connection, target: Connection, table: Table) -> None:
    target.execute(delete(table))
    rows = source.execution_options(yield_per=_CHUNK).execute(select(table))
    for part in rows.mappings().partitions(_CHUNK):
        target.execute(insert(table), [dict(row) for row in part])


def _keep(copy: SqlStagingStore, store: SqlStagingStore, run_id: str) -> None:
    """Carry the run's rows over in one transaction, part by part: there may be as many plan lines as records."""
    with copy.database.read() as source:
        waiting = select(holds.c.entity, func.count()).where(holds.c.closed_at.is_(None)).group_by(holds.c.entity)
        held = {row[0]: row[1] for row in source.execute(waiting)}

        def work(target: Connection) -> None:
            for table in _KEPT:
                for rows in _rows_of_run(source, table, run_id):
                    target.execute(insert(table), rows)

        store.database.write(work)
    for entity, number in held.items():
        store.record_step(run_id, entity, StepReport(HOLDS_STEP, entity, {"held": number}))


def _rows_of_run(source: Connection, table: Table, run_id: str) -> Iterator[list[dict[str, Any]]]:
    columns = [column for column in table.c if column.autoincrement is not True]
    wanted = select(*columns).where(table.c.run_id == run_id)
    for part in source.execution_options(yield_per=_CHUNK).execute(wanted).mappings().partitions(_CHUNK):
        rows = [dict(row) for row in part]
        for row in rows:
            if table is plan_lines and row["status"] not in _AS_THEY_ARE:
                row["status"] = LineStatus.PREVIEW.value
        yield rows
