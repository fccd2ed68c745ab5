"""What the guard needs of the staging store: the run's lines, what waits for approval, and a place for the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Hold, LineStatus, Operation, PlanLine
from intacct_sf_pipeline.model.records import Side


class GuardStore(Protocol):
    """The guard's part of the staging store. Every method that changes something is one transaction."""

    def planned_lines(self, entity: EntityMapping, *, run_id: str) -> Iterator[list[PlanLine]]:
        """All lines of the run with status `planned`, both sides, streamed in the order of planning."""
        ...

    def lines_of_run(self, entity: EntityMapping, *, run_id: str) -> Iterator[list[PlanLine]]:
        """All lines of the run that touch a record, whatever their status, streamed in the order of planning."""
        ...

    def line_counts(self, entity: EntityMapping, *, run_id: str) -> Mapping[tuple[Side, Operation, LineStatus], int]:
        """How many lines the run has, by side, operation and status."""
        ...

    def keep_back(
        self,
        entity: EntityMapping,
        lines: Sequence[PlanLine],
        status: LineStatus,
        holds: Sequence[Hold],
        *,
        run_id: str,
    ) -> None:
        """Take planned lines out of the outbox as `held` or `refused`, and store the holds that say why.

        The records of refused lines are enqueued again for the next run.
        """
        ...

    def explain_lines(self, entity: EntityMapping, lines: Sequence[PlanLine]) -> None:
        """Store the reasons of lines anew."""
        ...

    def pair_count(self, entity: EntityMapping) -> int:
        """How many linked pairs there are."""
        ...

    def awaiting_approval(self, entity: EntityMapping) -> Mapping[tuple[Side, str, Side], str]:
        """States of the open holds of a limit, by side and key of the record and the side not written."""
        ...

    def note(self, run_id: str, section: str, found: Mapping[str, object]) -> None:
        """Add to a section of the run's `detail`; names already there are replaced."""
        ...

    def noted(self, run_id: str, section: str) -> Mapping[str, Sequence[str]]:
        """What was noted in a section of lists of names."""
        ...
