"""Writes that must be refused, each for one reason, in the documented shape; nothing is stored (reference, 3.2)."""

from collections.abc import Callable

import pytest

from .service import Running, detail_of, fault

CUSTOMER = "/objects/accounts-receivable/customer"
CONTACT = "/objects/company-config/contact"
ITEM = "/objects/inventory-control/item"
STOCK = "/objects/inventory-control/item-warehouse-inventory"
ENTRY = "/objects/inventory-control/price-list-entry"
NEW_ITEM = {"id": "N", "name": "N", "itemType": "inventory", "costMethod": "average"}
NEW_ENTRY = {
    "priceList": {"id": "RETAIL"},
    "item": {"id": "CARE"},
    "startDate": "2026-01-01",
    "endDate": "2026-12-31",
    "value": "5",
    "valueType": "actual",
}


@pytest.mark.parametrize(
    ("path", "payload", "target"),
    [
        (CUSTOMER, {"id": "X", "name": "X", "newDate": "1"}, "/newDate"),
        (CUSTOMER, {"id": "X", "name": "X", "contacts": {"default": {"nick": "x"}}}, "/contacts/default/nick"),
        (CUSTOMER, {"id": "X", "name": "X", "contacts": {"primary": {"nick": "x"}}}, "/contacts/primary/nick"),
        (CUSTOMER, {"id": "X", "name": "X", "contacts.default.phone1": "x"}, "/contacts/default/phone1"),
        (CONTACT, {"id": "X", "printAs": "X", "mailingAddress": {"zip": "1"}}, "/mailingAddress/zip"),
    ],
)
def test_an_unknown_member_gets_rest_1064_and_rest_1043(
    running: Running, path: str, payload: dict[str, object], target: str
) -> None:
    reply = running.api.call("POST", path, payload)
    assert (reply.status_code, fault(reply)["errorId"], fault(reply)["code"]) == (400, "REST-1064", "invalidRequest")
    detail = detail_of(reply)
    assert (detail["errorId"], detail["target"]) == ("REST-1043", target)
    assert detail["additionalInfo"]["messageId"] == "IA.NOT_A_VALID_FIELD"


def test_every_fault_of_a_payload_has_its_own_detail(running: Running) -> None:
    reply = running.api.call("POST", CUSTOMER, {"id": "X", "a": 1, "b": 2, "status": "asleep", "name": 5})
    assert sorted(detail["target"] for detail in fault(reply)["details"]) == ["/a", "/b", "/name", "/status"]


@pytest.mark.parametrize(
    ("method", "path", "payload"),
    [
        ("POST", ITEM, NEW_ITEM | {"quantityOnHand": "5"}),
        ("POST", ITEM, NEW_ITEM | {"warehouseInfo": []}),
        ("POST", ITEM, NEW_ITEM | {"key": "77"}),
        ("POST", ITEM, NEW_ITEM | {"audit": {"modifiedDateTime": "2026-01-01T00:00:00Z"}}),
        ("POST", ITEM, NEW_ITEM | {"entity": {"id": "E100"}}),
        ("PATCH", f"{CUSTOMER}/1", {"id": "C-99"}),
        ("PATCH", f"{CUSTOMER}/1", {"key": "2"}),
        ("PATCH", f"{CUSTOMER}/1", {"totalDue": "5.00"}),
        ("PATCH", f"{CUSTOMER}/1", {"href": "/x"}),
        ("PATCH", f"{CUSTOMER}/1", {"parent": {"name": "Harbor Tools"}}),
        ("PATCH", f"{CUSTOMER}/1", {"contacts": {"primary": {"email1": "x@y.example"}}}),
        ("PATCH", f"{CONTACT}/1", {"id": "Mia Fox"}),
        ("PATCH", f"{ITEM}/1", {"costMethod": "FIFO"}),
        ("PATCH", f"{STOCK}/1", {"onHand": 100}),
    ],
    ids=str,
)
def test_read_only_and_immutable_members_are_refused(
    running: Running, method: str, path: str, payload: dict[str, object]
) -> None:
    reply = running.api.call(method, path, payload)
    assert (reply.status_code, fault(reply)["errorId"]) == (400, "REST-1064")
    assert detail_of(reply)["errorId"] == "REST-1043"
    assert "read-only" in str(detail_of(reply)["message"])


def test_sending_the_present_id_or_key_again_is_harmless(running: Running) -> None:
    assert (
        running.api.call("PATCH", f"{CUSTOMER}/1", {"key": "1", "id": "C-71", "name": "Blue Fern"}).status_code == 200
    )


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        (CUSTOMER, {"id": "X", "name": "X", "status": "Active"}),
        (CUSTOMER, {"id": "X", "name": "X", "status": None}),
        (CUSTOMER, {"id": "X", "name": 5}),
        (CUSTOMER, {"id": "X", "name": None}),
        (CUSTOMER, {"id": "X" * 21, "name": "X"}),
        (CUSTOMER, {"id": "X", "name": "X" * 101}),
        (CUSTOMER, {"id": "X", "name": "X", "creditLimit": "much"}),
        (CUSTOMER, {"id": "X", "name": "X", "isOnHold": "perhaps"}),
        (CUSTOMER, {"id": "X", "name": "X", "contacts": "Mia Ray"}),
        (CUSTOMER, {"id": "X", "name": "X", "contacts": {"primary": "Mia Ray"}}),
        (CUSTOMER, {"id": "X", "name": "X", "contacts": {"primary": {"key": 1}}}),
        (CUSTOMER, {"id": "X", "name": "X", "contactList": {"contact": {"id": "Mia Ray"}}}),
        (CUSTOMER, {"id": "X", "name": "X", "contacts": {"default": {"phone1": "5" * 31}}}),
        (CUSTOMER, {"id": "X", "name": "X", "contacts": {"default": {"mailingAddress": {"isoCountryCode": "XX"}}}}),
        (CUSTOMER, {"id": "X", "name": "X", "contacts": {"default": {"mailingAddress": {"country": "Atlantis"}}}}),
        (CONTACT, {"id": "X", "printAs": "X", "email1": "e" * 201}),
        (CONTACT, {"id": "X" * 201, "printAs": "X"}),
        (ITEM, NEW_ITEM | {"notes": "n" * 1001}),
        (ITEM, NEW_ITEM | {"itemType": "Inventory"}),
        (ITEM, NEW_ITEM | {"purchasing": {"standardCost": "1.12345678901"}}),
        (ITEM, NEW_ITEM | {"purchasing": {"standardCost": "12345678901234567"}}),
        (ITEM, NEW_ITEM | {"purchasing": {"standardCost": "NaN"}}),
        (ITEM, NEW_ITEM | {"precision": {"salesPrecision": 1.5}}),
        (ENTRY, NEW_ENTRY | {"startDate": "01/02/2026"}),
        (ENTRY, NEW_ENTRY | {"startDate": "2026-02-30"}),
    ],
    ids=lambda value: str(value)[:60],
)
def test_values_that_do_not_fit_are_refused(running: Running, path: str, payload: dict[str, object]) -> None:
    before = running.company.store.version()
    reply = running.api.call("POST", path, payload)
    assert (reply.status_code, fault(reply)["errorId"]) == (400, "REST-1064")
    assert detail_of(reply)["target"]
    assert running.company.store.version() == before
    assert running.company.transactions.total == 0


@pytest.mark.parametrize(
    ("path", "payload", "missing"),
    [
        (CUSTOMER, {"id": "X"}, {"name"}),
        (CONTACT, {}, {"id", "printAs"}),
        (ITEM, {"id": "N"}, {"name", "itemType", "costMethod"}),
        ("/objects/inventory-control/warehouse", {"id": "W", "name": "W"}, {"location"}),
        (STOCK, {"item": {"id": "CARE"}}, {"warehouse"}),
        ("/objects/inventory-control/price-list", {"id": "P"}, {"appliesTo"}),
        (ENTRY, {}, {"startDate", "endDate", "value", "valueType", "priceList"}),
    ],
)
@pytest.mark.parametrize(("status", "error_id"), [(400, "REST-1064"), (422, "REST-7001")])
def test_missing_required_members_are_named(
    start: Callable[..., Running], path: str, payload: dict[str, object], missing: set[str], status: int, error_id: str
) -> None:
    running = start(missing_required_status=status)
    reply = running.api.call("POST", path, payload)
    assert (reply.status_code, fault(reply)["errorId"]) == (status, error_id)
    assert {detail["target"].strip("/") for detail in fault(reply)["details"]} == missing


@pytest.mark.parametrize(
    ("method", "path", "payload", "value"),
    [
        ("POST", CUSTOMER, {"id": "C-71", "name": "Other"}, "C-71"),
        ("POST", CONTACT, {"id": "Mia Ray", "printAs": "Other Mia"}, "Mia Ray"),
        ("POST", ITEM, NEW_ITEM | {"id": "PUMP-8"}, "PUMP-8"),
        ("POST", ITEM, NEW_ITEM | {"name": "Care plan"}, "Care plan"),
        ("PATCH", f"{ITEM}/1", {"name": "Care plan"}, "Care plan"),
        ("POST", STOCK, {"item": {"id": "PUMP-8"}, "warehouse": {"id": "WH-N"}}, "PUMP-8--WH-N"),
    ],
)
def test_duplicates_say_so_in_the_documented_words(
    running: Running, method: str, path: str, payload: dict[str, object], value: str
) -> None:
    reply = running.api.call(method, path, payload)
    assert (reply.status_code, fault(reply)["code"], fault(reply)["errorId"]) == (422, "operationFailed", "REST-7001")
    assert detail_of(reply)["message"] == f"Another record with the value {value} already exists"


def test_a_leftover_display_contact_blocks_its_customer(running: Running) -> None:
    running.company.load("contact", [{"id": "Fog(CC-9)", "printAs": "Fog"}])
    reply = running.api.call("POST", CUSTOMER, {"id": "C-9", "name": "Fog"})
    assert detail_of(reply)["message"] == "Another record with the value Fog(CC-9) already exists"
    assert running.company.count("customer") == 2


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        (CUSTOMER, {"id": "X", "name": "X", "parent": {"id": "C-404"}}),
        (CUSTOMER, {"id": "X", "name": "X", "contacts": {"primary": {"key": "404"}}}),
        (CUSTOMER, {"id": "X", "name": "X", "contacts": {"default": {"id": "Nobody"}}}),
        (CUSTOMER, {"id": "X", "name": "X", "customerType": {"id": "Nope"}}),
        (CUSTOMER, {"id": "X", "name": "X", "contactList": [{"categoryName": "A", "contact": {"id": "Nobody"}}]}),
        (ENTRY, {name: value for name, value in NEW_ENTRY.items() if name != "item"}),
    ],
    ids=lambda value: str(value)[:70],
)
def test_business_rules_are_422_and_leave_nothing_behind(
    running: Running, path: str, payload: dict[str, object]
) -> None:
    contacts = running.company.count("contact")
    reply = running.api.call("POST", path, payload)
    assert (reply.status_code, fault(reply)["errorId"]) == (422, "REST-7001")
    assert detail_of(reply)["message"]
    assert (running.company.count("customer"), running.company.count("contact")) == (2, contacts)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (f"{CONTACT}/1", "is used by"),
        (f"{ITEM}/1", "stock in a warehouse"),
        ("/objects/inventory-control/warehouse/1", "is used by"),
        (f"{STOCK}/1", "stock in a warehouse"),
    ],
)
def test_records_in_use_cannot_be_deleted(running: Running, path: str, why: str) -> None:
    reply = running.api.call("DELETE", path)
    assert (reply.status_code, fault(reply)["code"]) == (422, "operationFailed")
    assert why in str(detail_of(reply)["message"])
    assert running.api.call("GET", path).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_key_is_404(running: Running, method: str) -> None:
    reply = running.api.call(method, f"{CUSTOMER}/404", {} if method == "PATCH" else None)
    assert (reply.status_code, fault(reply)["code"]) == (404, "notFound")


def test_a_business_id_is_no_key(running: Running) -> None:
    assert running.api.call("GET", f"{CUSTOMER}/C-71").status_code == 404


@pytest.mark.parametrize(
    "path", ["/objects/accounts-receivable/client", "/objects/x", "/services/core/nothing", "/nothing"]
)
def test_an_unknown_path_is_404(running: Running, path: str) -> None:
    assert running.api.call("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", f"{CUSTOMER}/1"),
        ("POST", f"{CUSTOMER}/1"),
        ("DELETE", CUSTOMER),
        ("POST", "/objects/accounts-receivable/customer-contact"),
        ("PATCH", "/objects/company-config/entity/1"),
        ("DELETE", "/objects/company-config/audit-history/x"),
        ("POST", "/services/core/model"),
    ],
)
def test_a_verb_the_object_lacks_is_405(running: Running, method: str, path: str) -> None:
    reply = running.api.call(method, path, {"a": 1})
    assert reply.status_code == 405
    assert fault(reply)["message"]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_missing_payload_is_rest_1028(running: Running, method: str) -> None:
    error = fault(running.api.call(method, CUSTOMER if method == "POST" else f"{CUSTOMER}/1"))
    assert error["errorId"] == "REST-1028"
    assert error["additionalInfo"] == {
        "messageId": "IA.REQUEST_REQUIRES_A_PAYLOAD",
        "placeholders": {"OPERATION": method},
        "propertySet": {},
    }


def test_payloads_that_are_no_json_object(running: Running) -> None:
    url = running.api.base + CUSTOMER
    broken = running.api.http.post(url, data=b"{", headers={"Content-Type": "application/json"}, timeout=10)
    assert (broken.status_code, fault(broken)["code"]) == (400, "invalidRequest")
    xml = running.api.http.post(url, data=b"<a/>", headers={"Content-Type": "application/xml"}, timeout=10)
    assert (xml.status_code, xml.json()["ia::error"]["code"]) == (400, "GW-0014")
    assert running.api.call("POST", CUSTOMER, "text").status_code == 400
    assert running.api.call("PATCH", CUSTOMER, {"name": "X"}).status_code == 400


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [("read", "GET", "/1"), ("create", "POST", ""), ("update", "PATCH", "/1"), ("delete", "DELETE", "/1")],
)
def test_permissions_are_403(start: Callable[..., Running], operation: str, method: str, path: str) -> None:
    running = start(denied={"accounts-receivable/customer": frozenset({operation})})
    reply = running.api.call(method, CUSTOMER + path, {"id": "Z", "name": "Z"} if method == "POST" else {})
    assert (reply.status_code, fault(reply)["code"]) == (403, "unauthorizedUser")
    assert "%7E" in str(fault(reply)["supportId"])


def test_an_unknown_version_is_refused(running: Running) -> None:
    url = running.api.base.replace("/v1", "/v9") + "/services/core/model"
    reply = running.api.http.get(url, timeout=10)
    assert (reply.status_code, fault(reply)["message"]) == (400, "Version is not supported.")
