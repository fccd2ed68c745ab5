"""The part of the staging store that remembers write jobs and which plan lines went with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from intacct_sf_pipeline.model.jobs import JobProgress, WriteJob
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import LineStatus, Operation, PlanLine
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.staging.outbox import LINE_COLUMNS, line_of
from intacct_sf_pipeline.staging.parts import StoreParts
from intacct_sf_pipeline.staging.schema import plan_lines, write_jobs

_CREATE, _CHANGE = "create", "change"


class JobParts(StoreParts):
    """`engine.writing.job_ports.JobStore` on SQLAlchemy Core."""

    def waiting_lines(self, entity: EntityMapping, side: Side, *, run_id: str, create: bool) -> int:
        """See `JobStore.waiting_lines`."""
        counted = select(func.count()).select_from(plan_lines).where(*_planned(entity, side, run_id, create=create))
        with self.database.read() as connection:
            return int(connection.execute(counted).scalar_one())

    def planned_after(
        self, entity: EntityMapping, side: Side, *, run_id: str, create: bool, after: int, limit: int
    ) -> list[tuple[int, PlanLine]]:
        """See `JobStore.planned_after`."""
        at = plan_lines.c
        found = select(*LINE_COLUMNS, at.seq).where(*_planned(entity, side, run_id, create=create), at.seq > after)
        with self.database.read() as connection:
            rows = connection.execute(found.order_by(at.seq).limit(limit)).all()
        return [(row[-1], line_of(row)) for row in rows]

    def open_job(self, entity: EntityMapping, job: WriteJob, lines: Mapping[str, str]) -> None:
        """See `JobStore.open_job`."""
        now = self.database.clock()
        columns = [plan_lines.c[name] for name in ("status", "job_id", "job_key", "updated_at", "line_id")]
        rows = [(LineStatus.SENT.value, job.job_id, key, now, line_id) for line_id, key in lines.items()]

        def work(connection: Connection) -> None:
            connection.execute(insert(write_jobs).values(_stored(job)))
            self.database.bulk.update(connection, columns, rows)

        self._write(entity, work)

    def note_job(self, job: WriteJob, progress: JobProgress) -> None:
        """See `JobStore.note_job`."""
        self._fenced(lambda connection: _note(connection, job, {**_told(progress), "looked_at": self.database.clock()}))

    def close_job(self, entity: EntityMapping, job: WriteJob, progress: JobProgress) -> None:
        """See `JobStore.close_job`."""
        now = self.database.clock()
        self._write(
            entity,
            lambda connection: _note(connection, job, {**_told(progress), "looked_at": now, "closed_at": now}),
        )

    def open_jobs(self, entity: EntityMapping, side: Side) -> Sequence[WriteJob]:
        """See `JobStore.open_jobs`."""
        at = write_jobs.c
        found = select(write_jobs).where(at.entity == entity.name, at.side == side.value, at.closed_at.is_(None))
        with self.database.read() as connection:
            return [_job(row) for row in connection.execute(found.order_by(at.opened_at, at.job_id))]

    def job_lines(self, job: WriteJob, keys: Collection[str]) -> Mapping[str, PlanLine]:
        """See `JobStore.job_lines`."""
        at = plan_lines.c
        with self.database.read() as connection:
            rows = self.database.bulk.fetch_in(
                connection,
                [*LINE_COLUMNS, at.job_key],
                at.job_key,
                keys,
                where={at.job_id: job.job_id, at.status: LineStatus.SENT.value},
            )
        return {row[-1]: line_of(row) for row in rows}

    def lines_left(self, job: WriteJob, *, limit: int) -> list[PlanLine]:
        """See `JobStore.lines_left`."""
        at = plan_lines.c
        left = select(*LINE_COLUMNS).where(at.job_id == job.job_id, at.status == LineStatus.SENT.value)
        with self.database.read() as connection:
            return [line_of(row) for row in connection.execute(left.order_by(at.seq).limit(limit))]


def _planned(entity: EntityMapping, side: Side, run_id: str, *, create: bool) -> list[ColumnElement[bool]]:
    at = plan_lines.c
    kind = at.operation == Operation.CREATE.value if create else at.operation != Operation.CREATE.value
    mine = (at.entity == entity.name, at.side == side.value, at.run_id == run_id)
    return [*mine, at.status == LineStatus.PLANNED.value, kind]


def _note(connection: Connection, job: WriteJob, values: Mapping[str, object]) -> None:
    connection.execute(update(write_jobs).where(write_jobs.c.job_id == job.job_id).values(**values))


def _stored(job: WriteJob) -> dict[str, Any]:
    return {
        "job_id": job.job_id, "entity": job.entity, "side": job.side.value, "run_id": job.run_id,
        "object": job.object, "operation": _CREATE if job.create else _CHANGE, "lines": job.rows,
        "state": job.state, "processed": 0, "failed": 0, "opened_at": job.opened_at,
    }  # fmt: skip


def _told(progress: JobProgress) -> dict[str, object]:
    return {
        "state": progress.word or progress.state.value, "processed": progress.processed, "failed": progress.failed,
        "message": progress.message or None,
    }  # fmt: skip


def _job(row: Row[Any]) -> WriteJob:
    create = row.operation == _CREATE
    side = Side(row.side)
    return WriteJob(row.job_id, row.entity, side, row.run_id, row.object, create, row.lines, row.opened_at, row.state)
