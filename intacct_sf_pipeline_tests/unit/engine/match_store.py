"""The part of a staging store that matching asks, in memory, and records of the default mapping to put into it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import cast

from intacct_sf_pipeline.engine.matching.match import Found, find_partners
from intacct_sf_pipeline.engine.matching.search_keys import search_keys
from intacct_sf_pipeline.engine.ports import StagingStore
from intacct_sf_pipeline.engine.values.canonical import match_keys
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import SIDES, Canonical, CanonicalRecord, Link, Side
from intacct_sf_pipeline.model.results import MatchGroup


@cache
def entity(name: str = "accounts") -> EntityMapping:
    """An entity of the default mapping."""
    return load_config().mapping.entity(name)


@dataclass
class MatchStore:
    """Both sides' records of one entity, and the links among them."""

    name: str = "accounts"
    sides: dict[Side, dict[str, CanonicalRecord]] = field(default_factory=lambda: {side: {} for side in SIDES})
    linked: dict[Side, dict[str, Link]] = field(default_factory=lambda: {side: {} for side in SIDES})
    asked: int = 0

    def ours(self, key: str, **values: Canonical) -> CanonicalRecord:
        """A customer in Intacct; its id is `C-key`."""
        numbers = {"customer_id": f"C-{key}", "account_number": f"C-{key}"} if self.name == "accounts" else {}
        return self.put(Side.INTACCT, key, {**numbers, **values})

    def theirs(self, key: str, **values: Canonical) -> CanonicalRecord:
        """An account in Salesforce."""
        return self.put(Side.SALESFORCE, key, values)

    def put(self, side: Side, key: str, values: Mapping[str, Canonical]) -> CanonicalRecord:
        spec = entity(self.name)
        record = CanonicalRecord(
            key, values, match_keys=match_keys(spec, values), search_keys=search_keys(spec, values)
        )
        self.sides[side][key] = record
        return record

    def link(self, ours: str, theirs: str) -> None:
        made = Link(self.name, ours, theirs, "test", datetime(2026, 1, 1, tzinfo=UTC), "run-0")
        self.linked[Side.INTACCT][ours] = self.linked[Side.SALESFORCE][theirs] = made

    def found(self, side: Side) -> dict[str, Found]:
        """What is found for all records of `side` without a link."""
        loose = [record for key, record in self.sides[side].items() if key not in self.linked[side]]
        return find_partners(cast(StagingStore, self), entity(self.name), side, loose)

    def pairs(self) -> set[tuple[str, str]]:
        """The pairs that choose each other."""
        ours, theirs = self.found(Side.INTACCT), self.found(Side.SALESFORCE)
        return {
            (key, found.partner)
            for key, found in ours.items()
            if found.partner and found.partner in theirs and theirs[found.partner].partner == key
        }

    # --- what `engine.ports.StagingStore` promises ---------------------------------------------------------------
    def records(self, _entity: EntityMapping, side: Side, keys: Collection[str]) -> Mapping[str, CanonicalRecord]:
        self.asked += 1
        return {key: self.sides[side][key] for key in keys if key in self.sides[side]}

    def links(self, _entity: str, side: Side, keys: Collection[str]) -> Mapping[str, Link]:
        self.asked += 1
        return {key: self.linked[side][key] for key in keys if key in self.linked[side]}

    def match_groups(self, _entity: EntityMapping, rule: str, asked: Collection[str]) -> Mapping[str, MatchGroup]:
        self.asked += 1
        groups = {}
        for key in asked:
            members = [sorted(k for k, r in self.sides[s].items() if r.match_keys.get(rule) == key) for s in SIDES]
            linked = [k for s, found in zip(SIDES, members, strict=True) for k in found if k in self.linked[s]]
            groups[key] = MatchGroup(tuple(members[0]), tuple(members[1]), frozenset(linked))
        return groups

    def similar(
        self, _entity: EntityMapping, side: Side, asked: Collection[str], *, most: int
    ) -> Mapping[str, tuple[str, ...]]:
        self.asked += 1
        found = {key: tuple(sorted(k for k, r in self.sides[side].items() if key in r.search_keys)) for key in asked}
        return {key: members for key, members in found.items() if 0 < len(members) <= most}
