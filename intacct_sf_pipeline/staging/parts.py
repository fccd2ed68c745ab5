"""The parts a staging store is made of, and the one way it writes: in a transaction fenced by the entity's lease."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine

from intacct_sf_pipeline.engine.ports import Clock
from intacct_sf_pipeline.model.mapping import EntityMapping, SyncMapping
from intacct_sf_pipeline.model.records import SIDES
from intacct_sf_pipeline.staging.canonical import BaselineStore, CanonicalStore
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.decisions import DecisionBook
from intacct_sf_pipeline.staging.holds import HoldBook
from intacct_sf_pipeline.staging.landing import Landing
from intacct_sf_pipeline.staging.leases import Lease, LeaseBook
from intacct_sf_pipeline.staging.ledger import Ledger
from intacct_sf_pipeline.staging.links import LinkBook
from intacct_sf_pipeline.staging.outbox import Outbox
from intacct_sf_pipeline.staging.outcomes import Outcomes
from intacct_sf_pipeline.staging.queues import ReconcileQueue, StageQueue
from intacct_sf_pipeline.staging.reconcile import EntityTables, Reconciliation
from intacct_sf_pipeline.staging.stage import Staging
from intacct_sf_pipeline.staging.tables import MappingTables

T = TypeVar("T")
HOLD_RETRY_MINUTES = (0, 60, 240, 1440)


class StoreParts:
    """Everything behind `SqlStagingStore`, wired together; see there for the arguments."""

    def __init__(
        self,
        engine: Engine,
        mapping: SyncMapping,
        clock: Clock,
        *,
        hold_retry_minutes: Sequence[int] = HOLD_RETRY_MINUTES,
    ) -> None:
        self.mapping = mapping
        self.database = Database(engine, clock)
        self.tables = MappingTables(mapping)
        self.leases = LeaseBook(self.database)
        self._fences: dict[str, Lease] = {}
        self._stage_queue = StageQueue(self.database, self.tables)
        self._queue = ReconcileQueue(self.database)
        self._links = LinkBook(self.database)
        self._holds = HoldBook(self.database, hold_retry_minutes)
        self._decisions = DecisionBook(self.database)
        self._outbox = Outbox(self.database)
        self._ledger = Ledger(self.database)
        self._landing = Landing(self.database, self.tables, self._stage_queue)
        self._staging = Staging(
            self.database, self.tables, self._landing, self._stage_queue, self._queue, self._links, self._holds
        )
        self._reconciliation = Reconciliation(
            self.database, self._queue, self._links, self._holds, self._decisions, self._outbox
        )
        self._outcomes = Outcomes(
            self.database, self.tables, self._landing, self._reconciliation, self._holds, self._outbox
        )
        self._entities = {entity.name: self._entity_tables(entity) for entity in mapping.enabled()}

    @contextmanager
    def lease(self, entity: str, holder: str) -> Iterator[Lease]:
        """Be the entity's one writer while the block runs; every commit of this store for the entity is fenced by it.

        Raises:
            LeaseHeldError: another run is at work, or (from a commit) took over.
        """
        with self.leases.hold(entity, holder) as lease:
            self._fences[entity] = lease
            try:
                yield lease
            finally:
                self._fences.pop(entity, None)

    def _write(self, entity: EntityMapping, work: Callable[[Connection], T]) -> T:
        def fenced(connection: Connection) -> T:
            self._fence(connection, entity.name)
            return work(connection)

        return self.database.write(fenced)

    def _fence(self, connection: Connection, entity: str) -> None:
        lease = self._fences.get(entity)
        if lease is not None:
            self.leases.confirm(connection, lease)

    def _entity_tables(self, entity: EntityMapping) -> EntityTables:
        canonical = {side: CanonicalStore(self.database, self.tables.canonical[entity.name, side]) for side in SIDES}
        return EntityTables(entity, canonical, BaselineStore(self.database, self.tables.baseline[entity.name]))
