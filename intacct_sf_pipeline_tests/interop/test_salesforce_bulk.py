"""salesforce-bulk 2.2: Bulk API 1.0 in CSV, JSON and XML, PK chunking, states and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Runner

EXPECTED = {
    "login": 18,
    "insert_csv": [
        ["true", "true", ""],
        ["false", "false", "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"],
    ],
    "upsert_csv": [["true", "false"], ["true", "true"]],
    "query_csv": [["Heroku Two", "Z"], ["Heroku Ö", "Z"]],
    "query_json": [["Heroku Two", "int", "Account"], ["Heroku Ö", "int", "Account"]],
    "query_xml": [True, True, True],
    "update_json": [[True, []], [False, ["MALFORMED_ID"]]],
    "pk_chunking": ["NotProcessed", True, True],
    "request": ["SELECT Id FROM Account LIMIT 1", "1", "Open"],
    "abort": "Aborted",
    "empty_query": ["Records not found for this query"],
    "delete_csv": ["true", "true"],
}
REFUSED = {
    "failed_batch": ("BulkBatchFailed", "Selecting compound data not supported in Bulk Query"),
    "closed_job": ("BulkApiError", "<exceptionCode>InvalidJobState</exceptionCode>"),
    "hard_delete": ("BulkApiError", "<exceptionCode>FeatureNotEnabled</exceptionCode>"),
    "bad_session": ("BulkApiError", "<exceptionCode>InvalidSessionId</exceptionCode>"),
}


@pytest.fixture(scope="module")
def seen(runner: Runner) -> dict[str, Any]:
    return runner.python("salesforce", "salesforce_bulk_walk.py")


@pytest.mark.parametrize("step", EXPECTED)
def test_the_client_sees_what_it_would_see_of_the_service(seen: dict[str, Any], step: str) -> None:
    assert seen[step] == EXPECTED[step]


@pytest.mark.parametrize("step", REFUSED)
def test_refusals_reach_the_client(seen: dict[str, Any], step: str) -> None:
    kind, text = REFUSED[step]
    assert seen[step]["thrown"] == kind
    assert text in seen[step]["message"]
