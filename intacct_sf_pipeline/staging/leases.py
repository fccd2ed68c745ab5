"""Leases: one writer per entity, held in the database by conditional updates with row counts.

A run takes the leases of all its entities in one transaction: all or none. Each holder gets a larger fencing token, and
every commit of the store renews its leases by these tokens, so a writer that lost one (it was suspended, say) is
refused. A lease whose process has died on this machine is taken over at once, any other when it has expired.
`grants.py` is what a holder has in its hand, `crew.py` how several processes work for one run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, and_, insert, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import ColumnElement

from intacct_sf_pipeline.model.errors import LeaseHeldError, LeaseLostError
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.schema import leases
from intacct_sf_pipeline.staging.workers import Fate, StartOf, Worker, fate, start_of, this_worker

TTL = timedelta(seconds=45)
"""How long a lease lasts unless it is renewed: a holder that died elsewhere is waited for no longer than this."""
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write an entity; `token` is larger than that of every earlier holder."""

    entity: str
    holder: str
    token: int


class LeaseBook:
    """Takes, renews and gives back leases.

    Args:
        database: where they are kept.
        worker: the process that takes them; this one by default.
        ttl: how long a lease lasts unless renewed.
        started_at: looks at processes of this machine (`workers.start_of`).
    """

    def __init__(
        self,
        database: Database,
        *,
        worker: Worker | None = None,
        ttl: timedelta = TTL,
        started_at: StartOf = start_of,
    ) -> None:
        self.database = database
        self.worker = worker or this_worker()
        self.ttl = ttl
        self._started_at = started_at

    def acquire(self, entities: Iterable[str], holder: str, *, shared: bool = False) -> tuple[Lease, ...]:
        """Take the leases of `entities` for the run `holder`: all of them, or none.

        With `shared` they are those of a run of several processes (`crew.py`): no process is noted whose death would
        set them free at once.

        Raises:
            LeaseHeldError: another one holds one of them, or was faster.
        """
        # Every process takes them in the same order, so that no two wait for each other.
        names = sorted(set(entities))
        for _ in range(_TRIES):
            try:
                return self.database.write(lambda connection: self._take_all(connection, names, holder, shared))
            except IntegrityError:
                continue  # another process was the first ever to take one of them: look again who it was
        raise LeaseHeldError(names[0], "one that has just started")

    def renew(self, held: Iterable[Lease]) -> None:
        """Hold them for another term.

        Raises:
            LeaseLostError: one of them was lost.
        """
        self.database.write(lambda connection: self.confirm(connection, held))

    def confirm(self, connection: Connection, held: Iterable[Lease]) -> None:
        """Renew inside a transaction that writes; it keeps others from taking over before it ends.

        Raises:
            LeaseLostError: one of them was lost.
        """
        mine = tuple(held)
        expires = self.database.clock() + self.ttl
        if mine and connection.execute(update(leases).where(are(mine)).values(expires_at=expires)).rowcount != len(
            mine
        ):
            raise self._loss(connection, mine)

    def release(self, held: Iterable[Lease]) -> None:
        """Give them back; those that were lost are left alone."""
        mine = tuple(held)
        nobody = {"holder": None, "host": None, "pid": None, "process": None, "acquired_at": None, "expires_at": None}
        if mine:
            self.database.write(lambda connection: connection.execute(update(leases).where(are(mine)).values(nobody)))

    def fate(self, process: str | None) -> Fate:
        """What is known from here of the process that took a lease or began a run; see `workers.fate`."""
        return fate(process, self.worker, self._started_at)

    def _take_all(self, connection: Connection, names: list[str], holder: str, shared: bool) -> tuple[Lease, ...]:
        found = connection.execute(select(leases).where(leases.c.entity.in_(names)))
        seen = {row.entity: row for row in found}
        return tuple(self._take(connection, name, holder, seen.get(name), shared) for name in names)

    def _take(
        self, connection: Connection, entity: str, holder: str, seen: Row[tuple[object, ...]] | None, shared: bool
    ) -> Lease:
        now = self.database.clock()
        me = self.worker
        mine = {
            "holder": holder, "host": me.host, "pid": me.pid, "process": None if shared else me.process,
            "acquired_at": now, "expires_at": now + self.ttl,
        }  # fmt: skip
        if seen is None:
            connection.execute(insert(leases).values(entity=entity, token=1, **mine))
            return Lease(entity, holder, 1)
        if seen.holder is not None and seen.expires_at > now and self.fate(seen.process) is not Fate.DEAD:
            raise LeaseHeldError(entity, _named(seen))
        unchanged = (leases.c.entity == entity) & (leases.c.token == seen.token)
        unchanged &= leases.c.holder.is_(None) if seen.holder is None else leases.c.expires_at == seen.expires_at
        token = int(seen.token) + 1
        if connection.execute(update(leases).where(unchanged).values(token=token, **mine)).rowcount != 1:
            raise LeaseHeldError(entity, self._holder(connection, entity))
        return Lease(entity, holder, token)

    def _loss(self, connection: Connection, held: tuple[Lease, ...]) -> LeaseLostError:
        kept = set(connection.execute(select(leases.c.entity).where(are(held))).scalars())
        lost = next((lease.entity for lease in held if lease.entity not in kept), held[0].entity)
        return LeaseLostError(lost, f"taken over by {self._holder(connection, lost)}")

    def _holder(self, connection: Connection, entity: str) -> str:
        row = connection.execute(select(leases).where(leases.c.entity == entity)).one_or_none()
        return "one that has ended by now" if row is None or row.holder is None else _named(row)


def are(held: tuple[Lease, ...]) -> ColumnElement[bool]:
    """The rows of these leases, as long as they are theirs."""
    own = or_(*(and_(leases.c.entity == lease.entity, leases.c.token == lease.token) for lease in held))
    return and_(leases.c.holder.is_not(None), own)


def _named(row: Row[tuple[object, ...]]) -> str:
    """The run at work, for a person: which, since when, where."""
    since = f"{row.acquired_at:%Y-%m-%d %H:%M:%S} UTC" if row.acquired_at else "a moment ago"
    return f"{row.holder}, since {since}, on {row.host}, process {row.pid}"
