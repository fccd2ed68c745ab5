"""Landing: rows of a feed as they were read, and the changes they mean to the entities that use them."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select

from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec
from intacct_sf_pipeline.model.records import Scalar, Side, SourceRow
from intacct_sf_pipeline.model.results import LandCounts
from intacct_sf_pipeline.model.windows import Watermark
from intacct_sf_pipeline.staging.bulk import chunks
from intacct_sf_pipeline.staging.codec import encode_scalar
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.landing_rows import (
    DELETED,
    HASH,
    LATE_READ,
    StoredRow,
    built_row,
    is_late_read,
    restamped,
    stored_row,
    with_key,
)
from intacct_sf_pipeline.staging.queues import StageQueue
from intacct_sf_pipeline.staging.schema import watermarks
from intacct_sf_pipeline.staging.tables import LandingTable, MappingTables, Role

PART = "|"
"""Separates the key of a whole from that of its part: deleting `K` deletes every `K|...`."""


@dataclass(slots=True)
class Touched:
    """Rows that changed, as the consuming entities need to know.

    Key, old and new values; None: there was, or is, no row.
    """

    rows: list[tuple[str, Mapping[str, Scalar] | None, Mapping[str, Scalar] | None]] = field(default_factory=list)


class Landing:
    """Writes landing tables and enqueues what changed; every method works inside the caller's transaction."""

    def __init__(self, database: Database, tables: MappingTables, queue: StageQueue) -> None:
        self._database = database
        self._tables = tables
        self._queue = queue

    def land(self, connection: Connection, feed: FeedSpec, rows: Sequence[SourceRow], run_id: str) -> LandCounts:
        """Upsert rows as read; the last one of a key counts."""
        landing = self._tables.feed(feed.side, feed.name)
        counts = LandCounts(read=len(rows))
        for chunk in chunks({row.key: row for row in rows}.values()):
            deleted = [row for row in chunk if row.deleted]
            counts += self._upsert(connection, landing, [row for row in chunk if not row.deleted], run_id)
            counts += LandCounts(
                deleted=self._delete(connection, landing, {row.key: row.modified for row in deleted}, run_id)
            )
        return counts

    def unseen(self, connection: Connection, feed: FeedSpec, seen: Container[str]) -> list[str]:
        """Keys of live rows that a full read did not show.

        Rows we made a moment ago and no read has shown yet are left out: services show a write late now and then.
        """
        landing = self._tables.feed(feed.side, feed.name)
        return [key for key in self._present(connection, landing) if key not in seen]

    def sweep(self, connection: Connection, feed: FeedSpec, keys: Collection[str], run_id: str) -> int:
        """Mark rows that are gone as deleted; how many."""
        landing = self._tables.feed(feed.side, feed.name)
        return sum(self._mark_deleted(connection, landing, dict.fromkeys(chunk), run_id) for chunk in chunks(keys))

    def sweep_among(
        self,
        connection: Connection,
        feed: FeedSpec,
        column: str,
        values: Collection[str],
        seen: Collection[str],
        run_id: str,
        *,
        settled: bool = False,
    ) -> int:
        """Mark rows whose `column` is one of `values` as deleted unless their key was seen; how many."""
        landing = self._tables.feed(feed.side, feed.name)
        columns = [landing.table.c[name] for name in ("record_key", "is_deleted", "predicted_at", "last_stamp")]
        rows = self._database.bulk.fetch_in(connection, columns, landing.column(column), values)
        fresh = self._database.clock() - LATE_READ
        gone = [
            key
            for key, deleted, written, read in rows
            if not deleted and key not in seen and not (settled and written and written >= fresh and read is None)
        ]
        return self._mark_deleted(connection, landing, dict.fromkeys(gone), run_id) if gone else 0

    def count(self, connection: Connection, feed: FeedSpec) -> int:
        """Rows that are landed and not deleted."""
        table = self._tables.feed(feed.side, feed.name).table
        return connection.execute(select(func.count()).select_from(table).where(~table.c.is_deleted)).scalar_one()

    def rows(self, connection: Connection, landing: LandingTable, keys: Iterable[str]) -> dict[str, StoredRow]:
        """Landed rows by key, deleted ones included."""
        found = self._database.bulk.fetch_in(connection, landing.readable, landing.table.c.record_key, keys)
        return {row[-1]: stored_row(landing, row) for row in found}

    def enqueue(self, connection: Connection, landing: LandingTable, touched: Touched, *, but: str = "") -> None:
        """Tell every consuming entity, except `but`, what changed of the columns it uses."""
        for role in landing.roles:
            if role.entity != but:
                self._queue.add(connection, role.entity, role.side, role.alias, _values_of(role, touched))

    def stage_again(self, connection: Connection, entity: EntityMapping, side: Side, keys: Iterable[str]) -> None:
        """Enqueue an entity's own records for staging although nothing that was read of them changed."""
        self._queue.add(connection, entity.name, side, "", keys)

    def write(
        self,
        connection: Connection,
        landing: LandingTable,
        *,
        new: Sequence[Sequence[Any]],
        changed: Sequence[Sequence[Any]],
    ) -> None:
        """Insert and update built rows (see `built_row`)."""
        self._database.bulk.insert(connection, landing.writable, new)
        self._database.bulk.update(connection, landing.writable, changed)

    def _upsert(self, connection: Connection, landing: LandingTable, rows: list[SourceRow], run_id: str) -> LandCounts:
        state = landing.state
        found = self._database.bulk.fetch_in(connection, state, state[-1], [row.key for row in rows])
        existing = {row[-1]: row for row in found}
        now = self._database.clock()
        new: list[list[Any]] = []
        changed: list[list[Any]] = []
        stamps: list[list[Any]] = []
        touched = Touched()
        after: dict[str, Mapping[str, Scalar]] = {}
        for row in rows:
            values = with_key(landing, row.key, row.values)
            built = built_row(landing, row.key, values, row.modified, run_id, now)
            before = existing.get(row.key)
            if before is None:
                new.append(built)
                touched.rows.append((row.key, None, values))
            elif before[HASH] != built[HASH] or before[DELETED]:
                if not is_late_read(before, built, now):
                    changed.append(built)
                    after[row.key] = values
            elif stamp := restamped(before, row.modified):
                stamps.append(stamp)
        if after:
            stored = self.rows(connection, landing, after)
            touched.rows += [(key, stored[key].live_values(), values) for key, values in after.items()]
        self.write(connection, landing, new=new, changed=changed)
        stamp_columns = [landing.table.c[name] for name in ("modified_at", "last_stamp", "record_key")]
        self._database.bulk.update(connection, stamp_columns, stamps)
        self.enqueue(connection, landing, touched)
        return LandCounts(new=len(new), changed=len(changed))

    def _delete(
        self, connection: Connection, landing: LandingTable, keys: Mapping[str, datetime | None], run_id: str
    ) -> int:
        if not keys:
            return 0
        key = landing.table.c.record_key
        parts = {}
        for chunk in chunks(keys, 200):
            # Keys are compared byte by byte, so the parts of K lie between K| and the character after it.
            ranges = or_(*(key.between(whole + PART, whole + chr(ord(PART) + 1)) for whole in chunk))
            for (part,) in connection.execute(select(key).where(ranges)):
                parts[part] = keys.get(part.rpartition(PART)[0])
        return self._mark_deleted(connection, landing, {**parts, **keys}, run_id)

    def _mark_deleted(
        self, connection: Connection, landing: LandingTable, keys: Mapping[str, datetime | None], run_id: str
    ) -> int:
        live = {key: row for key, row in self.rows(connection, landing, keys).items() if not row.deleted}
        columns = [landing.table.c[name] for name in ("is_deleted", "modified_at", "read_at", "run_id", "record_key")]
        now = self._database.clock()
        marked = [(True, keys[key] or row.modified, now, run_id, key) for key, row in live.items()]
        self._database.bulk.update(connection, columns, marked)
        self.enqueue(connection, landing, Touched([(key, row.values, None) for key, row in live.items()]))
        return len(live)

    def _present(self, connection: Connection, landing: LandingTable) -> Iterator[str]:
        key, last, written = landing.table.c.record_key, "", landing.table.c.predicted_at
        # A row that was read once carries its stamp; an update shown late still shows the row.
        read = landing.table.c.last_stamp.is_not(None)
        settled = written.is_(None) | (written < self._database.clock() - LATE_READ) | read
        while True:
            alive = select(key).where(~landing.table.c.is_deleted, settled, key > last)
            page = alive.order_by(key).limit(10_000)
            keys = list(connection.execute(page).scalars())
            yield from keys
            if not keys:
                return
            last = keys[-1]


def save_watermark(connection: Connection, database: Database, feed: FeedSpec, watermark: Watermark) -> None:
    """Store how far the feed has been read."""
    columns = [watermarks.c[name] for name in ("value", "full_at", "updated_at", "sighting", "feed")]
    row = (
        watermark.value,
        watermark.full_at,
        watermark.own or database.clock(),
        watermark.sighting or None,
        feed.name,
    )
    database.bulk.upsert(connection, columns, [row], where={watermarks.c.side: feed.side.value})


def load_watermark(connection: Connection, feed: FeedSpec) -> Watermark | None:
    """How far the feed has been read."""
    stored = watermarks.c
    row = connection.execute(
        select(stored.value, stored.full_at, stored.updated_at, stored.sighting).where(
            stored.side == feed.side.value, stored.feed == feed.name
        )
    ).one_or_none()
    return None if row is None else Watermark(feed.name, row[0], row[1], own=row[2], sighting=row[3] or 0)


def _values_of(role: Role, touched: Touched) -> Iterator[str]:
    for key, old, new in touched.rows:
        if old is not None and new is not None and all(old.get(name) == new.get(name) for name in role.columns):
            continue
        if not role.alias:
            yield key
            continue
        for values in (old, new):
            text = encode_scalar(values.get(role.foreign))[1] if values else None
            if text:
                yield text
