"""Bulk API 2.0 ingest: the life of a job. Source: salesforce.md section 5.1; Bulk Guide."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .bulk_support import close, file_of, ingest, put, results, run
from .support import Api, Clock, error_of

NAMES = file_of(["Name"], ["A"], ["B"], ["C"])


def set_up(org: SalesforceOrg, **options: object) -> None:
    org.bulk.configure(replace(org.bulk.options, **options))  # type: ignore[arg-type]  # a test names single options


def test_a_new_job_names_where_to_upload_and_its_version_as_a_number(api: Api) -> None:
    body = {"object": "account", "operation": "upsert", "externalIdFieldName": "intacctid__c", "contentType": "CSV"}
    info = api.post("jobs/ingest", body).json()
    assert info["id"].startswith("750")
    assert info["contentUrl"] == f"services/data/v59.0/jobs/ingest/{info['id']}/batches"
    wanted = {
        "state": "Open", "object": "Account", "externalIdFieldName": "IntacctID__c", "apiVersion": 59.0,
        "concurrencyMode": "Parallel", "contentType": "CSV", "lineEnding": "LF", "columnDelimiter": "COMMA",
    }  # fmt: skip
    assert {name: info[name] for name in wanted} == wanted


def test_states_advance_over_polls_and_batches(api: Api, org: SalesforceOrg) -> None:
    set_up(org, batch_rows=2)
    job = ingest(api, NAMES)
    seen = [api.get(f"jobs/ingest/{job}").json() for _ in range(3)]
    assert [info["state"] for info in seen] == ["InProgress", "InProgress", "JobComplete"]
    assert [info["numberRecordsProcessed"] for info in seen] == [0, 2, 3]
    assert seen[-1]["jobType"] == "V2Ingest"
    assert "contentUrl" not in seen[-1]
    assert org.count("Account") == 3


def test_a_job_goes_on_by_the_clock_when_nobody_polls(api: Api, org: SalesforceOrg, clock: Clock) -> None:
    job = ingest(api, NAMES)
    clock.advance(seconds=5)
    assert len(results(api, job, "successfulResults")) == 3


def test_results_echo_all_columns_in_an_order_of_their_own(api: Api) -> None:
    job = ingest(api, file_of(["IntacctID__c", "Name", "Phone"], ["C-1", "A", "1"], ["C-2", "B", ""]), "upsert",
                 externalIdFieldName="IntacctID__c")  # fmt: skip
    run(api, job)
    reply = api.get(f"jobs/ingest/{job}/successfulResults/")
    assert reply.headers["content-type"] == "text/csv; charset=UTF-8"
    header = reply.text.splitlines()[0]
    assert header.startswith('"sf__Id","sf__Created",')
    assert header != '"sf__Id","sf__Created","IntacctID__c","Name","Phone"'
    found = {row["IntacctID__c"]: row for row in results(api, job, "successfulResults")}
    assert {key: (row["sf__Created"], row["Name"], row["Phone"]) for key, row in found.items()} == {
        "C-1": ("true", "A", "1"),
        "C-2": ("true", "B", ""),
    }
    assert api.column(f"SELECT IntacctID__c FROM Account WHERE Id = '{found['C-1']['sf__Id']}'") == ["C-1"]


def test_upserts_say_what_was_there_before(api: Api) -> None:
    api.create("Account", Name="Old", IntacctID__c="C-1")
    job = ingest(api, file_of(["Name", "IntacctID__c"], ["New", "c-1"], ["Other", "C-2"]), "upsert",
                 externalIdFieldName="IntacctID__c")  # fmt: skip
    run(api, job)
    created = {row["Name"]: row["sf__Created"] for row in results(api, job, "successfulResults")}
    assert created == {"New": "false", "Other": "true"}
    assert api.column("SELECT Name FROM Account ORDER BY Name") == ["New", "Other"]


def test_a_complete_job_may_have_failed_rows(api: Api) -> None:
    job = ingest(api, file_of(["Name"], ["ok"], ["x" * 300], [""]))
    info = run(api, job)
    assert (info["state"], info["numberRecordsProcessed"], info["numberRecordsFailed"]) == ("JobComplete", 3, 2)
    errors = sorted(row["sf__Error"] for row in results(api, job, "failedResults"))
    assert errors[0] == "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"
    assert errors[1].startswith("STRING_TOO_LONG:Account Name: data value too large: xxx")
    assert errors[1].endswith("(max length=255):Name --")
    assert results(api, job, "unprocessedRecords") == []


def test_updates_and_deletes_name_the_row_in_their_results(api: Api) -> None:
    here, gone = api.create("Account", Name="A"), "001000000000999AAA"
    job = ingest(api, file_of(["Id", "Name"], [here, "B"], [gone, "C"], [here, "D"]), "update")
    run(api, job)
    assert [(r["sf__Id"], r["sf__Created"]) for r in results(api, job, "successfulResults")] == [(here, "false")]
    refused = {
        row["Name"]: (row["sf__Id"], row["sf__Error"].split(":")[0]) for row in results(api, job, "failedResults")
    }
    assert refused["D"] == (here, "DUPLICATE_VALUE")
    assert refused["C"][1] in ("MALFORMED_ID", "NOT_FOUND")
    job = ingest(api, file_of(["Id"], [here]), "delete")
    run(api, job)
    assert api.query("SELECT Id FROM Account") == []


def test_failed_results_of_old_versions_do_not_name_the_row(org: SalesforceOrg) -> None:
    old = Api(org, "52.0")
    here = old.create("Account", Name="A")
    job = ingest(old, file_of(["Id", "Name"], [here, "x" * 300]), "update")
    run(old, job)
    assert [row["sf__Id"] for row in results(old, job, "failedResults")] == [""]


def test_aborting_keeps_what_is_done_and_returns_the_rest(api: Api, org: SalesforceOrg) -> None:
    set_up(org, batch_rows=2)
    job = ingest(api, NAMES)
    api.get(f"jobs/ingest/{job}")
    api.get(f"jobs/ingest/{job}")
    assert close(api, job, "Aborted").json()["state"] == "Aborted"
    assert len(results(api, job, "successfulResults")) == 2
    assert results(api, job, "unprocessedrecords") == [{"Name": "C"}]
    assert error_of(close(api, job, "Aborted"))["message"] == "Aborting already Aborted Job not allowed"


def test_a_job_aborted_before_it_was_worked_on_returns_all(api: Api) -> None:
    job = api.post("jobs/ingest", {"object": "Account", "operation": "insert"}).json()["id"]
    put(api, job, NAMES)
    close(api, job, "Aborted")
    assert len(results(api, job, "unprocessedrecords")) == 3
    assert api.query("SELECT Id FROM Account") == []


def test_data_are_uploaded_once_and_only_while_open(api: Api) -> None:
    job = api.post("jobs/ingest", {"object": "Account", "operation": "insert"}).json()["id"]
    reply = put(api, job, NAMES)
    assert (reply.status_code, reply.content) == (201, b"")
    again = put(api, job, NAMES)
    assert again.status_code == 400
    assert "only one PUT" in error_of(again)["message"]
    close(api, job)
    assert error_of(put(api, job, NAMES))["errorCode"] == "INVALIDJOBSTATE"
    assert error_of(close(api, job))["errorCode"] == "INVALIDJOBSTATE"


def test_results_are_there_only_at_the_end(api: Api) -> None:
    job = ingest(api, NAMES)
    for kind in ("successfulResults", "failedResults", "unprocessedrecords"):
        assert error_of(api.get(f"jobs/ingest/{job}/{kind}"))["errorCode"] == "INVALIDJOBSTATE"


def test_a_job_without_data_fails(api: Api) -> None:
    job = api.post("jobs/ingest", {"object": "Account", "operation": "insert"}).json()["id"]
    assert close(api, job).json()["state"] == "Failed"
    assert run(api, job)["errorMessage"] == "ClientInputError : Unable to find any data to create batch"


def test_deleting_needs_a_job_that_is_not_at_work(api: Api) -> None:
    job = api.post("jobs/ingest", {"object": "Account", "operation": "insert"}).json()["id"]
    assert error_of(api.delete(f"jobs/ingest/{job}"))["errorCode"] == "API_ERROR"
    put(api, job, NAMES)
    close(api, job)
    run(api, job)
    reply = api.delete(f"jobs/ingest/{job}")
    assert (reply.status_code, reply.content) == (204, b"")
    assert api.get(f"jobs/ingest/{job}").status_code == 404


def test_unknown_and_foreign_ids(api: Api) -> None:
    assert error_of(api.get("jobs/ingest/nonsense"))["errorCode"] == "INVALIDJOB"
    assert error_of(api.get("jobs/ingest/7500000000000zZAAQ"))["errorCode"] in ("INVALIDJOB", "NOT_FOUND")
    job = api.post("jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"}).json()["id"]
    assert api.get(f"jobs/ingest/{job}").status_code == 404


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"operation": "insert"}, "INVALIDJOB", "object"),
        ({"object": "Account"}, "INVALIDJOB", "operation"),
        ({"object": "Nothing", "operation": "insert"}, "INVALIDJOB", "Unable to find object: Nothing"),
        ({"object": "Account", "operation": "merge"}, "JSON_PARSER_ERROR", "merge"),
        ({"object": "Account", "operation": "upsert"}, "INVALIDJOB", "External ID was blank for Account"),
        ({"object": "Account", "operation": "upsert", "externalIdFieldName": "Phone"}, "INVALIDJOB", "Phone"),
        ({"object": "Account", "operation": "insert", "lineEnding": "CR"}, "JSON_PARSER_ERROR", "lineEnding"),
        ({"object": "Account", "operation": "insert", "colour": "red"}, "JSON_PARSER_ERROR", "colour"),
        ({"object": "Account", "operation": "hardDelete"}, "FEATURENOTENABLED", "Hard Delete"),
    ],
)
def test_what_a_job_may_not_be(api: Api, body: dict[str, str], code: str, words: str) -> None:
    reply = api.post("jobs/ingest", body)
    assert reply.status_code == 400
    assert error_of(reply)["errorCode"] == code
    assert words in error_of(reply)["message"]


def test_hard_delete_leaves_nothing_when_the_permission_is_there(api: Api, org: SalesforceOrg) -> None:
    set_up(org, hard_delete=True)
    key = api.create("Account", Name="A")
    run(api, ingest(api, file_of(["Id"], [key]), "hardDelete"))
    assert org.row("Account", key) is None


def test_a_job_with_its_data_in_one_request(api: Api, org: SalesforceOrg) -> None:
    files = {
        "job": (None, '{"object":"Account","operation":"insert","lineEnding":"CRLF"}', "application/json"),
        "content": ("content.csv", 'Name\r\nA\r\n"B\r\nC"\r\n', "text/csv"),
    }
    reply = api.http.post(api.path("jobs/ingest"), files=files)
    assert (reply.status_code, reply.json()["state"]) == (200, "UploadComplete")
    run(api, reply.json()["id"])
    assert sorted(api.column("SELECT Name FROM Account")) == ["A", "B\r\nC"]
    set_up(org, multipart_characters=10)
    assert api.http.post(api.path("jobs/ingest"), files=files).status_code == 400


def test_uploads_have_a_limit_and_may_be_compressed(api: Api, org: SalesforceOrg) -> None:
    set_up(org, base64_bytes=16)
    job = api.post("jobs/ingest", {"object": "Account", "operation": "insert"}).json()["id"]
    assert put(api, job, "Name\n123456789\n").status_code == 413
    packed = gzip.compress(b"Name\nA\n")
    head = {"Content-Type": "text/csv", "Content-Encoding": "gzip"}
    assert api.http.put(api.path(f"jobs/ingest/{job}/batches"), content=packed, headers=head).status_code == 201
    close(api, job)
    assert run(api, job)["numberRecordsProcessed"] == 1


def test_the_list_has_pages_and_filters(api: Api, org: SalesforceOrg) -> None:
    set_up(org, list_page=2)
    ids = [api.post("jobs/ingest", {"object": "Account", "operation": "insert"}).json()["id"] for _ in range(3)]
    first = api.get("jobs/ingest").json()
    assert (first["done"], [job["id"] for job in first["records"]]) == (False, ids[:2])
    second = api.http.get(first["nextRecordsUrl"]).json()
    assert (second["done"], second["nextRecordsUrl"], second["records"][0]["id"]) == (True, None, ids[2])
    assert second["records"][0]["jobType"] == "V2Ingest"
    assert api.get("jobs/ingest?jobType=Classic").json()["records"] == []
    assert api.get("jobs/query").json()["records"] == []


def test_jobs_that_are_over_are_kept_for_seven_days(api: Api, clock: Clock) -> None:
    job = ingest(api, NAMES)
    run(api, job)
    clock.advance(days=6)
    api.login()
    assert api.get(f"jobs/ingest/{job}").status_code == 200
    clock.advance(days=2)
    api.login()
    assert api.get(f"jobs/ingest/{job}").status_code == 404


def test_batches_are_counted_against_the_day(api: Api, org: SalesforceOrg, clock: Clock) -> None:
    set_up(org, batch_rows=2, batches=3)
    run(api, ingest(api, NAMES))
    assert api.get("limits").json()["DailyBulkApiBatches"] == {"Max": 3, "Remaining": 1}
    info = run(api, ingest(api, NAMES))
    assert (info["state"], info["errorMessage"].split(" : ")[0]) == ("Failed", "ExceededQuota")
    clock.advance(hours=25)
    api.login()
    assert api.get("limits").json()["DailyBulkApiBatches"]["Remaining"] == 3


def test_each_call_is_billed_and_rows_are_not(api: Api, org: SalesforceOrg) -> None:
    before = org.api_calls
    job = ingest(api, file_of(["Name"], *[[f"N{i}"] for i in range(500)]))
    run(api, job)
    results(api, job, "successfulResults")
    assert org.api_calls - before == 3 + 2 + 1


def test_ingest_is_older_than_query_jobs(org: SalesforceOrg) -> None:
    assert Api(org, "41.0").get("jobs/ingest").status_code == 200
    assert Api(org, "40.0").get("jobs/ingest").status_code == 404
    assert Api(org, "46.0").get("jobs/query").status_code == 404
