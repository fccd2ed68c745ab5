"""Leases: one writer per entity, whatever races, crashes or sleeps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from intacct_sf_pipeline.model.errors import LeaseHeldError, LeaseLostError
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.model.windows import Watermark
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.grants import MARGIN, Grant
from intacct_sf_pipeline.staging.leases import TTL, Lease, LeaseBook
from intacct_sf_pipeline.staging.patience import Patience
from intacct_sf_pipeline.staging.workers import Fate, Worker, fate, start_of, this_worker


def worker(host="here", pid=1, started="100"):
    return Worker(host, pid, f"{host}/f00d", started)


def book(kit, *, host="here", pid=1, started="100", living: dict[int, str] | None = None):
    """A book of another process; `living` are the processes of its machine (None: every one that is asked for)."""
    look = (lambda _: "100") if living is None else living.get
    return LeaseBook(kit.store.database, worker=worker(host, pid, started), started_at=look)


class Elapsed:
    """A clock of seconds that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_held_lease_is_refused_and_says_who_holds_it_since_when_and_where(kit):
    book(kit, host="web-1", pid=4711).acquire(["accounts"], "run-1")
    with pytest.raises(LeaseHeldError) as refused:
        book(kit, pid=2).acquire(["accounts"], "run-2")
    for said in ("accounts", "run-1", f"{kit.clock():%Y-%m-%d %H:%M:%S} UTC", "web-1", "4711", "--wait", "status"):
        assert said in str(refused.value)
    assert [lease.entity for lease in book(kit, pid=2).acquire(["contacts"], "run-2")] == ["contacts"]


def test_all_leases_are_taken_or_none(kit):
    book(kit).acquire(["contacts"], "run-1")
    with pytest.raises(LeaseHeldError, match="contacts"):
        book(kit, pid=2).acquire(["prices", "contacts", "accounts"], "run-2")
    assert {lease.entity for lease in book(kit, pid=3).acquire(["prices", "accounts"], "run-3")} == {
        "prices",
        "accounts",
    }


def test_a_released_lease_is_free_and_the_next_token_is_larger(kit):
    leases = book(kit)
    first = leases.acquire(["accounts"], "run-1")
    leases.release(first)
    second = leases.acquire(["accounts"], "run-2")
    assert second[0].token > first[0].token
    leases.release(first)
    with pytest.raises(LeaseHeldError):
        leases.acquire(["accounts"], "run-3")


def test_an_expired_lease_is_taken_over_within_a_minute_and_its_old_holder_is_refused(kit):
    old = book(kit, host="elsewhere")
    lease = old.acquire(["accounts", "contacts"], "run-1")
    kit.clock.advance(seconds=TTL.total_seconds() - 1)
    with pytest.raises(LeaseHeldError):
        book(kit).acquire(["accounts"], "run-2")
    kit.clock.advance(seconds=1)
    assert timedelta(seconds=60) > TTL
    book(kit).acquire(["accounts"], "run-2")
    with pytest.raises(LeaseLostError, match="run-2"):
        old.renew(lease)


def test_a_renewed_lease_does_not_expire(kit):
    leases = book(kit)
    lease = leases.acquire(["accounts"], "run-1")
    for _ in range(5):
        kit.clock.advance(seconds=40)
        leases.renew(lease)
    with pytest.raises(LeaseHeldError):
        book(kit, pid=2).acquire(["accounts"], "run-2")


@pytest.mark.parametrize(
    ("host", "living", "taken"),
    [
        ("here", {}, True),
        ("here", {4242: "100"}, False),
        ("here", {4242: "999"}, True),  # the number belongs to a later process by now
        ("here", {4242: ""}, False),  # a process whose start cannot be seen
        ("elsewhere", {}, False),
    ],
)
def test_only_a_dead_process_of_this_machine_is_taken_over_at_once(kit, host, living, taken):
    book(kit, host=host, pid=4242).acquire(["accounts"], "run-1")
    other = book(kit, living=living)
    if taken:
        assert other.acquire(["accounts"], "run-2")[0].holder == "run-2"
    else:
        with pytest.raises(LeaseHeldError):
            other.acquire(["accounts"], "run-2")


def test_a_lease_without_a_process_identity_is_waited_for(kit):
    book(kit, pid=4242).acquire(["accounts"], "run-1")
    kit.store.database.write(lambda connection: connection.exec_driver_sql("UPDATE leases SET process = NULL"))
    with pytest.raises(LeaseHeldError):
        book(kit, living={}).acquire(["accounts"], "run-2")


@pytest.mark.parametrize("before", ["never held", "released", "expired"])
def test_of_many_that_race_one_wins(kit, url, before):
    names = ["accounts", "contacts", "prices"]
    if before != "never held":
        lease = book(kit).acquire(names, "old")
        book(kit).release(lease) if before == "released" else kit.clock.advance(hours=1)
    engines = [create_staging_engine(url) for _ in range(2)]
    books = [
        LeaseBook(Database(engine, kit.clock), worker=worker(pid=n), started_at=lambda _: "100")
        for n, engine in enumerate(engines * 3)
    ]
    start = Barrier(len(books))

    def compete(number: int) -> str:
        start.wait()
        try:
            return books[number].acquire(names[:: 1 if number % 2 else -1], f"run-{number}")[0].holder
        except LeaseHeldError:
            return ""

    with ThreadPoolExecutor(len(books)) as pool:
        winners = [name for name in pool.map(compete, range(len(books))) if name]
    for engine in engines:
        engine.dispose()
    assert len(winners) == 1
    assert [row["holder"] for row in kit.rows("SELECT holder FROM leases")] == winners * len(names)


def test_a_store_that_lost_its_lease_cannot_commit_anything(kit):
    entity, feed = kit.entity("accounts"), kit.feed("customers")
    kit.land(feed, kit.customer("1"))
    with kit.store.lease("accounts", "run-1"):
        batch = kit.store.stage_batch(entity, Side.INTACCT, 10)
        kit.clock.advance(hours=1)
        book(kit, host="elsewhere").acquire(["accounts"], "run-2")
        with pytest.raises(LeaseLostError, match="run-2"):
            kit.store.commit_stage(entity, Side.INTACCT, batch, [CanonicalRecord("1", {"name": "A"})], run_id="run-1")
        with pytest.raises(LeaseLostError, match="run-2"):
            kit.store.land(feed, [kit.customer("2")], run_id="run-1", watermark=Watermark("customers", kit.clock()))
        with pytest.raises(LeaseLostError, match="run-2"):
            kit.store.sweep(feed, set(), run_id="run-1")
        with pytest.raises(LeaseLostError):
            kit.store.may_write(entity)
    assert kit.store.records(entity, Side.INTACCT, ["1"]) == {}
    assert kit.store.landed(feed) == 1
    assert kit.rows("SELECT holder FROM leases") == [{"holder": "run-2"}]


def test_every_commit_renews_the_lease_and_leaving_gives_it_back(kit):
    kit.land(kit.feed("customers"), kit.customer("1"))
    with kit.store.writer(["accounts", "contacts"], "run-1"):
        for _ in range(3):
            kit.clock.advance(seconds=40)
            kit.store.stage_batch(kit.entity("accounts"), Side.INTACCT, 10)
            kit.store.may_write(kit.entity("accounts"))
        for name in ("accounts", "contacts"):
            with pytest.raises(LeaseHeldError, match="run-1"):
                book(kit, host="elsewhere").acquire([name], "run-2")
    assert len(book(kit).acquire(["accounts", "contacts"], "run-2")) == 2


def test_a_lease_is_given_back_when_the_work_fails(kit):
    with pytest.raises(ZeroDivisionError), kit.store.lease("accounts", "run-1"):
        _ = 1 / 0
    assert book(kit).acquire(["accounts"], "run-2")[0].holder == "run-2"


def test_who_stood_still_too_long_is_the_writer_no_more_even_if_nobody_took_over(kit):
    time = Elapsed()
    grant = Grant(book(kit), ["accounts"], "run-1", time)
    time.seconds += (TTL - MARGIN).total_seconds() - 1
    grant.check()
    time.seconds += 1
    assert not grant.is_surely_mine
    with pytest.raises(LeaseLostError, match="stood still for 40 s"):
        grant.check()
    with pytest.raises(LeaseLostError):
        grant.renew()
    time.seconds -= 30
    assert not grant.is_surely_mine


def test_each_renewal_begins_a_new_term(kit):
    time = Elapsed()
    grant = Grant(book(kit), ["accounts"], "run-1", time)
    for _ in range(4):
        time.seconds += 30
        grant.renew()
        grant.check()


def test_a_transaction_that_outlasts_its_term_ends_with_a_full_one(kit):
    time = Elapsed()
    grant = Grant(book(kit), ["accounts"], "run-1", time)

    def slow(_connection) -> None:
        time.seconds += 120
        kit.clock.advance(seconds=120)

    with grant.fenced(slow) as work:
        kit.store.database.write(work)
    grant.check()
    with pytest.raises(LeaseHeldError):
        book(kit, host="elsewhere").acquire(["accounts"], "run-2")


def test_a_transaction_that_fails_is_no_renewal(kit):
    time = Elapsed()
    grant = Grant(book(kit), ["accounts"], "run-1", time)
    time.seconds += 30

    def failing(_connection) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), grant.fenced(failing) as work:
        kit.store.database.write(work)
    time.seconds += 15
    assert not grant.is_surely_mine


SLEEPER = "import time; print('up', flush=True); time.sleep(600)"


@contextmanager
def process() -> Iterator[subprocess.Popen[str]]:
    """A process that does nothing, until the block ends."""
    with subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        running.stdout.readline()
        try:
            yield running
        finally:
            running.kill()


def named(pid: int) -> str:
    me = this_worker()
    return Worker(me.host, pid, me.machine, start_of(pid) or "").process


def killed(running: subprocess.Popen[str]) -> None:
    running.kill()
    os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOWAIT)  # dead, and not yet taken from the process table


def stopped(running: subprocess.Popen[str]) -> None:
    running.send_signal(signal.SIGSTOP)


@pytest.mark.skipif(os.name != "posix", reason="processes are seen on POSIX systems only")
@pytest.mark.parametrize(("do", "expected"), [(lambda _: None, Fate.ALIVE), (stopped, Fate.ALIVE), (killed, Fate.DEAD)])
def test_the_fate_of_a_real_process_is_seen(do: Callable[[subprocess.Popen[str]], None], expected):
    with process() as running:
        name = named(running.pid)
        assert fate(name, this_worker()) is Fate.ALIVE
        do(running)
        assert fate(name, this_worker()) is expected
        running.kill()
        running.wait()
    assert fate(name, this_worker()) is Fate.DEAD


@pytest.mark.parametrize("name", [None, "", "nonsense", "here/f00d:x:1", "elsewhere/f00d:1:1"])
def test_nothing_is_known_of_a_process_that_is_not_named_or_not_of_this_machine(name):
    assert fate(name, worker(), lambda _: None) is Fate.UNKNOWN


def test_a_run_that_died_is_entered_as_crashed_and_one_that_lives_is_not(kit):
    me = this_worker()
    kit.store.start_run("mine", kind="sync", entities=["accounts"], at=kit.clock())
    lost = Worker(me.host, me.pid, me.machine, "another start")
    enter(kit, "killed", lost.process)
    enter(kit, "far, fresh", worker("elsewhere").process)
    assert kit.store.close_dead_runs() == ["killed"]
    book(kit, host="elsewhere").acquire(["contacts"], "far, fresh")
    enter(kit, "far, silent", worker("elsewhere").process)
    enter(kit, "of an earlier version", None)
    kit.clock.advance(seconds=30)
    book(kit, host="elsewhere").renew(leases_of(kit, "far, fresh"))
    kit.clock.advance(seconds=30)
    assert sorted(kit.store.close_dead_runs()) == ["far, silent", "of an earlier version"]
    assert kit.store.close_dead_runs() == []
    found = {row["run_id"]: (row["status"], row["finished_at"] is not None) for row in kit.rows("SELECT * FROM v_runs")}
    assert found["mine"] == found["far, fresh"] == ("running", False)
    assert found["killed"] == found["far, silent"] == ("crashed", True)
    assert kit.store.crashed(["mine", "killed", "nobody"]) == {"killed"}


def enter(kit, run_id: str, process_name: str | None) -> None:
    """A ledger entry as another process made it."""
    kit.store.start_run(run_id, kind="sync", entities=["accounts"], at=kit.clock())
    values = {"process": process_name, "run_id": run_id}
    kit.store.database.write(
        lambda connection: connection.execute(text("UPDATE runs SET process = :process WHERE run_id = :run_id"), values)
    )


def leases_of(kit, holder: str) -> list[Lease]:
    rows = kit.rows("SELECT entity, holder, token FROM leases")
    return [Lease(row["entity"], row["holder"], row["token"]) for row in rows if row["holder"] == holder]


@pytest.mark.parametrize(
    ("free_after", "patience", "waited"), [(0, 0, 0), (3, 10, 3), (9.5, 9.5, 9.5), (9.6, 9.5, None)]
)
def test_waiting_ends_when_the_lease_is_free_or_the_time_is_up(free_after, patience, waited):
    time, told = Elapsed(), []
    start = time()

    def attempt() -> str:
        if time() - start < free_after:
            raise LeaseHeldError("accounts", "run-1")
        return "taken"

    def sleep(seconds: float) -> None:
        time.seconds += seconds

    wait = Patience(patience, clock=time, sleep=sleep).wait
    if waited is None:
        with pytest.raises(LeaseHeldError, match="run-1"):
            wait(attempt, lambda busy, left: told.append((busy.holder, left)))
        assert time() - start == patience
    else:
        assert wait(attempt, lambda busy, left: told.append((busy.holder, left))) == "taken"
        assert time() - start == waited
    assert told == ([("run-1", patience)] if free_after else [])
