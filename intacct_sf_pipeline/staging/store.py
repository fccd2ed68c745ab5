"""The staging store: the engine's port onto the database. Each method that changes something is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec
from intacct_sf_pipeline.model.plans import Baseline, Decision, Hold, JournalEntry, LineStatus, PlanLine, Settlement
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Link, Side, SourceRow
from intacct_sf_pipeline.model.results import Batch, Case, LandCounts, MatchGroup, RawRecord, StepReport
from intacct_sf_pipeline.model.windows import Watermark
from intacct_sf_pipeline.staging.landing import load_watermark, save_watermark
from intacct_sf_pipeline.staging.outbox import records_of_line
from intacct_sf_pipeline.staging.outcomes import Written
from intacct_sf_pipeline.staging.parts import StoreParts

_PAGE = 2000


class SqlStagingStore(StoreParts):
    """`engine.ports.StagingStore` on SQLAlchemy Core.

    Args:
        engine: from `dialects.create_staging_engine`; the tables exist (`setup.open_staging` sees to that).
        mapping: the mapping whose feeds and entities are kept.
        clock: aware UTC time.
        hold_retry_minutes: when a refused write is tried again, by number of refusals; the last one over and over.
    """

    # --- landing -------------------------------------------------------------------------------------------------
    def watermark(self, feed: FeedSpec) -> Watermark | None:
        """See `StagingStore.watermark`."""
        with self.database.read() as connection:
            return load_watermark(connection, feed)

    def land(
        self, feed: FeedSpec, rows: Sequence[SourceRow], *, run_id: str, watermark: Watermark | None = None
    ) -> LandCounts:
        """See `StagingStore.land`."""

        def work(connection: Connection) -> LandCounts:
            counts = self._landing.land(connection, feed, rows, run_id)
            if watermark is not None:
                save_watermark(connection, self.database, feed, watermark)
            return counts

        return LandCounts() if not rows and watermark is None else self.database.write(work)

    def sweep(self, feed: FeedSpec, seen: Collection[str], *, run_id: str) -> int:
        """See `StagingStore.sweep`."""
        return self.database.write(lambda connection: self._landing.sweep(connection, feed, seen, run_id))

    def sweep_among(
        self, feed: FeedSpec, column: str, values: Collection[str], seen: Collection[str], *, run_id: str
    ) -> int:
        """See `StagingStore.sweep_among`."""
        return self.database.write(
            lambda connection: self._landing.sweep_among(connection, feed, column, values, seen, run_id)
        )

    def landed(self, feed: FeedSpec) -> int:
        """See `StagingStore.landed`."""
        with self.database.read() as connection:
            return self._landing.count(connection, feed)

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
        return self.database.write(
            lambda connection: self._stage_queue.add_where(connection, entity, side, column, values)
        )

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

    def match_groups(self, entity: EntityMapping, rule: str, match_keys: Collection[str]) -> Mapping[str, MatchGroup]:
        """See `StagingStore.match_groups`; every asked key is present."""
        with self.database.read() as connection:
            return self._reconciliation.match_groups(connection, self._entities[entity.name], rule, match_keys)

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
            self.database.write(lambda connection: self._queue.add(connection, entity.name, side, keys))

    def due_holds(self, entity: EntityMapping, *, now: datetime, everything: bool) -> int:
        """See `StagingStore.due_holds`."""
        with self.database.read() as connection:
            records = self._holds.due(connection, entity.name, None if everything else now)
        for side, keys in records.items():
            self.requeue(entity, side, keys)
        return sum(len(keys) for keys in records.values())

    # --- applying ------------------------------------------------------------------------------------------------
    def planned(self, entity: EntityMapping, side: Side, *, run_id: str, limit: int) -> list[PlanLine]:
        """See `StagingStore.planned`."""
        with self.database.read() as connection:
            return self._outbox.planned(connection, entity.name, side, run_id, limit)

    def mark(self, lines: Sequence[PlanLine], status: LineStatus) -> None:
        """See `StagingStore.mark`."""
        statuses = {line.line_id: status for line in lines}

        def work(connection: Connection) -> None:
            for entity in dict.fromkeys(line.entity for line in lines):
                self._fence(connection, entity)
            self._outbox.mark(connection, lines, statuses)

        if lines:
            self.database.write(work)

    def planned_lines(self, entity: EntityMapping, *, run_id: str) -> Iterator[list[PlanLine]]:
        """See `StagingStore.planned_lines`; each list is read in a transaction of its own."""
        after = 0
        while True:
            with self.database.read() as connection:
                found = self._outbox.page(connection, entity.name, run_id, after, _PAGE)
            if not found:
                return
            yield [line for _, line in found]
            after = found[-1][0]

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

    def unsettled(self, entity: EntityMapping, side: Side, *, run_id: str) -> list[PlanLine]:
        """See `StagingStore.unsettled`."""
        statuses = (LineStatus.SENT, LineStatus.UNKNOWN)
        with self.database.read() as connection:
            return list(self._outbox.of_earlier_runs(connection, entity.name, side, run_id, statuses))

    def supersede(self, entity: EntityMapping, *, run_id: str) -> int:
        """See `StagingStore.supersede`."""

        def work(connection: Connection) -> int:
            records = self._outbox.supersede(connection, entity.name, run_id)
            for side in SIDES:
                self._queue.add(connection, entity.name, side, [key for s, key in records if s is side])
            return len(records)

        with self.database.read() as connection:
            if not self._outbox.has_stale(connection, entity.name, run_id):
                return 0
        return self._write(entity, work)

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
        side: Side,
        run_id: str,
    ) -> None:
        """See `StagingStore.commit_outcomes`.

        Raises:
            LinkConflictError: a record would get a second partner; nothing was stored.
        """
        written = Written(lines, statuses, settlements, journal, predicted, records, side, run_id)
        tables = self._entities[entity.name]
        self._write(entity, lambda connection: self._outcomes.commit(connection, tables, written))

    # --- people ----------------------------------------------------------------------------------------------------
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
            for decision in decisions:
                self._queue.add(connection, decision.entity, decision.record_side, [decision.key])

        if decisions:
            self.database.write(work)

    # --- bookkeeping ---------------------------------------------------------------------------------------------
    def start_run(self, run_id: str, *, kind: str, entities: Sequence[str], at: datetime) -> None:
        """See `StagingStore.start_run`."""
        self.database.write(lambda connection: self._ledger.start(connection, run_id, kind, entities, at))

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

    def open_hold_fields(
        self, entity: str, keys: Iterable[tuple[Side, str]]
    ) -> Mapping[tuple[Side, str], frozenset[str]]:
        """See `StagingStore.open_hold_fields`."""
        with self.database.read() as connection:
            return self._holds.fields(connection, entity, keys)
