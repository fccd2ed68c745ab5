"""Proof of agreement: both sides read afresh, every linked pair, every compared field, and who has no partner.

Equal, explained (by rule, hold, or work that waits in a queue) or unexplained. `heal.py` puts right what is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.review.compare_pair import (
    EQUAL,
    EXPLAINED,
    UNEXPLAINED,
    Difference,
    Known,
    Record,
    judge_pair,
    records_of,
)
from intacct_sf_pipeline.engine.review.missed import Seen
from intacct_sf_pipeline.engine.review.unlinked import counted, unlinked_records
from intacct_sf_pipeline.engine.side_by_side import read_all
from intacct_sf_pipeline.engine.stage import stage_entity
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import SIDES

_CHUNK = 2000
_SHOWN = 50
Tell = Callable[[Sequence[Record]], None]


@dataclass(frozen=True, slots=True)
class CompareReport:
    """Linked pairs by verdict, the same by field, and the first differences; a pair is as good as its worst field.

    A record that should have a partner and has none counts as unexplained too; `unlinked` has all records without one,
    by side and reason, and `found` counts those of them that only the full read brought to light. `names` are the
    unexplained fields, `causes` why polling had not seen them. `healed`, `healed_fields`: see `heal.py`; `stopped` says
    why healing was stopped.
    """

    equal: int
    explained: int
    unexplained: int
    fields: Mapping[str, int]
    differences: tuple[Difference, ...] = ()
    unlinked: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    names: Mapping[str, int] = field(default_factory=dict)
    causes: Mapping[str, int] = field(default_factory=dict)
    found: int = 0
    healed: int = 0
    healed_fields: Mapping[str, int] = field(default_factory=dict)
    stopped: str = ""

    def as_document(self) -> dict[str, object]:
        """What `compare --json` prints of one flow."""
        return {
            EQUAL: self.equal,
            EXPLAINED: self.explained,
            UNEXPLAINED: self.unexplained,
            "healed": self.healed,
            "fields": dict(self.fields),
            "healed_fields": dict(self.healed_fields),
            "causes": dict(self.causes),
            "unlinked": {side: dict(counts) for side, counts in self.unlinked.items()},
            "stopped": self.stopped,
            "differences": [asdict(difference) for difference in self.differences],
        }


def compare_entities(ctx: SyncContext, entities: Sequence[EntityMapping]) -> dict[str, CompareReport]:
    """Read every feed of `entities` in full, once, then compare all their pairs.

    Nothing is written to either system. What waited for a decision before is left to the next run and explained by
    that; what only this reading found was missed until now, and is not.
    """
    ctx = replace(ctx, gate=None)  # who compares has asked before; half a comparison would prove nothing
    seen = read_afresh(ctx, entities)
    reports: dict[str, CompareReport] = {}
    for entity in entities:
        stage_entity(ctx, entity)
        reports[entity.name] = compare_pairs(ctx, entity, seen)
        note_agreement(ctx, entity, reports[entity.name])
    return reports


def compare(ctx: SyncContext, entity: EntityMapping) -> CompareReport:
    """Compare one entity; see `compare_entities`."""
    return compare_entities(ctx, [entity])[entity.name]


def read_afresh(ctx: SyncContext, entities: Sequence[EntityMapping]) -> Seen:
    """Read every feed of `entities` in full; how things stood before."""
    for entity in entities:
        stage_entity(ctx, entity)
    feeds = ctx.config.mapping.used_feeds(*entities)
    seen = Seen(
        {entity.name: ctx.store.queue_mark(entity) for entity in entities},
        {(feed.side, feed.name): mark.value for feed in feeds if (mark := ctx.store.watermark(feed)) is not None},
        ctx.config.policies.overlap_seconds,
    )
    whole = replace(ctx, options=replace(ctx.options, full=True))
    read_all(whole, feeds)
    return seen


def compare_pairs(
    ctx: SyncContext, entity: EntityMapping, seen: Seen | None = None, *, unexplained: Tell | None = None
) -> CompareReport:
    """Compare all linked pairs as they are staged now, and look at the records without a partner.

    Without `seen` everything that waits in a queue explains a difference. `unexplained` is told, chunk by chunk, which
    records nothing explains.
    """
    tally = _Tally()
    general = Known(open_writes=ctx.store.unanswered(entity), seen=seen)
    for chunk in ctx.store.pairs(entity, size=_CHUNK):
        keys = [record for case in chunk for record in records_of(case)]
        known = replace(
            general, held=ctx.store.open_hold_fields(entity.name, keys), waiting=ctx.store.waiting(entity, keys)
        )
        odd = [case for case in chunk if tally.pair(*judge_pair(entity, case, known)) == UNEXPLAINED]
        if unexplained is not None and odd:
            unexplained([records_of(case)[0] for case in odd])
        ctx.progress(f"compare {entity.name}", tally.records.total(), None)
    for side in SIDES:
        categories: Counter[str] = Counter()
        for alone in unlinked_records(ctx, entity, side, general):
            categories.update(each.category for each in alone)
            tally.alone(each.difference for each in alone if each.difference is not None)
            tally.found += sum(each.found for each in alone)
            lost = [(side, each.record.key) for each in alone if each.category == UNEXPLAINED]
            if unexplained is not None and lost:
                unexplained(lost)
        tally.unlinked[side.value] = counted(categories)
    return tally.report()


def note_agreement(ctx: SyncContext, entity: EntityMapping, report: CompareReport) -> None:
    """Enter the result in the run's ledger entry, where controllers and commands find it."""
    ctx.store.note(ctx.run_id, "compare", {entity.name: report.as_document()})


class _Tally:
    """Counts as they grow; keeps the first differences of either verdict."""

    def __init__(self) -> None:
        self.records: Counter[str] = Counter()
        self.fields: Counter[str] = Counter()
        self.names: Counter[str] = Counter()
        self.causes: Counter[str] = Counter()
        self.unlinked: dict[str, Mapping[str, int]] = {}
        self.found = 0
        self._shown: dict[str, list[Difference]] = {UNEXPLAINED: [], EXPLAINED: []}

    def pair(self, differences: Sequence[Difference], compared: int) -> str:
        """Count one pair; its verdict."""
        verdicts = {difference.verdict for difference in differences}
        verdict = UNEXPLAINED if UNEXPLAINED in verdicts else EXPLAINED if verdicts else EQUAL
        self.records[verdict] += 1
        self.fields[EQUAL] += compared - len(differences)
        self._differ(differences)
        return verdict

    def alone(self, differences: Iterable[Difference]) -> None:
        """Count records that should have a partner and have none."""
        lost = list(differences)
        self.records[UNEXPLAINED] += len(lost)
        self._differ(lost)

    def report(self) -> CompareReport:
        """The counts so far."""
        return CompareReport(
            self.records[EQUAL],
            self.records[EXPLAINED],
            self.records[UNEXPLAINED],
            {verdict: self.fields[verdict] for verdict in (EQUAL, EXPLAINED, UNEXPLAINED)},
            tuple((self._shown[UNEXPLAINED] + self._shown[EXPLAINED])[:_SHOWN]),
            self.unlinked,
            dict(self.names),
            dict(self.causes),
            self.found,
        )

    def _differ(self, differences: Sequence[Difference]) -> None:
        for difference in differences:
            self.fields[difference.verdict] += 1
            if difference.verdict == UNEXPLAINED:
                self.names[difference.field] += 1
                self.causes[difference.cause] += 1
            shown = self._shown[difference.verdict]
            if len(shown) < _SHOWN:
                shown.append(difference)
