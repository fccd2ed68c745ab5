"""Records of the other side that are so much alike that creating a new one would likely double it.

Found by shared search keys, never by comparing everything with everything; scored field by field (`evidence.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from intacct_sf_pipeline.engine.matching.evidence import score
from intacct_sf_pipeline.engine.ports import StagingStore
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import CanonicalRecord, Side

SELECTIVE = 64
"""A key that at most so many records carry is reason enough to compare with each of them."""

MOST = 5000
"""A key that more records carry says nothing; between the two, a record must share two keys to be compared."""

COMPARED = 200
"""Records that one is compared with at most: those that share the most keys."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record of the other side, and how likely it is the partner (0 to 1)."""

    key: str
    score: float

    def order(self) -> tuple[float, str]:
        """The most likely first; equally likely ones always in the same order."""
        return -self.score, self.key


def alike(
    store: StagingStore, entity: EntityMapping, side: Side, records: list[CanonicalRecord]
) -> dict[str, list[Candidate]]:
    """Free records of the other side that reach the mapping's score, by the key of the record they are alike to."""
    if entity.similar is None or not records:
        return {}
    asked = {key for record in records for key in record.search_keys}
    members = store.similar(entity, side.other, asked, most=MOST)
    nearby = {record.key: near for record in records if (near := _nearby(record, members))}
    wanted = {key for keys in nearby.values() for key in keys}
    free = wanted - set(store.links(entity.link_entity, side.other, wanted))
    others = store.records(entity, side.other, free)
    found: dict[str, list[Candidate]] = {}
    for record in records:
        scored = [
            Candidate(other.key, likely)
            for key in nearby.get(record.key, ())
            if (other := others.get(key)) is not None
            and not other.deleted
            and (likely := score(entity, record, other, at_least=entity.similar.at_least)) is not None
        ]
        if scored:
            found[record.key] = sorted(scored, key=Candidate.order)
    return found


def _nearby(record: CanonicalRecord, members: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Keys of the records worth a comparison."""
    shared = Counter(key for search_key in record.search_keys for key in members.get(search_key, ()))
    selective = {
        key
        for search_key in record.search_keys
        if len(carriers := members.get(search_key, ())) <= SELECTIVE
        for key in carriers
    }
    return [key for key, number in shared.most_common() if number > 1 or key in selective][:COMPARED]
