"""A grant: the leases of one run in the hand of its holder, who renews them, writes under them, and knows without
asking the database until when it may be sure of them.

Once that time has passed the grant is lost for good, even if nobody took over: to everybody else this run has died
then. What was stopped and wakes up later therefore neither commits nor sends anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import partial
from threading import Event, Lock, Thread
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from intacct_sf_pipeline.model.errors import LeaseLostError
from intacct_sf_pipeline.staging.crew import Crew
from intacct_sf_pipeline.staging.leases import Lease, LeaseBook

T = TypeVar("T")
MARGIN = timedelta(seconds=5)
"""A holder stops trusting a lease this long before it expires: calls take time, and clocks of machines differ."""
Elapsed = Callable[[], float]


def elapsed() -> float:
    """Seconds on a clock that nobody sets and that goes on while the machine sleeps, where there is one."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Grant:
    """Leases taken together, lost together.

    Args:
        book: where they are kept.
        entities: what is to be written.
        holder: the run.
        clock: see `elapsed`.
        take: how they are taken, unless simply from the book.

    Raises:
        LeaseHeldError: another run holds one of them; none was taken.
    """

    def __init__(
        self,
        book: LeaseBook,
        entities: Iterable[str],
        holder: str,
        clock: Elapsed = elapsed,
        *,
        take: Callable[[], tuple[Lease, ...]] | None = None,
    ) -> None:
        self._book, self._clock = book, clock
        self._writing = Lock()
        self._loss: LeaseLostError | None = None
        asked_at = clock()
        self.leases = take() if take else book.acquire(entities, holder)
        self._renewed_at = clock()
        if self._renewed_at - asked_at > MARGIN.total_seconds():
            self.renew()  # the database kept us waiting: what is left of the term is not known
        else:
            self._renewed_at = asked_at

    @property
    def is_surely_mine(self) -> bool:
        """Whether no other run can have taken over; asks nobody and costs nothing."""
        sure = (self._book.ttl - MARGIN).total_seconds()
        return self._loss is None and self._clock() - self._renewed_at < sure

    def check(self) -> None:
        """Make sure of being the one writer; called right before something is sent.

        Raises:
            LeaseLostError: it is not sure.
        """
        if self.is_surely_mine:
            return
        if self._loss is None:
            still = f"it stood still for {self._clock() - self._renewed_at:.0f} s"
            self._loss = LeaseLostError(self.leases[0].entity, still)
        raise LeaseLostError(self._loss.entity, self._loss.holder)

    def renew(self) -> None:
        """Hold the leases for another term.

        Raises:
            LeaseLostError: they were lost.
        """
        with self.fenced(lambda _: None) as work:
            self._book.database.write(work)

    @contextmanager
    def fenced(self, work: Callable[[Connection], T]) -> Iterator[Callable[[Connection], T]]:
        """`work` for one transaction that is refused when the leases are lost, and renews them when it commits.

        Transactions of one grant run one after the other: two of them would wait for each other's lease rows.

        Raises:
            LeaseLostError: from the transaction; nothing of it is stored.
        """
        asked_at = self._renewed_at

        def confirmed(connection: Connection) -> T:
            nonlocal asked_at
            self.check()
            asked_at = self._confirm(connection)
            result = work(connection)
            if self._clock() - asked_at > (self._book.ttl / 3).total_seconds():
                asked_at = self._confirm(connection)  # a long transaction used up its own term
            return result

        with self._writing:
            yield confirmed
            self._renewed_at = asked_at

    def _confirm(self, connection: Connection) -> float:
        asked_at = self._clock()
        try:
            self._book.confirm(connection, self.leases)
        except LeaseLostError as loss:
            self._loss = loss
            raise
        return asked_at


def granted(
    book: LeaseBook, entities: Iterable[str], holder: str, clock: Elapsed = elapsed
) -> AbstractContextManager[Grant]:
    """A grant while the block runs, renewed from a thread of its own.

    Raises:
        LeaseHeldError: another run holds a lease.
    """
    return _kept(book, holder, lambda: Grant(book, entities, holder, clock), book.release)


def led(book: LeaseBook, entities: Iterable[str], run_id: str) -> AbstractContextManager[Grant]:
    """The grant of a run whose steps are processes of their own (`joined`), in the hand of the process that leads it.

    Raises:
        LeaseHeldError: another run holds a lease.
    """
    names = tuple(entities)
    take = partial(book.acquire, names, run_id, shared=True)
    return _kept(book, run_id, lambda: Grant(book, names, run_id, take=take), Crew(book).disband)


def joined(book: LeaseBook, entities: Iterable[str], run_id: str, step: str) -> AbstractContextManager[Grant]:
    """The grant under which the process of one step works for a run that is led by another process.

    Raises:
        LeaseHeldError: another process works on this step.
        LeaseLostError: the run is over, or was taken for dead.
    """
    names, crew = tuple(entities), Crew(book)
    take = partial(crew.join, names, run_id, step)
    return _kept(book, f"{run_id}, {step}", lambda: Grant(book, names, run_id, take=take), crew.leave)


@contextmanager
def _kept(
    book: LeaseBook, name: str, taken: Callable[[], Grant], give_back: Callable[[Iterable[Lease]], object]
) -> Iterator[Grant]:
    grant = taken()
    stop = Event()
    heartbeat = Thread(target=_keep, args=(grant, stop, book.ttl / 3), name=f"leases of {name}", daemon=True)
    heartbeat.start()
    try:
        yield grant
    finally:
        stop.set()
        heartbeat.join()
        give_back(grant.leases)


def _keep(grant: Grant, stop: Event, every: timedelta) -> None:
    while not stop.wait(every.total_seconds()):
        try:
            grant.renew()
        except LeaseLostError:
            return  # the next commit is refused and says so
        except DBAPIError:
            continue  # a busy or absent database: the next commit tells
