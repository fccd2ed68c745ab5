"""After a call: everything that follows from its outcomes, stored as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from intacct_sf_pipeline.model.plans import HoldReason, JournalEntry, LineStatus, PlanLine, Settlement
from intacct_sf_pipeline.model.records import CanonicalRecord, Side, SourceRow
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.decisions import DecisionBook
from intacct_sf_pipeline.staging.holds import HoldBook, OpenHold
from intacct_sf_pipeline.staging.landing import Landing
from intacct_sf_pipeline.staging.outbox import Outbox, records_of_line
from intacct_sf_pipeline.staging.predictions import Predictions
from intacct_sf_pipeline.staging.reconcile import EntityTables, Reconciliation
from intacct_sf_pipeline.staging.tables import MappingTables


@dataclass(frozen=True, slots=True)
class Written:
    """What a call came to; see `StagingStore.commit_outcomes` for the parts."""

    lines: Sequence[PlanLine]
    statuses: Mapping[str, LineStatus]
    settlements: Sequence[Settlement]
    journal: Sequence[JournalEntry]
    predicted: Sequence[SourceRow]
    records: Sequence[CanonicalRecord]
    side: Side
    run_id: str
    again: Sequence[str] = ()


class Outcomes:
    """Works inside the caller's transaction."""

    def __init__(
        self,
        database: Database,
        tables: MappingTables,
        landing: Landing,
        reconciliation: Reconciliation,
        holds: HoldBook,
        decisions: DecisionBook,
        outbox: Outbox,
    ) -> None:
        self._landing = landing
        self._predictions = Predictions(database, tables, landing)
        self._reconciliation = reconciliation
        self._holds = holds
        self._decisions = decisions
        self._outbox = outbox

    def commit(self, connection: Connection, tables: EntityTables, written: Written) -> None:
        """Store statuses, links, baselines, holds, journal and what the target now holds.

        Holds of refused writes to the side are closed when they were not found again; holds decided by reconciliation
        stay as they are.

        Raises:
            LinkConflictError: a record would get a second partner.
        """
        entity, side = tables.entity, written.side
        known = {line.line_id for line in written.lines}
        keys = _keys_by_partner(written.settlements, side)
        self._outbox.mark(connection, [_with_target(line, keys) for line in written.lines], written.statuses)
        further = [line for settlement in written.settlements for line in settlement.lines if line.line_id not in known]
        self._outbox.add(connection, further)
        self._reconciliation.settle(connection, tables, written.settlements, written.run_id)

        def may_close(hold: OpenHold) -> bool:
            return hold.awaits_write and hold.target == side.value

        self._holds.settle(
            connection, entity.name, written.settlements, written.run_id, refused=True, may_close=may_close
        )
        self._close_approvals(connection, entity.name, written)
        self._outbox.journal(connection, written.journal)
        self._predictions.merge_rows(connection, entity, side, written.predicted, written.run_id)
        self._predictions.merge_records(connection, tables.canonical[side], written.records, written.run_id)
        self._landing.stage_again(connection, entity, side, written.again)

    def _close_approvals(self, connection: Connection, entity: str, written: Written) -> None:
        """An approval that let a line pass a limit is used up when the line is written."""
        records = {
            record
            for line in written.lines
            if written.statuses.get(line.line_id) is LineStatus.WRITTEN
            for record in records_of_line(line)
        }
        taken = self._decisions.in_force(connection, entity, records)
        used = [d.decision_id for found in taken.values() for d in found if d.reason is HoldReason.LIMIT]
        self._decisions.close(connection, [number for number in used if number is not None], run_id=written.run_id)


def _keys_by_partner(settlements: Sequence[Settlement], side: Side) -> dict[str, str | None]:
    """Keys on `side` by the keys on the other side; of settlements about one record the first counts."""
    found: dict[str, str | None] = {}
    for settlement in settlements:
        keys = {Side.INTACCT: settlement.intacct_key, Side.SALESFORCE: settlement.salesforce_id}
        if settlement.link is not None:
            keys = {one: settlement.link.key(one) for one in Side}
        partner = keys[side.other]
        if partner is not None:
            found.setdefault(partner, keys[side])
    return found


def _with_target(line: PlanLine, keys: Mapping[str, str | None]) -> PlanLine:
    """A creation's line with the key of what was created."""
    if line.target_key is not None or line.source_key is None or line.source_key not in keys:
        return line
    return replace(line, target_key=keys[line.source_key])
