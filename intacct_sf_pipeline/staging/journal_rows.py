"""Reading the journal: which records a run wrote, what it wrote there, and who wrote the same fields later."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from intacct_sf_pipeline.model.history import WrittenRecord
from intacct_sf_pipeline.model.plans import JournalEntry, LineStatus, Operation
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.staging.bulk import Row, chunks
from intacct_sf_pipeline.staging.codec import decode_scalar, loads
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.schema import journal, plan_lines

_NAMES = (
    "run_id", "entity", "side", "record_key", "operation", "field", "before_type", "before_value", "after_type",
    "after_value", "rule", "reason", "at", "entry_id",
)  # fmt: skip
_COLUMNS = [journal.c[name] for name in _NAMES]
_WRITES = tuple(op.value for op in (Operation.CREATE, Operation.UPDATE, Operation.LINK, Operation.DEACTIVATE))
_UNANSWERED = (LineStatus.SENT.value, LineStatus.UNKNOWN.value)
_CHUNK = 500


class JournalRows:
    """Reads the journal; works inside the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entities(self, connection: Connection, run_id: str) -> list[str]:
        """The entities of which the run wrote anything, or may have: of some writes no answer has come yet."""
        at, line = journal.c, plan_lines.c
        wrote = select(at.entity).where(at.run_id == run_id, at.operation.in_(_WRITES))
        sent = select(line.entity).where(line.run_id == run_id, line.status.in_(_UNANSWERED))
        return sorted({row[0] for query in (wrote, sent) for row in connection.execute(query.distinct())})

    def fields(self, connection: Connection, run_id: str) -> list[str]:
        """The fields that the run wrote anywhere, or may have."""
        at, line = journal.c, plan_lines.c
        wrote = select(at.field).where(at.run_id == run_id, at.operation.in_(_WRITES)).distinct()
        sent = select(line.changes).where(line.run_id == run_id, line.status.in_(_UNANSWERED))
        found = {row[0] for row in connection.execute(wrote)}
        found.update(change["field"] for row in connection.execute(sent) for change in loads(row[0]) or ())
        return sorted(found)

    def values_dropped(self, connection: Connection, run_id: str) -> bool:
        """Whether retention dropped values that the run wrote."""
        at = journal.c
        query = select(at.entry_id).where(at.run_id == run_id, at.dropped_at.is_not(None)).limit(1)
        return connection.execute(query).first() is not None

    def page(
        self, connection: Connection, entity: str, side: Side, run_id: str, after: str, size: int
    ) -> list[WrittenRecord]:
        """The next records of `side` that the run wrote, in key order."""
        at = journal.c
        query = (
            select(at.record_key)
            .where(at.entity == entity, at.side == side.value, at.run_id == run_id, at.record_key > after)
            .where(at.operation.in_(_WRITES))
            .group_by(at.record_key)
            .order_by(at.record_key)
            .limit(size)
        )
        return self.records(connection, entity, side, run_id, [row[0] for row in connection.execute(query)])

    def records(
        self, connection: Connection, entity: str, side: Side, run_id: str, keys: Sequence[str]
    ) -> list[WrittenRecord]:
        """Those of the records `keys` that the run wrote, in the order of `keys`."""
        scope = {journal.c.entity: entity, journal.c.side: side.value, journal.c.run_id: run_id}
        rows = self._database.bulk.fetch_in(connection, _COLUMNS, journal.c.record_key, keys, where=scope)
        entries: dict[str, list[JournalEntry]] = {}
        for row in sorted((row for row in rows if row[4] in _WRITES), key=lambda row: int(row[-1])):
            entries.setdefault(row[3], []).append(_entry(row))
        return [WrittenRecord(side, key, tuple(entries[key])) for key in keys if key in entries]

    def later(
        self, connection: Connection, entity: str, side: Side, run_id: str, keys: Collection[str]
    ) -> dict[tuple[str, str], str]:
        """The last run that wrote a field of one of these records after `run_id` had written the record.

        A write whose answer was missing is entered when it is known, after what other runs wrote elsewhere meanwhile.
        """
        at = journal.c
        first = select(func.min(at.entry_id)).where(at.run_id == run_id, at.entity == entity).scalar_subquery()
        found: dict[str, dict[str, str]] = {}
        for chunk in chunks(dict.fromkeys(keys), _CHUNK):
            query = select(at.record_key, at.field, at.run_id).where(
                at.entity == entity, at.side == side.value, at.record_key.in_(chunk), at.entry_id >= first
            )
            for row in connection.execute(query.where(at.operation.in_(_WRITES)).order_by(at.entry_id)):
                if row.run_id == run_id:
                    found.pop(row.record_key, None)
                else:
                    found.setdefault(row.record_key, {})[row.field] = row.run_id
        return {(key, field): by for key, fields in found.items() for field, by in fields.items()}


def written_records(
    database: Database, entity: str, run_id: str, keys: Mapping[Side, str | None] | None, size: int
) -> Iterator[list[WrittenRecord]]:
    """The records a run wrote, streamed by side and key; each list is read in a transaction of its own."""
    rows = JournalRows(database)
    for side in SIDES:
        if keys is not None:
            key = keys.get(side)
            with database.read() as connection:
                found = rows.records(connection, entity, side, run_id, [key]) if key else []
            if found:
                yield found
            continue
        after = ""
        while True:
            with database.read() as connection:
                found = rows.page(connection, entity, side, run_id, after, size)
            if not found:
                break
            yield found
            after = found[-1].key


def _entry(row: Row) -> JournalEntry:
    def value(kind: Any, text: Any) -> Any:
        return decode_scalar(kind or "", text)

    return JournalEntry(
        run_id=row[0],
        entity=row[1],
        side=Side(row[2]),
        record_key=row[3],
        operation=Operation(row[4]),
        field=row[5],
        before=value(row[6], row[7]),
        after=value(row[8], row[9]),
        rule=row[10] or "",
        reason=row[11] or "",
        at=row[12],
    )
