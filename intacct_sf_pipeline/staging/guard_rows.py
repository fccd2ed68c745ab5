"""What the guard asks of the staging database, and what it puts on record there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select, update

from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import HoldReason, LineStatus, Operation, PlanLine
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.staging.codec import dumps, loads
from intacct_sf_pipeline.staging.parts import StoreParts
from intacct_sf_pipeline.staging.schema import holds, links, plan_lines, runs

_PAGE = 2000


class GuardParts(StoreParts):
    """The guard's part of `engine.ports.StagingStore`."""

    def planned_lines(self, entity: EntityMapping, *, run_id: str) -> Iterator[list[PlanLine]]:
        """See `StagingStore.planned_lines`; each list is read in a transaction of its own."""
        return self._lines(entity, run_id, (LineStatus.PLANNED,))

    def lines_of_run(self, entity: EntityMapping, *, run_id: str) -> Iterator[list[PlanLine]]:
        """See `StagingStore.lines_of_run`; each list is read in a transaction of its own."""
        return self._lines(entity, run_id, tuple(status for status in LineStatus if status is not LineStatus.NOTHING))

    def line_counts(self, entity: EntityMapping, *, run_id: str) -> Mapping[tuple[Side, Operation, LineStatus], int]:
        """See `StagingStore.line_counts`."""
        at = plan_lines.c
        counted = (
            select(at.side, at.operation, at.status, func.count())
            .where(at.run_id == run_id, at.entity == entity.name, at.operation != Operation.NONE.value)
            .group_by(at.side, at.operation, at.status)
        )
        with self.database.read() as connection:
            rows = connection.execute(counted).all()
        return {(Side(side), Operation(operation), LineStatus(status)): int(n) for side, operation, status, n in rows}

    def pair_count(self, entity: EntityMapping) -> int:
        """See `StagingStore.pair_count`."""
        counted = select(func.count()).select_from(links).where(links.c.entity == entity.link_entity)
        with self.database.read() as connection:
            return int(connection.execute(counted).scalar_one())

    def awaiting_approval(self, entity: EntityMapping) -> Mapping[tuple[Side, str, Side], str]:
        """See `StagingStore.awaiting_approval`."""
        at = holds.c
        waiting = select(at.record_side, at.record_key, at.target, at.state).where(
            at.closed_at.is_(None), at.entity == entity.name, at.reason == HoldReason.LIMIT.value
        )
        with self.database.read() as connection:
            rows = connection.execute(waiting).all()
        return {(Side(side), key, Side(target)): state or "" for side, key, target, state in rows}

    def explain_lines(self, entity: EntityMapping, lines: Sequence[PlanLine]) -> None:
        """See `StagingStore.explain_lines`."""
        columns = [plan_lines.c.reason, plan_lines.c.line_id]
        rows = [(line.reason, line.line_id) for line in lines]
        if rows:
            self._write(entity, lambda connection: self.database.bulk.update(connection, columns, rows))

    def note(self, run_id: str, section: str, found: Mapping[str, object]) -> None:
        """See `StagingStore.note`."""

        def work(connection: Connection) -> None:
            detail = _detail(connection, run_id)
            detail[section] = {**detail.get(section, {}), **found}
            connection.execute(update(runs).where(runs.c.run_id == run_id).values(detail=dumps(detail)))

        self._fenced(work)  # steps of a run may be processes of their own: one after the other

    def noted(self, run_id: str, section: str) -> Mapping[str, Sequence[str]]:
        """See `StagingStore.noted`."""
        with self.database.read() as connection:
            found: dict[str, Sequence[str]] = _detail(connection, run_id).get(section, {})
        return found

    def _lines(self, entity: EntityMapping, run_id: str, statuses: Sequence[LineStatus]) -> Iterator[list[PlanLine]]:
        after = 0
        while True:
            with self.database.read() as connection:
                found = self._outbox.page(connection, entity.name, run_id, after, _PAGE, statuses)
            if not found:
                return
            yield [line for _, line in found]
            after = found[-1][0]


def _detail(connection: Connection, run_id: str) -> dict[str, Any]:
    stored = connection.execute(select(runs.c.detail).where(runs.c.run_id == run_id)).scalar_one_or_none()
    return dict(loads(stored)) if stored else {}
