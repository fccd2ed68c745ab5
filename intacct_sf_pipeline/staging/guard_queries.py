"""Read-only questions about the guard: which limits a plan exceeded, and which values are on hold for their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import func, select

from intacct_sf_pipeline.engine.guarding.guard import GUARD_STEP
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import HoldReason
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.schema import holds, run_steps


@dataclass(frozen=True, slots=True)
class LimitExceeded:
    """A limit of one side and operation that a plan exceeded: lines planned, the limit, lines held, and the action
    (`stop`, `hold` or `force`).
    """

    side: str
    operation: str
    planned: int
    limit: int
    held: int
    action: str


class GuardQueries:
    """The questions, asked of one staging database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def exceeded(self, entity: EntityMapping, run_id: str) -> list[LimitExceeded]:
        """The limits that the plan of `run_id` exceeded, and what the guard did about each."""
        query = (
            select(run_steps.c.subject, run_steps.c.counts)
            .where(run_steps.c.run_id == run_id, run_steps.c.entity == entity.name, run_steps.c.step == GUARD_STEP)
            .order_by(run_steps.c.step_id)
        )
        with self._database.read() as connection:
            return [exceeded_in(subject, orjson.loads(counts)) for subject, counts in connection.execute(query)]

    def broken(self, entity: EntityMapping) -> Mapping[str, int]:
        """Fields with values on hold because they break the bounds of their field, with how many."""
        query = (
            select(holds.c.fields, func.count())
            .where(holds.c.closed_at.is_(None), holds.c.entity == entity.name)
            .where(holds.c.reason == HoldReason.BREAKER.value)
            .group_by(holds.c.fields)
        )
        with self._database.read() as connection:
            return {name: int(n) for names, n in connection.execute(query) for name in orjson.loads(names or b"[]")}


def exceeded_in(subject: str, counts: Mapping[str, int]) -> LimitExceeded:
    """What the guard's step in the ledger says of one limit."""
    side, _, operation = subject.partition(" ")
    action = next(word for word in ("stop", "hold", "force") if counts.get(word))
    return LimitExceeded(side, operation, counts["planned"], counts["limit"], counts["held"], action)
