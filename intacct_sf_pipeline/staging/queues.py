"""The two work queues: landed changes waiting to be staged, staged changes waiting for a decision.

A record waits once, however often it changes. A change that arrives while the record is being worked on gives it a new
token, so that dropping the finished batch (by its tokens) does not drop the newer change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, insert, literal, or_, select
from sqlalchemy.sql.selectable import Select

from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import LineStatus
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.staging.bulk import chunks
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.schema import plan_lines, reconcile_queue, stage_queue
from intacct_sf_pipeline.staging.tables import MappingTables
from intacct_sf_pipeline.staging.types import UtcDateTime

_STAGE = [stage_queue.c[name] for name in ("entity", "side", "alias", "value", "enqueued_at")]
OPEN_WRITES = (LineStatus.SENT.value, LineStatus.UNKNOWN.value)
"""Statuses of writes whose outcome is not known yet."""
_RECONCILE = [reconcile_queue.c[name] for name in ("entity", "side", "record_key", "enqueued_at")]


class StageQueue:
    """Landed changes by entity: keys of its own records (alias empty), or join values of related rows."""

    def __init__(self, database: Database, tables: MappingTables) -> None:
        self._database = database
        self._tables = tables

    def add(self, connection: Connection, entity: str, side: Side, alias: str, values: Iterable[str]) -> None:
        """Enqueue values, giving those that wait already a new token."""
        unique = list(dict.fromkeys(values))
        if not unique:
            return
        scope = {stage_queue.c.entity: entity, stage_queue.c.side: side.value, stage_queue.c.alias: alias}
        self._database.bulk.delete_in(connection, stage_queue.c.value, unique, where=scope)
        now = self._database.clock()
        self._database.bulk.insert(connection, _STAGE, [(entity, side.value, alias, value, now) for value in unique])

    def add_all(self, connection: Connection, entity: EntityMapping, side: Side) -> None:
        """Enqueue every landed record of the entity that does not wait already."""
        landing = self._tables.primary(entity, side).table
        self._insert_missing(connection, entity, side, select(landing.c.record_key).where(~landing.c.is_deleted))

    def add_where(
        self, connection: Connection, entity: EntityMapping, side: Side, column: str, values: Collection[str]
    ) -> int:
        """Enqueue the records whose own column, or `alias.column`, is one of `values`; how many."""
        count = 0
        for chunk in chunks(dict.fromkeys(values), 500):
            keys = self._keys_where(entity, side, column, chunk)
            at_record = and_(
                stage_queue.c.entity == entity.name, stage_queue.c.side == side.value, stage_queue.c.alias == "",
                stage_queue.c.value.in_(keys),
            )  # fmt: skip
            connection.execute(delete(stage_queue).where(at_record))
            count += self._insert_missing(connection, entity, side, keys)
        return count

    def take(self, connection: Connection, entity: EntityMapping, side: Side, limit: int) -> list[tuple[int, str]]:
        """Token and key of the next records; related changes on the way are turned into the records they touch."""
        while rows := self._next(connection, entity, side, limit):
            related: dict[str, list[str]] = {}
            for _, alias, value in rows:
                if alias:
                    related.setdefault(alias, []).append(value)
            for alias, values in related.items():
                self._expand(connection, entity, side, alias, values)
            self.drop(connection, [token for token, alias, _ in rows if alias])
            if own := [(token, value) for token, alias, value in rows if not alias]:
                return own
        return []

    def drop(self, connection: Connection, tokens: Collection[int]) -> None:
        """Remove finished work."""
        self._database.bulk.delete_in(connection, stage_queue.c.token, tokens)

    def is_empty(self, connection: Connection, entity: EntityMapping, side: Side) -> bool:
        """Whether nothing waits."""
        return not self._next(connection, entity, side, 1)

    def _next(
        self, connection: Connection, entity: EntityMapping, side: Side, limit: int
    ) -> Sequence[tuple[int, str, str]]:
        queue = stage_queue.c
        waiting = select(queue.token, queue.alias, queue.value).where(
            queue.entity == entity.name, queue.side == side.value
        )
        return [(row[0], row[1], row[2]) for row in connection.execute(waiting.order_by(queue.token).limit(limit))]

    def _expand(self, connection: Connection, entity: EntityMapping, side: Side, alias: str, values: list[str]) -> None:
        spec = next((related for related in entity.side(side).related if related.alias == alias), None)
        if spec is None:
            return  # an alias of an earlier mapping
        landing = self._tables.primary(entity, side)
        for chunk in chunks(values):
            touched = landing.column(spec.local).in_(chunk) & ~landing.table.c.is_deleted
            self._insert_missing(connection, entity, side, select(landing.table.c.record_key).where(touched))

    def _keys_where(self, entity: EntityMapping, side: Side, column: str, values: list[str]) -> Select[tuple[str]]:
        primary = self._tables.primary(entity, side)
        alias, _, rest = column.partition(".")
        spec = next((related for related in entity.side(side).related if related.alias == alias), None)
        if spec is None:
            return select(primary.table.c.record_key).where(primary.column(column).in_(values))
        related = self._tables.feed(side, spec.feed)
        joined = select(related.column(spec.foreign)).where(related.column(rest).in_(values))
        return select(primary.table.c.record_key).where(primary.column(spec.local).in_(joined))

    def _insert_missing(
        self, connection: Connection, entity: EntityMapping, side: Side, keys: Select[tuple[str]]
    ) -> int:
        found = keys.subquery()
        waits = exists().where(
            stage_queue.c.entity == entity.name, stage_queue.c.side == side.value, stage_queue.c.alias == "",
            stage_queue.c.value == found.c.record_key,
        )  # fmt: skip
        now = literal(self._database.clock(), UtcDateTime())
        rows = select(literal(entity.name), literal(side.value), literal(""), found.c.record_key, now).where(~waits)
        adding = insert(stage_queue).from_select(_STAGE, rows)
        return connection.execute(adding, execution_options={"preserve_rowcount": True}).rowcount


class ReconcileQueue:
    """Records whose staged content changed, by entity."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection: Connection, entity: str, side: Side, keys: Iterable[str]) -> None:
        """Enqueue records, giving those that wait already a new token."""
        unique = list(dict.fromkeys(keys))
        if not unique:
            return
        self.remove(connection, entity, side, unique)
        now = self._database.clock()
        self._database.bulk.insert(connection, _RECONCILE, [(entity, side.value, key, now) for key in unique])

    def remove(self, connection: Connection, entity: str, side: Side, keys: Iterable[str]) -> None:
        """Forget records, whatever their token."""
        scope = {reconcile_queue.c.entity: entity, reconcile_queue.c.side: side.value}
        self._database.bulk.delete_in(connection, reconcile_queue.c.record_key, keys, where=scope)

    def next(self, connection: Connection, entity: str, limit: int) -> list[tuple[int, Side, str]]:
        """Token, side and key of the next records.

        Source and target of a write of which no answer came stay in the queue until it is known what became of it:
        decided now, the same write might be planned once more beside it.
        """
        queue = reconcile_queue.c
        waiting = select(queue.token, queue.side, queue.record_key).where(queue.entity == entity)
        if self._has_open_writes(connection, entity):
            waiting = waiting.where(~_awaits_an_answer(entity))
        return [
            (row[0], Side(row[1]), row[2]) for row in connection.execute(waiting.order_by(queue.token).limit(limit))
        ]

    def tokens(self, connection: Connection, entity: str, side: Side, keys: Iterable[str]) -> dict[str, int]:
        """Tokens of those records that wait, by key."""
        scope = {reconcile_queue.c.entity: entity, reconcile_queue.c.side: side.value}
        columns = [reconcile_queue.c.record_key, reconcile_queue.c.token]
        rows = self._database.bulk.fetch_in(connection, columns, reconcile_queue.c.record_key, keys, where=scope)
        return {row[0]: row[1] for row in rows}

    def drop(self, connection: Connection, tokens: Collection[int]) -> None:
        """Remove finished work."""
        self._database.bulk.delete_in(connection, reconcile_queue.c.token, tokens)

    def _has_open_writes(self, connection: Connection, entity: str) -> bool:
        at = plan_lines.c
        for side in SIDES:  # one by one, as the index has it
            found = select(at.seq).where(at.entity == entity, at.side == side.value, at.status.in_(OPEN_WRITES))
            if connection.execute(found.limit(1)).first() is not None:
                return True
        return False


def _awaits_an_answer(entity: str) -> ColumnElement[bool]:
    """Whether a queued record is source or target of an open write."""
    at, queue = plan_lines.c, reconcile_queue.c
    unanswered = (at.entity == entity, at.status.in_(OPEN_WRITES))
    return or_(
        *(
            and_(
                queue.side == side.value,
                or_(
                    exists().where(*unanswered, at.side == side.value, at.target_key == queue.record_key),
                    exists().where(*unanswered, at.side == side.other.value, at.source_key == queue.record_key),
                ),
            )
            for side in SIDES
        )
    )
