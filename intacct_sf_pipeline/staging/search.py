"""The search keys of one canonical table: an index of what makes records alike, kept with every write.

What a record carries is also kept in its row (`search_keys`), so that a change touches only the keys that differ.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, func, select

from intacct_sf_pipeline.staging.bulk import chunks
from intacct_sf_pipeline.staging.codec import stored_text
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.tables import CanonicalTable

_SEPARATOR = "\n"


class SearchIndex:
    """Reads and writes the search keys of one canonical table; works inside the caller's transaction."""

    def __init__(self, database: Database, canonical: CanonicalTable) -> None:
        self._database = database
        self._record_key = canonical.table.c.record_key
        self._stored = canonical.table.c.search_keys
        self._table = canonical.search

    def before(self, connection: Connection, keys: Collection[str]) -> dict[str, str | None]:
        """What records carry now, as stored, by record key; empty when the entity is never searched."""
        if self._table is None or not keys:
            return {}
        rows = self._database.bulk.fetch_in(connection, [self._record_key, self._stored], self._record_key, keys)
        return {row[0]: row[1] for row in rows}

    def apply(self, connection: Connection, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> None:
        """Make the index hold what records carry `after` (as stored) instead of `before`."""
        if self._table is None:
            return
        added: list[tuple[str, str]] = []
        dropped: list[tuple[str, str]] = []
        for key, text in after.items():
            was = before.get(key)
            if was == text:
                continue
            old, new = split(was), split(text)
            added += [(search_key, key) for search_key in new if search_key not in old]
            dropped += [(search_key, key) for search_key in old if search_key not in new]
        columns = [self._table.c.search_key, self._table.c.record_key]
        self._database.bulk.delete_rows(connection, columns, sorted(dropped))
        self._database.bulk.insert(connection, columns, added)

    def members(self, connection: Connection, search_keys: Collection[str], most: int) -> dict[str, tuple[str, ...]]:
        """Keys of the records that carry each search key; those that more than `most` carry are left out."""
        if self._table is None or not search_keys:
            return {}
        searched, record = self._table.c.search_key, self._table.c.record_key
        shared: list[str] = []
        for chunk in chunks(dict.fromkeys(search_keys), 1000):
            counted = select(searched, func.count()).where(searched.in_(chunk)).group_by(searched)
            shared += [row[0] for row in connection.execute(counted) if row[1] <= most]
        found: dict[str, list[str]] = {}
        for row in self._database.bulk.fetch_in(connection, [searched, record], searched, shared):
            found.setdefault(row[0], []).append(row[1])
        return {key: tuple(sorted(members)) for key, members in found.items()}


def joined(search_keys: Sequence[str]) -> str | None:
    """Search keys as a canonical row holds them."""
    return stored_text(_SEPARATOR.join(search_keys)) if search_keys else None


def split(stored: str | None) -> tuple[str, ...]:
    """The search keys of a stored text."""
    return tuple(stored.split(_SEPARATOR)) if stored else ()
