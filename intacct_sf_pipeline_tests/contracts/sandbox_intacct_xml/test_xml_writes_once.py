"""Functions run once (`uniqueid`) and operations taken back whole (`transaction`); reference, 2.4 and 8.2."""

from collections.abc import Callable

import pytest

from .gateway import Reply, Running
from .writing import ROLLED_BACK, chain, contact, create, customer, delete, item, record, update, written

REPEATED = "Duplicate control ID k1: a function with this control ID was already processed"


def once(running: Running, call: str, control_id: str = "k1", *, transaction: bool = False) -> Reply:
    return running.door.request((control_id, call), unique=True, transaction=transaction)


def contacts(running: Running) -> list[str]:
    return [
        row["CONTACTNAME"] for row in running.door.query("CONTACT", "CONTACTNAME").rows() if "Jo" in row["CONTACTNAME"]
    ]


def test_a_completed_control_id_is_not_run_again(running: Running) -> None:
    once(running, create(contact("Jo 1"))).ok()
    again = once(running, create(contact("Jo 2")))
    assert again.statuses == ["failure"]
    assert chain(again) == [("BL01001973", REPEATED)]
    assert contacts(running) == ["Jo 1"]
    assert running.company.transactions.records_written == 1


def test_the_stored_result_can_be_the_answer(start: Callable[..., Running]) -> None:
    running = start(xml={"repeated_control_id": "stored"})
    first = once(running, create(contact("Jo 1"))).ok()
    again = once(running, create(contact("Jo 1"))).ok()
    assert written(again.result) == written(first.result)
    assert contacts(running) == ["Jo 1"]


def test_silence_can_be_the_answer(start: Callable[..., Running]) -> None:
    running = start(xml={"repeated_control_id": "silent"})
    once(running, create(contact("Jo 1"))).ok()
    again = once(running, create(contact("Jo 1"))).ok()
    assert [child.tag for child in again.result] == ["status", "function", "controlid"]
    assert contacts(running) == ["Jo 1"]


def test_a_failed_control_id_may_be_sent_again(running: Running) -> None:
    assert once(running, create(item("PUMP-8"))).statuses == ["failure"]
    once(running, create(item("PUMP-9"))).ok()


def test_without_uniqueid_every_call_runs(running: Running) -> None:
    for name in ("Jo 1", "Jo 2"):
        running.door.request(("k1", create(contact(name)))).ok()
    assert len(contacts(running)) == 2
    assert once(running, create(contact("Jo 3"))).statuses == ["success"]


def test_uniqueid_is_the_default(running: Running) -> None:
    body = running.door.body(("k1", create(contact("Jo 1")))).replace("<uniqueid>false</uniqueid>", "")
    assert running.door.post(body).statuses == ["success"]
    assert running.door.post(body).statuses == ["failure"]


def test_the_key_is_the_functions_control_id_within_one_request_too(running: Running) -> None:
    calls = [("k1", create(contact("Jo 1"))), ("k1", create(contact("Jo 2"))), ("k2", create(contact("Jo 3")))]
    assert running.door.request(*calls, unique=True).statuses == ["success", "failure", "success"]


def test_control_ids_can_be_forgotten_in_time(start: Callable[..., Running]) -> None:
    running = start(xml={"control_id_hours": 48.0})
    once(running, create(contact("Jo 1"))).ok()
    running.clock.advance(hours=47)
    running.door.session = None
    assert once(running, create(contact("Jo 2"))).statuses == ["failure"]
    running.clock.advance(hours=1)
    running.door.session = None
    once(running, create(contact("Jo 3"))).ok()


def test_a_company_can_ignore_unique_ids_altogether(start: Callable[..., Running]) -> None:
    running = start(idempotency_supported=False)
    for name in ("Jo 1", "Jo 2"):
        once(running, create(contact(name))).ok()
    assert len(contacts(running)) == 2


def test_a_transaction_that_fails_leaves_nothing_behind(running: Running) -> None:
    before = running.company.count("contact"), running.company.count("company-config/audit-history")
    reply = running.door.request(
        create(contact("Jo 1")),
        create(customer("C-1", BILLTO={"CONTACTNAME": "Jo 1"}), item("PUMP-8")),
        create(contact("Jo 2")),
        transaction=True,
    )
    assert reply.statuses == ["aborted", "failure", "aborted"]
    assert chain(reply, 0) == chain(reply, 2) == [("XL03000009", ROLLED_BACK)]
    assert chain(reply, 1)[0] == ("BL34000061", "Another Item with the given value(s) PUMP-8  already exists")
    assert all(result.find("data") is None for result in reply.results)
    assert (running.company.count("contact"), running.company.count("company-config/audit-history")) == before
    assert running.company.transactions.records_written == 0


def test_a_transaction_that_succeeds_is_answered_like_any_other(running: Running) -> None:
    reply = running.door.request(
        create(contact("Jo 1")),
        create(customer("C-1", BILLTO={"CONTACTNAME": "Jo 1"})),
        transaction=True,
    ).ok()
    assert [written(result)[0][0] for result in reply.results] == ["contact", "customer"]
    assert running.company.read("customer", "C-1", "contacts.billTo.id") == {"contacts.billTo.id": "Jo 1"}


def test_an_update_and_a_delete_are_taken_back_too(running: Running) -> None:
    running.door.request(create(contact("Jo 1"))).ok()
    reply = running.door.request(
        update(record("CUSTOMER", {"CUSTOMERID": "C-72", "COMMENTS": "x"})),
        delete("CONTACT", "5"),
        delete("CONTACT", "999"),
        transaction=True,
    )
    assert reply.statuses == ["aborted", "aborted", "failure"]
    assert running.company.read("customer", "C-72", "notes") == {"notes": None}
    assert contacts(running) == ["Jo 1"]


@pytest.mark.parametrize(
    ("switches", "statuses", "culprit"),
    [
        ({"culprit_aborted": True}, ["aborted", "aborted", "aborted"], ["BL34000061", "BL01001973", "XL03000009"]),
        ({"transaction_stops": True}, ["aborted", "failure"], ["BL34000061", "BL01001973"]),
    ],
)
def test_the_shapes_of_a_rollback_are_switches(
    start: Callable[..., Running], switches: dict[str, object], statuses: list[str], culprit: list[str]
) -> None:
    running = start(xml=switches)
    calls = (create(contact("Jo 1")), create(item("PUMP-8")), create(contact("Jo 2")))
    reply = running.door.request(*calls, transaction=True)
    assert reply.statuses == statuses
    assert [number for number, _ in chain(reply, 1)] == culprit


def test_what_was_taken_back_may_be_sent_again_under_its_control_id(running: Running) -> None:
    calls = [("k1", create(contact("Jo 1"))), ("k2", create(item("PUMP-8")))]
    assert running.door.request(*calls, unique=True, transaction=True).statuses == ["aborted", "failure"]
    once(running, create(contact("Jo 1"))).ok()
    assert once(running, create(contact("Jo 1")), transaction=True).statuses == ["failure"]
