"""What a write-back did: counts, the first lines written for showing, and those whose record has to be read back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.writing.read_back import read_back
from intacct_sf_pipeline.engine.writing.write_requests import needs_read_back
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Operation, PlanLine
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import WriteOutcome, WriteStatus

_COUNTED = {
    Operation.CREATE: "created",
    Operation.UPDATE: "updated",
    Operation.LINK: "updated",
    Operation.DEACTIVATE: "deactivated",
}
_SHOWN = 50
_KEPT = 5000


@dataclass
class Tally:
    """Counts of one write-back of one entity and side."""

    ctx: SyncContext
    entity: EntityMapping
    side: Side
    counts: Counter[str] = field(default_factory=Counter)
    written: list[PlanLine] = field(default_factory=list)
    _touched: list[PlanLine] = field(default_factory=list)

    def took(self, done: Sequence[PlanLine], pairs: Sequence[tuple[PlanLine, WriteOutcome]]) -> None:
        """Count a call in: the lines it wrote, with the keys of their targets, and the outcome of each line."""
        self._touched.extend(line for line in done if needs_read_back(self.entity, line))
        self.written.extend(done[: _SHOWN - len(self.written)])
        for line, outcome in pairs:
            self.counts[_count_as(line, outcome)] += 1

    @property
    def is_full(self) -> bool:
        """Whether so much is to be read back that it should not wait for the end."""
        return len(self._touched) >= _KEPT

    def read_back(self, *, all_of_it: bool = True) -> None:
        """Read back what needs it; without `all_of_it` only when much has come together."""
        if all_of_it or self.is_full:
            touched, self._touched = self._touched, []
            read_back(self.ctx, self.entity, self.side, touched)


def _count_as(line: PlanLine, outcome: WriteOutcome) -> str:
    if outcome.status is WriteStatus.WRITTEN:
        return _COUNTED[line.operation]
    return "unknown" if outcome.status is WriteStatus.UNKNOWN else "failed"
