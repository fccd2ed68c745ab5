"""What brings records on hold up again: changes of the records they depend on, candidates and twins.

A record on hold is looked at again when it changes itself; what else its decision rests on is noted here, and looked up
when a record changes, gets a partner or loses one. So the cost of a tick follows what changed, not how much waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, select

from intacct_sf_pipeline.model.plans import Settlement
from intacct_sf_pipeline.model.records import SIDES, Link, Side
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.queues import ReconcileQueue
from intacct_sf_pipeline.staging.schema import hold_watches

_AT = hold_watches.c
_COLUMNS = [_AT.entity, _AT.record_side, _AT.record_key, _AT.watched_side, _AT.watched_key]
Record = tuple[str, str]
"""Side and key."""


class WatchBook:
    """Reads and writes watches; works inside the caller's transaction."""

    def __init__(self, database: Database, queue: ReconcileQueue) -> None:
        self._database, self._queue = database, queue

    def replace(
        self, connection: Connection, entity: str, settled: Iterable[Record], settlements: Sequence[Settlement]
    ) -> None:
        """Watch what the holds of `settlements` depend on, and no more what the records `settled` depended on."""
        rows = {
            (entity, hold.record_side.value, hold.key, watched_side, key)
            for settlement in settlements
            for hold in settlement.holds
            for watched_side, keys in (
                (hold.record_side.other.value, hold.candidates),
                (hold.record_side.value, hold.watched),
            )
            for key in keys
        }
        if rows or self._any(connection, entity):
            self.forget(connection, entity, {*settled, *((row[1], row[2]) for row in rows)})
        self._database.bulk.insert(connection, _COLUMNS, sorted(rows))

    def forget(self, connection: Connection, entity: str, records: Iterable[Record]) -> None:
        """Watch nothing any more for these records."""
        for side, keys in _by_side(records).items():
            scope = {_AT.entity: entity, _AT.record_side: side.value}
            self._database.bulk.delete_in(connection, _AT.record_key, keys, where=scope)

    def wake(self, connection: Connection, entity: str, side: Side, keys: Collection[str]) -> None:
        """Enqueue the records on hold that depend on one of these, or on the same records as one of these."""
        self._wake(connection, entity, {(side.value, key) for key in keys})

    def _wake(self, connection: Connection, entity: str, seen: set[Record]) -> None:
        if not seen or not self._any(connection, entity):
            return
        shared = self._rows(connection, entity, seen, own=True)
        waiting = self._rows(connection, entity, seen | shared, own=False)
        for one, found in _by_side(waiting - seen).items():
            self._queue.add(connection, entity, one, found)

    def wake_linked(self, connection: Connection, links: Collection[Link]) -> None:
        """As `wake`, for records that got a partner or lost one."""
        for entity in dict.fromkeys(link.entity for link in links):
            if not self._any(connection, entity):
                continue
            mine = [link for link in links if link.entity == entity]
            self._wake(connection, entity, {(side.value, link.key(side)) for link in mine for side in SIDES})

    def _rows(self, connection: Connection, entity: str, records: set[Record], *, own: bool) -> set[Record]:
        """What these records on hold depend on (`own`), or those that depend on these records."""
        mine, theirs = (_AT.record_side, _AT.record_key), (_AT.watched_side, _AT.watched_key)
        asked, given = (mine, theirs) if own else (theirs, mine)
        found: set[Record] = set()
        for side, keys in _by_side(records).items():
            scope = {_AT.entity: entity, asked[0]: side.value}
            rows = self._database.bulk.fetch_in(connection, list(given), asked[1], keys, where=scope)
            found.update((row[0], row[1]) for row in rows)
        return found

    def _any(self, connection: Connection, entity: str) -> bool:
        return connection.execute(select(_AT.entity).where(_AT.entity == entity).limit(1)).first() is not None


def _by_side(records: Iterable[Record]) -> dict[Side, list[str]]:
    found: dict[Side, list[str]] = {}
    for side, key in sorted(records):
        found.setdefault(Side(side), []).append(key)
    return found
