"""Canonical records and baselines as table rows, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection

from intacct_sf_pipeline.model.mapping import FieldSpec, FieldType
from intacct_sf_pipeline.model.plans import Accepted, Baseline
from intacct_sf_pipeline.model.records import Canonical, CanonicalRecord, Scalar
from intacct_sf_pipeline.staging.codec import content_hash, dumps, loads, stored_text
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.tables import BASELINE_META, CANONICAL_META, BaselineTable, CanonicalTable
from intacct_sf_pipeline.staging.types import KEY_LENGTH, plain

_META = len(CANONICAL_META)
RAW, MODIFIED, DELETED, CREATABLE, SCOPE, HASH, PROBLEMS = (index - _META for index in range(7))
"""Places in a row fetched in the order of `CanonicalTable.writable`; the key is last."""


class CanonicalStore:
    """Reads and writes one canonical table."""

    def __init__(self, database: Database, canonical: CanonicalTable) -> None:
        self._database = database
        self._spec = canonical
        self._encode, self._decode = _codecs(canonical.fields)
        self._rules = tuple(canonical.match_names)
        self._names = tuple(canonical.names)

    @property
    def spec(self) -> CanonicalTable:
        """The table."""
        return self._spec

    def built_row(self, record: CanonicalRecord, run_id: str, now: datetime) -> list[Any]:
        """A row in the order of `CanonicalTable.writable`."""
        get = record.values.get
        values = [
            None if (v := get(name)) is None else encode(v)
            for name, encode in zip(self._names, self._encode, strict=True)
        ]
        keys = [stored_match_key(record.match_keys.get(rule)) for rule in self._rules]
        raw = dumps(record.raw) if record.raw else None
        reason = record.scope_reason or None
        problems = dumps(record.problems) if record.problems else None
        hashed = [
            plain(v) if f.type is FieldType.DECIMAL and v is not None else v
            for f, v in zip(self._spec.fields, values, strict=True)
        ]
        digest = content_hash([hashed, keys, raw, record.deleted, record.creatable, reason, problems])
        return [
            *values,
            *keys,
            raw,
            record.modified,
            record.deleted,
            record.creatable,
            reason,
            digest,
            problems,
            now,
            run_id,
            record.key,
        ]

    def fetch(self, connection: Connection, keys: Iterable[str]) -> dict[str, CanonicalRecord]:
        """Records by key."""
        columns = self._spec.writable
        rows = self._database.bulk.fetch_in(connection, columns, self._spec.table.c.record_key, keys)
        return {row[-1]: self.record(row) for row in rows}

    def state(self, connection: Connection, keys: Iterable[str]) -> dict[str, tuple[str, datetime | None, bool]]:
        """Digest, stamp and deletion mark of the records that exist."""
        names = ("record_key", "content_hash", "modified_at", "is_deleted")
        columns = [self._spec.table.c[name] for name in names]
        rows = self._database.bulk.fetch_in(connection, columns, columns[0], keys)
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def record(self, row: Sequence[Any]) -> CanonicalRecord:
        """The record of a row fetched in the order of `CanonicalTable.writable`."""
        width = len(self._names)
        raw: Mapping[str, Scalar] = loads(row[RAW]) or {}
        problems: Mapping[str, str] = loads(row[PROBLEMS]) or {}
        values = _decoded(self._names, self._decode, row[:width])
        return CanonicalRecord(
            key=row[-1],
            values={name: v for name, v in values.items() if name not in problems} if problems else values,
            raw=raw,
            modified=row[MODIFIED],
            deleted=row[DELETED],
            creatable=row[CREATABLE],
            scope_reason=row[SCOPE] or "",
            match_keys=dict(zip(self._rules, row[width : width + len(self._rules)], strict=True)),
            problems=problems,
        )

    def write(self, connection: Connection, *, new: Sequence[Sequence[Any]], changed: Sequence[Sequence[Any]]) -> None:
        """Insert and update built rows."""
        self._database.bulk.insert(connection, self._spec.writable, new)
        self._database.bulk.update(connection, self._spec.writable, changed)


class BaselineStore:
    """Reads and writes one baseline table."""

    def __init__(self, database: Database, baseline: BaselineTable) -> None:
        self._database = database
        self._spec = baseline
        self._encode, self._decode = _codecs(baseline.fields)
        self._names = tuple(baseline.names)

    def fetch(self, connection: Connection, intacct_keys: Iterable[str]) -> dict[str, Baseline]:
        """Baselines by Intacct key; fields that were never agreed on are absent."""
        key = self._spec.table.c.intacct_key
        rows = self._database.bulk.fetch_in(connection, self._spec.writable, key, intacct_keys)
        return {row[-1]: self._baseline(row) for row in rows}

    def save(self, connection: Connection, baselines: Mapping[str, Baseline], run_id: str) -> None:
        """Replace the baselines of the given Intacct keys."""
        now = self._database.clock()
        self._database.bulk.upsert(
            connection,
            self._spec.writable,
            [self._row(key, baseline, run_id, now) for key, baseline in baselines.items()],
        )

    def _row(self, key: str, baseline: Baseline, run_id: str, now: datetime) -> list[Any]:
        known = baseline.values
        values = [
            None if (v := known.get(name)) is None else encode(v)
            for name, encode in zip(self._names, self._encode, strict=True)
        ]
        accepted = {name: [a.intacct, a.salesforce, a.reason] for name, a in baseline.accepted.items()}
        fields = ",".join(name for name in self._names if name in known)
        return [*values, fields, dumps(accepted) if accepted else None, now, run_id, key]

    def _baseline(self, row: Sequence[Any]) -> Baseline:
        known = _field_set(row[-len(BASELINE_META)])
        accepted = loads(row[1 - len(BASELINE_META)]) or {}
        values = _decoded(self._names, self._decode, row[: len(self._names)])
        if len(known) < len(values):
            values = {name: value for name, value in values.items() if name in known}
        return Baseline(values, {name: Accepted(*parts) for name, parts in accepted.items()})


def stored_match_key(key: str | None) -> str | None:
    """A match key as its column holds it: one too long for an index becomes a digest."""
    if key is None:
        return None
    key = stored_text(key)
    return key if len(key) <= KEY_LENGTH else "digest:" + blake2b(key.encode(), digest_size=20).hexdigest()


def _codecs(
    fields: Sequence[FieldSpec],
) -> tuple[tuple[Callable[[Any], Any], ...], tuple[Callable[[Any], Canonical] | None, ...]]:
    return tuple(_encoder(field) for field in fields), tuple(_decoder(field) for field in fields)


def _encoder(field: FieldSpec) -> Callable[[Any], Any]:
    return _as_is if field.type in _TYPED else _as_text


def _decoder(field: FieldSpec) -> Callable[[Any], Canonical] | None:
    if field.type is FieldType.ENUM and any(isinstance(value, bool) for value in field.values.values()):
        return _flag_or_text
    return None


_TYPED = (FieldType.DECIMAL, FieldType.BOOLEAN, FieldType.DATETIME)


def _as_is(value: Any) -> Any:
    return value


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return stored_text(value) if isinstance(value, str) else str(value)


def _flag_or_text(value: Any) -> Canonical:
    """Enumerations that stand for a flag on one side keep it in a text column."""
    if value in ("true", "false"):
        return bool(value == "true")
    return str(value)


def _decoded(
    names: Sequence[str], decoders: Sequence[Callable[[Any], Canonical] | None], row: Sequence[Any]
) -> dict[str, Canonical]:
    return {
        name: value if decode is None or value is None else decode(value)
        for name, decode, value in zip(names, decoders, row, strict=True)
    }


@lru_cache(maxsize=256)
def _field_set(text: str) -> frozenset[str]:
    return frozenset(text.split(",")) if text else frozenset()
