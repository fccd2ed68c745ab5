"""Holds: what waits for a person, or for its cause to go away.

A hold is the same hold when entity, record, target, reason and fields are the same: it keeps its number and its
`since`. It is closed when the record is settled and the hold is not found again. Refused writes are tried again by
themselves, ever more seldom; their holds stay open while the write is tried, so that the number of refusals is not
forgotten. All others come up again when something changes on which they rest, and by themselves once in a while: what a
service would take now is not told by any record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, or_, select
from sqlalchemy.sql.elements import ColumnElement

from intacct_sf_pipeline.engine.people.advice import advised
from intacct_sf_pipeline.model.plans import Hold, HoldReason, Settlement
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.staging.bulk import Row
from intacct_sf_pipeline.staging.codec import dumps, loads
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.schema import holds

RETRIED = frozenset({HoldReason.REJECTED, HoldReason.DUPLICATE, HoldReason.PERMISSION})
"""Reasons that come from a service's refusal of a write."""

LOOK_AGAIN = timedelta(days=1)
"""When a hold is looked at again although nothing is known to have changed."""

LOOK_SOONER = {HoldReason.TOO_LONG: timedelta(hours=1), HoldReason.MISSING_REQUIRED: timedelta(hours=1)}
"""An administrator mends these in the target's fields, and no record tells of it."""

EVERY_RUN = frozenset({HoldReason.PARENT_NOT_LINKED})
"""Reasons that rest on a record of another entity."""

_IDENTITY = ("entity", "record_side", "record_key", "target", "reason", "fields")
_TEXT = ("message", "state", "candidates", "who", "cure")
_COLUMNS = [holds.c[name] for name in (*_IDENTITY, *_TEXT, "attempts", "retry_at", "hold_id")]
_NEW = [holds.c[name] for name in (*_IDENTITY, *_TEXT, "attempts", "retry_at", "since", "updated_at", "run_id")]
_CHANGED = [holds.c[name] for name in (*_TEXT, "attempts", "retry_at", "updated_at", "run_id", "hold_id")]

Identity = tuple[str, str, str, str, str, str]
MayClose = Callable[["OpenHold"], bool]


@dataclass(frozen=True, slots=True)
class OpenHold:
    """An open hold as stored."""

    identity: Identity
    text: tuple[str | None, ...]
    attempts: int
    retry_at: datetime | None
    hold_id: int

    @property
    def record(self) -> tuple[str, str]:
        """Side and key of the record it is about."""
        return self.identity[1], self.identity[2]

    @property
    def target(self) -> str:
        """The side that does not get the write."""
        return self.identity[3]

    @property
    def awaits_write(self) -> bool:
        """Whether it stays open while the write it keeps back is planned anew: only the outcome closes it."""
        return self.refused or self.identity[4] == HoldReason.LIMIT

    @property
    def refused(self) -> bool:
        """Whether it comes from a refused write."""
        return self.identity[4] in RETRIED


class HoldBook:
    """Reads and writes holds; works inside the caller's transaction."""

    def __init__(self, database: Database, retry_minutes: Sequence[int]) -> None:
        self._database = database
        self._retry = [timedelta(minutes=minutes) for minutes in retry_minutes]

    def settle(
        self,
        connection: Connection,
        entity: str,
        settlements: Sequence[Settlement],
        run_id: str,
        *,
        refused: bool,
        may_close: MayClose,
    ) -> None:
        """Store the holds of `settlements`, and close what their records had on hold before.

        Closed is what was not found again and `may_close` admits. `refused` counts one more refusal of those that come
        from refused writes.
        """
        found = [advised(hold) for settlement in settlements for hold in settlement.holds]
        if not found and not self._any_open(connection, entity):
            return
        settled = {record for settlement in settlements for record in records_of(settlement)}
        about = settled | {(hold.record_side.value, hold.key) for hold in found}
        existing = self._open(connection, entity, about)
        now = self._database.clock()
        kept: set[Identity] = set()
        new: dict[Identity, tuple[object, ...]] = {}
        changed: list[tuple[object, ...]] = []
        later: list[tuple[object, ...]] = []
        for hold in found:
            identity = _identity(hold)
            stored = existing.get(identity)
            text = (hold.message, hold.state or None, _candidates(hold), hold.who.value, hold.cure)
            attempts, retry_at = self._next_try(hold.reason, stored, now, refused=refused)
            if stored is None:
                new[identity] = (*identity, *text, attempts, retry_at, now, now, run_id)
            elif identity not in kept and (text, attempts) != (stored.text, stored.attempts):
                changed.append((*text, attempts, retry_at, now, run_id, stored.hold_id))
            elif identity not in kept and retry_at != stored.retry_at:
                later.append((retry_at, stored.hold_id))
            kept.add(identity)
        gone = [h for identity, h in existing.items() if identity not in kept and h.record in settled and may_close(h)]
        self._database.bulk.insert(connection, _NEW, list(new.values()))
        self._database.bulk.update(connection, _CHANGED, changed)
        self._database.bulk.update(connection, [holds.c.retry_at, holds.c.hold_id], later)
        self._close(connection, [hold.hold_id for hold in gone], run_id)

    def keep(self, connection: Connection, entity: str, found: Sequence[Hold], run_id: str) -> None:
        """Store holds without closing any."""
        about = [Settlement(entity, None, None, holds=tuple(found))]
        self.settle(connection, entity, about, run_id, refused=False, may_close=lambda _: False)

    def close_all(self, connection: Connection, entity: str, side: Side, keys: Iterable[str]) -> None:
        """Close every open hold of records that are gone."""
        gone = (
            self._open(connection, entity, {(side.value, key) for key in keys})
            if self._any_open(connection, entity)
            else {}
        )
        self._close(connection, [hold.hold_id for hold in gone.values()], None)

    def of_others(self, connection: Connection, entities: Collection[str]) -> list[int]:
        """Numbers of open holds of flows that are not among `entities`: they are switched off, and nothing waits."""
        strange = select(holds.c.hold_id).where(holds.c.closed_at.is_(None), holds.c.entity.not_in(list(entities)))
        return list(connection.execute(strange).scalars())

    def close(self, connection: Connection, hold_ids: Sequence[int]) -> None:
        """Close holds by number."""
        self._close(connection, list(hold_ids), None)

    def due(self, connection: Connection, entity: str, now: datetime | None) -> dict[Side, list[str]]:
        """Records with an open hold to be looked at again.

        Those whose time has come at `now`, and those without one. With `now` None every open hold is due.
        """
        waiting: list[ColumnElement[bool]] = [holds.c.closed_at.is_(None), holds.c.entity == entity]
        if now is not None:
            waiting.append(or_(holds.c.retry_at.is_(None), holds.c.retry_at <= now))
        rows = connection.execute(select(holds.c.record_side, holds.c.record_key).where(*waiting).distinct())
        records: dict[Side, list[str]] = {}
        for side, key in rows:
            records.setdefault(Side(side), []).append(key)
        return records

    def fields(
        self, connection: Connection, entity: str, keys: Iterable[tuple[Side, str]]
    ) -> Mapping[tuple[Side, str], frozenset[str]]:
        """Fields on hold by record; an empty set: the whole record."""
        found: dict[tuple[Side, str], frozenset[str] | None] = {}
        for hold in self._open(connection, entity, {(side.value, key) for side, key in keys}).values():
            record = (Side(hold.identity[1]), hold.identity[2])
            # A refused write leaves the whole record unwritten, whichever fields the service blamed.
            names = frozenset() if hold.refused else frozenset(loads(hold.identity[5]) or ())
            before = found.get(record, names)
            found[record] = before | names if before and names else frozenset()
        return {record: names or frozenset() for record, names in found.items()}

    def awaiting_write(
        self, connection: Connection, entity: str, keys: Iterable[tuple[Side, str]]
    ) -> frozenset[tuple[Side, str]]:
        """Records with an open hold that stays open until a write is answered."""
        found = self._open(connection, entity, {(side.value, key) for side, key in keys}).values()
        return frozenset((Side(hold.identity[1]), hold.identity[2]) for hold in found if hold.awaits_write)

    def candidates(
        self, connection: Connection, entity: str, reason: HoldReason, records: Iterable[tuple[Side, str]]
    ) -> dict[tuple[Side, str], tuple[str, ...]]:
        """The candidates of these records' open holds for `reason`."""
        open_ones = (holds.c.closed_at.is_(None), holds.c.entity == entity, holds.c.reason == reason.value)
        if connection.execute(select(holds.c.hold_id).where(*open_ones).limit(1)).first() is None:
            return {}
        found = self._open(connection, entity, {(side.value, key) for side, key in records}).values()
        return {
            (Side(hold.identity[1]), hold.identity[2]): tuple(
                one["key"] for one in candidates_of(hold.text[_TEXT.index("candidates")])
            )
            for hold in found
            if hold.identity[4] == reason.value
        }

    def _next_try(
        self, reason: HoldReason, stored: OpenHold | None, now: datetime, *, refused: bool
    ) -> tuple[int, datetime | None]:
        if reason not in RETRIED:
            return 0, _next_look(reason, stored, now)
        if stored is not None and not refused:
            return stored.attempts, stored.retry_at
        attempts = (stored.attempts if stored else 0) + 1
        return attempts, now + self._retry[min(attempts, len(self._retry)) - 1] if self._retry else None

    def _any_open(self, connection: Connection, entity: str) -> bool:
        query = select(holds.c.hold_id).where(holds.c.closed_at.is_(None), holds.c.entity == entity).limit(1)
        return connection.execute(query).first() is not None

    def _open(self, connection: Connection, entity: str, records: set[tuple[str, str]]) -> dict[Identity, OpenHold]:
        found: dict[Identity, OpenHold] = {}
        columns = [*_COLUMNS, holds.c.closed_at]
        for side in SIDES:
            keys = sorted(key for record_side, key in records if record_side == side.value)
            scope = {holds.c.entity: entity, holds.c.record_side: side.value}
            rows = self._database.bulk.fetch_in(connection, columns, holds.c.record_key, keys, where=scope)
            found.update({hold.identity: hold for hold in (_open_hold(row) for row in rows if row[-1] is None)})
        return found

    def _close(self, connection: Connection, hold_ids: list[int], run_id: str | None) -> None:
        now = self._database.clock()
        if run_id is None:
            self._database.bulk.update(
                connection, [holds.c.closed_at, holds.c.hold_id], [(now, hold) for hold in hold_ids]
            )
            return
        columns = [holds.c.closed_at, holds.c.run_id, holds.c.hold_id]
        self._database.bulk.update(connection, columns, [(now, run_id, hold) for hold in hold_ids])


def _next_look(reason: HoldReason, stored: OpenHold | None, now: datetime) -> datetime | None:
    """When a hold comes up again by itself; one that came up earlier, because something changed, keeps its time."""
    if reason in EVERY_RUN:
        return None
    if stored is not None and stored.retry_at is not None and stored.retry_at > now:
        return stored.retry_at
    return now + LOOK_SOONER.get(reason, LOOK_AGAIN)


def records_of(settlement: Settlement) -> list[tuple[str, str]]:
    """Side and key of the records a settlement is about."""
    link, ended = settlement.link, settlement.unlink
    intacct = settlement.intacct_key or (link.intacct_key if link else None)
    salesforce = settlement.salesforce_id or (link.salesforce_id if link else None)
    pairs = [(Side.INTACCT.value, intacct), (Side.SALESFORCE.value, salesforce)]
    if ended is not None:
        pairs += [(side.value, ended.key(side)) for side in SIDES]
    return [(side, key) for side, key in dict.fromkeys(pairs) if key]


def candidates_of(stored: str | None) -> list[dict[str, Any]]:
    """The candidates of a stored hold: key, and score where it is known, best first."""
    found = (one if isinstance(one, dict) else {"key": one} for one in loads(stored) or ())
    return [{"key": one["key"], "score": one.get("score")} for one in found]


def _candidates(hold: Hold) -> str:
    scores = zip_longest(hold.candidates, hold.scores[: len(hold.candidates)])
    return dumps([{"key": key} if score is None else {"key": key, "score": round(score, 4)} for key, score in scores])


def _identity(hold: Hold) -> Identity:
    fields = dumps(sorted(hold.fields))
    return hold.entity, hold.record_side.value, hold.key, hold.target.value, hold.reason.value, fields


def _open_hold(row: Row) -> OpenHold:
    first, last = len(_IDENTITY), len(_IDENTITY) + len(_TEXT)
    return OpenHold(
        (row[0], row[1], row[2], row[3], row[4], row[5]),
        tuple(row[first:last]),
        row[last],
        row[last + 1],
        row[last + 2],
    )
