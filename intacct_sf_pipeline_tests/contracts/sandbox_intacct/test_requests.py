"""Many REST requests as clients in the field send them, well and badly, each with the answer the reference promises.

One line is one request. Source: the reference, 1 to 6.
"""

import json
from collections.abc import Mapping

import pytest
import requests

from .service import Running, fault

CUSTOMERS, CONTACTS = "/objects/accounts-receivable/customer", "/objects/company-config/contact"
ITEMS, STOCK = "/objects/inventory-control/item", "/objects/inventory-control/item-warehouse-inventory"
QUERY, CUSTOMER = "/services/core/query", "accounts-receivable/customer"
Body = object
REFUSED: dict[str, tuple[str, str, Body, int, str]] = {
    "unknown application": ("GET", "/objects/nowhere/customer", None, 404, "notFound"),
    "unknown object": ("GET", "/objects/accounts-receivable/nobody", None, 404, "notFound"),
    "application alone": ("GET", "/objects/accounts-receivable", None, 404, "notFound"),
    "path too long": ("GET", f"{CUSTOMERS}/1/contactList", None, 404, "notFound"),
    "unknown service": ("GET", "/services/core/nothing", None, 404, "notFound"),
    "path of neither": ("GET", "/customers", None, 404, "notFound"),
    "unknown key": ("GET", f"{CUSTOMERS}/999", None, 404, "notFound"),
    "id instead of key": ("GET", f"{CUSTOMERS}/C-71", None, 404, "notFound"),
    "update of an unknown key": ("PATCH", f"{CUSTOMERS}/999", {"notes": "x"}, 404, "notFound"),
    "delete of an unknown key": ("DELETE", f"{CUSTOMERS}/999", None, 404, "notFound"),
    "PUT of a record": ("PUT", f"{CUSTOMERS}/1", {"notes": "x"}, 405, "invalidRequest"),
    "POST to a record": ("POST", f"{CUSTOMERS}/1", {"name": "x"}, 405, "invalidRequest"),
    "DELETE of a collection": ("DELETE", CUSTOMERS, None, 405, "invalidRequest"),
    "write of a list that is only read": ("POST", "/objects/company-config/entity", {"id": "E"}, 405, "invalidRequest"),
    "GET of the query service": ("GET", QUERY, None, 405, "invalidRequest"),
    "POST to the model": ("POST", "/services/core/model", {}, 405, "invalidRequest"),
    "create without a body": ("POST", CUSTOMERS, None, 400, "invalidRequest"),
    "update without a body": ("PATCH", f"{CUSTOMERS}/1", None, 400, "invalidRequest"),
    "query without a body": ("POST", QUERY, None, 400, "invalidRequest"),
    "text for a record": ("POST", CUSTOMERS, "customer", 400, "invalidRequest"),
    "number for a record": ("POST", CUSTOMERS, 7, 400, "invalidRequest"),
    "no records": ("POST", CUSTOMERS, [], 400, "invalidRequest"),
    "unknown member": ("POST", CUSTOMERS, {"id": "C-9", "name": "N", "nickname": "n"}, 400, "invalidRequest"),
    "unknown nested member": ("POST", ITEMS, {"id": "I", "purchasing": {"cost": "1"}}, 400, "invalidRequest"),
    "group as text": ("PATCH", f"{ITEMS}/1", {"purchasing": "cheap"}, 400, "invalidRequest"),
    "reference as text": ("PATCH", f"{CUSTOMERS}/1", {"parent": "C-72"}, 400, "invalidRequest"),
    "dotted member": ("PATCH", f"{ITEMS}/1", {"purchasing.standardCost": "1"}, 400, "invalidRequest"),
    "read-only total": ("PATCH", f"{ITEMS}/1", {"quantityOnHand": "5"}, 400, "invalidRequest"),
    "read-only stock": ("PATCH", f"{STOCK}/1", {"onHand": 5}, 400, "invalidRequest"),
    "read-only audit": (
        "PATCH",
        f"{CUSTOMERS}/1",
        {"audit": {"modifiedDateTime": "2026-01-01T00:00:00Z"}},
        400,
        "invalidRequest",
    ),
    "new id": ("PATCH", f"{CUSTOMERS}/1", {"id": "C-9"}, 400, "invalidRequest"),
    "label for a code": (
        "POST",
        ITEMS,
        {"id": "I", "name": "N", "itemType": "Non-Inventory", "costMethod": "null"},
        400,
        "invalidRequest",
    ),
    "status in other case": ("PATCH", f"{CUSTOMERS}/1", {"status": "Active"}, 400, "invalidRequest"),
    "number as words": ("PATCH", f"{CUSTOMERS}/1", {"creditLimit": "much"}, 400, "invalidRequest"),
    "boolean as text": ("PATCH", f"{CUSTOMERS}/1", {"isOnHold": "yes"}, 400, "invalidRequest"),
    "id too long": ("POST", CUSTOMERS, {"id": "C" * 21, "name": "N"}, 400, "invalidRequest"),
    "name too long": (
        "POST",
        ITEMS,
        {"id": "I", "name": "N" * 101, "itemType": "kit", "costMethod": "null"},
        400,
        "invalidRequest",
    ),
    "contact without printAs": ("POST", CONTACTS, {"id": "Jo"}, 400, "invalidRequest"),
    "item without type": ("POST", ITEMS, {"id": "I", "name": "N", "costMethod": "null"}, 400, "invalidRequest"),
    "null for what is required": ("PATCH", f"{CUSTOMERS}/1", {"name": None}, 400, "invalidRequest"),
    "duplicate customer": ("POST", CUSTOMERS, {"id": "C-71", "name": "N"}, 422, "operationFailed"),
    "duplicate contact": ("POST", CONTACTS, {"id": "Mia Ray", "printAs": "M"}, 422, "operationFailed"),
    "duplicate item": (
        "POST",
        ITEMS,
        {"id": "CARE", "name": "N", "itemType": "kit", "costMethod": "null"},
        422,
        "operationFailed",
    ),
    "unknown parent": ("PATCH", f"{CUSTOMERS}/1", {"parent": {"id": "C-99"}}, 422, "operationFailed"),
    "own parent": ("PATCH", f"{CUSTOMERS}/1", {"parent": {"key": "1"}}, 422, "operationFailed"),
    "unknown contact": ("PATCH", f"{CUSTOMERS}/1", {"contacts": {"billTo": {"id": "Nobody"}}}, 422, "operationFailed"),
    "entry of an unknown contact": (
        "PATCH",
        f"{CUSTOMERS}/1",
        {"contactList": [{"categoryName": "A", "contact": {"id": "Nobody"}}]},
        422,
        "operationFailed",
    ),
    "contact in use": ("DELETE", f"{CONTACTS}/1", None, 422, "operationFailed"),
    "item in stock": ("DELETE", f"{ITEMS}/1", None, 422, "operationFailed"),
    "query of nothing": ("POST", QUERY, {}, 400, "invalidRequest"),
    "query without fields": ("POST", QUERY, {"object": CUSTOMER}, 400, "invalidRequest"),
    "query of no fields": ("POST", QUERY, {"object": CUSTOMER, "fields": []}, 400, "invalidRequest"),
    "query of text fields": ("POST", QUERY, {"object": CUSTOMER, "fields": "id"}, 400, "invalidRequest"),
    "query of an unknown object": ("POST", QUERY, {"object": "a/b", "fields": ["id"]}, 400, "invalidRequest"),
    "query by XML name": ("POST", QUERY, {"object": "CUSTOMER", "fields": ["id"]}, 400, "invalidRequest"),
    "query with a limit": ("POST", QUERY, {"object": CUSTOMER, "fields": ["id"], "limit": 5}, 400, "invalidRequest"),
    "page of 4001": ("POST", QUERY, {"object": CUSTOMER, "fields": ["id"], "size": 4001}, 400, "invalidRequest"),
    "start at 0": ("POST", QUERY, {"object": CUSTOMER, "fields": ["id"], "start": 0}, 400, "invalidRequest"),
    "start as text": ("POST", QUERY, {"object": CUSTOMER, "fields": ["id"], "start": "1"}, 400, "invalidRequest"),
    "order as text": ("POST", QUERY, {"object": CUSTOMER, "fields": ["id"], "orderBy": "id"}, 400, "invalidRequest"),
    "order upwards": (
        "POST",
        QUERY,
        {"object": CUSTOMER, "fields": ["id"], "orderBy": [{"id": "up"}]},
        400,
        "invalidRequest",
    ),
    "order by href": (
        "POST",
        QUERY,
        {"object": CUSTOMER, "fields": ["id"], "orderBy": [{"href": "asc"}]},
        400,
        "invalidRequest",
    ),
    "unknown parameter": (
        "POST",
        QUERY,
        {"object": CUSTOMER, "fields": ["id"], "filterParameters": {"private": True}},
        400,
        "invalidRequest",
    ),
    "expression without filters": (
        "POST",
        QUERY,
        {"object": CUSTOMER, "fields": ["id"], "filterExpression": "1 and 2"},
        400,
        "invalidRequest",
    ),
    "expression in XML words": (
        "POST",
        QUERY,
        {"object": CUSTOMER, "fields": ["id"], "filters": [{"$eq": {"id": "x"}}], "filterExpression": "1 & 1"},
        400,
        "invalidRequest",
    ),
    "no queries": ("POST", QUERY, [], 400, "invalidRequest"),
    "composite of one": (
        "POST",
        "/services/core/composite",
        [{"method": "GET", "path": CUSTOMERS}],
        400,
        "invalidRequest",
    ),
    "composite of an object": ("POST", "/services/core/composite", {"method": "GET"}, 400, "invalidRequest"),
    "model of an unknown object": ("GET", "/services/core/model?name=a/b", None, 400, "invalidRequest"),
    "bulk without parts": ("POST", "/services/bulk/job/create", {"objectName": CUSTOMER}, 400, "invalidRequest"),
    "unknown bulk job": ("GET", "/services/bulk/job/status?jobId=x", None, 404, "notFound"),
    "operations of no keys": (
        "POST",
        "/services/core/allowed-operations/list",
        {"object": CUSTOMER, "keys": []},
        400,
        "invalidRequest",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_request_is_refused_without_effect(running: Running, case: str) -> None:
    method, path, body, status, code = REFUSED[case]
    before = running.company.store.version()
    reply = running.api.call(method, path, body)
    error = fault(reply)
    assert (reply.status_code, error["code"]) == (status, code), reply.text
    assert reply.json()["ia::meta"] == {"totalCount": 1, "totalSuccess": 0, "totalError": 1}
    assert str(error["supportId"]).endswith("%7EIntacct")
    assert running.company.store.version() == before
    assert running.company.transactions.records_written == 0


BROKEN_BODIES: dict[str, bytes] = {
    "cut off": b'{"name": "x"',
    "single quotes": b"{'name': 'x'}",
    "trailing comma": b'{"name": "x",}',
    "not a number": b'{"creditLimit": NaN}',
    "Latin-1": '{"name": "Ünal"}'.encode("latin-1"),
    "form": b"name=x",
    "two documents": b'{"name": "x"}{"name": "y"}',
    "comment": b'{"name": "x"} // y',
}


@pytest.mark.parametrize("case", BROKEN_BODIES)
def test_a_body_that_is_no_json_is_refused(running: Running, case: str) -> None:
    reply = running.api.http.patch(
        f"{running.api.base}{CUSTOMERS}/1",
        data=BROKEN_BODIES[case],
        headers={"Content-Type": "application/json"},
        timeout=10,
    )
    assert (reply.status_code, fault(reply)["code"]) == (400, "invalidRequest")


@pytest.mark.parametrize("kind", ["text/xml", "application/xml"])
def test_an_xml_body_is_refused_by_the_gateway(running: Running, kind: str) -> None:
    reply = running.api.http.post(
        f"{running.api.base}{CUSTOMERS}", data="<a/>", headers={"Content-Type": kind}, timeout=10
    )
    assert (reply.status_code, reply.json()["ia::error"]["code"]) == (400, "GW-0014")


@pytest.mark.parametrize("version", ["v0", "v2", "v1-beta2", "1"])
def test_another_version_is_an_invalid_request(running: Running, version: str) -> None:
    reply = running.api.http.get(running.api.base.replace("/v1", f"/{version}") + CUSTOMERS, timeout=10)
    assert (reply.status_code, fault(reply)["code"]) == (400, "invalidRequest")


TOKENS: dict[str, tuple[str | None, str]] = {
    "none": (None, "GW-0034"),
    "basic": ("Basic eDp5", "GW-0034"),
    "lower case": ("bearer x.y.z", "GW-0034"),
    "no JWT": ("Bearer nonsense", "GW-0031"),
    "three parts of nothing": ("Bearer a.b.c", "GW-0031"),
    "empty": ("Bearer ", "GW-0031"),
}


@pytest.mark.parametrize("case", TOKENS)
@pytest.mark.parametrize("path", [CUSTOMERS, "/services/core/model", "/objects/no/such"])
def test_a_bad_authorization_is_told_before_anything_else(running: Running, case: str, path: str) -> None:
    header, code = TOKENS[case]
    headers = {} if header is None else {"Authorization": header}
    reply = requests.get(running.api.base + path, headers=headers, timeout=10)
    assert (reply.status_code, reply.json()["ia::error"]["code"]) == (401, code)


FOUND: dict[str, tuple[Mapping[str, object], list[str]]] = {
    "all": ({}, ["C-71", "C-72"]),
    "nulls beside, as sageintacctrestsdk sends them": (
        {"filters": [], "filterExpression": None, "filterParameters": {}, "orderBy": [], "start": 1, "size": 2000},
        ["C-71", "C-72"],
    ),
    "case sensitive": ({"filters": [{"$eq": {"name": "harbor tools"}}]}, []),
    "not case sensitive": (
        {"filters": [{"$eq": {"name": "harbor tools"}}], "filterParameters": {"caseSensitiveComparison": False}},
        ["C-72"],
    ),
    "null": ({"filters": [{"$eq": {"creditLimit": None}}]}, ["C-71"]),
    "not null": ({"filters": [{"$ne": {"creditLimit": None}}]}, ["C-72"]),
    "number as text": ({"filters": [{"$eq": {"creditLimit": "2500"}}]}, ["C-72"]),
    "through a reference": ({"filters": [{"$eq": {"contacts.primary.id": "Mia Ray"}}]}, ["C-72"]),
    "or": ({"filters": [{"$eq": {"id": "C-71"}}, {"$eq": {"id": "C-72"}}], "filterExpression": "or"}, ["C-71", "C-72"]),
    "positions": (
        {
            "filters": [{"$eq": {"id": "C-71"}}, {"$eq": {"id": "C-72"}}, {"$eq": {"status": "active"}}],
            "filterExpression": "(1 or 2) and 3",
        },
        ["C-71", "C-72"],
    ),
    "start past the end": ({"start": 10}, []),
    "second page": ({"start": 2, "size": 1, "orderBy": [{"id": "asc"}]}, ["C-72"]),
    "since a moment": ({"filters": [{"$gte": {"audit.modifiedDateTime": "2026-09-01T00:00:00Z"}}]}, ["C-72"]),
    "since a day": ({"filters": [{"$gte": {"audit.modifiedDateTime": "2026-09-01"}}]}, ["C-72"]),
    "contains": ({"filters": [{"$contains": {"name": "Fern"}}]}, ["C-71"]),
    "starts and ends": (
        {"filters": [{"$startsWith": {"name": "Harbor"}}, {"$endsWith": {"name": "Tools"}}]},
        ["C-72"],
    ),
    "not between": ({"filters": [{"$notBetween": {"id": ["C-72", "C-99"]}}]}, ["C-71"]),
}


@pytest.mark.parametrize("case", FOUND)
def test_a_query_finds(running: Running, case: str) -> None:
    more, expected = FOUND[case]
    rows = running.api.rows(object=CUSTOMER, fields=["id"], **more)
    assert sorted(str(row["id"]) for row in rows) == expected


def test_a_null_in_json_is_not_the_word(running: Running) -> None:
    reply = running.api.call("PATCH", f"{CUSTOMERS}/1", json.loads('{"notes": null, "taxId": "null"}'))
    assert reply.status_code == 200
    assert running.company.read("customer", "C-71", "notes", "taxId") == {"notes": None, "taxId": "null"}


def test_both_doors_list_the_same_dimensions(running: Running) -> None:
    told = running.api.call("GET", "/services/company-config/dimensions/list").json()
    names = [entry["dimensionName"] for entry in told["ia::result"]]
    assert told["ia::meta"]["totalCount"] == len(names) == len(set(names))
    for entry in told["ia::result"]:
        name = entry["dimensionEndpoint"].removeprefix("/objects/")
        assert running.api.query(object=name, fields=["key", "id"]).status_code == 200
