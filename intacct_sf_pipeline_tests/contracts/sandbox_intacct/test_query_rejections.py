"""Queries that must be refused, each for one reason (reference, 4 and 10)."""

from collections.abc import Callable

import pytest

from intacct_sf_pipeline.sandbox.intacct.company import CustomField

from .service import Running, fault

ITEM = "inventory-control/item"
CUSTOMER = "accounts-receivable/customer"
GOOD: dict[str, object] = {"object": ITEM, "fields": ["id"]}


@pytest.mark.parametrize(
    ("object_name", "field"),
    [
        (ITEM, "secretField"),
        (ITEM, "purchasing"),
        (ITEM, "productLine"),
        (ITEM, "productLine.colour"),
        (ITEM, "warehouseInfo"),
        (ITEM, "warehouseInfo.onHand"),
        (CUSTOMER, "contactList.categoryName"),
        (CUSTOMER, "contacts.default.mailingAddress"),
        (CUSTOMER, "*"),
        (ITEM, "sum:secretField"),
    ],
)
def test_what_is_no_queryable_field_gets_rest_1106(running: Running, object_name: str, field: str) -> None:
    reply = running.api.query(object=object_name, fields=["id", field])
    error = fault(reply)
    name = field.removeprefix("sum:")
    assert (reply.status_code, error["errorId"]) == (400, "REST-1106")
    assert error["message"] == f"The {name} field in {object_name} object cannot be used in query in version 1"
    assert error["additionalInfo"]["placeholders"] == {
        "FIELD": name,
        "FIELD_PATH": name,
        "OBJECT": object_name,
        "VERSION": "1",
    }


@pytest.mark.parametrize("place", ["filters", "orderBy"])
def test_an_unknown_field_is_refused_everywhere(running: Running, place: str) -> None:
    value = {"filters": [{"$eq": {"nope": 1}}], "orderBy": [{"nope": "asc"}]}[place]
    assert fault(running.api.query(**GOOD, **{place: value}))["errorId"] == "REST-1106"


def test_a_write_only_field_is_refused_and_never_shown(start: Callable[..., Running]) -> None:
    running = start(custom_fields={ITEM: {"nsp::PIN": CustomField(write_only=True)}})
    assert running.api.call("PATCH", f"/objects/{ITEM}/1", {"nsp::PIN": "1234"}).status_code == 200
    assert fault(running.api.query(object=ITEM, fields=["nsp::PIN"]))["errorId"] == "REST-1106"
    assert "1234" not in running.api.call("GET", f"/objects/{ITEM}/1").text


def test_contacts_without_audit_refuse_its_fields(start: Callable[..., Running]) -> None:
    running = start(contact_audit=False)
    ask = {"object": "company-config/contact", "fields": ["id", "audit.modifiedDateTime"]}
    assert fault(running.api.query(**ask))["errorId"] == "REST-1106"


@pytest.mark.parametrize(
    "change",
    [
        {"filters": [{"field": "id", "operator": "$eq", "value": "A"}]},
        {"filters": [{"$eq": {"id": "A", "name": "B"}}]},
        {"filters": [{"$eq": {"id": "A"}, "$ne": {"id": "B"}}]},
        {"filters": [{"$like": {"name": "%x%"}}]},
        {"filters": [{"$isNull": {"notes": True}}]},
        {"filters": {"$eq": {"id": "A"}}},
        {"filters": [{"$in": {"id": "A"}}]},
        {"filters": [{"$between": {"id": ["A"]}}]},
        {"filters": [{"$gt": {"id": None}}]},
        {"filters": [{"$contains": {"audit.modifiedDateTime": "2026"}}]},
        {"filters": [{"$contains": {"name": 5}}]},
        {"filters": [{"$has": {"name": "x"}}]},
        {"filters": [{"$gt": {"purchasing.standardCost": "dear"}}]},
        {"filters": [{"$gte": {"audit.modifiedDateTime": "last tuesday"}}]},
        {"filters": [{"$eq": {"sales.isTaxable": "perhaps"}}]},
        {"filters": [{"$eq": {"href": "/objects/x"}}]},
        {"orderBy": [{"href": "asc"}]},
        {"orderBy": [{"id": "up"}]},
        {"orderBy": {"id": "asc"}},
        {"orderBy": [{"id": "asc", "name": "asc"}]},
        {"filterExpression": "1 and 2"},
        {"filterExpression": 1},
        {"filterParameters": {"includePrivate": "yes"}},
        {"filterParameters": {"fuzzy": True}},
        {"filterParameters": {"asOfDate": "soon"}},
        {"size": 4001},
        {"size": 0},
        {"size": "10"},
        {"start": 0},
        {"fields": []},
        {"fields": "id"},
        {"fields": None},
        {"object": None},
        {"object": "item"},
        {"object": "objects/inventory-control/item"},
        {"limit": 5},
        {"fields": ["count:name"]},
        {"fields": ["sum:name"]},
        {"fields": ["itemType", "count:status"], "orderBy": [{"id": "asc"}]},
    ],
    ids=str,
)
def test_malformed_queries_are_refused(running: Running, change: dict[str, object]) -> None:
    reply = running.api.query(**(GOOD | change))
    assert reply.status_code == 400, reply.text
    assert fault(reply)["code"] == "invalidRequest"
    assert reply.json()["ia::meta"] == {"totalCount": 1, "totalSuccess": 0, "totalError": 1}
    assert running.company.transactions.query_pages == 0


def test_the_largest_page_is_allowed(running: Running) -> None:
    assert running.api.query(**GOOD, size=4000).status_code == 200


@pytest.mark.parametrize("body", [[], ["x"], "text", 5])
def test_bodies_that_are_no_query(running: Running, body: object) -> None:
    assert running.api.call("POST", "/services/core/query", body).status_code == 400


def test_a_query_needs_a_body_and_post(running: Running) -> None:
    assert fault(running.api.call("POST", "/services/core/query"))["errorId"] == "REST-1028"
    assert running.api.call("GET", "/services/core/query").status_code == 405


def test_reading_can_be_forbidden(start: Callable[..., Running]) -> None:
    running = start(denied={"company-config/audit-history": frozenset({"read"})})
    reply = running.api.query(object="company-config/audit-history", fields=["key"])
    assert (reply.status_code, fault(reply)["code"]) == (403, "unauthorizedUser")
