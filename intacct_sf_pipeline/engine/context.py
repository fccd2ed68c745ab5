"""What every step of a run is given.

Configuration, the staging store, both connectors, the clock, and this run's options.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime

from intacct_sf_pipeline.engine.ports import Connector, Progress, StagingStore
from intacct_sf_pipeline.engine.review.plan_file import PlanFile
from intacct_sf_pipeline.engine.spending.gate import Gate
from intacct_sf_pipeline.engine.spending.till import Till
from intacct_sf_pipeline.model.budget import Wait
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import Side


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How this run differs from an ordinary tick.

    `plan_only` makes the run a plan, rehearsed on a copy (`runtime.Runtime.rehearsal`); `full` re-reads every row;
    `since`/`until` re-read rows modified in that range (a backfill); `limit` caps the records written per entity and
    side; `retry_holds` retries rejected writes whether due or not; `wait` is for how many seconds it waits for
    another run on the same entities to end; `force` names limits and breakers that this run overrides
    (`accounts.deactivate`, `prices.unit_price`); with `plan` it applies that plan and writes nothing else.
    """

    plan_only: bool = False
    full: bool = False
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    retry_holds: bool = False
    wait: int = 0
    force: frozenset[str] = frozenset()
    plan: PlanFile | None = None

    def forced_of(self, entity: str) -> frozenset[str]:
        """What `force` names of one entity."""
        return frozenset(name.removeprefix(f"{entity}.") for name in self.force if name.startswith(f"{entity}."))


def utc_now() -> datetime:
    """The system clock, aware."""
    return datetime.now(UTC)


def no_progress(step: str, done: int, total: int | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class SyncContext:
    """One run at work; `round` 2 is the follow-up pass on what its own writes brought about.

    `till` books what it spends, `gate` keeps it within the budget; None: nobody does.
    """

    run_id: str
    config: SyncConfig
    store: StagingStore
    connectors: Mapping[Side, Connector]
    options: RunOptions = field(default_factory=RunOptions)
    clock: Callable[[], datetime] = utc_now
    progress: Progress = no_progress
    round: int = 1
    till: Till | None = None
    gate: Gate | None = None

    def spending(self, subject: str, step: str, *sides: Side) -> AbstractContextManager[None]:
        """What is spent in the block (at `sides`, or both) is booked on `subject`, a flow or feed, under `step`."""
        return nullcontext() if self.till is None else self.till.at_work(subject, step, *sides)

    def waits(self, entity: EntityMapping) -> Wait | None:
        """Why `entity` has to wait for the budget; None: it may go on."""
        return None if self.gate is None else self.gate.waits(entity)

    def affords(self, entity: EntityMapping, under_way: Mapping[Side, int]) -> bool:
        """Whether the budget would let `entity` go on if what is `under_way` cost so much more; nothing is noted."""
        return self.gate is None or self.gate.affords(entity, under_way)

    def book(self, side: Side) -> None:
        """Book what was spent at `side` by threads that only send."""
        if self.till is not None:
            self.till.ring(side)
