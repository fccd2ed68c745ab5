"""The parts a staging store is made of, and the one way it writes: in a transaction fenced by the entity's lease."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine

from intacct_sf_pipeline.engine.ports import Clock
from intacct_sf_pipeline.model.mapping import EntityMapping, SyncMapping
from intacct_sf_pipeline.model.records import SIDES
from intacct_sf_pipeline.staging.canonical import BaselineStore, CanonicalStore
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.decisions import DecisionBook
from intacct_sf_pipeline.staging.grants import Grant, granted, joined, led
from intacct_sf_pipeline.staging.holds import HoldBook
from intacct_sf_pipeline.staging.landing import Landing
from intacct_sf_pipeline.staging.leases import LeaseBook
from intacct_sf_pipeline.staging.ledger import Ledger
from intacct_sf_pipeline.staging.links import LinkBook
from intacct_sf_pipeline.staging.outbox import Outbox
from intacct_sf_pipeline.staging.outcomes import Outcomes
from intacct_sf_pipeline.staging.patience import Patience
from intacct_sf_pipeline.staging.queues import ReconcileQueue, StageQueue
from intacct_sf_pipeline.staging.reconcile import EntityTables, Reconciliation
from intacct_sf_pipeline.staging.sightings import SightingBook
from intacct_sf_pipeline.staging.stage import Staging
from intacct_sf_pipeline.staging.tables import MappingTables
from intacct_sf_pipeline.staging.watches import WatchBook

T = TypeVar("T")
HOLD_RETRY_MINUTES = (0, 60, 240, 1440)
FEED_PATIENCE = Patience(seconds=120)
"""How long a run waits for another one that reads a feed both need; a dead one's lease has expired by then."""


class StoreParts:
    """Everything behind `SqlStagingStore`, wired together; see there for the arguments."""

    def __init__(
        self,
        engine: Engine,
        mapping: SyncMapping,
        clock: Clock,
        *,
        hold_retry_minutes: Sequence[int] = HOLD_RETRY_MINUTES,
        feed_patience: Patience = FEED_PATIENCE,
    ) -> None:
        self.mapping = mapping
        self.feed_patience = feed_patience
        self.hold_retry_minutes = tuple(hold_retry_minutes)
        self.database = Database(engine, clock)
        self.tables = MappingTables(mapping)
        self.leases = LeaseBook(self.database)
        self._grants: list[Grant] = []
        self._of_thread = threading.local()
        self._stage_queue = StageQueue(self.database, self.tables)
        self._queue = ReconcileQueue(self.database)
        self._links = LinkBook(self.database)
        self._holds = HoldBook(self.database, hold_retry_minutes)
        self._watches = WatchBook(self.database, self._queue)
        self._decisions = DecisionBook(self.database)
        self._outbox = Outbox(self.database)
        self._sightings = SightingBook(self.database)
        self._ledger = Ledger(self.database, self.leases)
        self._landing = Landing(self.database, self.tables, self._stage_queue)
        self._staging = Staging(
            self.database,
            self.tables,
            self._landing,
            self._stage_queue,
            self._queue,
            self._links,
            self._holds,
            self._watches,
        )
        self._reconciliation = Reconciliation(
            self.database, self._queue, self._links, self._holds, self._watches, self._decisions, self._outbox
        )
        self._outcomes = Outcomes(
            self.database,
            self.tables,
            self._landing,
            self._reconciliation,
            self._holds,
            self._decisions,
            self._outbox,
        )
        self._entities = {entity.name: self._entity_tables(entity) for entity in mapping.enabled()}

    def writer(self, entities: Iterable[str], holder: str) -> AbstractContextManager[Grant]:
        """Be the one writer of `entities` while the block runs: every change by this store is fenced by their leases.

        Raises:
            LeaseHeldError: another run is at work on one of them; no lease was taken.
            LeaseLostError: from a change: another run took over, or this one stood still for too long.
        """
        return self._under(granted(self.leases, entities, holder))

    def leader(self, entities: Iterable[str], run_id: str) -> AbstractContextManager[Grant]:
        """`writer` for the process that leads a run whose steps are processes of their own (`crew.py`)."""
        return self._under(led(self.leases, entities, run_id))

    def hand(self, entities: Iterable[str], run_id: str, step: str) -> AbstractContextManager[Grant]:
        """`writer` for the process of one step of a run that another process leads.

        Raises:
            LeaseHeldError: another process works on this step.
            LeaseLostError: the run is over, or was taken for dead.
        """
        return self._under(joined(self.leases, entities, run_id, step))

    def lease(self, entity: str, holder: str) -> AbstractContextManager[Grant]:
        """`writer` of a single entity."""
        return self.writer([entity], holder)

    @contextmanager
    def _under(self, granting: AbstractContextManager[Grant]) -> Iterator[Grant]:
        with granting as grant:
            self._grants.append(grant)
            try:
                yield grant
            finally:
                self._grants.remove(grant)

    @contextmanager
    def _alone(self, entities: Iterable[str], holder: str) -> Iterator[None]:
        """`writer` for this thread only: what others change meanwhile is none of its concern."""
        with granted(self.leases, entities, holder) as grant:
            mine: list[Grant] = self._of_thread.__dict__.setdefault("grants", [])
            mine.append(grant)
            try:
                yield
            finally:
                mine.remove(grant)

    def _held(self) -> list[Grant]:
        """The grants under which this thread works: the run's, and its own."""
        return [*self._grants, *getattr(self._of_thread, "grants", ())]

    def may_write(self, entity: EntityMapping) -> None:  # noqa: ARG002 - a run that lost one lease has lost them all
        """See `StagingStore.may_write`; costs no statement."""
        for grant in self._held():
            grant.check()

    def _write(self, entity: EntityMapping, work: Callable[[Connection], T]) -> T:  # noqa: ARG002 - as above
        return self._fenced(work)

    def _fenced(self, work: Callable[[Connection], T]) -> T:
        """One transaction of a writer; of a store that holds no lease (a rehearsal, a person's decision) any."""
        with ExitStack() as stack:
            for grant in self._held():
                work = stack.enter_context(grant.fenced(work))
            return self.database.write(work)

    def _entity_tables(self, entity: EntityMapping) -> EntityTables:
        canonical = {side: CanonicalStore(self.database, self.tables.canonical[entity.name, side]) for side in SIDES}
        return EntityTables(entity, canonical, BaselineStore(self.database, self.tables.baseline[entity.name]))
