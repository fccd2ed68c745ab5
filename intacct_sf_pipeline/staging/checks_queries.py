"""Read-only questions behind the asset checks: promises that the data itself can show, asked of what a run touched
and nothing else.

Every question is answered by index look-ups over the run's queue entries or plan lines, so that a run without change
asks for next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, FromClause, RowMapping, Select, and_, case, func, select
from sqlalchemy.sql.elements import ColumnElement

from intacct_sf_pipeline.model.fields import Direction, FieldSpec, FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import LineStatus, Operation
from intacct_sf_pipeline.model.records import SIDES, Scalar, Side
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.dialects import begins_with
from intacct_sf_pipeline.staging.guard_queries import GuardQueries
from intacct_sf_pipeline.staging.schema import holds, links, plan_lines, reconcile_queue, run_steps
from intacct_sf_pipeline.staging.tables import MappingTables
from intacct_sf_pipeline.staging.types import KEY_LENGTH

EXTERNAL_ID_RULE = "external-id"
_NONE = Operation.NONE.value
_OPERATIONS = (Operation.CREATE, Operation.UPDATE, Operation.LINK, Operation.DEACTIVATE)
_UNSETTLED = (LineStatus.PLANNED, LineStatus.SENT, LineStatus.UNKNOWN)
_TO_BE_WRITTEN = (
    plan_lines.c.operation != _NONE,
    plan_lines.c.status.not_in([LineStatus.HELD.value, LineStatus.REFUSED.value]),
)
_SHOWN = 1000
_PREVIEW = 20


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Records of one side that share an external id with a record waiting for a decision; `linked`: more than one of
    them has a partner.
    """

    shared: int = 0
    linked: int = 0


class CheckQueries(GuardQueries):
    """The questions, asked of one staging database."""

    def __init__(self, database: Database, tables: MappingTables) -> None:
        super().__init__(database)
        self._tables = tables

    def last_run(self, entity: EntityMapping, step: str = "reconcile") -> str | None:
        """The latest run that did `step` for `entity`."""
        query = (
            select(run_steps.c.run_id)
            .where(run_steps.c.entity == entity.name, run_steps.c.step == step)
            .order_by(run_steps.c.step_id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def waiting(self, entity: EntityMapping) -> int:
        """Records of `entity` that wait for a decision."""
        query = select(func.count()).select_from(reconcile_queue).where(reconcile_queue.c.entity == entity.name)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def waiting_keys(self, entity: EntityMapping) -> list[dict[str, Scalar]]:
        """The first of them: side and key."""
        query = (
            select(reconcile_queue.c.side, reconcile_queue.c.record_key)
            .where(reconcile_queue.c.entity == entity.name)
            .order_by(reconcile_queue.c.token)
            .limit(_PREVIEW)
        )
        with self._database.read() as connection:
            return [{"side": side, "key": key} for side, key in connection.execute(query)]

    def has_written(self, entity: EntityMapping, run_id: str) -> bool:
        """Whether `run_id` planned anything for `entity` that had to be written."""
        query = select(plan_lines.c.seq).where(*_lines_of(entity, run_id), plan_lines.c.operation != _NONE).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def shared_external_ids(self, entity: EntityMapping) -> Mapping[Side, Duplicates]:
        """External ids that more than one record of a side carries, among the records that wait for a decision."""
        with self._database.read() as connection:
            return {side: self._shared(connection, entity, side) for side in SIDES}

    def double_links(self, entity: EntityMapping) -> int:
        """Records waiting for a decision that have more than one partner."""
        with self._database.read() as connection:
            return sum(self._double(connection, entity, side) for side in SIDES)

    def dangling_references(self, entity: EntityMapping) -> int:
        """Records waiting for a decision that belong to a record which is not staged on their side."""
        with self._database.read() as connection:
            return sum(
                self._dangling(connection, entity, field, side)
                for field in entity.fields
                if field.to is not None and (field.to, Side.INTACCT) in self._tables.canonical
                for side in SIDES
            )

    def planned(self, entity: EntityMapping, run_id: str) -> Mapping[Side, Mapping[str, int]]:
        """Lines that `run_id` planned for `entity`, by side and operation; those the guard kept back left out."""
        query = (
            select(plan_lines.c.side, plan_lines.c.operation, func.count())
            .where(*_lines_of(entity, run_id), *_TO_BE_WRITTEN)
            .group_by(plan_lines.c.side, plan_lines.c.operation)
        )
        counts = {side: dict.fromkeys((operation.value for operation in _OPERATIONS), 0) for side in SIDES}
        with self._database.read() as connection:
            for side, operation, count in connection.execute(query):
                counts[Side(side)][operation] = int(count)
        return counts

    def touched_twice(self, entity: EntityMapping, run_id: str) -> int:
        """Target records (for creations: source records) that more than one line of `run_id` writes."""
        at = plan_lines.c
        source = case((at.target_key.is_(None), at.source_key))  # of creations only
        # Not grouped by the plain column: SQLite would go through all lines by the index on it, to spare a sort.
        repeated = (
            select(at.side)
            .where(*_lines_of(entity, run_id), *_TO_BE_WRITTEN)
            .group_by(at.side, func.coalesce(at.target_key, at.source_key), source)
            .having(func.count() > 1)
            .subquery()
        )
        with self._database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(repeated)).scalar_one())

    def unsettled(self, entity: EntityMapping, side: Side, run_id: str) -> Mapping[str, int]:
        """Lines of `run_id` for `side` that are not settled, by status: planned (a limit), sent or unknown (looked up
        by the next run).
        """
        query = (
            select(plan_lines.c.status, func.count())
            .where(*_lines_of(entity, run_id), plan_lines.c.side == side.value)
            .where(plan_lines.c.status.in_([status.value for status in _UNSETTLED]))
            .group_by(plan_lines.c.status)
        )
        with self._database.read() as connection:
            return {status: int(count) for status, count in connection.execute(query)}

    def open_holds(self, entity: EntityMapping) -> Mapping[str, int]:
        """Open holds of `entity` by reason."""
        query = (
            select(holds.c.reason, func.count())
            .where(holds.c.closed_at.is_(None), holds.c.entity == entity.name)
            .group_by(holds.c.reason)
            .order_by(holds.c.reason)
        )
        with self._database.read() as connection:
            return {reason: int(count) for reason, count in connection.execute(query)}

    def disagreeing(self, entity: EntityMapping, run_id: str) -> Mapping[str, int]:
        """Fields on which the two sides differ, with the records concerned, among those that `run_id` wrote (at most
        1,000 are looked at).

        Differences that were accepted by decision, are on hold, or stay because an empty source keeps the target's
        value, do not count.
        """
        fields = [field for field in entity.fields if _comparable(field)]
        found: dict[str, int] = {}
        with self._database.read() as connection:
            for row in self._written_pairs(connection, entity, run_id, fields):
                accepted = orjson.loads(row["accepted"] or b"{}")
                for field in fields:
                    values = {Side.INTACCT: row[f"i_{field.name}"], Side.SALESFORCE: row[f"s_{field.name}"]}
                    if _differ(field, values) and field.name not in accepted:
                        found[field.name] = found.get(field.name, 0) + 1
        return found

    def _written_pairs(
        self, connection: Connection, entity: EntityMapping, run_id: str, fields: list[FieldSpec]
    ) -> Iterator[RowMapping]:
        """Values of both sides of the pairs that `run_id` wrote, those with an open hold left out.

        Keys first, then rows by key: in one statement, planners were seen to join all links with all records.
        """
        pairs = self._links_written(connection, entity, run_id)
        if not pairs:
            return
        here, there = (self._tables.canonical[entity.name, side] for side in SIDES)
        baseline = self._tables.baseline[entity.name].table
        left, right = here.table, there.table
        keys = {Side.INTACCT: [pair[0] for pair in pairs], Side.SALESFORCE: [pair[1] for pair in pairs]}
        held = {
            (side, row[0])
            for side in SIDES
            for row in connection.execute(
                select(holds.c.record_key).where(
                    holds.c.entity == entity.name, holds.c.record_side == side.value,
                    holds.c.record_key.in_(keys[side]), holds.c.closed_at.is_(None),
                )
            )
        }  # fmt: skip
        partner = and_(links.c.entity == entity.link_entity, links.c.salesforce_id == right.c.record_key)
        query = (
            select(
                links.c.intacct_key,
                links.c.salesforce_id,
                baseline.c.accepted,
                *(left.c[here.names[field.name]].label(f"i_{field.name}") for field in fields),
                *(right.c[there.names[field.name]].label(f"s_{field.name}") for field in fields),
            )
            .select_from(right)
            .join(links, partner)
            .join(left, left.c.record_key == links.c.intacct_key)
            .outerjoin(baseline, baseline.c.intacct_key == links.c.intacct_key)
            .where(right.c.record_key.in_(keys[Side.SALESFORCE]))
            .where(~left.c.is_deleted, ~right.c.is_deleted)
        )
        for row in connection.execute(query).mappings():
            pair = {(Side.INTACCT, row["intacct_key"]), (Side.SALESFORCE, row["salesforce_id"])}
            if held.isdisjoint(pair):
                yield row

    def _links_written(self, connection: Connection, entity: EntityMapping, run_id: str) -> list[tuple[str, str]]:
        """Intacct key and Salesforce id of the linked pairs that `run_id` wrote, at most 1,000."""
        pairs: dict[str, str] = {}
        for side, key in ((Side.INTACCT, links.c.intacct_key), (Side.SALESFORCE, links.c.salesforce_id)):
            written = (
                select(plan_lines.c.target_key)
                .where(*_lines_of(entity, run_id), plan_lines.c.side == side.value)
                .where(plan_lines.c.status == LineStatus.WRITTEN.value, plan_lines.c.target_key.is_not(None))
                .limit(_SHOWN)
            )
            if targets := list(connection.execute(written).scalars()):
                partners = select(links.c.intacct_key, links.c.salesforce_id).where(
                    links.c.entity == entity.link_entity, key.in_(targets)
                )
                pairs.update((row[0], row[1]) for row in connection.execute(partners))
        return list(pairs.items())[:_SHOWN]

    def _shared(self, connection: Connection, entity: EntityMapping, side: Side) -> Duplicates:
        canonical = self._tables.canonical[entity.name, side]
        column = canonical.match_names.get(EXTERNAL_ID_RULE)
        if column is None:
            return Duplicates()
        mine, others = canonical.table.alias(), canonical.table.alias()
        own_key = links.c.intacct_key if side is Side.INTACCT else links.c.salesforce_id
        shared = (
            select(others.c[column], func.count(), func.count(links.c.intacct_key))
            .join(links, and_(links.c.entity == entity.link_entity, own_key == others.c.record_key), isouter=True)
            .where(~others.c.is_deleted)
            .where(others.c[column].in_(_waiting(entity, side, mine, mine.c[column])))
            .group_by(others.c[column])
            .having(func.count() > 1)
        )
        rows = connection.execute(shared).all()
        return Duplicates(sum(int(row[1]) for row in rows), sum(1 for row in rows if int(row[2]) > 1))

    def _double(self, connection: Connection, entity: EntityMapping, side: Side) -> int:
        key = links.c.intacct_key if side is Side.INTACCT else links.c.salesforce_id
        repeated = (
            select(key)
            .where(links.c.entity == entity.link_entity, key.in_(_waiting_keys(entity, side)))
            .group_by(key)
            .having(func.count() > 1)
            .subquery()
        )
        return int(connection.execute(select(func.count()).select_from(repeated)).scalar_one())

    def _dangling(self, connection: Connection, entity: EntityMapping, field: FieldSpec, side: Side) -> int:
        canonical = self._tables.canonical[entity.name, side]
        parent = self._tables.canonical[str(field.to), side].table
        mine = canonical.table
        value = mine.c[canonical.names[field.name]]
        prefix = f"{side.value}:"  # how a reference to a record without a partner is written, see engine/references
        own_key = func.substring(value, len(prefix) + 1, KEY_LENGTH)
        query = (
            select(func.count())
            .select_from(mine)
            .join(parent, parent.c.record_key == own_key, isouter=True)
            .where(mine.c.record_key.in_(_waiting_keys(entity, side)), ~mine.c.is_deleted)
            .where(begins_with(value, prefix), parent.c.record_key.is_(None))
        )
        return int(connection.execute(query).scalar_one())


def _lines_of(entity: EntityMapping, run_id: str) -> tuple[ColumnElement[bool], ...]:
    return plan_lines.c.run_id == run_id, plan_lines.c.entity == entity.name


def _waiting_keys(entity: EntityMapping, side: Side) -> Select[tuple[str]]:
    return select(reconcile_queue.c.record_key).where(
        reconcile_queue.c.entity == entity.name, reconcile_queue.c.side == side.value
    )


def _waiting(entity: EntityMapping, side: Side, table: FromClause, column: ColumnElement[Any]) -> Select[Any]:
    return select(column).where(
        table.c.record_key.in_(_waiting_keys(entity, side)), ~table.c.is_deleted, column.is_not(None)
    )


def _comparable(field: FieldSpec) -> bool:
    """Fields whose canonical values are the same on both sides once they agree; unlinked references hold own keys."""
    return field.direction is not Direction.MATCH and field.type is not FieldType.REFERENCE and not field.stamp


def _differ(field: FieldSpec, values: Mapping[Side, Any]) -> bool:
    target = next((side for side in SIDES if field.direction.writes(side)), None)
    if field.when_empty == "keep" and field.direction is not Direction.BOTH and target is not None:
        return values[target.other] is not None and values[target.other] != values[target]
    return bool(values[Side.INTACCT] != values[Side.SALESFORCE])
