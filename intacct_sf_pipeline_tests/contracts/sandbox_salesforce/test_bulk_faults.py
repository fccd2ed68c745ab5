"""Faults on the jobs' resources and in the life of a job; and a public client's jobs, unchanged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from simple_salesforce import Salesforce
from starlette.testclient import TestClient

from intacct_sf_pipeline.sandbox.fault_middleware import ConnectionTable, FaultMiddleware
from intacct_sf_pipeline.sandbox.faults import FaultPlan, FaultRule
from intacct_sf_pipeline.sandbox.salesforce.app import create_app
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .bulk_support import file_of, ingest, query, results, rows, run
from .support import CLIENT_ID, CLIENT_SECRET, Api, Clock, loopback_session

TEN = file_of(["Name"], *[[f"N{i}"] for i in range(10)])
CLOSING = {"service": "salesforce", "path": "/jobs/ingest/", "method": ("PATCH",)}


@pytest.fixture
def plan(api: Api, org: SalesforceOrg) -> FaultPlan:
    """Rules for the requests of `api`, which from now on meets them."""
    plan = FaultPlan()
    app = create_app(org, lambda: "http://testserver")
    wrapped = FaultMiddleware(
        app, service="salesforce", plan=plan, connections=ConnectionTable(), expire_tokens=org.expire_tokens
    )
    api.http = TestClient(wrapped, headers=dict(api.http.headers))
    return plan


def test_rows_are_locked_in_the_job_whose_closing_met_the_fault(api: Api, plan: FaultPlan) -> None:
    plan.add(FaultRule(fault="partial", records=(2, 5), **CLOSING))  # type: ignore[arg-type]  # keys of a fault file
    job = ingest(api, TEN)
    assert run(api, job)["numberRecordsFailed"] == 2
    refused = {row["Name"]: row["sf__Error"] for row in results(api, job, "failedResults")}
    assert set(refused) == {"N2", "N5"}
    assert refused["N2"] == "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--"
    assert run(api, ingest(api, TEN))["numberRecordsFailed"] == 0


def test_all_rows_are_locked(api: Api, plan: FaultPlan) -> None:
    plan.add(FaultRule(fault="row_lock", **CLOSING))  # type: ignore[arg-type]
    assert run(api, ingest(api, TEN))["numberRecordsFailed"] == 10


def test_a_job_fails_midway_and_keeps_what_is_done(api: Api, plan: FaultPlan) -> None:
    plan.add(FaultRule(fault="job_failed", records=4, **CLOSING))  # type: ignore[arg-type]
    job = ingest(api, TEN)
    info = run(api, job)
    assert (info["state"], info["numberRecordsProcessed"]) == ("Failed", 4)
    assert info["errorMessage"].startswith("TooManyLockFailure : ")
    assert len(results(api, job, "successfulResults")) == 4
    assert [row["Name"] for row in results(api, job, "unprocessedrecords")] == [f"N{i}" for i in range(4, 10)]


def test_a_job_that_fails_before_its_first_row(api: Api, plan: FaultPlan, org: SalesforceOrg) -> None:
    plan.add(FaultRule(fault="job_failed", records=0, code="InvalidBatch", message="gone", **CLOSING))  # type: ignore[arg-type]
    job = ingest(api, TEN)
    assert run(api, job)["errorMessage"] == "InvalidBatch : gone"
    assert (org.count("Account"), len(results(api, job, "unprocessedrecords"))) == (0, 10)


def test_a_slow_job_stays_in_progress(api: Api, plan: FaultPlan, clock: Clock) -> None:
    plan.add(FaultRule(fault="job_slow", seconds=300, **CLOSING))  # type: ignore[arg-type]
    job = ingest(api, TEN)
    assert [api.get(f"jobs/ingest/{job}").json()["state"] for _ in range(5)] == ["InProgress"] * 5
    clock.advance(seconds=301)
    assert api.get(f"jobs/ingest/{job}").json()["state"] == "JobComplete"


def test_what_a_job_saved_may_be_seen_late(api: Api, plan: FaultPlan, clock: Clock) -> None:
    plan.add(FaultRule(fault="late", seconds=60, **CLOSING))  # type: ignore[arg-type]
    run(api, ingest(api, TEN))
    assert api.query("SELECT Id FROM Account") == []
    clock.advance(seconds=61)
    assert len(api.query("SELECT Id FROM Account")) == 10


def test_a_query_job_fails(api: Api, plan: FaultPlan) -> None:
    plan.add(FaultRule(service="salesforce", fault="job_failed", path="/jobs/query", method=("POST",)))
    assert run(api, query(api, "SELECT Id FROM Account"), "query")["state"] == "Failed"


def test_pages_of_a_query_job_may_lack_rows_and_stamps(api: Api, plan: FaultPlan) -> None:
    run(api, ingest(api, TEN))
    job = query(api, "SELECT Id, SystemModstamp FROM Account")
    run(api, job, "query")
    where = {"service": "salesforce", "path": "/results"}
    plan.add(FaultRule(fault="short_read", share=0.3, **where))  # type: ignore[arg-type]
    reply = api.get(f"jobs/query/{job}/results")
    assert (len(rows(reply.text)), reply.headers["Sforce-NumberOfRecords"]) == (7, "10")
    plan.add(FaultRule(fault="short_read", share=0.3, consistent=True, **where))  # type: ignore[arg-type]
    assert api.get(f"jobs/query/{job}/results").headers["Sforce-NumberOfRecords"] == "7"
    plan.add(FaultRule(fault="empty_read", **where))  # type: ignore[arg-type]
    reply = api.get(f"jobs/query/{job}/results?maxRecords=2")
    assert (rows(reply.text), reply.headers["Sforce-Locator"]) == ([], "null")
    plan.add(FaultRule(fault="null_stamp", share=1, **where))  # type: ignore[arg-type]
    assert {row["SystemModstamp"] for row in rows(api.get(f"jobs/query/{job}/results").text)} == {""}


def test_an_expired_token_stops_polls_not_the_job(api: Api, plan: FaultPlan, clock: Clock) -> None:
    job = ingest(api, TEN)
    plan.add(FaultRule(service="salesforce", fault="expire_token", path="/jobs/ingest/"))
    assert api.get(f"jobs/ingest/{job}").status_code == 401
    clock.advance(seconds=5)
    api.login()
    assert run(api, job)["numberRecordsProcessed"] == 10


@pytest.fixture
def sf(base_url: str) -> Iterator[Salesforce]:
    session = loopback_session(base_url)
    yield Salesforce(
        consumer_key=CLIENT_ID, consumer_secret=CLIENT_SECRET, domain="acme.my", version="59.0", session=session
    )
    session.close()


def test_the_public_client_loads_and_reads(sf: Salesforce, org: SalesforceOrg) -> None:
    sent = [{"IntacctID__c": f"C-{i}", "Name": "Müller & Söhne, " + "x" * (300 * (i == 3))} for i in range(5)]
    done = sf.bulk2.Account.upsert(records=sent, external_id_field="IntacctID__c", wait=0.01)
    assert [(one["numberRecordsProcessed"], one["numberRecordsFailed"]) for one in done] == [(5, 1)]
    job = done[0]["job_id"]
    assert "C-3" in sf.bulk2.Account.get_failed_records(job)
    assert "Müller" in sf.bulk2.Account.get_successful_records(job)
    assert org.count("Account") == 4
    found = "".join(sf.bulk2.Account.query("SELECT IntacctID__c FROM Account", wait=0.01, max_records=2))
    assert sorted(row["IntacctID__c"] for row in rows(found) if row["IntacctID__c"] != "IntacctID__c") == [
        "C-0", "C-1", "C-2", "C-4",
    ]  # fmt: skip
