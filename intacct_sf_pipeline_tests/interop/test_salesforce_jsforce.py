"""jsforce 3: every part of its API that talks to data, over plain http to loopback as it is."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Runner

EXPECTED = {
    # Logins.
    "accessToken": "integration@sandbox.example",
    "refresh": {"rows": 1, "renewed": True},
    # What there is.
    "describe": {"prefix": "001", "key": [True, True, 100], "children": 5},
    "describeCached": "Contact",
    "layouts": 1,
    "compactLayouts": 1,
    "approvalLayouts": {"approvalLayouts": []},
    "tabs": [],
    "theme": {"themeItems": []},
    "quickActions": [],
    # Rows.
    "retrieve": {"name": "Jsforce Trading", "type": "Account", "url": True},
    "retrieveMany": ["JS-3", "JS-4", None],
    "related": [{"name": "Jsforce Trading Ltd", "contacts": ["Lovelace"]}],
    "updated": {"ids": True, "covered": "string"},
    "deleted": {"mine": True, "earliest": "string"},
    # Queries.
    "query": {"total": 3, "done": True, "owner": "string"},
    "scanAll": 1,
    "count": 200,
    "findConditions": ["Paged 9", "Paged 7"],
    "findStar": True,
    "aggregate": {"attributes": {"type": "AggregateResult"}, "n": 111, "expr0": "Paged 199"},
    "queryDestroy": True,
    "queryUpdate": 11,
    "explain": ["Index", "TableScan"],
    "search": ["Lovelace"],
    "recent": ["Fourth"],
    "recentAll": ["Account"],
    # Several requests in one.
    "composite": [["parent", 201], ["child", 201], ["rows", 200]],
    "tree": [False, ["a", "c"]],
    "graph": [["good", True], ["bad", False]],
    "batch": [True, [200, 404]],
    "tooling": ["Account"],
    # SOAP.
    "soapUserInfo": "integration@sandbox.example",
    "soapTimestamp": "string",
    # Bulk API 1.0.
    "bulkUpsert": [[True, False], [True, True]],
    "bulkUpdate": [3, True],
    "bulkJob": ["Open", "Queued", "Completed", 1, "Closed", "1"],
    "bulkDelete": True,
    # Bulk API 2.0.
    "bulk2Query": ["Bulk2 One"],
    "bulk2Delete": 1,
}
REFUSED = {
    "soapLoginRefused": ("Error", "INVALID_LOGIN: Invalid username, password, security token; or user locked out."),
    "badToken": ("INVALID_SESSION_ID", "Session expired or invalid"),
    "badSecret": ("invalid_client", "invalid client credentials"),
    "logout": ("INVALID_SESSION_ID", "Session expired or invalid"),
    "describeUnknown": ("NOT_FOUND", "The requested resource does not exist"),
    "createLongName": ("STRING_TOO_LONG", "Account Name: data value too large: xxx"),
    "createDuplicate": (
        "DUPLICATE_VALUE",
        "duplicate value found: IntacctID__c duplicates value on record with id: 001",
    ),
    "createUnknownField": ("INVALID_FIELD", "No such column 'Nonsense__c' on sobject of type Account"),
    "createEmpty": ("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]"),
    "retrieveMissing": ("NOT_FOUND", "The requested resource does not exist"),
    "destroyAgain": ("ENTITY_IS_DELETED", "entity is deleted"),
    "malformed": ("MALFORMED_QUERY", "unexpected token"),
    "badField": ("INVALID_FIELD", "No such column 'Nonsense__c' on entity 'Account'"),
    "badType": ("INVALID_TYPE", "sObject type 'Nonsense__c' is not supported"),
    "wrongVerb": ("METHOD_NOT_ALLOWED", "HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,PATCH,DELETE"),
    "wrongPath": ("NOT_FOUND", "The requested resource does not exist"),
    "apexRest": ("NOT_FOUND", "Could not find a match for URL"),
    "bulkBadField": ("Error", "InvalidBatch : Field name not found : Nonsense__c"),
    "bulkBadQuery": ("Error", "InvalidBatch : Failed to process query: INVALID_FIELD"),
    "bulkBadObject": ("InvalidJob", "Unable to find object: Nonsense__c"),
    "bulkBadSession": ("InvalidSessionId", "Invalid session id"),
}


@pytest.fixture(scope="module")
def seen(runner: Runner) -> dict[str, Any]:
    return runner.node("jsforce_walk.mjs")


@pytest.mark.parametrize("step", EXPECTED)
def test_the_client_sees_what_it_would_see_of_the_service(seen: dict[str, Any], step: str) -> None:
    assert seen[step] == EXPECTED[step]


@pytest.mark.parametrize("step", REFUSED)
def test_refusals_reach_the_client_with_code_and_message(seen: dict[str, Any], step: str) -> None:
    code, message = REFUSED[step]
    assert seen[step]["thrown"] == code
    assert message in seen[step]["message"]


def test_each_login_names_the_user_and_the_org(seen: dict[str, Any]) -> None:
    logins = [seen["authorize"], seen["soapLogin"]["user"], seen["passwordLogin"]]
    assert len({(one["id"], one["organizationId"]) for one in logins}) == 1
    assert seen["identity"]["user_id"] == logins[0]["id"]
    assert seen["soapLogin"]["after"] is None


def test_the_list_of_objects_and_resources_is_complete(seen: dict[str, Any]) -> None:
    assert {"Account", "Contact", "Product2", "Pricebook2", "PricebookEntry", "User"} <= set(seen["describeGlobal"])
    assert {"sobjects", "query", "queryAll", "search", "limits", "composite", "jobs", "identity"} <= set(
        seen["resources"]
    )
    assert float(seen["versions"]) >= 66.0


def test_the_usage_header_is_understood(seen: dict[str, Any]) -> None:
    usage = seen["limitInfo"]["apiUsage"]
    assert (usage["limit"], usage["used"] > 0) == (seen["limits"]["Max"], True)


def test_single_saves_report_as_the_service_does(seen: dict[str, Any]) -> None:
    made = seen["create"]
    assert made["success"] is True
    assert made["id"].startswith("001")
    assert seen["retrieveFields"]["Phone"] == "+1 415 555 0101"
    assert seen["update"] == {"id": made["id"], "success": True, "errors": []}
    assert seen["upsertSame"] == {"id": made["id"], "success": True, "errors": [], "created": False}
    assert (seen["upsertNew"]["created"], seen["upsertNew"]["id"] != made["id"]) == (True, True)
    assert seen["destroy"]["success"] is True


def test_collections_report_item_by_item(seen: dict[str, Any]) -> None:
    good, bad = seen["createMany"]
    assert (good["success"], bad["success"], bad["errors"][0]["statusCode"]) == (True, False, "REQUIRED_FIELD_MISSING")
    together = [item["errors"][0]["statusCode"] for item in seen["createManyTogether"]]
    assert together == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert [item["created"] for item in seen["upsertMany"]] == [False, True]
    assert all(item["success"] for item in seen["updateMany"] + seen["destroyMany"])


def test_pages_are_complete_and_without_repeats(seen: dict[str, Any]) -> None:
    more = seen["queryMore"]
    assert (more["first"], more["first"] + more["rest"], more["done"]) == (200, more["total"], True)
    assert seen["autoFetch"]["fetched"] == seen["autoFetch"]["distinct"] == more["total"]


def test_bulk_one_saves_and_reads_back_what_was_sent(seen: dict[str, Any]) -> None:
    first, second, third = seen["bulkInsert"]
    assert first == second == [True, True, True, []]
    assert third[:3] == [False, False, False]
    assert third[3][0].startswith("STRING_TOO_LONG:Account Name: data value too large")
    assert third[3][0].endswith("(max length=255):Name --")
    names = [row[0] for row in seen["bulkQuery"]]
    assert names == ["Bulk One", 'Bulk Two, "quoted"\nsecond line', "Bulk Three"]
    assert all(row[1:] == ["false", True, True] for row in seen["bulkQuery"])
    assert (seen["bulkCleared"]["Site"], seen["bulkCleared"]["NumberOfEmployees"]) == (None, 7)


def test_bulk_two_tells_good_from_bad_rows(seen: dict[str, Any]) -> None:
    good, bad, rest, why = seen["bulk2Ingest"]
    assert (good, bad, rest) == (1, 1, 0)
    assert why.startswith("STRING_TOO_LONG:")
