"""One record at a time: shapes and statuses of create, read, update, delete (reference, 3.1, 6.1)."""

from collections.abc import Callable

import pytest

from .service import Running, detail_of, fault

CUSTOMER = "/objects/accounts-receivable/customer"
CONTACT = "/objects/company-config/contact"
ITEM = "/objects/inventory-control/item"


def test_create_answers_201_with_a_reference_only(running: Running) -> None:
    reply = running.api.call("POST", CUSTOMER, {"id": "C-500", "name": "Quay & Sons"})
    assert reply.status_code == 201
    assert reply.json() == {
        "ia::result": {"key": "3", "id": "C-500", "href": "/objects/accounts-receivable/customer/3"},
        "ia::meta": {"totalCount": 1, "totalSuccess": 1, "totalError": 0},
    }


def test_read_gives_nested_groups_references_and_lists(running: Running) -> None:
    customer = running.api.call("GET", f"{CUSTOMER}/2").json()["ia::result"]
    assert customer["contacts"]["primary"] == {"key": "1", "id": "Mia Ray", "href": "/objects/company-config/contact/1"}
    assert customer["contacts"]["default"]["mailingAddress"]["isoCountryCode"] == "US"
    assert "audit" not in customer["contacts"]["default"]
    assert customer["contacts"]["billTo"] == {"key": None, "id": None}
    assert customer["parent"] == {"key": None, "id": None, "name": None}
    assert customer["entity"] == {"key": None, "id": None, "name": None}
    assert customer["creditLimit"] == 2500
    assert customer["advanceBillByType"] == ""
    assert [entry["contact"]["id"] for entry in customer["contactList"]] == ["Mia Ray"]
    assert customer["audit"]["modifiedDateTime"] == "2026-09-10T08:00:00Z"
    item = running.api.call("GET", f"{ITEM}/1").json()["ia::result"]
    assert item["purchasing"] == {"standardCost": "118.5"}
    assert item["quantityOnHand"] == "31"
    assert [(row["warehouse"]["id"], row["onHand"]) for row in item["warehouseInfo"]] == [("WH-N", 20), ("WH-S", 11)]
    warehouse = running.api.call("GET", "/objects/inventory-control/warehouse/1").json()["ia::result"]
    assert warehouse["location"]["id"] == "100--Main"


def test_update_changes_what_is_given_and_nothing_else(running: Running) -> None:
    before = running.api.call("GET", f"{CUSTOMER}/2").json()["ia::result"]
    running.clock.advance(seconds=90.6)
    reply = running.api.call("PATCH", f"{CUSTOMER}/2", {"creditLimit": 4000.5, "notes": "good", "name": "Harbor Tools"})
    assert (reply.status_code, reply.json()["ia::result"]["id"]) == (200, "C-72")
    after = running.api.call("GET", f"{CUSTOMER}/2").json()["ia::result"]
    assert (after["creditLimit"], after["notes"]) == (4000.5, "good")
    assert after["audit"]["modifiedDateTime"] == "2026-09-10T08:01:30Z"
    assert after["audit"]["modifiedByUser"]["id"] == "sync"
    assert after["audit"]["createdByUser"]["id"] == "user"
    for changed in ("creditLimit", "notes", "audit"):
        before.pop(changed), after.pop(changed)
    assert after == before


def test_null_and_empty_text_clear_a_member_and_read_as_null(running: Running) -> None:
    for empty in (None, ""):
        running.api.call("PATCH", f"{CUSTOMER}/2", {"notes": "x", "contacts": {"primary": {"id": "Mia Ray"}}})
        running.api.call("PATCH", f"{CUSTOMER}/2", {"notes": empty, "creditLimit": None, "contacts": {"primary": None}})
        customer = running.api.call("GET", f"{CUSTOMER}/2").json()["ia::result"]
        assert (customer["notes"], customer["creditLimit"]) == (None, None)
        assert customer["contacts"]["primary"] == {"key": None, "id": None}


@pytest.mark.parametrize("choice", [{"key": "2"}, {"id": "Lea Fox"}, {"key": "2", "id": "Lea Fox"}])
def test_references_are_set_by_key_or_id(running: Running, choice: dict[str, str]) -> None:
    assert running.api.call("PATCH", f"{CUSTOMER}/1", {"contacts": {"billTo": choice}}).status_code == 200
    assert running.api.row("accounts-receivable/customer", "1", "contacts.billTo.id") == {
        "contacts.billTo.id": "Lea Fox"
    }


@pytest.mark.parametrize("cleared", [None, {"key": None}, {"id": None}, {"key": ""}])
def test_references_are_cleared_by_null(running: Running, cleared: object) -> None:
    assert running.api.call("PATCH", f"{CUSTOMER}/2", {"contacts": {"primary": cleared}}).status_code == 200
    assert running.api.row("accounts-receivable/customer", "2", "contacts.primary.key") == {
        "contacts.primary.key": None
    }


def test_delete_answers_204_and_the_record_is_gone(running: Running) -> None:
    reply = running.api.call("DELETE", f"{CONTACT}/2")
    assert (reply.status_code, reply.content) == (204, b"")
    assert running.api.call("GET", f"{CONTACT}/2").status_code == 404


def test_deleting_a_customer_removes_its_list_and_leaves_its_contacts(running: Running) -> None:
    assert running.api.call("DELETE", f"{CUSTOMER}/2").status_code == 204
    assert running.company.count("customer-contact") == 0
    assert running.company.read("contact", "Harbor Tools(CC-72)", "printAs") == {"printAs": "Harbor Tools"}


def test_lists_hold_references_only(running: Running) -> None:
    reply = running.api.call("GET", ITEM).json()
    assert reply["ia::result"][0] == {"key": "1", "id": "PUMP-8", "href": "/objects/inventory-control/item/1"}
    assert reply["ia::meta"] == {"totalCount": 2, "start": 1, "pageSize": 100, "next": None, "previous": None}
    running.company.load("item", [{"id": f"X{number}", "name": f"X{number}"} for number in range(150)])
    reply = running.api.call("GET", ITEM).json()
    assert (len(reply["ia::result"]), reply["ia::meta"]["next"]) == (100, 101)


def test_several_records_in_one_read(running: Running) -> None:
    reply = running.api.call("GET", f"{ITEM}/2,1")
    assert reply.status_code == 200
    assert [item["id"] for item in reply.json()["ia::result"]] == ["CARE", "PUMP-8"]
    mixed = running.api.call("GET", f"{ITEM}/2,99")
    assert (mixed.status_code, mixed.json()["ia::result"][1]["ia::status"]) == (207, 404)


def test_the_deprecated_country_name_sets_the_code(running: Running) -> None:
    reply = running.api.call("POST", CONTACT, {"id": "Zoe", "printAs": "Zoe", "mailingAddress": {"country": "Germany"}})
    key = reply.json()["ia::result"]["key"]
    shown = running.api.row("company-config/contact", key, "mailingAddress.isoCountryCode", "mailingAddress.country")
    assert shown == {"mailingAddress.isoCountryCode": "DE", "mailingAddress.country": "Germany"}


def test_decimals_are_canonical_strings_whatever_was_sent(running: Running) -> None:
    for sent, shown in ((12.50, "12.5"), ("1200.0000000000", "1200"), ("0.10", "0.1"), (7, "7"), ("1E2", "100")):
        reply = running.api.call("PATCH", f"{ITEM}/1", {"sales": {"basePrice": sent}})
        assert reply.status_code == 200
        assert running.api.row("inventory-control/item", "1", "sales.basePrice") == {"sales.basePrice": shown}


def test_keys_grow_and_are_never_reused(running: Running) -> None:
    first = running.api.call("POST", CONTACT, {"id": "A", "printAs": "A"}).json()["ia::result"]["key"]
    running.api.call("DELETE", f"{CONTACT}/{first}")
    second = running.api.call("POST", CONTACT, {"id": "A", "printAs": "A"}).json()["ia::result"]["key"]
    assert int(second) == int(first) + 1


def test_the_audit_trail_names_what_happened(running: Running) -> None:
    key = running.api.call("POST", CONTACT, {"id": "Bo", "printAs": "Bo"}).json()["ia::result"]["key"]
    running.api.call("PATCH", f"{CONTACT}/{key}", {"email1": "bo@x.example"})
    running.api.call("DELETE", f"{CONTACT}/{key}")
    rows = running.api.rows(
        object="company-config/audit-history",
        fields=["key", "changeDetails.objectId", "changeDetails.fieldName", "changeDetails.previousValue",
                "changeDetails.newValue", "changeSource.actionPerformed", "changeSource.source",
                "changeSource.completedBy"],
        filters=[{"$eq": {"changeDetails.objectName": "company-config/contact"}}],
        orderBy=[{"changeSource.actionPerformed": "asc"}],
    )  # fmt: skip
    assert [(row["changeSource.actionPerformed"], row["changeDetails.objectId"]) for row in rows] == [
        ("create", "Bo"),
        ("delete", "Bo"),
        ("modify", "Bo"),
    ]
    assert rows[2]["changeDetails.fieldName"] == "email1"
    assert rows[2]["changeDetails.newValue"] == "bo@x.example"
    assert {(row["changeSource.source"], row["changeSource.completedBy"]) for row in rows} == {("api", "sync")}
    assert running.api.call("GET", f"/objects/company-config/audit-history/{rows[0]['key']}").status_code == 200


def test_numbered_customers_need_no_id(start: Callable[..., Running]) -> None:
    running = start(auto_number_customers=True)
    running.company.load("customer", [{"id": "CUST-00002", "name": "Taken"}])
    ids = [running.api.call("POST", CUSTOMER, {"name": name}).json()["ia::result"]["id"] for name in ("One", "Two")]
    assert ids == ["CUST-00001", "CUST-00003"]


def test_without_numbering_an_id_is_asked_for(running: Running) -> None:
    reply = running.api.call("POST", CUSTOMER, {"name": "One"})
    assert (reply.status_code, fault(reply)["errorId"]) == (422, "REST-7001")
    assert "ID is required" in str(detail_of(reply)["message"])
