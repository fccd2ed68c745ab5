"""The gate: whether a flow may go on, as the budget stands at this moment. Asked before a flow reads anything, before
each of its steps, and between batches of writes.

A flow that has to wait once waits for the rest of the run: what it would decide on was not read. Nothing is lost by
waiting. Watermarks stay where they are, landed rows stay in the queues, and planned lines are planned anew by the next
run. A read that has begun is finished: broken off, it would have to be paid for again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Protocol

from intacct_sf_pipeline.engine.spending.spend_ports import SpendStore
from intacct_sf_pipeline.model.budget import BUDGET, COMPARE, Wait, judge
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec
from intacct_sf_pipeline.model.plans import JournalEntry, Operation
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.spend import Spent

FORCE_RULE = "--force"
WAITING, FORCED = "waiting", "forced"
"""Sections of a run's `detail`."""


class RunBook(Protocol):
    """The run's own ledger entry."""

    def note(self, run_id: str, section: str, found: Mapping[str, object]) -> None:
        """Add to a section of the run's `detail`."""
        ...

    def noted(self, run_id: str, section: str) -> Mapping[str, Sequence[str]]:
        """What was noted in a section."""
        ...

    def override(self, entry: JournalEntry) -> None:
        """Journal that a bound was overridden."""
        ...


class Gate:
    """The budget as one run meets it.

    Args:
        run_id: the run.
        config: budget, mapping and time zone.
        ledger: where spend is booked.
        book: where the run's own entry is.
        clock: aware UTC time.
        forced: the run overrides the budget, on record.
        flows: names of the entities the run works on; None: all of them.
    """

    def __init__(
        self,
        run_id: str,
        config: SyncConfig,
        ledger: SpendStore,
        book: RunBook,
        clock: Callable[[], datetime],
        *,
        forced: bool = False,
        flows: Collection[str] | None = None,
    ) -> None:
        self._run_id, self._config, self._ledger, self._book = run_id, config, ledger, book
        self._clock, self._forced, self._flows = clock, forced, flows
        self._waiting: dict[str, Wait] | None = None
        self._asking = Lock()  # both systems are read at once, and what is found is noted once

    def waits(self, entity: EntityMapping) -> Wait | None:
        """Why `entity` has to wait; None: it may go on."""
        return self._judged(entity.name, subjects(self._config, entity))

    def affords(self, entity: EntityMapping, under_way: Mapping[Side, int]) -> bool:
        """Whether `entity` might go on if so much more were booked by side; decides nothing for the rest of the run."""
        if self._config.budget.off or self._forced:
            return True
        with self._asking:
            now, zone = self._clock(), self._config.schedule.zone
            spent = self._ledger.spent(subjects(self._config, entity), today=now.astimezone(zone).date(), now=now)
            more = {side: _with_more(spent.get(side, Spent()), under_way.get(side, 0)) for side in Side}
            return judge(self._config.budget, entity.name, more, now, zone) is None

    def feed_waits(self, feed: FeedSpec) -> Wait | None:
        """Why nobody may read `feed` now: every flow of the run that uses it has to wait."""
        users = [e for e in self._config.mapping.consumers(feed) if self._flows is None or e.name in self._flows]
        found = [self.waits(entity) for entity in users]
        waits = [wait for wait in found if wait is not None]
        return waits[0] if waits and len(waits) == len(users) else None

    def compare_waits(self) -> Wait | None:
        """Why the comparison has to wait."""
        return self._judged(COMPARE, None)

    def _judged(self, flow: str, spent_on: Collection[str] | None) -> Wait | None:
        if self._config.budget.off:
            return None
        with self._asking:
            return self._asked(flow, spent_on)

    def _asked(self, flow: str, spent_on: Collection[str] | None) -> Wait | None:
        known = self._known()
        if flow in known:
            return known[flow]
        now, zone = self._clock(), self._config.schedule.zone
        spent = self._ledger.spent(spent_on, today=now.astimezone(zone).date(), now=now)
        wait = judge(self._config.budget, flow, spent, now, zone)
        if wait is None:
            return None
        if self._forced:
            self._override(wait, now)
            return None
        self._book.note(self._run_id, WAITING, {flow: [wait.reason, wait.until.isoformat()]})
        known[flow] = wait
        return wait

    def _known(self) -> dict[str, Wait]:
        """Flows of this run that wait already, in steps before this one."""
        if self._waiting is None:
            noted = self._book.noted(self._run_id, WAITING)
            self._waiting = {
                flow: Wait(flow, reason, datetime.fromisoformat(until)) for flow, (reason, until) in noted.items()
            }
        return self._waiting

    def _override(self, wait: Wait, now: datetime) -> None:
        """Put it on record, once per flow."""
        name = f"{BUDGET} ({wait.flow})"
        if name in self._book.noted(self._run_id, FORCED):
            return
        self._book.note(self._run_id, FORCED, {name: {"reason": wait.reason}})
        entry = JournalEntry(
            self._run_id, wait.flow, wait.side, "*", Operation.FORCE, BUDGET, None, None, FORCE_RULE, wait.reason, now
        )
        self._book.override(entry)


def _with_more(spent: Spent, units: int) -> Spent:
    quota = None if spent.quota is None else replace(spent.quota, used=spent.quota.used + units)
    return replace(spent, today=spent.today + units, month=spent.month + units, quota=quota)


def subjects(config: SyncConfig, entity: EntityMapping) -> frozenset[str]:
    """The names under which what `entity` costs is booked: its own, and those of the feeds it reads."""
    return frozenset({entity.name, *(feed.name for feed in config.mapping.used_feeds(entity))})
