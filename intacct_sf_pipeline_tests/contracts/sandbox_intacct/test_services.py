"""Model, allowed operations, composite, bulk, numbering (reference, 4.6, 6.4, 6.5, 6.8)."""

import json
from collections.abc import Callable

import pytest
import requests

from .service import Running, fault

CUSTOMER, CONTACT = "accounts-receivable/customer", "company-config/contact"


def model(running: Running, query: str) -> dict[str, object]:
    reply = running.api.call("GET", f"/services/core/model?{query}")
    assert reply.status_code == 200, reply.text
    return reply.json()["ia::result"]


def test_a_model_has_the_documented_shape(running: Running) -> None:
    shown = model(running, f"name={CUSTOMER}&schema=true")
    assert shown["fields"]["name"] == {
        "type": "string",
        "readOnly": False,
        "writeOnly": False,
        "required": False,
        "nullable": False,
        "mutable": True,
        "maxLength": 100,
    }
    assert shown["fields"]["status"]["enum"] == ["active", "activeNonPosting", "inactive"]
    assert shown["fields"]["totalDue"]["format"] == "decimal-precision-2"
    assert shown["fields"]["id"]["mutable"] is False
    groups = shown["groups"]
    assert groups["audit"]["fields"]["modifiedDateTime"]["format"] == "date-time"
    assert groups["audit"]["refs"]["modifiedByUser"]["apiObject"] == "company-config/user"
    default = groups["contacts"]["refs"]["default"]
    assert default["fields"]["phone1"]["deprecated"] is True
    assert default["groups"]["mailingAddress"]["fields"]["isoCountryCode"]["default"] == "US"
    assert set(shown["refs"]["parent"]["fields"]) == {"key", "id", "name", "href"}
    assert shown["lists"] == {"contactList": {"apiObject": "accounts-receivable/customer-contact"}}
    assert (shown["httpMethods"], shown["idempotenceSupported"]) == ("OPTIONS,GET,POST,DELETE,PATCH", True)
    assert (shown["apiObject"], shown["type"]) == (f"objects/{CUSTOMER}", "rootObject")


def test_owned_objects_say_so(running: Running) -> None:
    shown = model(running, "name=objects/accounts-receivable/customer-contact")
    assert (shown["type"], shown["httpMethods"], shown["lists"]) == ("ownedObject", "OPTIONS,GET", [])
    assert shown["refs"]["customer"]["isOwner"] is True


def test_the_model_is_the_tenants_own(start: Callable[..., Running]) -> None:
    running = start(contact_audit=False, custom_fields={CONTACT: {"nsp::JOB": "string"}})
    shown = model(running, f"name={CONTACT}")
    assert "audit" not in shown["groups"]
    assert shown["fields"]["nsp::JOB"]["type"] == "string"


def test_every_field_of_every_model_can_be_queried(running: Running) -> None:
    """The catalogue as the model tells it and the query service agree, references and groups included."""

    def paths(node: dict[str, dict[str, dict[str, object]]], prefix: str = "") -> list[str]:
        found = [prefix + name for name, field in node["fields"].items() if not field["writeOnly"]]
        for name, inner in [*node.get("groups", {}).items(), *node.get("refs", {}).items()]:
            found += paths(inner, f"{prefix}{name}.")
        return found

    for short in model(running, "type=object"):
        name = short["apiObject"].removeprefix("objects/")
        fields = paths(model(running, f"name={name}"))
        reply = running.api.query(object=name, fields=fields)
        assert reply.status_code == 200, reply.text
        assert all(set(row) == set(fields) for row in reply.json()["ia::result"])


def test_the_list_of_models_can_be_narrowed(running: Running) -> None:
    short = model(running, "filter=inventory-control/item$")
    assert short == [
        {
            "apiObject": "objects/inventory-control/item",
            "type": "rootObject",
            "httpMethods": "OPTIONS,GET,POST,DELETE,PATCH",
            "href": "/services/core/model?version=v1&name=objects/inventory-control/item",
        }
    ]
    assert {entry["type"] for entry in model(running, "type=ownedObject")} == {"ownedObject"}


@pytest.mark.parametrize("query", ["name=inventory-control/thing", "version=v7", "filter=("])
def test_models_that_do_not_exist(running: Running, query: str) -> None:
    assert running.api.call("GET", f"/services/core/model?{query}").status_code == 400


def test_model_calls_are_counted_apart(running: Running) -> None:
    model(running, f"name={CONTACT}")
    assert (running.company.transactions.model_calls, running.company.transactions.total) == (1, 0)


def test_allowed_operations_per_record(start: Callable[..., Running]) -> None:
    running = start(denied={CUSTOMER: frozenset({"delete"})})
    body = {"object": CUSTOMER, "keys": ["1", "404"]}
    reply = running.api.call("POST", "/services/core/allowed-operations/list", body).json()
    assert reply["ia::result"] == [{"key": "1", "operations": ["canView", "canEdit"]}, {"key": "404", "operations": []}]
    for keys in ([], ["1"] * 1001, None):
        bad = running.api.call("POST", "/services/core/allowed-operations/list", {"object": CUSTOMER, "keys": keys})
        assert bad.status_code == 400


@pytest.mark.parametrize("reference", ["@{c.1.key}", "@{c.key}"])
def test_a_composite_uses_earlier_results(running: Running, reference: str) -> None:
    steps = [
        {"method": "POST", "path": f"/objects/{CONTACT}", "resultReference": "c",
         "body": {"id": "Ned", "printAs": "Ned"}},
        {"method": "PATCH", "path": f"/objects/{CUSTOMER}/1",
         "body": {"contactList": [{"categoryName": "Main", "contact": {"key": reference}}]}},
    ]  # fmt: skip
    reply = running.api.call("POST", "/services/core/composite", steps)
    assert reply.status_code == 200
    assert [(step["ia::status"], step["ia::result"]["id"]) for step in reply.json()["ia::result"]] == [
        (201, "Ned"),
        (200, "C-71"),
    ]
    assert reply.json()["ia::meta"]["totalCount"] == 2
    assert running.company.transactions.records_written == 2


def test_a_composite_stops_at_the_first_failure_and_keeps_what_is_done(running: Running) -> None:
    steps = [
        {"method": "POST", "path": f"/objects/{CONTACT}", "body": {"id": "Ned", "printAs": "Ned"}},
        {"method": "GET", "path": f"/objects/{CUSTOMER}/404"},
        {"method": "POST", "path": f"/objects/{CONTACT}", "body": {"id": "Pia", "printAs": "Pia"}},
    ]
    reply = running.api.call("POST", "/services/core/composite", steps)
    assert reply.status_code == 207
    assert [step["ia::status"] for step in reply.json()["ia::result"]] == [201, 404]
    assert running.company.read("contact", "Ned", "id")
    with pytest.raises(KeyError):
        running.company.read("contact", "Pia", "id")


def test_a_composite_may_query_and_use_the_rows(running: Running) -> None:
    steps = [
        {"method": "POST", "path": "/services/core/query", "resultReference": "q",
         "body": {"object": CUSTOMER, "fields": ["key"], "filters": [{"$eq": {"id": "C-72"}}]}},
        {"method": "GET", "path": f"/objects/{CUSTOMER}/@{{q.1.key}}"},
    ]  # fmt: skip
    reply = running.api.call("POST", "/services/core/composite", steps)
    assert reply.json()["ia::result"][1]["ia::result"]["id"] == "C-72"


@pytest.mark.parametrize(
    "steps",
    [
        [{"method": "GET", "path": "/services/core/model"}],
        [{"method": "GET", "path": "/services/core/model"}] * 11,
        [{"method": "PUT", "path": "/services/core/model"}] * 2,
        [{"method": "GET", "path": "services/core/model"}] * 2,
        [{"method": "POST", "path": "/services/core/composite", "body": []}] * 2,
        {"method": "GET", "path": "/services/core/model"},
    ],
)
def test_malformed_composites(running: Running, steps: object) -> None:
    reply = running.api.call("POST", "/services/core/composite", steps)
    assert (reply.status_code, fault(reply)["code"]) == (400, "invalidRequest")


def send_bulk(running: Running, operation: str, records: object, **order: str) -> requests.Response:
    body = {"objectName": CONTACT, "operation": operation, "jobFile": "c.json", "fileContentType": "json"} | order
    return running.api.http.post(
        f"{running.api.base}/services/bulk/job/create",
        data={"ia::requestBody": json.dumps(body)},
        files={"file": ("c.json", json.dumps(records), "application/json")},
        timeout=10,
    )


def test_a_bulk_job_completes_by_the_next_look(running: Running) -> None:
    created = send_bulk(running, "create", [{"id": "Ned", "printAs": "Ned"}, {"id": "Mia Ray", "printAs": "x"}, "text"])
    job = created.json()["ia::result"]
    assert created.status_code == 200
    assert job["createdDateTime"] == "2026-09-10T08:00:00"
    assert running.company.transactions.records_written == 0
    status = running.api.call("GET", job["statusURL"]).json()
    assert (status["ia::result"]["status"], status["ia::result"]["percentComplete"]) == ("completed", 100)
    assert status["ia::meta"] == {"totalCount": 3, "totalSuccess": 1, "totalError": 2}
    results = running.api.call("GET", status["ia::result"]["downloadURL"]).json()["ia::result"]
    assert [entry["ia::status"] for entry in results] == [201, 422, 400]
    assert running.company.transactions.records_written == 1


def test_bulk_updates_and_deletions(running: Running) -> None:
    for operation, record in (("update", {"key": "2", "fax": "7"}), ("delete", {"key": "2"})):
        job = send_bulk(running, operation, [record]).json()["ia::result"]
        assert running.api.call("GET", job["statusURL"]).json()["ia::meta"]["totalSuccess"] == 1
    with pytest.raises(KeyError):
        running.company.read("contact", "Lea Fox", "id")


@pytest.mark.parametrize(
    ("records", "order", "status"),
    [
        ({"id": "x"}, {}, 400),
        ([], {"operation": "upsert"}, 400),
        ([], {"jobFile": "other.json"}, 400),
        ([], {"objectName": "company-config/thing"}, 400),
        ([], {"fileContentType": "csv"}, 400),
        ([], {"objectName": "company-config/entity"}, 405),
    ],
)
def test_bad_bulk_jobs(running: Running, records: object, order: dict[str, str], status: int) -> None:
    assert send_bulk(running, order.pop("operation", "create"), records, **order).status_code == status


def test_bulk_needs_multipart_and_a_known_job(running: Running) -> None:
    assert running.api.call("POST", "/services/bulk/job/create", {"a": 1}).status_code == 400
    assert running.api.call("GET", "/services/bulk/job/status?jobId=nope").status_code == 404


def test_numbers_are_handed_out_one_by_one(running: Running) -> None:
    path = "/services/company-config/document-sequence/generate-next-value"
    values = [running.api.call("POST", path, {"id": "CUSTOMER"}).json()["ia::result"]["nextValue"] for _ in range(2)]
    assert values == ["CUST-00001", "CUST-00002"]
    assert running.api.call("POST", path, {"id": "NOPE"}).status_code == 404


def test_a_session_id_for_the_xml_door_lives_as_long_as_its_token(running: Running) -> None:
    running.clock.advance(seconds=200)
    opened = running.api.call("GET", "/services/core/session/id").json()["ia::result"]
    assert opened["expiresIn"] == 43000
    session = running.company.sessions.xml_session(opened["sessionId"])
    assert session is not None
    assert session.user_id == "sync"
    running.clock.advance(seconds=43000)
    assert running.company.sessions.xml_session(opened["sessionId"]) is None
