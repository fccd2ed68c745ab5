"""Arrays of records: positions, mixed results, atomic batches, the cap of 500 (reference, 3.4, 6.2)."""

from collections.abc import Callable

import pytest

from .service import Running, fault

CONTACT = "/objects/company-config/contact"


def contact(name: str, **more: object) -> dict[str, object]:
    return {"id": name, "printAs": name, **more}


def test_a_good_batch_is_201_in_the_order_sent(running: Running) -> None:
    reply = running.api.call("POST", CONTACT, [contact("B"), contact("A")])
    assert reply.status_code == 201
    assert [(entry["id"], entry["ia::status"]) for entry in reply.json()["ia::result"]] == [("B", 201), ("A", 201)]
    assert reply.json()["ia::meta"] == {"totalCount": 2, "totalSuccess": 2, "totalError": 0}
    assert running.company.transactions.records_written == 2


def test_a_mixed_batch_is_207_and_the_good_ones_stand(running: Running) -> None:
    reply = running.api.call(
        "POST", CONTACT, [contact("A"), contact("Mia Ray"), contact("B", x=1), "text", contact("C")]
    )
    assert reply.status_code == 207
    elements = reply.json()["ia::result"]
    assert [entry["ia::status"] for entry in elements] == [201, 422, 400, 400, 201]
    assert "Another record with the value Mia Ray" in elements[1]["ia::error"]["details"][0]["message"]
    assert "key" not in elements[1]
    assert reply.json()["ia::meta"] == {"totalCount": 5, "totalSuccess": 2, "totalError": 3}
    assert running.company.transactions.records_written == 2


def test_when_all_fail_alike_the_status_is_theirs(running: Running) -> None:
    reply = running.api.call("POST", CONTACT, [contact("Mia Ray"), contact("Lea Fox")])
    assert (reply.status_code, len(reply.json()["ia::result"])) == (422, 2)


def test_updates_carry_their_key(running: Running) -> None:
    reply = running.api.call("PATCH", CONTACT, [{"key": "1", "fax": "1"}, {"fax": "2"}, {"key": "404", "fax": "3"}])
    assert [entry["ia::status"] for entry in reply.json()["ia::result"]] == [200, 400, 404]
    assert running.company.read("contact", "Mia Ray", "fax") == {"fax": "1"}


def test_an_atomic_batch_is_undone_by_one_failure(running: Running) -> None:
    before = running.company.count("contact")
    reply = running.api.call(
        "POST", CONTACT, [contact("A"), contact("Mia Ray"), contact("B")], X_IA_API_Param_Transaction="true"
    )
    elements = reply.json()["ia::result"]
    assert [entry["ia::error"]["code"] for entry in elements] == ["unprocessed", "operationFailed", "unprocessed"]
    assert elements[0]["ia::error"]["message"] == "Operation skipped due to atomic transaction failure"
    assert reply.status_code == 422
    assert running.company.count("contact") == before
    assert running.company.transactions.records_written == 0
    assert running.api.call("POST", CONTACT, contact("A")).status_code == 201


def test_an_atomic_batch_of_updates_and_deletions_is_undone_too(running: Running) -> None:
    atomic = {"X_IA_API_Param_Transaction": "true"}
    reply = running.api.call("PATCH", CONTACT, [{"key": "2", "fax": "9"}, {"key": "404"}], **atomic)
    assert reply.status_code == 207
    assert running.company.read("contact", "Lea Fox", "fax") == {"fax": None}
    assert running.api.call("DELETE", f"{CONTACT}/2,1", **atomic).status_code == 422
    assert running.company.read("contact", "Lea Fox", "id") == {"id": "Lea Fox"}
    assert running.api.call("POST", CONTACT, [contact("A"), contact("B")], **atomic).status_code == 201


def test_deleting_many(running: Running) -> None:
    running.company.load("contact", [contact(name) for name in "ABC"])
    keys = [running.company.read("contact", name, "key")["key"] for name in "ABC"]
    assert running.api.call("DELETE", f"{CONTACT}/{keys[0]},{keys[1]}").status_code == 204
    mixed = running.api.call("DELETE", f"{CONTACT}/{keys[2]},{keys[0]}")
    assert mixed.status_code == 207
    assert mixed.json()["ia::result"][0] == {"ia::status": 204}
    assert mixed.json()["ia::result"][1]["ia::status"] == 404


@pytest.mark.parametrize(("size", "status"), [(0, 400), (500, 201), (501, 400)])
def test_a_batch_holds_1_to_500_records(running: Running, size: int, status: int) -> None:
    reply = running.api.call("POST", CONTACT, [contact(f"N{number}") for number in range(size)])
    assert reply.status_code == status
    if status == 400:
        assert "500" in str(fault(reply)["message"])
        assert running.company.transactions.total == 0


def test_success_elements_may_lack_their_status(start: Callable[..., Running]) -> None:
    running = start(batch_success_status=False)
    elements = running.api.call("POST", CONTACT, [contact("A"), contact("A")]).json()["ia::result"]
    assert "ia::status" not in elements[0]
    assert elements[1]["ia::status"] == 422
