"""A crew: the processes that work for one run, where an executor gives each step a process of its own, on any machine.

The run holds the leases of its entities as ever, taken once by the process that leads it. A step works under them: it
joins by the run's id, gets the tokens the run has, and fences and renews by them like any holder. So the leases last as
long as one process of the crew is at work, and no process's death alone sets them free; what is silent for a lease's
term has died. Besides, each step takes a place: a lease of its own, by which the leader sees whether the step lives,
and which keeps a step that is handed out twice from being worked on twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete, select, update

from intacct_sf_pipeline.model.errors import LeaseLostError
from intacct_sf_pipeline.staging.dialects import begins_with
from intacct_sf_pipeline.staging.leases import Lease, LeaseBook, are
from intacct_sf_pipeline.staging.schema import leases
from intacct_sf_pipeline.staging.workers import Fate

_PLACE = "step:"
_FORGOTTEN = timedelta(hours=1)
"""For how long the place of a step that died is kept."""


def place_of(run_id: str, step: str) -> str:
    """The name of a step's place: short enough for a lease, and no other run's."""
    return f"{_PLACE}{step[:30]}:{sha256(f'{run_id}/{step}'.encode()).hexdigest()[:12]}"


class Crew:
    """Keeps places, and gives out the leases of a run to its steps; `book` keeps both."""

    def __init__(self, book: LeaseBook) -> None:
        self._book = book

    def join(self, entities: Iterable[str], run_id: str, step: str) -> tuple[Lease, ...]:
        """The leases of `entities` as the run holds them, and last the place of `step`.

        Raises:
            LeaseHeldError: another process works on this step.
            LeaseLostError: the run holds one of them no more; the place was given back.
        """
        (place,) = self._book.acquire([place_of(run_id, step)], run_id)
        names = sorted(set(entities))
        with self._book.database.read() as connection:
            held = select(leases).where(
                leases.c.entity.in_(names), leases.c.holder == run_id, leases.c.expires_at > self._book.database.clock()
            )
            tokens = {row.entity: int(row.token) for row in connection.execute(held)}
        if missing := [name for name in names if name not in tokens]:
            self.leave([place])
            raise LeaseLostError(missing[0], "the run has ended, or was taken for dead, before this step began")
        return *(Lease(name, run_id, tokens[name]) for name in names), place

    def leave(self, held: Iterable[Lease]) -> None:
        """Give back what `join` gave: the place alone, the rest is the run's."""
        places = tuple(lease for lease in held if lease.entity.startswith(_PLACE))
        if places:
            self._book.database.write(lambda connection: connection.execute(delete(leases).where(are(places))))

    def places(self, run_id: str) -> Mapping[str, bool]:
        """The places taken in the run, each with whether its process lives as far as can be told."""
        now = self._book.database.clock()
        taken = select(leases).where(begins_with(leases.c.entity, _PLACE), leases.c.holder == run_id)
        with self._book.database.read() as connection:
            rows = connection.execute(taken).all()
        return {row.entity: row.expires_at > now and self._book.fate(row.process) is not Fate.DEAD for row in rows}

    def disband(self, held: Iterable[Lease]) -> None:
        """The run is over: give its leases back.

        Where a step is still at work (the run was cancelled, or its leader gave up), the step is shut out instead: it
        can commit nothing more, and the leases are free when what it may have sent has had a lease's term to settle.
        """
        mine = tuple(held)
        if not any(self.places(mine[0].holder).values()):
            self._book.release(mine)
            self._book.database.write(lambda connection: self._clear(connection, mine[0].holder))
            return
        expires = self._book.database.clock() + self._book.ttl
        shut = {"holder": f"{mine[0].holder}, which is ending", "token": leases.c.token + 1, "expires_at": expires}
        self._book.database.write(lambda connection: connection.execute(update(leases).where(are(mine)).values(shut)))

    def _clear(self, connection: Connection, run_id: str) -> None:
        """Forget the places of this run, and those that other runs left long ago."""
        place = begins_with(leases.c.entity, _PLACE)
        long_ago = self._book.database.clock() - _FORGOTTEN
        connection.execute(delete(leases).where(place, (leases.c.holder == run_id) | (leases.c.expires_at < long_ago)))
