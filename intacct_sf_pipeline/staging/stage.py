"""Staging: raw records out of landing tables, canonical records into theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from intacct_sf_pipeline.model.mapping import EntityMapping, Related
from intacct_sf_pipeline.model.records import CanonicalRecord, Scalar, Side
from intacct_sf_pipeline.model.results import Batch, RawRecord
from intacct_sf_pipeline.staging.canonical import DIGEST, HASH, STAMP, CanonicalStore
from intacct_sf_pipeline.staging.codec import encode_scalar
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.holds import HoldBook
from intacct_sf_pipeline.staging.landing import PART, Landing
from intacct_sf_pipeline.staging.landing_rows import StoredRow, stored_row
from intacct_sf_pipeline.staging.links import LinkBook
from intacct_sf_pipeline.staging.queues import ReconcileQueue, StageQueue
from intacct_sf_pipeline.staging.tables import MappingTables
from intacct_sf_pipeline.staging.watches import WatchBook

_DELETED_DIGEST = "deleted"


class Staging:
    """Takes batches from the stage queue and stores what became of them; works inside the caller's transaction."""

    def __init__(
        self,
        database: Database,
        tables: MappingTables,
        landing: Landing,
        stage_queue: StageQueue,
        reconcile_queue: ReconcileQueue,
        links: LinkBook,
        holds: HoldBook,
        watches: WatchBook,
    ) -> None:
        self._database = database
        self._tables = tables
        self._landing = landing
        self._stage_queue = stage_queue
        self._reconcile_queue = reconcile_queue
        self._links = links
        self._holds = holds
        self._watches = watches

    def take(self, connection: Connection, entity: EntityMapping, side: Side, limit: int) -> Batch[RawRecord]:
        """The next records with their related rows."""
        waiting = self._stage_queue.take(connection, entity, side, limit)
        if not waiting:
            return Batch((), ())
        tokens, keys = zip(*waiting, strict=True)
        rows = self._landing.rows(connection, self._tables.primary(entity, side), keys)
        live = [row for row in rows.values() if not row.deleted]
        related = {
            spec.alias: (spec, self._related(connection, side, spec, live)) for spec in entity.side(side).related
        }
        return Batch(tokens, tuple(_raw_record(key, rows.get(key), related) for key in keys))

    def commit(
        self,
        connection: Connection,
        canonical: CanonicalStore,
        batch: Batch[RawRecord],
        records: Sequence[CanonicalRecord],
        run_id: str,
    ) -> int:
        """Upsert the records, enqueue those whose content changed, and drop the batch; how many changed."""
        entity, side = canonical.spec.entity, canonical.spec.side
        vanished = [record for record in records if record.deleted and not record.values]
        present = {record.key: record for record in records if record.values or not record.deleted}
        touched = self._upsert(connection, canonical, list(present.values()), run_id)
        expected = [item.key for item in batch.items]
        if entity.side(side).variants:
            expected = [key for whole in expected for key in record_keys(entity, side, whole)]
        absent = [key for key in expected if key not in present]
        stamps = {record.key: record for record in vanished}
        touched += self._out_of_scope(connection, canonical, [*absent, *stamps], stamps, run_id)
        self._watches.wake(connection, entity.name, side, touched)
        self._reconcile_queue.add(connection, entity.name, side, touched)
        self._stage_queue.drop(connection, batch.tokens)
        return len(touched)

    def _upsert(
        self, connection: Connection, canonical: CanonicalStore, records: list[CanonicalRecord], run_id: str
    ) -> list[str]:
        now = self._database.clock()
        stored = canonical.stored(connection, [record.key for record in records])
        new, changed, restamped = [], [], []
        for record in records:
            row = canonical.built_row(record, run_id, now)
            before = stored.get(record.key)
            if before is None:
                new.append(row)
            elif before[DIGEST] != row[HASH]:
                changed.append(row)
            elif before[STAMP] is None and record.modified is not None:
                # A stamp that moves without a change of content never makes this side the newer one.
                restamped.append((record.modified, record.key))
        canonical.write(connection, new=new, changed=changed, stored=stored)
        table = canonical.spec.table
        self._database.bulk.update(connection, [table.c.modified_at, table.c.record_key], restamped)
        return [row[-1] for row in (*new, *changed)]

    def _out_of_scope(
        self,
        connection: Connection,
        canonical: CanonicalStore,
        keys: Iterable[str],
        stamps: Mapping[str, CanonicalRecord],
        run_id: str,
    ) -> list[str]:
        """Remove records that are not there any more; linked ones stay, marked deleted, for their partner's sake."""
        entity, side = canonical.spec.entity, canonical.spec.side
        state = canonical.state(connection, keys)
        if not state:
            return []
        linked = self._links.by_key(connection, entity.link_entity, side, state)
        removed = [key for key in state if key not in linked]
        table = canonical.spec.table
        canonical.remove(connection, removed)
        self._reconcile_queue.remove(connection, entity.name, side, removed)
        self._holds.close_all(connection, entity.name, side, removed)
        self._watches.wake(connection, entity.name, side, removed)
        self._watches.forget(connection, entity.name, [(side.value, key) for key in removed])
        names = ("is_deleted", "content_hash", "scope_reason", "modified_at", "staged_at", "run_id", "record_key")
        now = self._database.clock()
        marked = [
            (True, _DELETED_DIGEST, *_reason_and_stamp(stamps.get(key), modified), now, run_id, key)
            for key, (_, modified, was_deleted) in state.items()
            if key in linked and not was_deleted
        ]
        self._database.bulk.update(connection, [table.c[name] for name in names], marked)
        return [row[-1] for row in marked]

    def _related(
        self, connection: Connection, side: Side, spec: Related, rows: list[StoredRow]
    ) -> dict[str, list[StoredRow]]:
        landing = self._tables.feed(side, spec.feed)
        foreign = landing.column(spec.foreign)
        wanted = {text for row in rows if (text := _join_text(row, spec.local))}
        found: dict[str, list[StoredRow]] = {}
        for values in self._database.bulk.fetch_in(connection, landing.readable, foreign, wanted):
            row = stored_row(landing, values)
            text = _join_text(row, spec.foreign)
            # Some servers take `A` and `A ` for equal; the join is exact.
            if not row.deleted and text is not None and text in wanted:
                found.setdefault(text, []).append(row)
        for group in found.values():
            group.sort(key=StoredRow.order)
        return found


def record_keys(entity: EntityMapping, side: Side, key: str) -> tuple[str, ...]:
    """Keys of the canonical records that one source row may become: its own, or `key|variant`."""
    variants = entity.side(side).variants
    return (key, *(f"{key}{PART}{variant.name}" for variant in variants)) if variants else (key,)


def _reason_and_stamp(
    vanished: CanonicalRecord | None, modified: datetime | None
) -> tuple[str | None, datetime | None]:
    if vanished is None:
        return None, modified
    return vanished.scope_reason or None, vanished.modified or modified


def _raw_record(
    key: str, row: StoredRow | None, related: Mapping[str, tuple[Related, Mapping[str, list[StoredRow]]]]
) -> RawRecord:
    if row is None or row.deleted:
        return RawRecord(key, None, row.modified if row else None)
    joined: dict[str, tuple[Mapping[str, Scalar], ...]] = {}
    for alias, (spec, groups) in related.items():
        group = groups.get(_join_text(row, spec.local) or "") if groups else None
        joined[alias] = tuple([found.values for found in (group if spec.many else group[:1])]) if group else ()
    return RawRecord(key, row.values, row.modified, joined)


def _join_text(row: StoredRow, column: str) -> str | None:
    """A value by which rows belong together, as it is stored."""
    value = row.values.get(column)
    return value if type(value) is str and value.isascii() and "\x00" not in value else encode_scalar(value)[1]
