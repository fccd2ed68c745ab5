"""What a target holds after a write, put where reading it back will look, so that the echo is no change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from intacct_sf_pipeline.model.mapping import EntityMapping, Related
from intacct_sf_pipeline.model.records import CanonicalRecord, Scalar, Side, SourceRow
from intacct_sf_pipeline.staging.canonical import CanonicalStore
from intacct_sf_pipeline.staging.codec import encode_scalar
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.landing import Landing, Touched
from intacct_sf_pipeline.staging.landing_rows import StoredRow, built_row, stored_row, with_key
from intacct_sf_pipeline.staging.tables import LandingTable, MappingTables

Values = Mapping[str, Scalar]


class Predictions:
    """Merges what was written into landing and canonical tables; works inside the caller's transaction."""

    def __init__(self, database: Database, tables: MappingTables, landing: Landing) -> None:
        self._database = database
        self._tables = tables
        self._landing = landing

    def merge_rows(
        self, connection: Connection, entity: EntityMapping, side: Side, rows: Sequence[SourceRow], run_id: str
    ) -> None:
        """Merge predicted rows into the target's landing table, and `alias.column` into the related row.

        Columns not named keep their value. Related rows that do not exist yet are left to the next read.
        """
        if not rows:
            return
        aliases = {related.alias: related for related in entity.side(side).related}
        landing = self._tables.primary(entity, side)
        own = {row.key: {c: v for c, v in row.values.items() if c.partition(".")[0] not in aliases} for row in rows}
        stored = self._landing.rows(connection, landing, own)
        stamps = {row.key: row.modified for row in rows}
        merged = self._merge(connection, entity, landing, own, stored, stamps, run_id)
        for alias, spec in aliases.items():
            parts = {row.key: _part(row.values, alias) for row in rows}
            wanted = {
                str(encode_scalar(merged[key].get(spec.local))[1]): values for key, values in parts.items() if values
            }
            self._merge_related(connection, entity, side, spec, wanted, run_id)

    def merge_records(
        self, connection: Connection, canonical: CanonicalStore, records: Sequence[CanonicalRecord], run_id: str
    ) -> None:
        """Merge canonical records without making them a change; fields not named keep their value."""
        existing = canonical.fetch(connection, [record.key for record in records])
        now = self._database.clock()
        merged = [_merged(existing.get(record.key), record) for record in records]
        rows = [canonical.built_row(record, run_id, now) for record in merged]
        canonical.write(
            connection,
            new=[row for row in rows if row[-1] not in existing],
            changed=[row for row in rows if row[-1] in existing],
        )

    def _merge(
        self,
        connection: Connection,
        entity: EntityMapping,
        landing: LandingTable,
        values: Mapping[str, Values],
        stored: Mapping[str, StoredRow],
        stamps: Mapping[str, Any],
        run_id: str,
    ) -> dict[str, Values]:
        now = self._database.clock()
        touched = Touched()
        new: list[list[Any]] = []
        changed: list[list[Any]] = []
        merged: dict[str, Values] = {}
        for key, written in values.items():
            before = stored.get(key)
            after = with_key(landing, key, {**before.values, **written} if before else written)
            merged[key] = after
            touched.rows.append((key, before.live_values() if before else None, after))
            row = built_row(landing, key, after, stamps.get(key), run_id, now, before=before, predicted=True)
            (changed if before else new).append(row)
        self._landing.write(connection, landing, new=new, changed=changed)
        self._landing.enqueue(connection, landing, touched, but=entity.name)
        return merged

    def _merge_related(
        self,
        connection: Connection,
        entity: EntityMapping,
        side: Side,
        spec: Related,
        wanted: Mapping[str, Values],
        run_id: str,
    ) -> None:
        if not wanted:
            return
        landing = self._tables.feed(side, spec.feed)
        found = self._database.bulk.fetch_in(connection, landing.readable, landing.column(spec.foreign), wanted)
        first: dict[str, StoredRow] = {}
        for row in sorted((stored_row(landing, values) for values in found), key=StoredRow.order):
            text = encode_scalar(row.values.get(spec.foreign))[1]
            if not row.deleted and text is not None and text in wanted:
                first.setdefault(text, row)
        values = {row.key: wanted[text] for text, row in first.items()}
        self._merge(connection, entity, landing, values, {row.key: row for row in first.values()}, {}, run_id)


def _part(values: Values, alias: str) -> dict[str, Scalar]:
    return {
        column.removeprefix(f"{alias}."): value for column, value in values.items() if column.startswith(f"{alias}.")
    }


def _merged(existing: CanonicalRecord | None, written: CanonicalRecord) -> CanonicalRecord:
    if existing is None:
        return written
    kept = {name: value for name, value in existing.raw.items() if name not in written.values}
    problems = {name: reason for name, reason in existing.problems.items() if name not in written.values}
    return replace(
        existing,
        values={**existing.values, **written.values},
        raw={**kept, **written.raw},
        modified=written.modified or existing.modified,
        deleted=written.deleted,
        match_keys={**existing.match_keys, **written.match_keys},
        problems={**problems, **written.problems},
        search_keys=written.search_keys or existing.search_keys,
    )
