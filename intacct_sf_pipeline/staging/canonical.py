"""Canonical records and baselines as table rows, and back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import compress
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from intacct_sf_pipeline.model.plans import Accepted, Baseline
from intacct_sf_pipeline.model.records import CanonicalRecord, Scalar
from intacct_sf_pipeline.staging.codec import content_hash, dumps, loads, stored_text
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.field_codec import FieldCodec
from intacct_sf_pipeline.staging.search import SearchIndex, joined, split
from intacct_sf_pipeline.staging.tables import BaselineTable, CanonicalTable
from intacct_sf_pipeline.staging.types import KEY_LENGTH

HASH = -9
"""Place of the digest in a built row."""

_RAW, _MODIFIED, _DELETED, _CREATABLE, _SCOPE, _PROBLEMS, _SEARCH, _KEY = range(-8, 0)
_KNOWN, _ACCEPTED = -3, -2
DIGEST, STAMP = 1, 2
"""Places in what `CanonicalStore.stored` gives."""

_KNOWN_SEARCH, _KNOWN_KEYS = 3, 4
_NUL = "\x00"
Row = Sequence[Any]


class CanonicalStore:
    """Reads and writes one canonical table."""

    def __init__(self, database: Database, canonical: CanonicalTable) -> None:
        self._database = database
        self._spec = canonical
        self._codec = FieldCodec(canonical.fields)
        self._rules = tuple(canonical.match_names)
        self._search = SearchIndex(database, canonical)
        at = canonical.table.c
        known = ("record_key", "content_hash", "modified_at", "search_keys", *canonical.match_names.values())
        self._known = [at[name] for name in known]

    @property
    def spec(self) -> CanonicalTable:
        """The table."""
        return self._spec

    def built_row(self, record: CanonicalRecord, run_id: str, now: datetime) -> list[Any]:
        """A row in the order of `CanonicalTable.writable`."""
        values = self._codec.encode(record.values)
        key_of = record.match_keys.get
        keys = [
            key if (key := key_of(rule)) is None or (len(key) <= KEY_LENGTH and key.isascii() and _NUL not in key)
            else stored_match_key(key)
            for rule in self._rules
        ]  # fmt: skip
        raw = dumps(record.raw) if record.raw else None
        reason = record.scope_reason or None
        problems = dumps(record.problems) if record.problems else None
        searched = joined(record.search_keys)
        told = (raw, record.deleted, record.creatable, reason, problems, searched)
        digest = content_hash([self._codec.content(values), keys, told])
        described = (raw, record.modified, record.deleted, record.creatable, reason, problems, searched, record.key)
        return [*values, *keys, now, run_id, digest, *described]

    def gone(self, connection: Connection, keys: Iterable[str]) -> frozenset[str]:
        """Those of the records `keys` that are deleted."""
        at = self._spec.table.c
        rows = self._database.bulk.fetch_in(connection, [at.record_key, at.is_deleted], at.record_key, keys)
        return frozenset(row[0] for row in rows if row[1])

    def fetch(self, connection: Connection, keys: Iterable[str]) -> dict[str, CanonicalRecord]:
        """Records by key."""
        rows = self._database.bulk.fetch_in(connection, self._spec.readable, self._spec.table.c.record_key, keys)
        return {row[_KEY]: self._record(row) for row in rows}

    def state(self, connection: Connection, keys: Iterable[str]) -> dict[str, tuple[str, datetime | None, bool]]:
        """Digest, stamp and deletion mark of the records that exist."""
        names = ("record_key", "content_hash", "modified_at", "is_deleted")
        columns = [self._spec.table.c[name] for name in names]
        rows = self._database.bulk.fetch_in(connection, columns, columns[0], keys)
        return {row[0]: (row[1], row[2], bool(row[3])) for row in rows}

    def stored(self, connection: Connection, keys: Iterable[str]) -> dict[str, Row]:
        """What is known of the records that exist, by key: `DIGEST`, `STAMP`, and what `write` asks for."""
        rows = self._database.bulk.fetch_in(connection, self._known, self._known[0], keys)
        return {row[0]: row for row in rows}

    def write(
        self,
        connection: Connection,
        *,
        new: Sequence[Row],
        changed: Sequence[Row],
        stored: Mapping[str, Row] | None = None,
    ) -> None:
        """Insert and update built rows, and keep the search keys in step; `stored` is what `stored` said of them."""
        known = self.stored(connection, [row[_KEY] for row in changed]) if stored is None else stored
        before = {row[_KEY]: known[row[_KEY]][_KNOWN_SEARCH] for row in changed}
        self._search.apply(connection, before, {row[_KEY]: row[_SEARCH] for row in (*new, *changed)})
        self._database.bulk.insert(connection, self._spec.writable, new)
        for kept, rows in self._by_kept_keys(changed, known).items():
            wanted = [place for place in range(len(self._spec.writable)) if place not in kept]
            columns, pick = [self._spec.writable[place] for place in wanted], itemgetter(*wanted)
            self._database.bulk.update(connection, columns, [pick(row) for row in rows])

    def _by_kept_keys(self, rows: Iterable[Row], known: Mapping[str, Row]) -> dict[frozenset[int], list[Row]]:
        """Rows by the places of the match keys that stay as they are: their indexes need not be touched.

        An index costs more to write than the row itself, and most changes leave most match keys alone.
        """
        first = len(self._codec.names)
        places = range(first, first + len(self._rules))
        groups: dict[tuple[bool, ...], list[Row]] = {}
        for row in rows:
            stored = known[row[_KEY]][_KNOWN_KEYS:]
            same = tuple([row[place] == key for place, key in zip(places, stored, strict=True)])
            groups.setdefault(same, []).append(row)
        return {frozenset(compress(places, same)): group for same, group in groups.items()}

    def remove(self, connection: Connection, keys: Collection[str]) -> None:
        """Delete records with their search keys."""
        before = self._search.before(connection, keys)
        self._search.apply(connection, before, dict.fromkeys(before))
        self._database.bulk.delete_in(connection, self._spec.table.c.record_key, keys)

    def similar(self, connection: Connection, search_keys: Collection[str], most: int) -> dict[str, tuple[str, ...]]:
        """Keys of the records that carry each search key; those that more than `most` carry are left out."""
        return self._search.members(connection, search_keys, most)

    def _record(self, row: Sequence[Any]) -> CanonicalRecord:
        width = len(self._codec.names)
        raw: Mapping[str, Scalar] = loads(row[_RAW]) or {}
        problems: Mapping[str, str] = loads(row[_PROBLEMS]) or {}
        values = self._codec.decode(row[:width])
        return CanonicalRecord(
            key=row[_KEY],
            values={name: v for name, v in values.items() if name not in problems} if problems else values,
            raw=raw,
            modified=row[_MODIFIED],
            deleted=bool(row[_DELETED]),
            creatable=bool(row[_CREATABLE]),
            scope_reason=row[_SCOPE] or "",
            match_keys=dict(zip(self._rules, row[width:_RAW], strict=True)),
            problems=problems,
            search_keys=split(row[_SEARCH]),
        )


class BaselineStore:
    """Reads and writes one baseline table."""

    def __init__(self, database: Database, baseline: BaselineTable) -> None:
        self._database = database
        self._spec = baseline
        self._codec = FieldCodec(baseline.fields)

    def fetch(self, connection: Connection, intacct_keys: Iterable[str]) -> dict[str, Baseline]:
        """Baselines by Intacct key; fields that were never agreed on are absent."""
        key = self._spec.table.c.intacct_key
        rows = self._database.bulk.fetch_in(connection, self._spec.readable, key, intacct_keys)
        return {row[_KEY]: self._baseline(row) for row in rows}

    def save(self, connection: Connection, baselines: Mapping[str, Baseline], run_id: str) -> None:
        """Replace the baselines of the given Intacct keys."""
        now = self._database.clock()
        rows = [self._row(key, baseline, run_id, now) for key, baseline in baselines.items()]
        self._database.bulk.upsert(connection, self._spec.writable, rows)

    def confirm(self, connection: Connection, intacct_keys: Iterable[str], run_id: str) -> None:
        """Note that these baselines are still what both sides agree on."""
        at = self._spec.table.c
        seen = (self._database.clock(), run_id)
        self._database.bulk.update_in(connection, [at.updated_at, at.run_id], seen, at.intacct_key, intacct_keys)

    def drop(self, connection: Connection, intacct_keys: Iterable[str]) -> None:
        """Forget the baselines of ended links."""
        self._database.bulk.delete_in(connection, self._spec.table.c.intacct_key, list(intacct_keys))

    def _row(self, key: str, baseline: Baseline, run_id: str, now: datetime) -> list[Any]:
        accepted = {name: [a.intacct, a.salesforce, a.reason] for name, a in baseline.accepted.items()}
        known = _field_list(self._codec.names, tuple(baseline.values))
        values = self._codec.encode(baseline.values)
        return [*values, now, run_id, known, dumps(accepted) if accepted else None, key]

    def _baseline(self, row: Sequence[Any]) -> Baseline:
        known = _field_set(row[_KNOWN])
        accepted = loads(row[_ACCEPTED]) or {}
        values = self._codec.decode(row[:_KNOWN])
        if len(known) < len(values):
            values = {name: value for name, value in values.items() if name in known}
        return Baseline(values, {name: Accepted(*parts) for name, parts in accepted.items()})


def stored_match_key(key: str | None) -> str | None:
    """A match key as its column holds it: one too long for an index becomes a digest."""
    if key is None or (len(key) <= KEY_LENGTH and key.isascii() and "\x00" not in key):
        return key
    key = stored_text(key)
    # SQL Server counts UTF-16 units, of which some letters have two.
    return (
        key
        if len(key.encode("utf-16-le")) <= 2 * KEY_LENGTH
        else "digest:" + blake2b(key.encode(), digest_size=20).hexdigest()
    )


@lru_cache(maxsize=256)
def _field_list(names: tuple[str, ...], known: tuple[str, ...]) -> str:
    return ",".join(name for name in names if name in known)


@lru_cache(maxsize=256)
def _field_set(text: str) -> frozenset[str]:
    return frozenset(text.split(",")) if text else frozenset()
