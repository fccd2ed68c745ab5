"""What is known of generated records: which two are one thing, which have no counterpart, how hard each is to match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

SAME = "formatting"
"""Pairs that differ in formatting alone, or in single fields."""

ALONE = "alone"
"""Records without a counterpart, and without anybody who looks like one."""

Ids = Mapping[str, Sequence[tuple[str | None, str | None]]]
"""Intacct id and Salesforce id of every thing, by entity; None where a system does not hold it."""


@dataclass(frozen=True, slots=True)
class TruePair:
    """Two records that are the same thing. `entity` is `accounts`, `contacts` or `products`; `kind` how they differ."""

    entity: str
    intacct_id: str
    salesforce_id: str
    kind: str = SAME


@dataclass(frozen=True, slots=True)
class Loner:
    """A record of one system without a counterpart; `kind` says whom it could be taken for."""

    entity: str
    system: str
    record_id: str
    kind: str = ALONE


def pairs_of(ids: Ids, kinds: Mapping[str, str]) -> Iterator[TruePair]:
    """The things both systems hold; `kinds` are by Salesforce id."""
    for entity, members in ids.items():
        for ours, theirs in members:
            if ours and theirs:
                yield TruePair(entity, ours, theirs, kinds.get(theirs, SAME))


def loners_of(ids: Ids, kinds: Mapping[str, str]) -> Iterator[Loner]:
    """The things one system holds; `kinds` are by that system's id."""
    for entity, members in ids.items():
        for ours, theirs in members:
            if ours and not theirs:
                yield Loner(entity, "intacct", ours, kinds.get(ours, ALONE))
            elif theirs and not ours:
                yield Loner(entity, "salesforce", theirs, kinds.get(theirs, ALONE))
