"""simple-salesforce 1.12: `Salesforce`, `SFType`, Bulk and Bulk 2 handlers, through https as it insists on."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Runner

EXPECTED = {
    # Logins.
    "login_password": ["password", 1],
    "login_client_credentials": ["client-credentials", 100_000],
    # What there is.
    "describe": ["IntacctID__c"],
    "metadata": "001",
    "describe_layout": ["buttonLayoutSection", "detailLayoutSections"],
    "is_sandbox": True,
    "api_usage": 100_000,
    "userinfo": "integration@sandbox.example",
    # Rows.
    "create": True,
    "get": ["Simple Trading", "Account", None],
    "get_by_custom_id": True,
    "upsert_encoded": 200,
    "upsert_new": True,
    "update": 204,
    "updated_row": [None, 1250.5, "Simple Trading Ltd"],
    "created_contact": True,
    "updated_feed": True,
    "restful_collections": [[True, []], [False, ["REQUIRED_FIELD_MISSING"]]],
    "restful_versions": "/services/data/v59.0/query",
    "notes_base64": "<p>Pays late</p>",
    # Queries.
    "query": [1, True, "Simple Trading Ltd"],
    "query_pages": [200, True, True],
    "query_all_iter": True,
    "query_all": True,
    "query_escapes": [1, 1, 1, True],
    "search": ["Lovelace"],
    "quick_search": ["Contact"],
    "tooling": 0,
    # Deletes.
    "delete": 204,
    "deleted_feed": True,
    "query_deleted": True,
    # Bulk API 1.0.
    "bulk_insert": [[True, True, []], [False, False, ["STRING_TOO_LONG"]], [True, True, []]],
    "bulk_upsert": [[True, False], [True, True]],
    "bulk_query": [
        ["Bulk A2", False, "int", 3, ["Name", "attributes"]],
        ["Bulk C", False, "int", None, ["Name", "attributes"]],
    ],
    "bulk_query_lazy": [7],
    "bulk_query_none": [],
    "bulk_query_all": 1,
    "bulk_update": [[True, False], [True, False]],
    "bulk_submit": [True],
    "bulk_delete": [True],
    # Bulk API 2.0.
    "bulk2_upsert": [2, 2, 1],
    "bulk2_results": [True, True, True, 1],
    "bulk2_query": [1, True],
    "bulk2_pages": [True, True],
    "bulk2_delete": 0,
}
REFUSED = {
    "session_invalid": ("SalesforceExpiredSession", 401, "INVALID_SESSION_ID"),
    "create_refused": ("SalesforceMalformedRequest", 400, "REQUIRED_FIELD_MISSING"),
    "get_missing": ("SalesforceResourceNotFound", 404, "NOT_FOUND"),
    "unknown_object": ("SalesforceResourceNotFound", 404, "NOT_FOUND"),
    "query_malformed": ("SalesforceMalformedRequest", 400, "MALFORMED_QUERY"),
    "query_empty_list": ("SalesforceMalformedRequest", 400, "MALFORMED_QUERY"),
    "search_malformed": ("SalesforceMalformedRequest", 400, "MALFORMED_SEARCH"),
    "apex": ("SalesforceResourceNotFound", 404, "NOT_FOUND"),
    "delete_again": ("SalesforceResourceNotFound", 404, "ENTITY_IS_DELETED"),
}


@pytest.fixture(scope="module")
def seen(runner: Runner) -> dict[str, Any]:
    return runner.python("salesforce", "simple_salesforce_walk.py")


@pytest.mark.parametrize("step", EXPECTED)
def test_the_client_sees_what_it_would_see_of_the_service(seen: dict[str, Any], step: str) -> None:
    assert seen[step] == EXPECTED[step]


@pytest.mark.parametrize("step", REFUSED)
def test_refusals_become_the_clients_own_errors(seen: dict[str, Any], step: str) -> None:
    kind, status, code = REFUSED[step]
    assert (seen[step]["thrown"], seen[step]["status"]) == (kind, status)
    [error] = seen[step]["content"]
    assert error["errorCode"] == code


def test_a_refused_login_says_why(seen: dict[str, Any]) -> None:
    assert seen["login_refused"]["thrown"] == "SalesforceAuthenticationFailed"
    assert "Invalid username, password, security token; or user locked out." in seen["login_refused"]["content"]


def test_objects_and_limits_are_listed(seen: dict[str, Any]) -> None:
    assert {"Account", "Contact", "Product2", "PricebookEntry"} <= set(seen["describe_global"])
    assert {"DailyApiRequests", "DailyBulkApiBatches", "DailyBulkV2QueryJobs"} <= set(seen["limits"])


def test_bulk_refusals_carry_the_services_words(seen: dict[str, Any]) -> None:
    assert seen["bulk_query_refused"]["status"] == "Failed"
    assert seen["bulk_query_refused"]["content"].startswith("InvalidBatch : Failed to process query: INVALID_FIELD")
    assert seen["bulk_unknown_object"]["content"] == {
        "exceptionCode": "InvalidJob",
        "exceptionMessage": "Unable to find object: Nothing",
    }
