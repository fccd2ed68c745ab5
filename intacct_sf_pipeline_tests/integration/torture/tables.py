"""The staging database as people read it: links, holds, accepted differences; by SQL, not through the engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from .world import INTACCT, SALESFORCE, World

Pair = tuple[str, str]


class Tables:
    """Read models of one moment; everything is read when it is first asked for."""

    def __init__(self, world: World) -> None:
        self._database = world.loop.runtime.store.database
        self._held: dict[str, dict[tuple[str, str], set[str]]] = {}

    def rows(self, query: str, **parameters: Any) -> list[Mapping[str, Any]]:
        """Rows of a SQL query."""
        with self._database.read() as connection:
            return [dict(row) for row in connection.execute(text(query), parameters).mappings()]

    def number(self, query: str, **parameters: Any) -> int:
        """The one number a query gives."""
        return int(next(iter(self.rows(query, **parameters)[0].values())))

    def pairs(self, entity: str, *, by_hand: bool = True) -> list[Pair]:
        """Linked keys: Intacct, Salesforce; if asked, without those people brought together (by hand, a merge)."""
        found = self.rows("select intacct_key, salesforce_id, method from links where entity = :e order by 1", e=entity)
        return [
            (row["intacct_key"], row["salesforce_id"])
            for row in found
            if by_hand or row["method"] not in ("decided", "merged")
        ]

    def approved(self, entity: str) -> set[tuple[str, str]]:
        """Side and key of records about which a person approved something, ever."""
        query = "select record_side, record_key from decisions where verdict = 'approve' and entity = :e"
        return {(row["record_side"], row["record_key"]) for row in self.rows(query, e=entity)}

    def ignored(self, entity: str) -> set[tuple[str, str]]:
        """Side and key of records that a person said to leave alone."""
        query = (
            "select record_side, record_key from decisions "
            "where closed_at is null and verdict = 'ignore' and entity = :e"
        )
        return {(row["record_side"], row["record_key"]) for row in self.rows(query, e=entity)}

    def held(self, entity: str, side: str, key: str) -> set[str] | None:
        """Fields of a record on hold (empty: all of it); None when nothing is."""
        if entity not in self._held:
            self._held[entity] = self._all_held(entity)
        return self._held[entity].get((side, key))

    def pair_held(self, entity: str, pair: Pair, field: str = "") -> bool:
        """Whether a field of a pair, or the pair as a whole, waits for somebody."""
        found = [self.held(entity, side, key) for side, key in zip((INTACCT, SALESFORCE), pair, strict=True)]
        return any(names is not None and (not names or field in names) for names in found)

    def accepted(self, entity: str) -> dict[str, dict[str, str]]:
        """Differences left standing, by Intacct key and field, with their reasons."""
        query = f"select intacct_key, accepted from baseline_{entity} where accepted is not null"
        return {
            row["intacct_key"]: {name: parts[2] for name, parts in _decoded(row["accepted"]).items()}
            for row in self.rows(query)
        }

    def _all_held(self, entity: str) -> dict[tuple[str, str], set[str]]:
        held: dict[tuple[str, str], set[str]] = {}
        query = "select record_side, record_key, fields from holds where closed_at is null and entity = :e"
        for row in self.rows(query, e=entity):
            key, names = (row["record_side"], row["record_key"]), set(_decoded(row["fields"]) or ())
            whole = not names or held.get(key) == set()
            held[key] = set() if whole else held.get(key, set()) | names
        return held


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str | bytes) else value
