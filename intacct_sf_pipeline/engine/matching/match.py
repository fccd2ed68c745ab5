"""How records without a link find their partner.

By the mapping's rules in order, exact keys only, unique on both sides, and only where nothing speaks against it. What
the rules do not settle is left to a person, with the records that may be the partner and how likely each is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.engine.matching.candidates import Candidate, alike
from intacct_sf_pipeline.engine.matching.evidence import differs, is_name, score
from intacct_sf_pipeline.engine.matching.exact import Exact, ExactSearch, Sighting
from intacct_sf_pipeline.engine.matching.same_side import same_side_twins
from intacct_sf_pipeline.engine.ports import StagingStore
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.matching import SIMILAR
from intacct_sf_pipeline.model.records import CanonicalRecord, Side

MOST_CANDIDATES = 5
"""Candidates kept for a person to look at, the most likely first."""

TWINS = "twins"
"""Stands for a rule where records of one side are the same."""

MOST_LOOKED_AT = 50
"""Records sharing one key that are looked at one by one."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules say about one record: a partner to link, or others that may be it.

    `partner` is the key on the other side; with `others` alone the record must not be linked nor created, only held.
    `own` counts the records of its own side that share the key; `taken`: those others have a partner already. `scores`
    (0 to 1) go with `others`, the most likely first; `number` counts those that share the rule's key, while `others`
    may hold some that share less. `twins` are records of its own side that are the same and have no partner either.
    """

    rule: str
    partner: str | None = None
    others: tuple[str, ...] = ()
    own: int = 1
    taken: bool = False
    scores: tuple[float, ...] = ()
    number: int = 0
    twins: tuple[str, ...] = ()

    @property
    def ambiguous(self) -> bool:
        """Whether a key is shared by more than one pair, or the only one is not free."""
        return self.rule != SIMILAR and (self.own > 1 or (self.number or len(self.others)) > 1 or self.taken)


def find_partners(
    store: StagingStore, entity: EntityMapping, side: Side, records: Iterable[CanonicalRecord]
) -> dict[str, Found]:
    """What is found for each record of `side` without a link, by record key.

    Records nothing is found for are absent. Of records that would get no new partner anyway, only sure ones are told.
    """
    here = {record.key: record for record in records if not record.deleted}
    if not here or not entity.match_rules:
        return {}
    exact = ExactSearch(store, entity, {side: here})
    verdicts = exact.verdicts(side, here.values())
    found = _sure(verdicts)
    open_ones = [record for key, record in here.items() if key not in found and record.creatable]
    if open_ones and entity.side(side).creates:
        found.update(_Undecided(store, entity, side, exact).judge(open_ones, verdicts))
        new = [record for record in open_ones if record.key not in found]
        for key, twins in same_side_twins(store, entity, side, new, exact).items():
            found[key] = Found(TWINS, own=1 + len(twins), twins=twins)
    return found


def sure_partners(
    store: StagingStore,
    entity: EntityMapping,
    side: Side,
    records: Iterable[CanonicalRecord],
    known: Mapping[Side, Mapping[str, CanonicalRecord]],
) -> dict[str, Found]:
    """As `find_partners`, without those that are left to a person; `known` are records at hand, by side and key."""
    live = [record for record in records if not record.deleted]
    return _sure(ExactSearch(store, entity, known).verdicts(side, live)) if live else {}


def _sure(verdicts: Mapping[str, Exact]) -> dict[str, Found]:
    return {
        key: Found(verdict.rule, partner=verdict.partner, others=(verdict.partner,))
        for key, verdict in verdicts.items()
        if verdict.partner is not None
    }


class _Undecided:
    """Records of one side that no rule links: who may be their partner nevertheless."""

    def __init__(self, store: StagingStore, entity: EntityMapping, side: Side, exact: ExactSearch) -> None:
        self._store, self._entity, self._side, self._exact = store, entity, side, exact
        self._alike = entity.similar

    def judge(self, records: list[CanonicalRecord], verdicts: dict[str, Exact]) -> dict[str, Found]:
        """What is found for those for whom there is anybody."""
        sightings = {record.key: verdicts[record.key].sightings for record in records if record.key in verdicts}
        seen = {key for found in sightings.values() for s in found for key in s.others[:MOST_LOOKED_AT]}
        taken = {key for found in sightings.values() for s in found for key in s.linked}
        others = self._store.records(self._entity, self._side.other, seen)
        taken |= self._exact.engaged(self._side.other, [others[key] for key in seen - taken if key in others])
        found: dict[str, Found] = {}
        for record in records:
            verdict = self._sighted(record, sightings.get(record.key, ()), others, taken)
            if verdict is not None:
                found[record.key] = verdict
        found.update(self._similar([record for record in records if record.key not in found]))
        return found

    def _sighted(
        self,
        record: CanonicalRecord,
        sightings: Sequence[Sighting],
        others: Mapping[str, CanonicalRecord],
        taken: set[str],
    ) -> Found | None:
        """Those that share a key with the record, without those that are surely somebody else."""
        left = {
            sighting.rule: [
                key
                for key in sighting.others[:MOST_LOOKED_AT]
                if key in others and self._stays(record, others[key], sighting, taken=key in taken)
            ]
            for sighting in sightings
        }
        free = {key for keys in left.values() for key in keys if key not in taken}
        kept = free or {key for keys in left.values() for key in keys}
        first = next((sighting for sighting in sightings if kept.intersection(left[sighting.rule])), None)
        if first is None:
            return None
        scored = [Candidate(key, score(self._entity, record, others[key]) or 0.0) for key in kept]
        best = sorted(scored, key=Candidate.order)[:MOST_CANDIDATES]
        return Found(
            first.rule,
            others=tuple(candidate.key for candidate in best),
            own=first.own,
            taken=not free,
            scores=tuple(candidate.score for candidate in best) if self._alike else (),
            number=len(kept.intersection(left[first.rule])),
        )

    def _stays(self, record: CanonicalRecord, other: CanonicalRecord, sighting: Sighting, *, taken: bool) -> bool:
        if self._alike is None or not any(is_name(self._entity, name) for name in sighting.fields):
            return True
        crowd = sighting.own > 1 or len(sighting.others) > 1
        if crowd and any(differs(self._entity, name, record, other) for name in self._alike.tell_apart):
            return False
        likely = score(self._entity, record, other) or 0.0
        return likely >= (self._alike.taken_at_least if taken else self._alike.at_least)

    def _similar(self, records: list[CanonicalRecord]) -> dict[str, Found]:
        """Records that are only alike: free ones alone, since who has a partner is somebody else."""
        candidates = alike(self._store, self._entity, self._side, records)
        wanted = {candidate.key for found in candidates.values() for candidate in found}
        known = self._store.records(self._entity, self._side.other, wanted)
        engaged = self._exact.engaged(self._side.other, list(known.values()))
        found: dict[str, Found] = {}
        for key, seen in candidates.items():
            free = [candidate for candidate in seen if candidate.key not in engaged]
            best = free[:MOST_CANDIDATES]
            if best:
                keys, scores = tuple(c.key for c in best), tuple(c.score for c in best)
                found[key] = Found(SIMILAR, others=keys, scores=scores, number=len(free))
        return found
