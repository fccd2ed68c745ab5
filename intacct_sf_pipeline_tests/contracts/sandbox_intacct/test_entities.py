"""Two entities and the top level: who sees, who owns, who may change (reference, 1.2, 5.8, 9.6)."""

from collections.abc import Callable

import pytest

from .service import Api, Running, fault

ITEM = "inventory-control/item"
CUSTOMER = "accounts-receivable/customer"


@pytest.fixture
def house(running: Running) -> Running:
    """A company with one private item in each entity."""
    running.company.load(
        "item", [{"id": "N1", "name": "N1", "entity.id": "E100"}, {"id": "S1", "name": "S1", "entity.id": "E200"}]
    )
    return running


def seen(house: Running, private: bool = False, **headers: str) -> list[object]:
    body = {
        "object": ITEM,
        "fields": ["id"],
        "orderBy": [{"id": "asc"}],
        "filterParameters": {"includePrivate": private},
    }
    reply = house.api.call("POST", "/services/core/query", body, **headers)
    return [row["id"] for row in reply.json()["ia::result"]]


def test_private_records_need_to_be_asked_for_at_the_top_level(house: Running) -> None:
    assert seen(house) == ["CARE", "PUMP-8"]
    assert seen(house, private=True) == ["CARE", "N1", "PUMP-8", "S1"]


@pytest.mark.parametrize("private", [False, True])
def test_inside_an_entity_one_sees_its_own_and_the_top_level(house: Running, private: bool) -> None:
    assert seen(house, private, X_IA_API_Param_Entity="E100") == ["CARE", "N1", "PUMP-8"]


def test_the_token_pins_the_entity_and_the_header_overrides_it(house: Running) -> None:
    pinned = Running(house.company, Api(house.api.base, "sync@acme-co|E200"), house.clock)
    assert seen(pinned) == ["CARE", "PUMP-8", "S1"]
    assert seen(pinned, X_IA_API_Param_Entity="E100") == ["CARE", "N1", "PUMP-8"]
    assert seen(pinned, X_IA_API_Param_Entity="") == ["CARE", "PUMP-8"]
    pinned.api.http.close()


def test_an_unknown_entity_is_refused(house: Running) -> None:
    reply = house.api.call("GET", f"/objects/{ITEM}/1", X_IA_API_Param_Entity="E9")
    assert (reply.status_code, fault(reply)["code"]) == (400, "invalidRequest")


def test_records_of_another_entity_are_not_found(house: Running) -> None:
    key = house.company.read("item", "S1", "key")["key"]
    path = f"/objects/{ITEM}/{key}"
    assert house.api.call("GET", path).status_code == 200
    assert house.api.call("GET", path, X_IA_API_Param_Entity="E200").status_code == 200
    assert house.api.call("GET", path, X_IA_API_Param_Entity="E100").status_code == 404
    assert house.api.call("PATCH", path, {"notes": "x"}, X_IA_API_Param_Entity="E100").status_code == 404


def test_new_records_belong_to_the_entity_and_ids_to_the_company(house: Running) -> None:
    new = {"id": "E1", "name": "East"}
    reply = house.api.call("POST", f"/objects/{CUSTOMER}", new, X_IA_API_Param_Entity="E100")
    key = reply.json()["ia::result"]["key"]
    assert house.api.row(CUSTOMER, key, "entity.id", "entity.name") == {"entity.id": "E100", "entity.name": "North"}
    elsewhere = house.api.call("POST", f"/objects/{CUSTOMER}", new, X_IA_API_Param_Entity="E200")
    assert elsewhere.status_code == 422


@pytest.mark.parametrize(("allowed", "status"), [(False, 422), (True, 200)])
def test_top_level_records_are_fixed_inside_an_entity(
    start: Callable[..., Running], allowed: bool, status: int
) -> None:
    running = start(entity_edits_top_level=allowed)
    reply = running.api.call("PATCH", f"/objects/{ITEM}/1", {"notes": "x"}, X_IA_API_Param_Entity="E100")
    assert reply.status_code == status


def test_owned_rows_follow_their_owner(house: Running) -> None:
    house.company.load("customer", [{"id": "P", "name": "P", "entity.id": "E200"}])
    house.company.load("customer-contact", [{"categoryName": "x", "customer.id": "P", "contact.id": "Lea Fox"}])
    ask = {"object": "accounts-receivable/customer-contact", "fields": ["customer.id"]}
    assert [row["customer.id"] for row in house.api.rows(**ask)] == ["C-72"]
    assert len(house.api.rows(**ask, filterParameters={"includePrivate": True})) == 2


def test_entities_are_all_listed_at_the_top_and_alone_inside(house: Running) -> None:
    body = {"object": "company-config/entity", "fields": ["id", "name"], "orderBy": [{"id": "asc"}]}
    assert [row["id"] for row in house.api.rows(**body)] == ["E100", "E200"]
    inside = house.api.call("POST", "/services/core/query", body, X_IA_API_Param_Entity="E200")
    assert [row["id"] for row in inside.json()["ia::result"]] == ["E200"]


@pytest.mark.parametrize(("only", "status"), [(False, 200), (True, 422)])
def test_private_records_may_be_changed_in_their_entity_only(
    start: Callable[..., Running], only: bool, status: int
) -> None:
    running = start(private_in_entity_only=only)
    (key,) = running.company.load("item", [{"id": "N1", "name": "N1", "entity.id": "E100"}])
    path, change = f"/objects/{ITEM}/{key}", {"notes": "x"}
    assert running.api.call("PATCH", path, change).status_code == status
    assert running.api.call("PATCH", path, change, X_IA_API_Param_Entity="E100").status_code == 200
    running.company.edit(ITEM, key, {"notes": "a person, who is in the entity"})


def test_ids_are_unique_over_the_whole_company(house: Running) -> None:
    taken = house.api.call("POST", f"/objects/{CUSTOMER}", {"id": "U-1", "name": "U"}, X_IA_API_Param_Entity="E100")
    assert taken.status_code == 201
    again = house.api.call("POST", f"/objects/{CUSTOMER}", {"id": "U-1", "name": "V"}, X_IA_API_Param_Entity="E200")
    assert again.status_code == 422
