"""Calls under way at once: as many as allowed and never more, stopped by the first that ends the work.

Nobody sleeps: a call waits at a barrier until the others have come to it too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest

from intacct_sf_pipeline.engine.writing.calls import Call
from intacct_sf_pipeline.engine.writing.in_flight import Answer, InFlight
from intacct_sf_pipeline.engine.writing.worker import StoppedError, is_worker, require_going_on
from intacct_sf_pipeline.model.errors import LeaseLostError, QuotaExceededError, ServiceReply
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus

from .test_write_calls import prepared

PATIENCE = 20.0


def call(number: int, *families: str) -> Call:
    return Call((prepared(number, *families),))


def written(requests: Sequence[WriteRequest]) -> list[WriteOutcome]:
    return [WriteOutcome(request.ref, WriteStatus.WRITTEN, key=request.key) for request in requests]


class Service:
    """Counts who is inside; the first `most` callers leave together."""

    def __init__(self, most: int) -> None:
        self.lock, self.barrier, self.left = threading.Lock(), threading.Barrier(most), most
        self.inside = self.peak = 0
        self.threads: set[int] = set()

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        with self.lock:
            self.threads.add(threading.get_ident())
            self.inside += 1
            self.peak = max(self.peak, self.inside)
            self.left -= 1
            meets = self.left >= 0
        if meets:
            self.barrier.wait(PATIENCE)
        with self.lock:
            self.inside -= 1
        assert is_worker()
        yield written(requests)


def sent(flight: InFlight, calls: Sequence[Call]) -> list[Answer]:
    answers: list[Answer] = []
    for one in calls:
        while not flight.has_room_for(one):
            answers += flight.answers(patiently=True)
        flight.send(one)
    while flight.open:
        answers += flight.answers(patiently=True)
    return answers


@pytest.mark.parametrize("most", [1, 2, 5])
def test_as_many_are_under_way_as_allowed_and_never_more(most: int) -> None:
    service = Service(most)
    with InFlight(service.write, most) as flight:
        answers = sent(flight, [call(n) for n in range(12)])
    assert service.peak == most
    assert sorted(o.ref for answer in answers for o in answer.outcomes) == sorted(f"l{n}" for n in range(12))
    assert (threading.get_ident() in service.threads) is (most == 1)
    assert not is_worker()


def test_calls_of_one_family_follow_each_other() -> None:
    with InFlight(Service(1).write, 3) as flight:
        flight.send(call(1, "parent a"))
        assert not flight.has_room_for(call(2, "parent a"))
        assert flight.has_room_for(call(3, "parent b"))
        while flight.open:
            flight.answers(patiently=True)
        assert flight.has_room_for(call(2, "parent a"))


def test_who_stops_lets_each_call_send_what_it_is_sending_and_no_more() -> None:
    inside, go, requests = threading.Event(), threading.Event(), []

    def write(asked: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        require_going_on()
        requests.append("first")
        inside.set()
        assert go.wait(PATIENCE)
        yield written(asked)
        require_going_on()
        requests.append("second")

    with InFlight(write, 2) as flight:
        flight.send(call(1))
        assert inside.wait(PATIENCE)
        flight.stop()
        go.set()
        (answer,) = flight.answers(patiently=True)
    assert requests == ["first"]
    assert [o.status for o in answer.outcomes] == [WriteStatus.WRITTEN], "what was answered is told"
    assert isinstance(answer.fatal, StoppedError)


def test_leaving_the_block_by_an_error_waits_for_what_is_under_way() -> None:
    inside, left = threading.Event(), threading.Event()

    def write(asked: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        inside.set()
        while True:
            try:
                require_going_on()
            except StoppedError:
                left.set()
                raise
            yield []

    def interrupted() -> None:
        with InFlight(write, 2) as flight:
            flight.send(call(1))
            assert inside.wait(PATIENCE)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert left.is_set()


def test_what_is_no_fault_of_the_service_is_raised_after_the_answers_that_are_there() -> None:
    def write(asked: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        if asked[0].ref == "l1":
            raise LeaseLostError("accounts", "it stood still")
        yield written(asked)

    with InFlight(write, 2) as flight:
        flight.send(call(1))
        flight.send(call(2))
        answers: list[Answer] = []
        lost = False
        while flight.open:
            try:
                answers += flight.answers(patiently=True)
            except LeaseLostError:
                lost = True
    assert lost
    assert [answer.call.parts[0].line.line_id for answer in answers] == ["l2"]


def test_a_fault_of_the_service_comes_with_the_outcomes_before_it() -> None:
    def write(asked: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        yield written(asked)
        raise QuotaExceededError(ServiceReply("salesforce", "update Contact", code="REQUEST_LIMIT_EXCEEDED"))

    with InFlight(write, 1) as flight:
        flight.send(call(1))
        (answer,) = flight.answers(patiently=False)
    assert isinstance(answer.fatal, QuotaExceededError)
    assert [o.status for o in answer.outcomes] == [WriteStatus.WRITTEN]
