"""What a run did, as its journal tells it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from intacct_sf_pipeline.model.plans import JournalEntry, Operation
from intacct_sf_pipeline.model.records import Side


@dataclass(frozen=True, slots=True)
class WrittenRecord:
    """One record of one side that a run wrote to, with everything it wrote there, oldest first."""

    side: Side
    key: str
    entries: tuple[JournalEntry, ...]

    @property
    def created(self) -> bool:
        """Whether the run created the record."""
        return any(entry.operation is Operation.CREATE for entry in self.entries)

    def by_field(self) -> Mapping[str, tuple[JournalEntry, ...]]:
        """The entries of each field, oldest first."""
        fields: dict[str, list[JournalEntry]] = {}
        for entry in self.entries:
            fields.setdefault(entry.field, []).append(entry)
        return {name: tuple(entries) for name, entries in fields.items()}


@dataclass(frozen=True, slots=True)
class Undo:
    """What is to be put back: everything run `undoes` wrote, or one record of it (by side), or one field."""

    undoes: str
    record: Mapping[Side, str | None] | None = None
    field: str | None = None
