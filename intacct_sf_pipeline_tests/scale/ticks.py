"""One tick of the whole engine on made services, measured: statements, rows touched, seconds and API calls by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import event

from intacct_sf_pipeline.engine import steps
from intacct_sf_pipeline.engine.context import RunOptions
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.runtime import Runtime
from intacct_sf_pipeline.settings import Settings
from intacct_sf_pipeline.staging.checks_queries import CheckQueries
from intacct_sf_pipeline.staging.store import SqlStagingStore

from .made_world import MadeService, MovedClock

Statement = tuple[str, Any]


@dataclass
class Cost:
    """What one step cost."""

    statements: int = 0
    seconds: float = 0.0
    slowest: tuple[float, str] = (0.0, "")


@dataclass
class Measured:
    """What one tick cost, by step; `sent` are its statements with the first parameters of each."""

    steps: dict[str, Cost] = field(default_factory=dict)
    sent: list[Statement] = field(default_factory=list)
    counts: dict[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def statements(self) -> int:
        """All statements."""
        return sum(cost.statements for cost in self.steps.values())

    @property
    def seconds(self) -> float:
        """All seconds."""
        return sum(cost.seconds for cost in self.steps.values())


@dataclass
class Pipeline:
    """The engine on a staging store and two made services."""

    config: SyncConfig
    store: SqlStagingStore
    services: Mapping[Side, MadeService]
    clock: MovedClock
    runs: Iterator[int] = field(default_factory=lambda: count(1))

    def tick(self, **options: Any) -> Measured:
        """A tick over all entities, 15 minutes later, with the asset checks' questions."""
        self.clock.advance(900)
        measured, run_id = Measured(), f"run-{next(self.runs)}"
        runtime = Runtime(Settings.model_construct(), self.config, self.store, self.services, self.clock)
        mapping = self.config.mapping
        ctx = runtime.context(run_id, RunOptions(**options))
        questions = CheckQueries(self.store.database, self.store.tables)

        def do(name: str, step: Callable[[], Any]) -> None:
            with self._meter(measured, name):
                report = step()
            if hasattr(report, "counts"):
                measured.counts[name] = report.counts

        names = [entity.name for entity in mapping.enabled()]
        do("begin", lambda: self.store.start_run(run_id, kind="sync", entities=names, at=self.clock()))
        for feed in mapping.used_feeds():
            do(f"extract {feed.side.value} {feed.name}", lambda feed=feed: steps.extract(ctx, feed))
        for entity in mapping.enabled():
            do(f"stage {entity.name}", lambda entity=entity: steps.stage(ctx, entity))
            do(f"reconcile {entity.name}", lambda entity=entity: steps.reconcile(ctx, entity))
            for side in SIDES:
                do(f"write {entity.name} {side.value}", lambda e=entity, s=side: steps.write_back(ctx, e, s))
            do(f"checks {entity.name}", lambda entity=entity: ask(questions, entity, run_id))
        do("end", lambda: self.store.finish_run(run_id, status="done", at=self.clock()))
        return measured

    @contextmanager
    def _meter(self, measured: Measured, name: str) -> Iterator[None]:
        cost = measured.steps.setdefault(name, Cost())
        began: list[float] = []

        def before(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
            began.append(time.perf_counter())
            first = parameters[0] if many and parameters else parameters
            measured.sent.append((statement, first))

        def after(_conn: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
            took = time.perf_counter() - began.pop()
            cost.statements += 1
            cost.slowest = max(cost.slowest, (took, statement))

        engine, start = self.store.database.engine, time.perf_counter()
        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "after_cursor_execute", after)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", before)
            event.remove(engine, "after_cursor_execute", after)
            cost.seconds += time.perf_counter() - start


def ask(questions: CheckQueries, entity: Any, run_id: str) -> None:
    """What the asset checks ask after each flow."""
    questions.last_run(entity)
    questions.waiting(entity)
    questions.waiting_keys(entity)
    questions.has_written(entity, run_id)
    questions.shared_external_ids(entity)
    questions.double_links(entity)
    questions.dangling_references(entity)
    questions.planned(entity, run_id)
    questions.touched_twice(entity, run_id)
    questions.open_holds(entity)
    questions.disagreeing(entity, run_id)
    for side in SIDES:
        questions.unsettled(entity, side, run_id)
