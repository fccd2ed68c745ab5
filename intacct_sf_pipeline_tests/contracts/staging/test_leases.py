"""Leases: one writer per entity, whatever races, crashes or sleeps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from intacct_sf_pipeline.model.errors import LeaseHeldError
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.leases import LeaseBook, Worker


def book(kit, *, host="here", pid=1, alive=True):
    return LeaseBook(kit.store.database, worker=Worker(host, pid), is_alive=lambda _: alive)


def test_a_held_lease_is_refused_and_says_who_holds_it(kit):
    book(kit).acquire("accounts", "run-1")
    with pytest.raises(LeaseHeldError, match="run-1"):
        book(kit, pid=2).acquire("accounts", "run-2")
    assert book(kit, pid=2).acquire("contacts", "run-2").entity == "contacts"


def test_a_released_lease_is_free_and_the_next_token_is_larger(kit):
    leases = book(kit)
    first = leases.acquire("accounts", "run-1")
    leases.release(first)
    second = leases.acquire("accounts", "run-2")
    assert second.token > first.token
    leases.release(first)
    with pytest.raises(LeaseHeldError):
        leases.acquire("accounts", "run-3")


def test_an_expired_lease_is_taken_over_and_its_old_holder_is_refused(kit):
    old = book(kit, host="elsewhere")
    lease = old.acquire("accounts", "run-1")
    kit.clock.advance(seconds=59)
    with pytest.raises(LeaseHeldError):
        book(kit).acquire("accounts", "run-2")
    kit.clock.advance(seconds=1)
    book(kit).acquire("accounts", "run-2")
    with pytest.raises(LeaseHeldError, match="run-2"):
        old.renew(lease)


def test_a_renewed_lease_does_not_expire(kit):
    leases = book(kit)
    lease = leases.acquire("accounts", "run-1")
    for _ in range(5):
        kit.clock.advance(seconds=50)
        leases.renew(lease)
    with pytest.raises(LeaseHeldError):
        book(kit, pid=2).acquire("accounts", "run-2")


@pytest.mark.parametrize(
    ("host", "alive", "taken"), [("here", False, True), ("here", True, False), ("elsewhere", False, False)]
)
def test_only_a_dead_process_of_this_machine_is_taken_over_at_once(kit, host, alive, taken):
    book(kit, host=host, pid=4242).acquire("accounts", "run-1")
    other = book(kit, alive=alive)
    if taken:
        assert other.acquire("accounts", "run-2").holder == "run-2"
    else:
        with pytest.raises(LeaseHeldError):
            other.acquire("accounts", "run-2")


@pytest.mark.parametrize("before", ["never held", "released", "expired"])
def test_of_many_that_race_one_wins(kit, url, before):
    if before != "never held":
        lease = book(kit).acquire("accounts", "old")
        book(kit).release(lease) if before == "released" else kit.clock.advance(hours=1)
    engines = [create_staging_engine(url) for _ in range(2)]
    books = [LeaseBook(Database(engine, kit.clock), worker=Worker("here", n)) for n, engine in enumerate(engines * 3)]
    start = Barrier(len(books))

    def compete(number: int) -> str:
        start.wait()
        try:
            return books[number].acquire("accounts", f"run-{number}").holder
        except LeaseHeldError:
            return ""

    with ThreadPoolExecutor(len(books)) as pool:
        winners = [name for name in pool.map(compete, range(len(books))) if name]
    for engine in engines:
        engine.dispose()
    assert len(winners) == 1
    assert [row["holder"] for row in kit.rows("SELECT holder FROM leases")] == winners


def test_a_store_that_lost_its_lease_cannot_commit(kit):
    kit.land(kit.feed("customers"), kit.customer("1"))
    entity = kit.entity("accounts")
    with kit.store.lease("accounts", "run-1"):
        batch = kit.store.stage_batch(entity, Side.INTACCT, 10)
        kit.clock.advance(hours=1)
        book(kit, host="elsewhere").acquire("accounts", "run-2")
        with pytest.raises(LeaseHeldError, match="run-2"):
            kit.store.commit_stage(entity, Side.INTACCT, batch, [CanonicalRecord("1", {"name": "A"})], run_id="run-1")
    assert kit.store.records(entity, Side.INTACCT, ["1"]) == {}


def test_every_commit_renews_the_lease_and_leaving_gives_it_back(kit):
    kit.land(kit.feed("customers"), kit.customer("1"))
    with kit.store.lease("accounts", "run-1"):
        for _ in range(3):
            kit.clock.advance(seconds=50)
            kit.store.stage_batch(kit.entity("accounts"), Side.INTACCT, 10)
        with pytest.raises(LeaseHeldError, match="run-1"):
            book(kit, host="elsewhere").acquire("accounts", "run-2")
    assert book(kit).acquire("accounts", "run-2").holder == "run-2"


def test_a_lease_is_given_back_when_the_work_fails(kit):
    with pytest.raises(ZeroDivisionError), kit.store.lease("accounts", "run-1"):
        _ = 1 / 0
    assert book(kit).acquire("accounts", "run-2").holder == "run-2"
