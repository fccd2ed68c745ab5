"""From lines to calls: which records go together, and which calls must not be under way at once. Pure.

Both services lock more than the record that is written: Salesforce the parent of every child, Intacct the customer
whose contact list is changed. So records of one parent (a family) go in one call where they fit, and calls that share
a family follow each other, in order. No call is made for it that would not have been made anyway.

Source: Apex Developer Guide, Locking Statements; Intacct owned lists guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from intacct_sf_pipeline.engine.values.references import reference_fields
from intacct_sf_pipeline.engine.writing.write_requests import related_changes
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import PlanLine
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.model.results import WriteRequest

ANYBODY: Final = "*"
"""The family of a record whose parent is not known: it may be anybody's."""
LONGEST_ROW: Final = 10
"""Records that go one by one in one call's stead: so many at most share a worker and the commits around it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A line, what it asks of the service, and the families of its record."""

    line: PlanLine
    request: WriteRequest
    families: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Call:
    """Records that are sent together."""

    parts: tuple[Prepared, ...]

    @cached_property
    def families(self) -> frozenset[str]:
        """The families of all its records."""
        return frozenset().union(*(part.families for part in self.parts))

    def clashes(self, other: Call) -> bool:
        """Whether the two must not be under way at once."""
        if ANYBODY in self.families or ANYBODY in other.families:
            return True
        return not self.families.isdisjoint(other.families)

    @property
    def requests(self) -> list[WriteRequest]:
        """What is asked of the service."""
        return [part.request for part in self.parts]


def families_of(
    entity: EntityMapping, side: Side, line: PlanLine, request: WriteRequest, record: CanonicalRecord | None
) -> frozenset[str]:
    """What a write locks: the record itself, and the parents it has and gets on the side that is written."""
    found = {f"key {line.target_key}"} if line.target_key else set()
    if line.natural_id:
        found.add(f"id {line.natural_id}".casefold())
    known = False
    for spec in reference_fields(entity):
        given = [request.values.get(column) for column in spec.source(side).columns]
        parents = {str(v) for v in (*given, record.raw_value(spec.name) if record else None) if v not in (None, "")}
        known = known or bool(parents)
        found |= {f"{spec.name} {parent}".casefold() for parent in parents}
    if not known and not request.create and (record is None or related_changes(entity, line)) and _has_parent(entity):
        found.add(ANYBODY)
    return frozenset(found)


def calls_of(
    prepared: Sequence[Prepared], *, size: int, at_once: int, goes_alone: Callable[[WriteRequest], bool]
) -> list[Call]:
    """The calls that write `prepared`, new records first; as few as there can be.

    Args:
        prepared: lines in the order of the outbox.
        size: records per call at most.
        at_once: calls that may be under way at once.
        goes_alone: whether the service takes a record only by itself; such records are shared out evenly.
    """
    singles = [part for part in prepared if goes_alone(part.request)]
    rest = [part for part in prepared if not goes_alone(part.request)]
    few = max(1, min(size, LONGEST_ROW, -(-len(singles) // at_once)))
    return [
        *_packed(singles, few),
        *_packed([part for part in rest if part.request.create], size),
        *_packed([part for part in rest if not part.request.create], size),
    ]


def _packed(parts: Sequence[Prepared], size: int) -> list[Call]:
    """Families into calls, the largest first, each into the first call with room for it whole; what fits nowhere
    whole fills the gaps, in order.
    """
    calls: list[list[Prepared]] = [[] for _ in range(-(-len(parts) // size))]
    torn: list[list[Prepared]] = []
    for kin in sorted(_kin(parts), key=len, reverse=True):
        home = next((call for call in calls if len(kin) <= size - len(call)), None)
        if home is None:
            torn.append(kin)
        else:
            home.extend(kin)
    for kin in torn:
        left = list(kin)
        for call in calls:
            room = size - len(call)
            call.extend(left[:room])
            left = left[room:]
    return [Call(tuple(call)) for call in calls if call]


def _kin(parts: Iterable[Prepared]) -> list[list[Prepared]]:
    """Records that share families, directly or by others between them; in order, and each of them in order."""
    groups: dict[int, list[tuple[int, Prepared]]] = {}
    group_of: dict[str, int] = {}
    for place, part in enumerate(parts):
        known = sorted({group_of[name] for name in part.families if name in group_of}, key=lambda n: len(groups[n]))
        mine = known.pop() if known else place
        groups.setdefault(mine, []).append((place, part))
        group_of.update(dict.fromkeys(part.families, mine))
        for smaller in known:
            joining = groups.pop(smaller)
            groups[mine].extend(joining)
            group_of.update({name: mine for _, other in joining for name in other.families})
    return [[part for _, part in sorted(group, key=_place)] for group in groups.values()]


def _place(entry: tuple[int, Prepared]) -> int:
    return entry[0]


def _has_parent(entity: EntityMapping) -> bool:
    return bool(reference_fields(entity))
