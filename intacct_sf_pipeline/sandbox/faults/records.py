"""Which records of a write are refused or never reached: the faults `partial`, `row_lock` and `cut_off`.

What belongs here: the choice. Each service asks `RecordGate.next` once per record, in order, and words the refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.faults.plan import Hit, of_kind


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record is not written; `code` and `message` are None where the service's own words for a lock do."""

    code: str | None
    message: str | None


class RecordGate:
    """Counts the records of one request and says which of them the service refuses.

    `cut` tells that the service dies in the middle: what it did stays, its answer is lost and nothing is remembered.
    """

    def __init__(self, hits: Iterable[Hit]) -> None:
        """Heed those of the hits that speak of records."""
        self._hits = of_kind(hits, "partial", "row_lock", "cut_off")
        self._refused: dict[int, Refusal] = {}
        self._seen = 0
        self.cut = bool(of_kind(self._hits, "cut_off"))

    def expect(self, total: int) -> None:
        """Choose among the `total` records that the request holds."""
        for hit in self._hits:
            why = Refusal(hit.rule.code, hit.rule.message)
            self._refused.update(dict.fromkeys(_chosen(hit, total), why))

    def next(self) -> Refusal | None:
        """Whether the next record is refused, and why."""
        position = self._seen
        self._seen += 1
        return self._refused.get(position)


def _chosen(hit: Hit, total: int) -> frozenset[int]:
    rule = hit.rule
    if rule.fault == "row_lock":
        return frozenset(range(total))
    if rule.fault == "cut_off":
        done = rule.records if isinstance(rule.records, int) else total // 2
        return frozenset(range(done, total))
    if isinstance(rule.records, tuple):
        return frozenset(position for position in rule.records if position < total)
    return frozenset(some(hit, total))


def some(hit: Hit, total: int) -> list[int]:
    """Positions of the rule's share of `total` things, by its seed: at least one, where there are any."""
    if not total:
        return []
    return sorted(hit.chance().sample(range(total), min(total, max(1, round(hit.share * total)))))


OPEN = RecordGate(())
"""Refuses nothing; may be shared, since it chooses nothing."""
