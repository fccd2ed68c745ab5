"""Leases: one writer per entity, held in the database by conditional updates with row counts.

Each holder gets a larger fencing token; every commit of the store renews the lease by that token, so a writer that lost
its lease (it was suspended, say) is refused. A lease whose process is gone from this machine is taken over at once, any
other when it has expired.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError, OperationalError

from intacct_sf_pipeline.model.errors import LeaseHeldError
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.schema import leases

TTL = timedelta(seconds=60)


def process_is_alive(pid: int) -> bool:
    """Whether a process of this machine exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@dataclass(frozen=True, slots=True)
class Worker:
    """The process that takes leases."""

    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write an entity; `token` is larger than that of every earlier holder."""

    entity: str
    holder: str
    token: int


class LeaseBook:
    """Takes, renews and gives back leases."""

    def __init__(
        self,
        database: Database,
        *,
        worker: Worker | None = None,
        ttl: timedelta = TTL,
        is_alive: Callable[[int], bool] = process_is_alive,
    ) -> None:
        self._database = database
        self._worker = worker or Worker()
        self._ttl = ttl
        self._is_alive = is_alive

    def acquire(self, entity: str, holder: str) -> Lease:
        """Take the lease.

        Raises:
            LeaseHeldError: another one holds it, or was faster.
        """
        try:
            return self._database.write(lambda connection: self._take(connection, entity, holder))
        except IntegrityError:
            raise LeaseHeldError(entity, "just started") from None

    def renew(self, lease: Lease) -> None:
        """Hold it for another term.

        Raises:
            LeaseHeldError: it was lost.
        """
        self._database.write(lambda connection: self.confirm(connection, lease))

    def confirm(self, connection: Connection, lease: Lease) -> None:
        """Renew inside a transaction that writes; it keeps others from taking over before it ends.

        Raises:
            LeaseHeldError: it was lost.
        """
        mine = (leases.c.entity == lease.entity) & (leases.c.token == lease.token) & leases.c.holder.is_not(None)
        expires = self._database.clock() + self._ttl
        if connection.execute(update(leases).where(mine).values(expires_at=expires)).rowcount != 1:
            raise LeaseHeldError(lease.entity, self._holder(connection, lease.entity))

    def release(self, lease: Lease) -> None:
        """Give it back; does nothing when it was lost."""
        mine = (leases.c.entity == lease.entity) & (leases.c.token == lease.token)
        free = update(leases).where(mine).values(holder=None, host=None, pid=None, expires_at=None)
        self._database.write(lambda connection: connection.execute(free))

    @contextmanager
    def hold(self, entity: str, holder: str) -> Iterator[Lease]:
        """Hold the lease while the block runs, renewing it from a thread of its own.

        Raises:
            LeaseHeldError: another one holds it.
        """
        lease = self.acquire(entity, holder)
        stop = Event()
        heartbeat = Thread(target=self._keep, args=(lease, stop), name=f"lease-{entity}", daemon=True)
        heartbeat.start()
        try:
            yield lease
        finally:
            stop.set()
            heartbeat.join()
            self.release(lease)

    def _keep(self, lease: Lease, stop: Event) -> None:
        while not stop.wait(self._ttl.total_seconds() / 3):
            try:
                self.renew(lease)
            except LeaseHeldError:
                return  # the next commit is refused and says so
            except OperationalError:
                continue  # a busy or absent database: the next commit tells

    def _take(self, connection: Connection, entity: str, holder: str) -> Lease:
        now = self._database.clock()
        mine = {
            "holder": holder, "host": self._worker.host, "pid": self._worker.pid,
            "acquired_at": now, "expires_at": now + self._ttl,
        }  # fmt: skip
        seen = connection.execute(select(leases).where(leases.c.entity == entity)).one_or_none()
        if seen is None:
            connection.execute(insert(leases).values(entity=entity, token=1, **mine))
            return Lease(entity, holder, 1)
        if seen.holder is not None and seen.expires_at > now and not self._is_dead(seen):
            raise LeaseHeldError(entity, seen.holder)
        token = int(seen.token) + 1
        unchanged = (leases.c.entity == entity) & (leases.c.token == seen.token)
        unchanged &= leases.c.holder.is_(None) if seen.holder is None else leases.c.expires_at == seen.expires_at
        if connection.execute(update(leases).where(unchanged).values(token=token, **mine)).rowcount != 1:
            raise LeaseHeldError(entity, self._holder(connection, entity))
        return Lease(entity, holder, token)

    def _is_dead(self, seen: Row[tuple[object, ...]]) -> bool:
        return bool(
            seen.host == self._worker.host and seen.pid != self._worker.pid and not self._is_alive(int(seen.pid))
        )

    def _holder(self, connection: Connection, entity: str) -> str:
        holder = connection.execute(select(leases.c.holder).where(leases.c.entity == entity)).scalar_one_or_none()
        return holder or "another one"
