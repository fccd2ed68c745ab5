"""Plan lines: the plan as it was made, and the outbox of its writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.sql.elements import ColumnElement

from intacct_sf_pipeline.model.plans import Accepted, FieldChange, JournalEntry, LineStatus, Operation, PlanLine
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.staging.bulk import Row
from intacct_sf_pipeline.staging.codec import dumps, encode_scalar, loads
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.schema import journal, plan_lines, write_jobs

_NAMES = (
    "line_id", "run_id", "entity", "side", "operation", "status", "target_key", "source_key", "natural_id",
    "reason", "changes", "attempt",
)  # fmt: skip
LINE_COLUMNS = [plan_lines.c[name] for name in _NAMES]
_NEW = [*LINE_COLUMNS, *(plan_lines.c[name] for name in ("priority", "created_at", "updated_at"))]
_AGAIN = [*LINE_COLUMNS[1:], *(plan_lines.c[name] for name in ("priority", "updated_at", "line_id"))]
_IN_FLIGHT = (LineStatus.SENT.value, LineStatus.UNKNOWN.value)
_JOURNAL = [
    journal.c[name]
    for name in (
        "run_id", "entity", "side", "record_key", "operation", "field", "before_type", "before_value",
        "after_type", "after_value",
        "rule", "reason", "at",
    )
]  # fmt: skip


class Outbox:
    """Reads and writes plan lines and the journal; works inside the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection: Connection, lines: Iterable[PlanLine]) -> None:
        """Store new lines; those without an operation have nothing to be done.

        A record decided a second time in one run replaces its line, under a new attempt (and so a new idempotency key);
        a line whose outcome is not known yet stays as it is, since it has to be looked up first.
        """
        unique = {line.line_id: line for line in lines}
        columns = [plan_lines.c[name] for name in ("line_id", "status", "attempt")]
        known = {row[0]: row[1:] for row in self._database.bulk.fetch_in(connection, columns, columns[0], unique)}
        now = self._database.clock()
        new: list[Row] = []
        again: list[Row] = []
        for line_id, line in unique.items():
            values = _values(line, _first_status(line))
            if line_id not in known:
                new.append((*values, _priority(line), now, now))
            elif known[line_id][0] not in _IN_FLIGHT:
                again.append((*values[1:-1], max(line.attempt, known[line_id][1] + 1), _priority(line), now, line_id))
        self._database.bulk.insert(connection, _NEW, new)
        self._database.bulk.update(connection, _AGAIN, again)

    def planned(self, connection: Connection, entity: str, side: Side, run_id: str, limit: int) -> list[PlanLine]:
        """The next lines to be written, creations first."""
        at = plan_lines.c
        waiting = select(*LINE_COLUMNS).where(
            at.entity == entity, at.side == side.value, at.status == LineStatus.PLANNED.value, at.run_id == run_id
        )
        return [line_of(row) for row in connection.execute(waiting.order_by(at.priority, at.seq).limit(limit))]

    def page(
        self,
        connection: Connection,
        entity: str,
        run_id: str,
        after: int,
        limit: int,
        statuses: Collection[LineStatus],
    ) -> list[tuple[int, PlanLine]]:
        """Lines of a run that touch a record, both sides, in the order of planning; each with its place in it."""
        at = plan_lines.c
        waiting = select(*LINE_COLUMNS, at.seq).where(
            at.run_id == run_id,
            at.entity == entity,
            at.status.in_([status.value for status in statuses]),
            at.operation != Operation.NONE.value,
            at.seq > after,
        )
        return [(row[-1], line_of(row)) for row in connection.execute(waiting.order_by(at.seq).limit(limit))]

    def of_earlier_runs(
        self, connection: Connection, entity: str, side: Side, run_id: str, statuses: Collection[LineStatus]
    ) -> Iterator[PlanLine]:
        """Lines of other runs with one of `statuses`, in the order of planning; those of open jobs left out."""
        at = plan_lines.c
        job = write_jobs.c
        mine = (job.entity == entity, job.side == side.value, job.closed_at.is_(None))
        under_way = select(job.job_id).where(*mine)
        free = at.job_id.is_(None) | at.job_id.not_in(under_way)
        for status in statuses:
            found = select(*LINE_COLUMNS).where(
                at.entity == entity, at.side == side.value, at.status == status.value, at.run_id != run_id, free
            )
            for row in connection.execute(found.order_by(at.seq)):
                yield line_of(row)

    def has_stale(self, connection: Connection, entity: str, run_id: str) -> bool:
        """Whether other runs left lines that were never sent."""
        return any(
            connection.execute(select(plan_lines.c.seq).where(_stale(entity, side, run_id)).limit(1)).first()
            for side in Side
        )

    def mark(self, connection: Connection, lines: Sequence[PlanLine], statuses: Mapping[str, LineStatus]) -> None:
        """Set statuses by line id; attempt and keys are stored as the lines have them."""
        now = self._database.clock()
        names = ("status", "attempt", "target_key", "source_key", "updated_at", "line_id")
        rows = [
            (statuses[line.line_id].value, line.attempt, line.target_key, line.source_key, now, line.line_id)
            for line in lines
            if line.line_id in statuses
        ]
        self._database.bulk.update(connection, [plan_lines.c[name] for name in names], rows)

    def restate(self, connection: Connection, lines: Sequence[PlanLine]) -> None:
        """Store keys and changes of lines as they have them now."""
        now = self._database.clock()
        names = ("target_key", "source_key", "changes", "updated_at", "line_id")
        rows = [
            (x.target_key, x.source_key, dumps([_stored_change(change) for change in x.changes]), now, x.line_id)
            for x in lines
        ]
        self._database.bulk.update(connection, [plan_lines.c[name] for name in names], rows)

    def supersede(self, connection: Connection, entity: str, run_id: str, limit: int) -> list[tuple[Side, str]]:
        """Give up at most `limit` of other runs' lines that were never sent; the records they were about."""
        at = plan_lines.c
        lines: list[Row] = []
        records: list[tuple[Side, str]] = []
        for side in Side:
            keys = select(at.line_id, at.target_key, at.source_key).where(_stale(entity, side, run_id))
            found = connection.execute(keys.limit(limit - len(lines))).all() if len(lines) < limit else []
            lines += [(LineStatus.SUPERSEDED.value, self._database.clock(), line_id) for line_id, _, _ in found]
            records += [
                (side.other, source) if source else (side, target) for _, target, source in found if source or target
            ]
        self._database.bulk.update(connection, [at.status, at.updated_at, at.line_id], lines)
        return records

    def journal(self, connection: Connection, entries: Iterable[JournalEntry]) -> None:
        """Store one row per field written."""
        self._database.bulk.insert(connection, _JOURNAL, [_journal_row(entry) for entry in entries])


def records_of_line(line: PlanLine) -> list[tuple[Side, str]]:
    """The records a line is about: its source, and its target when there is no source."""
    if line.source_key:
        return [(line.side.other, line.source_key)]
    return [(line.side, line.target_key)] if line.target_key else []


def _stale(entity: str, side: Side, run_id: str) -> ColumnElement[bool]:
    at = plan_lines.c
    planned = (at.entity == entity) & (at.side == side.value) & (at.status == LineStatus.PLANNED.value)
    return planned & (at.run_id != run_id)


def _first_status(line: PlanLine) -> LineStatus:
    return LineStatus.NOTHING if line.operation is Operation.NONE else line.status


def _priority(line: PlanLine) -> int:
    return 0 if line.operation is Operation.CREATE else 1


def _values(line: PlanLine, status: LineStatus) -> tuple[Any, ...]:
    return (
        line.line_id, line.run_id, line.entity, str(line.side), str(line.operation), str(status),
        line.target_key, line.source_key,
        line.natural_id, line.reason, dumps([_stored_change(change) for change in line.changes]), line.attempt,
    )  # fmt: skip


def line_of(row: Row) -> PlanLine:
    """The plan line of a row of `LINE_COLUMNS`."""
    return PlanLine(
        line_id=row[0],
        run_id=row[1],
        entity=row[2],
        side=Side(row[3]),
        operation=Operation(row[4]),
        status=LineStatus(row[5]),
        target_key=row[6],
        source_key=row[7],
        natural_id=row[8],
        reason=row[9] or "",
        changes=tuple(_change(stored) for stored in loads(row[10]) or ()),
        attempt=row[11],
    )


def _stored_change(change: FieldChange) -> dict[str, object]:
    accepted = change.accepted
    return {
        "field": change.field, "before": change.before, "after": change.after, "canonical": change.canonical,
        "rule": change.rule,
        "reason": change.reason, "columns": change.columns,
        "accepted": None if accepted is None else [accepted.intacct, accepted.salesforce, accepted.reason],
    }  # fmt: skip


def _change(stored: Mapping[str, Any]) -> FieldChange:
    after, accepted = stored["after"], stored["accepted"]
    return FieldChange(
        field=stored["field"],
        before=stored["before"],
        after=tuple(after) if isinstance(after, list) else after,
        canonical=stored["canonical"],
        rule=stored["rule"],
        reason=stored["reason"],
        columns=tuple(stored["columns"]),
        accepted=None if accepted is None else Accepted(*accepted),
    )


def _journal_row(entry: JournalEntry) -> tuple[Any, ...]:
    before, after = encode_scalar(entry.before), encode_scalar(entry.after)
    return (
        entry.run_id, entry.entity, entry.side.value, entry.record_key, entry.operation.value, entry.field,
        before[0] or None, before[1],
        after[0] or None, after[1], entry.rule, entry.reason, entry.at,
    )  # fmt: skip
