"""Bulk API 2.0 query jobs. Source: salesforce.md section 5.3; Bulk Guide, Query."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .bulk_support import query, rows, run
from .support import Api, Clock, error_of


def pages(api: Api, job: str, size: int) -> list[Any]:
    found, locator = [], ""
    while True:
        reply = api.get(f"jobs/query/{job}/results?maxRecords={size}" + (f"&locator={locator}" if locator else ""))
        assert reply.status_code == 200, reply.text
        found.append(reply)
        locator = reply.headers["Sforce-Locator"]
        if locator == "null":
            return found


def test_a_job_is_at_work_at_once_and_advances_over_polls(api: Api) -> None:
    reply = api.post("jobs/query", {"operation": "query", "query": "select id from account"}).json()
    assert (reply["state"], reply["object"], reply["operation"]) == ("UploadComplete", "Account", "query")
    states = [api.get(f"jobs/query/{reply['id']}").json() for _ in range(2)]
    assert [info["state"] for info in states] == ["InProgress", "JobComplete"]
    assert (states[-1]["jobType"], states[-1]["isPkChunkingSupported"]) == ("V2Query", True)


def test_pages_repeat_the_header_and_end_with_a_null_locator(api: Api, org: SalesforceOrg) -> None:
    org.load("Account", [{"Name": f"N{i}"} for i in range(5)])
    job = query(api, "SELECT Id, Name FROM Account ORDER BY Name")
    assert run(api, job, "query")["numberRecordsProcessed"] == 5
    found = pages(api, job, 2)
    assert [reply.headers["Sforce-NumberOfRecords"] for reply in found] == ["2", "2", "1"]
    assert found[0].headers["content-type"] == "text/csv; charset=UTF-8"
    assert found[0].headers["Sforce-Locator"] == "Mg"
    assert [row["Name"] for reply in found for row in rows(reply.text)] == [f"N{i}" for i in range(5)]


def test_cells_are_quoted_text(api: Api, org: SalesforceOrg) -> None:
    account = api.create("Account", Name='A "B"\nC', Phone=None)
    api.create("Contact", LastName="Doe", AccountId=account)
    api.create("Contact", LastName="Roe")
    job = query(api, "SELECT LastName, account.name, IsDeleted, CreatedDate, Phone FROM Contact ORDER BY LastName")
    run(api, job, "query")
    text = pages(api, job, 100)[0].text
    assert text.splitlines()[0] == '"LastName","Account.Name","IsDeleted","CreatedDate","Phone"'
    assert [tuple(row.values()) for row in rows(text)] == [
        ("Doe", 'A "B"\nC', "false", "2026-01-05T10:00:00.000Z", ""),
        ("Roe", "", "false", "2026-01-05T10:00:00.000Z", ""),
    ]


def test_query_all_shows_deleted_rows(api: Api) -> None:
    key = api.create("Account", Name="A")
    api.delete(f"sobjects/Account/{key}")
    found = {}
    for operation in ("query", "queryAll"):
        job = query(api, "SELECT Id, IsDeleted FROM Account", operation)
        run(api, job, "query")
        found[operation] = rows(pages(api, job, 10)[0].text)
    assert found == {"query": [], "queryAll": [{"Id": key, "IsDeleted": "true"}]}


def test_an_empty_result_is_a_header(api: Api) -> None:
    job = query(api, "SELECT Id FROM Account")
    run(api, job, "query")
    reply = pages(api, job, 10)[0]
    assert (reply.text, reply.headers["Sforce-NumberOfRecords"]) == ('"Id"\n', "0")


@pytest.mark.parametrize(
    ("statement", "code", "words"),
    [
        ("SELECT COUNT(Id) FROM Account", "FUNCTIONALITY_NOT_ENABLED", "Aggregate"),
        ("SELECT Name FROM Account GROUP BY Name", "FUNCTIONALITY_NOT_ENABLED", "Aggregate"),
        ("SELECT COUNT() FROM Account", "FUNCTIONALITY_NOT_ENABLED", "Aggregate"),
        ("SELECT Id FROM Account OFFSET 5", "FUNCTIONALITY_NOT_ENABLED", "OFFSET"),
        ("SELECT BillingAddress FROM Account", "FUNCTIONALITY_NOT_ENABLED", "compound data not supported"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "FUNCTIONALITY_NOT_ENABLED", "Nested"),
        ("SELECT Colour FROM Account", "INVALID_FIELD", "No such column 'Colour'"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE", "Nothing"),
        ("SELECT FROM", "MALFORMED_QUERY", ""),
        ("", "INVALIDJOB", "query"),
    ],
)
def test_statements_that_are_refused(api: Api, statement: str, code: str, words: str) -> None:
    reply = api.post("jobs/query", {"operation": "query", "query": statement})
    assert reply.status_code == 400
    assert error_of(reply)["errorCode"] == code
    assert words in error_of(reply)["message"]


def test_results_need_a_complete_job_of_the_same_version(api: Api, org: SalesforceOrg) -> None:
    job = query(api, "SELECT Id FROM Account")
    assert error_of(api.get(f"jobs/query/{job}/results"))["errorCode"] == "API_ERROR"
    run(api, job, "query")
    assert Api(org, "60.0").get(f"jobs/query/{job}/results").status_code == 409
    assert error_of(api.get(f"jobs/query/{job}/results?locator=nonsense"))["errorCode"] == "INVALIDLOCATOR"


def test_aborting_and_deleting(api: Api) -> None:
    job = query(api, "SELECT Id FROM Account")
    refused = api.delete(f"jobs/query/{job}")
    assert refused.status_code == 400
    assert error_of(refused) == {
        "errorCode": "API_ERROR",
        "message": "Error encountered when deleting the job because the job is not terminated",
    }
    assert api.patch(f"jobs/query/{job}", {"state": "Aborted"}).json()["state"] == "Aborted"
    assert api.delete(f"jobs/query/{job}").status_code == 204
    assert error_of(api.get(f"jobs/query/{job}"))["errorCode"] == "NOT_FOUND"


def test_addresses_of_five_pages_at_a_time(api: Api, org: SalesforceOrg) -> None:
    org.load("Account", [{"Name": f"N{i}"} for i in range(7)])
    job = query(api, "SELECT Name FROM Account")
    run(api, job, "query")
    first = api.get(f"jobs/query/{job}/resultPages?maxRecords=1").json()
    assert (len(first["resultPages"]), first["done"]) == (5, False)
    second = api.http.get(first["nextRecordsUrl"] + "&maxRecords=1").json()
    urls = [page["resultUrl"] for page in first["resultPages"] + second["resultPages"]]
    names = [row["Name"] for url in urls for row in rows(api.http.get(url).text)]
    assert (sorted(names), second["done"]) == ([f"N{i}" for i in range(7)], True)
    assert Api(org, "57.0").get(f"jobs/query/{job}/resultPages").status_code == 404


def test_jobs_and_their_volume_are_counted_against_the_day(api: Api, org: SalesforceOrg) -> None:
    org.bulk.configure(replace(org.bulk.options, query_jobs=1, storage_mb=2))
    api.create("Account", Name="A")
    run(api, query(api, "SELECT Id FROM Account"), "query")
    limits = api.get("limits").json()
    assert limits["DailyBulkV2QueryJobs"] == {"Max": 1, "Remaining": 0}
    assert limits["DailyBulkV2QueryFileStorageMB"] == {"Max": 2, "Remaining": 1}
    refused = api.post("jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"})
    assert error_of(refused)["errorCode"] == "EXCEEDEDQUOTA"


def test_results_do_not_change_after_the_job_is_complete(api: Api, clock: Clock) -> None:
    key = api.create("Account", Name="Before")
    job = query(api, "SELECT Name FROM Account")
    clock.advance(seconds=5)
    assert rows(api.get(f"jobs/query/{job}/results").text) == [{"Name": "Before"}]
    api.patch(f"sobjects/Account/{key}", {"Name": "After"})
    assert rows(api.get(f"jobs/query/{job}/results").text) == [{"Name": "Before"}]
