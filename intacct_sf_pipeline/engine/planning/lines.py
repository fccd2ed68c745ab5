"""Making plan lines: their ids, keys and status, and the settlements that only say why nothing is written. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import FieldChange, Hold, LineStatus, Operation, PlanLine, Settlement
from intacct_sf_pipeline.model.records import CanonicalRecord, Link, Side


@dataclass(frozen=True, slots=True)
class LineMaker:
    """Makes the lines of one entity in one run; `round` 2 is the follow-up pass."""

    entity: EntityMapping
    run_id: str
    round: int = 1

    def line_id(self, target: Side, key: str) -> str:
        """Unique over all runs: one line per run, record and round."""
        suffix = f"#{self.round}" if self.round > 1 else ""
        return f"{self.run_id}/{self.entity.name}/{target.value}/{key}{suffix}"

    def line(
        self,
        target: Side,
        operation: Operation,
        records: Mapping[Side, CanonicalRecord],
        changes: Sequence[FieldChange] = (),
        reason: str = "",
    ) -> PlanLine:
        """A line about the `records` there are."""
        target_key = records[target].key if target in records else None
        source_key = records[target.other].key if target.other in records else None
        return PlanLine(
            self.line_id(target, target_key or source_key or ""),
            self.run_id,
            self.entity.name,
            target,
            operation,
            target_key,
            source_key,
            tuple(changes),
            None,
            reason or "; ".join(dict.fromkeys(change.reason for change in changes)),
            LineStatus.NOTHING if operation is Operation.NONE else LineStatus.PLANNED,
        )

    def linked(self, target: Side, operation: Operation, link: Link, changes: Sequence[FieldChange] = ()) -> PlanLine:
        """A line about a linked pair, by its keys only."""
        blank = {side: CanonicalRecord(link.key(side), {}) for side in Side}
        return self.line(target, operation, blank, changes)

    def nothing(self, link: Link, reason: str, holds: tuple[Hold, ...] = ()) -> Settlement:
        """Say why nothing is done about a linked pair."""
        line = replace(self.linked(Side.SALESFORCE, Operation.NONE, link), reason=reason)
        return Settlement(self.entity.name, link.intacct_key, link.salesforce_id, (line,), holds=holds, reason=reason)

    def alone(self, record: CanonicalRecord, side: Side, reason: str, holds: tuple[Hold, ...] = ()) -> Settlement:
        """Say why nothing is done about a record without a partner."""
        line = self.line(side.other, Operation.NONE, {side: record}, reason=reason)
        return Settlement(self.entity.name, *keys_of(side, record.key), (line,), holds=holds, reason=reason)


def keys_of(side: Side, key: str) -> tuple[str | None, str | None]:
    """The Intacct and the Salesforce key of a record that has one only."""
    return (key, None) if side is Side.INTACCT else (None, key)
