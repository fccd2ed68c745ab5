"""The part of the staging store that looks back: what runs wrote, what waits, and who has no partner."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Exists, exists, func, select

from intacct_sf_pipeline.model.history import WrittenRecord
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import PlanLine
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Side
from intacct_sf_pipeline.staging.codec import loads
from intacct_sf_pipeline.staging.journal_rows import JournalRows, written_records
from intacct_sf_pipeline.staging.parts import StoreParts
from intacct_sf_pipeline.staging.queues import OPEN_WRITES
from intacct_sf_pipeline.staging.schema import links, plan_lines, reconcile_queue, runs


class PastParts(StoreParts):
    """`engine.history.History` on SQLAlchemy Core."""

    def written_by(
        self, entity: EntityMapping, run_id: str, *, keys: Mapping[Side, str | None] | None = None, size: int
    ) -> Iterator[list[WrittenRecord]]:
        """See `History.written_by`."""
        return written_records(self.database, entity.name, run_id, keys, size)

    def written_since(
        self, entity: EntityMapping, side: Side, keys: Collection[str], run_id: str
    ) -> Mapping[tuple[str, str], str]:
        """See `History.written_since`."""
        if not keys:
            return {}
        with self.database.read() as connection:
            return JournalRows(self.database).later(connection, entity.name, side, run_id, keys)

    def plan(self, entity: EntityMapping, lines: Sequence[PlanLine]) -> None:
        """See `History.plan`."""
        if lines:
            self._write(entity, lambda connection: self._outbox.add(connection, lines))

    def detail(self, run_id: str) -> dict[str, Any]:
        """What the ledger entry of a run says besides its counts; empty when it says nothing."""
        query = select(runs.c.detail).where(runs.c.run_id == run_id)
        with self.database.read() as connection:
            return dict(loads(connection.execute(query).scalar()) or {})

    def queue_mark(self, entity: EntityMapping) -> int:
        """See `History.queue_mark`."""
        highest = select(func.max(reconcile_queue.c.token)).where(reconcile_queue.c.entity == entity.name)
        with self.database.read() as connection:
            return int(connection.execute(highest).scalar() or 0)

    def waiting(self, entity: EntityMapping, records: Collection[tuple[Side, str]]) -> Mapping[tuple[Side, str], int]:
        """See `History.waiting`."""
        with self.database.read() as connection:
            return {
                (side, key): token
                for side in SIDES
                for key, token in self._queue.tokens(
                    connection, entity.name, side, [key for each, key in records if each is side]
                ).items()
            }

    def unanswered(self, entity: EntityMapping) -> Collection[tuple[Side, str]]:
        """See `History.unanswered`."""
        at = plan_lines.c
        found: set[tuple[Side, str]] = set()
        with self.database.read() as connection:
            for side in SIDES:
                open_ = select(at.target_key, at.source_key).where(
                    at.entity == entity.name, at.side == side.value, at.status.in_(OPEN_WRITES)
                )
                for target, source in connection.execute(open_):
                    found.update((each, key) for each, key in ((side, target), (side.other, source)) if key)
        return found

    def planned_at(self, lines: Sequence[PlanLine]) -> Mapping[str, datetime]:
        """See `History.planned_at`."""
        columns = [plan_lines.c.line_id, plan_lines.c.created_at]
        with self.database.read() as connection:
            rows = self.database.bulk.fetch_in(connection, columns, columns[0], [line.line_id for line in lines])
        return {row[0]: row[1] for row in rows}

    def appeared(self, entity: EntityMapping, side: Side, since: datetime) -> list[str]:
        """See `History.appeared`."""
        at = self._entities[entity.name].canonical[side].spec.table.c
        stamped = at.modified_at.is_(None) | (at.modified_at >= since)
        query = select(at.record_key).where(~at.is_deleted, stamped, ~_has_partner(entity, side, at))
        with self.database.read() as connection:
            return list(connection.execute(query.order_by(at.record_key)).scalars())

    def alone(self, entity: EntityMapping, side: Side, *, size: int) -> Iterator[list[CanonicalRecord]]:
        """See `History.alone`; each list is read in a transaction of its own."""
        after = ""
        while True:
            with self.database.read() as connection:
                keys = self._keys_alone(connection, entity, side, after, size)
                records = self._entities[entity.name].canonical[side].fetch(connection, keys)
            if not keys:
                return
            yield [records[key] for key in keys]
            after = keys[-1]

    def _keys_alone(
        self, connection: Connection, entity: EntityMapping, side: Side, after: str, size: int
    ) -> list[str]:
        at = self._entities[entity.name].canonical[side].spec.table.c
        alone = ~_has_partner(entity, side, at)
        query = select(at.record_key).where(at.record_key > after, ~at.is_deleted, alone)
        return [row[0] for row in connection.execute(query.order_by(at.record_key).limit(size))]


def _has_partner(entity: EntityMapping, side: Side, at: Any) -> Exists:
    """Whether the record of a canonical table's row has a link."""
    partnered = links.c.intacct_key if side is Side.INTACCT else links.c.salesforce_id
    return exists().where(links.c.entity == entity.link_entity, partnered == at.record_key)
