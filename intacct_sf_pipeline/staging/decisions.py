"""Decisions of people about holds: taken by the command line or the Launchpad, read by the reconciliation, closed when
they are carried out or overtaken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, Select, select

from intacct_sf_pipeline.model.plans import Decision, HoldReason, Verdict
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.staging.bulk import Row
from intacct_sf_pipeline.staging.codec import dumps, loads
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.schema import decisions

_NAMES = (
    "entity", "record_side", "record_key", "reason", "fields", "verdict", "partner_key", "state", "decided_by",
    "note", "decided_at",
)  # fmt: skip
_NEW = [decisions.c[name] for name in _NAMES]
_COLUMNS = [*_NEW, decisions.c.decision_id, decisions.c.closed_at]


class DecisionBook:
    """Reads and writes decisions; works inside the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection: Connection, taken: Sequence[Decision]) -> None:
        """Store decisions; an earlier one in force about the same hold is closed by the new one."""
        for entity in dict.fromkeys(decision.entity for decision in taken):
            mine = [decision for decision in taken if decision.entity == entity]
            known = self.in_force(connection, entity, {(d.record_side, d.key) for d in mine})
            same = {_answered(decision) for decision in mine}
            replaced = [d for found in known.values() for d in found if _answered(d) in same]
            self.close(connection, [d.decision_id for d in replaced if d.decision_id is not None], run_id=None)
        self._database.bulk.insert(connection, _NEW, [_row(decision) for decision in taken])

    def in_force(
        self, connection: Connection, entity: str, records: Collection[tuple[Side, str]]
    ) -> dict[tuple[Side, str], tuple[Decision, ...]]:
        """Decisions in force about these records, in the order they were taken."""
        if not records or connection.execute(_any_in_force(entity)).first() is None:
            return {}
        found: dict[tuple[Side, str], list[Decision]] = {}
        for side in SIDES:
            keys = sorted(key for record_side, key in records if record_side is side)
            scope = {decisions.c.entity: entity, decisions.c.record_side: side.value}
            rows = self._database.bulk.fetch_in(connection, _COLUMNS, decisions.c.record_key, keys, where=scope)
            for decision in sorted(
                (_decision(row) for row in rows if row[-1] is None), key=lambda d: d.decision_id or 0
            ):
                found.setdefault((side, decision.key), []).append(decision)
        return {record: tuple(taken) for record, taken in found.items()}

    def close(self, connection: Connection, decision_ids: Iterable[int], *, run_id: str | None) -> None:
        """Close decisions: carried out, withdrawn or overtaken."""
        now = self._database.clock()
        columns = [decisions.c.closed_at, decisions.c.run_id, decisions.c.decision_id]
        rows = [(now, run_id, decision_id) for decision_id in sorted(set(decision_ids))]
        self._database.bulk.update(connection, columns, rows)


def _any_in_force(entity: str) -> Select[tuple[int]]:
    return select(decisions.c.decision_id).where(decisions.c.closed_at.is_(None), decisions.c.entity == entity).limit(1)


def _answered(decision: Decision) -> tuple[str, Side, str, HoldReason, tuple[str, ...]]:
    return decision.entity, decision.record_side, decision.key, decision.reason, tuple(sorted(decision.fields))


def _row(decision: Decision) -> Row:
    return (
        decision.entity, decision.record_side.value, decision.key, decision.reason.value,
        dumps(sorted(decision.fields)), decision.verdict.value, decision.partner_key, decision.state or None,
        decision.decided_by or None, decision.note or None, decision.decided_at,
    )  # fmt: skip


def _decision(row: Row) -> Decision:
    return Decision(
        entity=row[0],
        record_side=Side(row[1]),
        key=row[2],
        reason=HoldReason(row[3]),
        verdict=Verdict(row[5]),
        decided_at=row[10],
        fields=tuple(loads(row[4]) or ()),
        partner_key=row[6],
        state=row[7] or "",
        decided_by=row[8] or "",
        note=row[9] or "",
        decision_id=row[11],
    )
