"""The part of the staging store that concerns people: holds to be looked at again, decisions about them, and what
Salesforce records are told of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.notices import Notice
from intacct_sf_pipeline.model.plans import Decision, HoldReason
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.staging.notices import NoticeBook
from intacct_sf_pipeline.staging.parts import StoreParts
from intacct_sf_pipeline.staging.schema import mapping_state


class PeopleParts(StoreParts):
    """Holds, decisions and notices of a store."""

    # --- holds -----------------------------------------------------------------------------------------------------
    def due_holds(self, entity: EntityMapping, *, now: datetime, everything: bool, rules: str = "") -> int:
        """See `StagingStore.due_holds`.

        Closed are holds that nobody would find again: of records that are staged no more and have no partner, and of
        flows that are switched off.
        """
        with self.database.read() as connection:
            strange = self._holds.of_others(connection, self._entities)
            before = self._rules(connection, entity) if rules else rules
            everything = everything or (before is not None and before != rules)
            records = self._holds.due(connection, entity.name, None if everything else now)
            gone = {side: self._unknown(connection, entity, side, keys) for side, keys in records.items()}

        def work(connection: Connection) -> None:
            self._holds.close(connection, strange)
            for side, keys in records.items():
                self._holds.close_all(connection, entity.name, side, gone[side])
                self._queue.add(connection, entity.name, side, [key for key in keys if key not in gone[side]])

            if before != rules:
                columns = [mapping_state.c.fingerprint, mapping_state.c.updated_at, mapping_state.c.subject]
                self.database.bulk.upsert(connection, columns, [(rules, now, _subject(entity))])

        if records or strange or before != rules:
            self._write(entity, work)
        return sum(len(keys) - len(gone[side]) for side, keys in records.items())

    def open_hold_fields(
        self, entity: str, keys: Iterable[tuple[Side, str]]
    ) -> Mapping[tuple[Side, str], frozenset[str]]:
        """See `StagingStore.open_hold_fields`."""
        with self.database.read() as connection:
            return self._holds.fields(connection, entity, keys)

    def candidates(
        self, entity: EntityMapping, reason: HoldReason, records: Collection[tuple[Side, str]]
    ) -> Mapping[tuple[Side, str], tuple[str, ...]]:
        """See `StagingStore.candidates`."""
        with self.database.read() as connection:
            return self._holds.candidates(connection, entity.name, reason, records)

    def awaiting_write(self, entity: str, keys: Collection[tuple[Side, str]]) -> frozenset[tuple[Side, str]]:
        """See `StagingStore.awaiting_write`."""
        with self.database.read() as connection:
            return self._holds.awaiting_write(connection, entity, keys)

    # --- decisions -------------------------------------------------------------------------------------------------
    def decisions(
        self, entity: EntityMapping, records: Collection[tuple[Side, str]]
    ) -> Mapping[tuple[Side, str], tuple[Decision, ...]]:
        """See `StagingStore.decisions`."""
        with self.database.read() as connection:
            return self._decisions.in_force(connection, entity.name, records)

    def decide(self, decisions: Sequence[Decision]) -> None:
        """Store what people decided, and enqueue the records, so that the next run carries it out."""

        def work(connection: Connection) -> None:
            self._decisions.add(connection, decisions)
            for entity in dict.fromkeys(decision.entity for decision in decisions):
                for side in SIDES:
                    keys = [d.key for d in decisions if d.entity == entity and d.record_side is side]
                    self._watches.wake(connection, entity, side, keys)
                    self._queue.add(connection, entity, side, keys)

        if decisions:
            self.database.write(work)

    def withdraw(self, decision: Decision) -> None:
        """Take a decision back, and enqueue its record, so that the next run asks again."""

        def work(connection: Connection) -> None:
            self._decisions.close(connection, [decision.decision_id or 0], run_id=None)
            self._watches.wake(connection, decision.entity, decision.record_side, [decision.key])
            self._queue.add(connection, decision.entity, decision.record_side, [decision.key])

        self.database.write(work)

    # --- notices ---------------------------------------------------------------------------------------------------
    def notices(self, entity: EntityMapping) -> list[Notice]:
        """See `StagingStore.notices`."""
        with self.database.read() as connection:
            return NoticeBook(self.database, self._links).of(connection, entity)

    def remember_shown(self, entity: EntityMapping, shown: Mapping[int, str | None]) -> None:
        """See `StagingStore.remember_shown`."""
        if shown:
            book = NoticeBook(self.database, self._links)
            self._write(entity, lambda connection: book.remember(connection, shown))

    def _rules(self, connection: Connection, entity: EntityMapping) -> str | None:
        """The digest of the rules by which the entity's records were last decided; None before the first time."""
        query = select(mapping_state.c.fingerprint).where(mapping_state.c.subject == _subject(entity))
        found = connection.execute(query).scalar()
        return None if found is None else str(found)

    def _unknown(
        self, connection: Connection, entity: EntityMapping, side: Side, keys: Sequence[str]
    ) -> frozenset[str]:
        """Those of `keys` that are neither staged nor linked."""
        staged = self._entities[entity.name].canonical[side].state(connection, keys)
        absent = [key for key in keys if key not in staged]
        linked = self._links.by_key(connection, entity.link_entity, side, absent) if absent else {}
        return frozenset(key for key in absent if key not in linked)


def _subject(entity: EntityMapping) -> str:
    return f"{entity.name}, decisions"
