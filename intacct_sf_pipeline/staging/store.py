"""The staging store: the engine's port onto the database. Each method that changes something is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Baseline, Hold, JournalEntry, LineStatus, PlanLine, Settlement
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Link, Side, SourceRow
from intacct_sf_pipeline.model.results import Batch, Case, MatchGroup, RawRecord, StepReport
from intacct_sf_pipeline.staging.guard_rows import GuardParts
from intacct_sf_pipeline.staging.job_parts import JobParts
from intacct_sf_pipeline.staging.landing_parts import LandingParts
from intacct_sf_pipeline.staging.outbox import records_of_line
from intacct_sf_pipeline.staging.outcomes import Written
from intacct_sf_pipeline.staging.past import PastParts
from intacct_sf_pipeline.staging.people import PeopleParts
from intacct_sf_pipeline.staging.spend import SpendParts

_GIVEN_UP_AT_ONCE = 2000
"""Lines of a dead run that one transaction gives up: it may have left as many as there are records."""


class SqlStagingStore(LandingParts, JobParts, GuardParts, PeopleParts, PastParts, SpendParts):
    """`engine.ports.StagingStore` on SQLAlchemy Core.

    Args:
        engine: from `dialects.create_staging_engine`; the tables exist (`setup.open_staging` sees to that).
        mapping: the mapping whose feeds and entities are kept.
        clock: aware UTC time.
        hold_retry_minutes: when a refused write is tried again, by number of refusals; the last one over and over.
    """

    # --- staging -------------------------------------------------------------------------------------------------
    def stage_batch(self, entity: EntityMapping, side: Side, limit: int) -> Batch[RawRecord]:
        """See `StagingStore.stage_batch`."""
        with self.database.read() as connection:
            if self._stage_queue.is_empty(connection, entity, side):
                return Batch((), ())
        return self._write(entity, lambda connection: self._staging.take(connection, entity, side, limit))

    def commit_stage(
        self,
        entity: EntityMapping,
        side: Side,
        batch: Batch[RawRecord],
        records: Sequence[CanonicalRecord],
        *,
        run_id: str,
    ) -> int:
        """See `StagingStore.commit_stage`."""
        canonical = self._entities[entity.name].canonical[side]
        return self._write(
            entity, lambda connection: self._staging.commit(connection, canonical, batch, records, run_id)
        )

    def restage(self, entity: EntityMapping, side: Side, column: str, values: Collection[str]) -> int:
        """See `StagingStore.restage`."""
        if not values:
            return 0
        return self._fenced(lambda connection: self._stage_queue.add_where(connection, entity, side, column, values))

    # --- links and reconciliation --------------------------------------------------------------------------------
    def links(self, entity: str, side: Side, keys: Collection[str]) -> Mapping[str, Link]:
        """See `StagingStore.links`."""
        with self.database.read() as connection:
            return self._links.by_key(connection, entity, side, keys)

    def reconcile_batch(self, entity: EntityMapping, limit: int) -> Batch[Case]:
        """See `StagingStore.reconcile_batch`."""
        with self.database.read() as connection:
            return self._reconciliation.take(connection, self._entities[entity.name], limit)

    def records(self, entity: EntityMapping, side: Side, keys: Collection[str]) -> Mapping[str, CanonicalRecord]:
        """See `StagingStore.records`."""
        with self.database.read() as connection:
            return self._entities[entity.name].canonical[side].fetch(connection, keys)

    def gone(self, entity: EntityMapping, side: Side, keys: Collection[str]) -> frozenset[str]:
        """See `StagingStore.gone`."""
        with self.database.read() as connection:
            return self._entities[entity.name].canonical[side].gone(connection, keys)

    def match_groups(self, entity: EntityMapping, rule: str, match_keys: Collection[str]) -> Mapping[str, MatchGroup]:
        """See `StagingStore.match_groups`; every asked key is present."""
        with self.database.read() as connection:
            return self._reconciliation.match_groups(connection, self._entities[entity.name], rule, match_keys)

    def similar(
        self, entity: EntityMapping, side: Side, search_keys: Collection[str], *, most: int
    ) -> Mapping[str, tuple[str, ...]]:
        """See `StagingStore.similar`."""
        with self.database.read() as connection:
            return self._entities[entity.name].canonical[side].similar(connection, search_keys, most)

    def commit_reconcile(
        self,
        entity: EntityMapping,
        batch: Batch[Case],
        settlements: Sequence[Settlement],
        *,
        run_id: str,
    ) -> None:
        """See `StagingStore.commit_reconcile`.

        Raises:
            LinkConflictError: a record would get a second partner; nothing was stored.
        """
        tables = self._entities[entity.name]
        self._write(
            entity,
            lambda connection: self._reconciliation.commit(connection, tables, batch, settlements, run_id),
        )

    def baselines(self, entity: EntityMapping, intacct_keys: Collection[str]) -> Mapping[str, Baseline]:
        """See `StagingStore.baselines`."""
        with self.database.read() as connection:
            return self._entities[entity.name].baselines.fetch(connection, intacct_keys)

    def requeue(self, entity: EntityMapping, side: Side, keys: Collection[str]) -> None:
        """See `StagingStore.requeue`."""
        if keys:
            self._fenced(lambda connection: self._queue.add(connection, entity.name, side, keys))

    # --- applying ------------------------------------------------------------------------------------------------
    def planned(self, entity: EntityMapping, side: Side, *, run_id: str, limit: int) -> list[PlanLine]:
        """See `StagingStore.planned`."""
        with self.database.read() as connection:
            return self._outbox.planned(connection, entity.name, side, run_id, limit)

    def mark(self, lines: Sequence[PlanLine], status: LineStatus) -> None:
        """See `StagingStore.mark`."""
        statuses = {line.line_id: status for line in lines}

        if lines:
            self._fenced(lambda connection: self._outbox.mark(connection, lines, statuses))

    def keep_back(
        self,
        entity: EntityMapping,
        lines: Sequence[PlanLine],
        status: LineStatus,
        holds: Sequence[Hold],
        *,
        run_id: str,
    ) -> None:
        """See `StagingStore.keep_back`."""

        def work(connection: Connection) -> None:
            self._outbox.mark(connection, lines, {line.line_id: status for line in lines})
            self._holds.keep(connection, entity.name, holds, run_id)
            if status is LineStatus.REFUSED:
                for side, key in {record for line in lines for record in records_of_line(line)}:
                    self._queue.add(connection, entity.name, side, [key])

        if lines or holds:
            self._write(entity, work)

    def restate(self, lines: Sequence[PlanLine]) -> None:
        """See `StagingStore.restate`."""
        if lines:
            self._fenced(lambda connection: self._outbox.restate(connection, lines))

    def unsettled(self, entity: EntityMapping, side: Side, *, run_id: str) -> list[PlanLine]:
        """See `StagingStore.unsettled`."""
        statuses = (LineStatus.SENT, LineStatus.UNKNOWN)
        with self.database.read() as connection:
            return list(self._outbox.of_earlier_runs(connection, entity.name, side, run_id, statuses))

    def supersede(self, entity: EntityMapping, *, run_id: str) -> int:
        """See `StagingStore.supersede`."""

        def work(connection: Connection) -> int:
            records = self._outbox.supersede(connection, entity.name, run_id, _GIVEN_UP_AT_ONCE)
            for side in SIDES:
                self._queue.add(connection, entity.name, side, [key for s, key in records if s is side])
            return len(records)

        given_up = 0
        while self._has_stale(entity, run_id):
            given_up += self._write(entity, work)
        return given_up

    def _has_stale(self, entity: EntityMapping, run_id: str) -> bool:
        with self.database.read() as connection:
            return self._outbox.has_stale(connection, entity.name, run_id)

    def commit_outcomes(
        self,
        entity: EntityMapping,
        lines: Sequence[PlanLine],
        statuses: Mapping[str, LineStatus],
        *,
        settlements: Sequence[Settlement],
        journal: Sequence[JournalEntry],
        predicted: Sequence[SourceRow],
        records: Sequence[CanonicalRecord],
        again: Sequence[str] = (),
        side: Side,
        run_id: str,
    ) -> None:
        """See `StagingStore.commit_outcomes`.

        Raises:
            LinkConflictError: a record would get a second partner; nothing was stored.
        """
        written = Written(lines, statuses, settlements, journal, predicted, records, side, run_id, again)
        tables = self._entities[entity.name]
        self._write(entity, lambda connection: self._outcomes.commit(connection, tables, written))

    # --- bookkeeping ---------------------------------------------------------------------------------------------
    def start_run(self, run_id: str, *, kind: str, entities: Sequence[str], at: datetime, shared: bool = False) -> None:
        """See `StagingStore.start_run`; `shared`: the work of several processes (`crew.py`)."""
        self.database.write(
            lambda connection: self._ledger.start(connection, run_id, kind, entities, at, shared=shared)
        )

    def close_dead_runs(self) -> list[str]:
        """Close the ledger entries of runs whose process has died, as `crashed`; their ids."""
        with self.database.read() as connection:
            dead = self._ledger.dead(connection)
        if dead:
            self.database.write(lambda connection: self._ledger.crash(connection, dead))
        return dead

    def crashed(self, run_ids: Collection[str]) -> frozenset[str]:
        """Those of `run_ids` whose ledger entry says that they crashed."""
        with self.database.read() as connection:
            return self._ledger.crashed(connection, run_ids)

    def record_step(self, run_id: str, entity: str, report: StepReport) -> None:
        """See `StagingStore.record_step`."""
        self.database.write(lambda connection: self._ledger.step(connection, run_id, entity, report))

    def finish_run(self, run_id: str, *, status: str, at: datetime) -> None:
        """See `StagingStore.finish_run`."""
        self.database.write(lambda connection: self._ledger.finish(connection, run_id, status, at))

    def pairs(self, entity: EntityMapping, *, size: int) -> Iterator[list[Case]]:
        """See `StagingStore.pairs`; each list is read in a transaction of its own."""
        tables, after = self._entities[entity.name], ""
        while True:
            with self.database.read() as connection:
                page = self._links.page(connection, entity.link_entity, after, size)
                cases = self._reconciliation.pairs(connection, tables, page)
            if not page:
                return
            yield cases
            after = page[-1].intacct_key
