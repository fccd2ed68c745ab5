"""What the engine asks of the past: what a run wrote, who wrote later, and what still waits to be decided."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from intacct_sf_pipeline.model.history import WrittenRecord
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import PlanLine
from intacct_sf_pipeline.model.records import CanonicalRecord, Side


class History(Protocol):
    """The part of the staging store that undo and compare read. Every method that changes something is one
    transaction.
    """

    def written_by(
        self, entity: EntityMapping, run_id: str, *, keys: Mapping[Side, str | None] | None = None, size: int
    ) -> Iterator[list[WrittenRecord]]:
        """The records that run `run_id` wrote, streamed by side and key; with `keys` only that record, either side."""
        ...

    def written_since(
        self, entity: EntityMapping, side: Side, keys: Collection[str], run_id: str
    ) -> Mapping[tuple[str, str], str]:
        """The last run that wrote a field of one of these records after run `run_id` did: (key, field) -> run."""
        ...

    def plan(self, entity: EntityMapping, lines: Sequence[PlanLine]) -> None:
        """Store lines that were planned outside of reconciliation; links, baselines and holds stay as they are."""
        ...

    def queue_mark(self, entity: EntityMapping) -> int:
        """A mark that grows with each record that begins to wait for a decision."""
        ...

    def waiting(self, entity: EntityMapping, records: Collection[tuple[Side, str]]) -> Mapping[tuple[Side, str], int]:
        """Those of `records` that wait for a decision, each with the mark it got when it began to wait."""
        ...

    def unanswered(self, entity: EntityMapping) -> Collection[tuple[Side, str]]:
        """Records, of either side, with a write of which no answer came; the next run looks what became of it."""
        ...

    def planned_at(self, lines: Sequence[PlanLine]) -> Mapping[str, datetime]:
        """When these lines were planned, by our clock; by line id."""
        ...

    def appeared(self, entity: EntityMapping, side: Side, since: datetime) -> Collection[str]:
        """Keys of staged records of `side` that exist, have no partner, and are stamped `since` then or not at all."""
        ...

    def alone(self, entity: EntityMapping, side: Side, *, size: int) -> Iterator[list[CanonicalRecord]]:
        """Staged records of `side` that exist and have no partner, in key order, streamed."""
        ...
