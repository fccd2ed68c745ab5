"""Write jobs of the Salesforce connector on the real sandbox: rows by key, refusals, lost answers, resuming."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from intacct_sf_pipeline.connectors.salesforce import SalesforceConnector
from intacct_sf_pipeline.model.errors import QuotaExceededError, ValidationFailedError
from intacct_sf_pipeline.model.jobs import JobProgress, JobRow, JobState, WriteJob
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import WriteRequest, WriteStatus

from . import builders
from .rigs import SalesforceRig

BEGAN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Writing:
    """A job made of requests, step by step."""

    def __init__(self, connector: SalesforceConnector, requests: Sequence[WriteRequest]) -> None:
        self.jobs = connector.jobs()
        first = requests[0]
        with self.jobs.draft(first.object, create=first.create) as draft:
            self.keys = [draft.add(request) for request in requests]
            job_id = draft.open()
            rows = len([key for key in self.keys if key])
            self.job = WriteJob(job_id, "things", Side.SALESFORCE, "r", first.object, first.create, rows, BEGAN)
            draft.send()
        self.progress: JobProgress | None = None

    def follow(self) -> JobProgress:
        self.progress = self.jobs.follow(self.job)
        return self.progress

    def results(self) -> dict[str, JobRow]:
        progress = self.progress or self.follow()
        return {row.key: row for part in self.jobs.results(self.job, progress) for row in part}


@pytest.fixture
def rig(salesforce_rig: SalesforceRig) -> SalesforceRig:
    return salesforce_rig


def creates(rig: SalesforceRig, count: int, **more: Any) -> list[WriteRequest]:
    return [rig.create(f"{number}", f"Company {number}", more) for number in range(count)]


def paths(rig: SalesforceRig, method: str) -> int:
    return sum("/jobs/" in one.path and one.method == method for one in rig.sandbox.org.requests)


def test_new_records_are_upserts_known_by_their_external_id(rig: SalesforceRig) -> None:
    kept = rig.seed(["Old"])[0]
    rig.sandbox.org.write_as(rig.sandbox.org.person, "Account", kept, {"IntacctID__c": "N-0"})
    writing = Writing(rig.connector(), creates(rig, 3))
    assert writing.follow() == JobProgress(JobState.ENDED, "JobComplete", 3, 0)
    found = writing.results()
    assert {key: row.status for key, row in found.items()} == dict.fromkeys(["N-0", "N-1", "N-2"], WriteStatus.WRITTEN)
    assert found["N-0"].target_key == kept
    assert {str(rig.stored(row.target_key or "", "name")) for row in found.values()} == {
        "Company 0", "Company 1", "Company 2",
    }  # fmt: skip


def test_a_null_clears_and_what_is_not_named_stays(rig: SalesforceRig) -> None:
    keys = rig.seed(["A", "B"])
    for key in keys:
        rig.edit(key, "1")
        rig.sandbox.org.write_as(rig.sandbox.org.person, "Account", key, {"Phone": "2"})
    writing = Writing(
        rig.connector(), [rig.update("1", keys[0], {"Phone": None}), rig.update("2", keys[1], {"AccountNumber": None})]
    )
    assert {row.status for row in writing.results().values()} == {WriteStatus.WRITTEN}
    seen = [(rig.stored(key, "Phone"), rig.stored(key, "AccountNumber")) for key in keys]
    assert seen == [(None, "1"), ("2", None)]


def test_refused_rows_do_not_stop_the_others(rig: SalesforceRig) -> None:
    requests = [*creates(rig, 2), rig.create("bad", "x" * 300)]
    found = Writing(rig.connector(), requests).results()
    assert (found["N-bad"].status, found["N-bad"].target_key) == (WriteStatus.REJECTED, None)
    assert found["N-bad"].error is not None
    assert (found["N-bad"].error.code, found["N-bad"].error.fields) == ("STRING_TOO_LONG", ("Name",))
    assert [found[key].status for key in ("N-0", "N-1")] == [WriteStatus.WRITTEN] * 2


def test_two_records_of_one_key_never_share_a_job(rig: SalesforceRig) -> None:
    twin = builders.create("Account", "twin", {"Name": "Twin", "IntacctID__c": "n-0"}, "n-0")
    writing = Writing(rig.connector(), [*creates(rig, 1), twin])
    assert writing.keys == ["N-0", None]


def test_rows_of_a_job_that_fails_midway(rig: SalesforceRig) -> None:
    rig.fault("job_failed", "/jobs/ingest/", method=("PATCH",), records=2)
    writing = Writing(rig.connector(), creates(rig, 5))
    progress = writing.follow()
    assert (progress.state, progress.word, progress.processed) == (JobState.ENDED, "Failed", 2)
    assert "TooManyLockFailure" in progress.message
    found = writing.results()
    assert sorted(row.status.value for row in found.values()) == ["not_sent"] * 3 + ["written"] * 2
    assert rig.count() == 2


def test_locked_rows_had_no_effect(rig: SalesforceRig) -> None:
    rig.fault("partial", "/jobs/ingest/", method=("PATCH",), records=(1, 3))
    found = Writing(rig.connector(), creates(rig, 4)).results()
    assert sorted(row.status.value for row in found.values()) == ["not_sent"] * 2 + ["written"] * 2


@pytest.mark.parametrize("fault", ["timeout_before", "reset_before", "html_503"])
def test_an_upload_that_never_arrived_leaves_a_job_that_never_began(rig: SalesforceRig, fault: str) -> None:
    rig.fault(fault, "/batches", count=None)
    writing = Writing(rig.connector(), creates(rig, 3))
    assert writing.follow().state is JobState.NOT_BEGUN
    writing.jobs.abandon(writing.job)
    assert writing.jobs.follow(writing.job).word == "Aborted"
    assert rig.count() == 0


@pytest.mark.parametrize("fault", ["timeout_after", "reset_after", "status_after"])
def test_an_upload_whose_answer_is_lost_is_not_repeated(rig: SalesforceRig, fault: str) -> None:
    rig.fault(fault, "/batches")
    writing = Writing(rig.connector(), creates(rig, 3))
    assert writing.follow().state is JobState.NOT_BEGUN
    assert paths(rig, "PUT") <= 1
    assert rig.count() == 0


@pytest.mark.parametrize("fault", ["timeout_after", "reset_after", "status_after", "truncate"])
def test_a_close_whose_answer_is_lost_is_found_out_by_following(rig: SalesforceRig, fault: str) -> None:
    rig.fault(fault, "/jobs/ingest/", method=("PATCH",))
    writing = Writing(rig.connector(), creates(rig, 3))
    assert writing.follow().state is JobState.ENDED
    assert len(writing.results()) == 3
    assert rig.count() == 3


def test_polls_survive_trouble_and_an_expired_session(rig: SalesforceRig) -> None:
    rig.fault("status", "/jobs/ingest/", method=("GET",), status=500, count=2)
    rig.fault("expire_token", "/jobs/ingest/", method=("GET",), skip=2)
    writing = Writing(rig.connector(), creates(rig, 3))
    assert writing.follow().state is JobState.ENDED
    assert len(writing.results()) == 3


@pytest.mark.parametrize("fault", ["truncate", "reset_after", "html_503"])
def test_results_that_break_off_are_fetched_again(rig: SalesforceRig, fault: str) -> None:
    rig.fault(fault, "/successfulResults")
    found = Writing(rig.connector(), creates(rig, 50)).results()
    assert len(found) == 50


def test_a_job_under_way_is_left_when_the_time_is_over_and_found_by_another_process(rig: SalesforceRig) -> None:
    rig.fault("job_slow", "/jobs/ingest/", method=("PATCH",), seconds=3600)
    writing = Writing(rig.connector(bulk_wait=600), creates(rig, 3))
    assert writing.follow().state is JobState.UNDER_WAY
    assert rig.time.seconds == pytest.approx(600, abs=1)
    polls = paths(rig, "GET")
    assert polls < 20
    rig.clock.advance(3700)
    other = rig.connector().jobs()
    progress = other.follow(writing.job)
    assert (progress.state, progress.processed) == (JobState.ENDED, 3)
    assert paths(rig, "GET") == polls + 1
    rows = [row for part in other.results(writing.job, progress) for row in part]
    assert {row.key for row in rows} == {"N-0", "N-1", "N-2"}


def test_a_job_nobody_knows_any_more_is_gone(rig: SalesforceRig) -> None:
    writing = Writing(rig.connector(), creates(rig, 2))
    writing.follow()
    rig.sandbox.org.bulk.remove(rig.sandbox.org.bulk.ingest(writing.job.job_id))
    assert writing.jobs.follow(writing.job).state is JobState.GONE


def test_an_org_that_refuses_a_job_gets_no_further_one(rig: SalesforceRig) -> None:
    rig.fault("status", "/jobs/ingest", method=("POST",), status=400, code="FEATURENOTENABLED")
    connector = rig.connector(bulk_from_rows=1)
    assert connector.jobs().wanted("Account", create=True, waiting=5) == 5
    with pytest.raises(ValidationFailedError):
        Writing(connector, creates(rig, 2))
    assert connector.jobs().wanted("Account", create=True, waiting=5) == 0


def test_a_used_up_quota_stops_at_once(rig: SalesforceRig) -> None:
    rig.fault("throttle", "/jobs/ingest/", method=("PATCH",))
    with pytest.raises(QuotaExceededError):
        Writing(rig.connector(), creates(rig, 2))
    assert rig.count() == 0


def test_objects_that_are_not_for_jobs(rig: SalesforceRig) -> None:
    jobs = rig.connector(bulk_from_rows=1).jobs()
    assert jobs.wanted("ContentNote", create=True, waiting=10**6) == 0
    assert rig.connector().jobs().wanted("Account", create=True, waiting=1999) == 0
    assert rig.connector().jobs().wanted("Account", create=False, waiting=50_000) == 50_000
    assert rig.connector(bulk_from_rows=0).jobs().wanted("Account", create=True, waiting=10**6) == 0


def test_contacts_go_with_their_account_and_without_an_external_id_not_at_all(rig: SalesforceRig) -> None:
    account = rig.seed(["A"])[0]
    known = {"LastName": "Doe", "AccountId": account, "IntacctID__c": "K-1"}
    requests = [
        builders.create("Contact", "1", known, "K-1"),
        builders.create("Contact", "2", {"LastName": "Roe", "AccountId": account}),
    ]
    writing = Writing(rig.connector(), requests)
    assert writing.keys == ["K-1", None]
    assert writing.results()["K-1"].status is WriteStatus.WRITTEN


def test_new_prices_of_the_standard_book_are_known_by_product(rig: SalesforceRig) -> None:
    org = rig.sandbox.org
    products = org.load("Product2", [{"Name": f"P{i}", "IsActive": True} for i in range(3)])
    org.load("Pricebook2", [{"Name": "Wholesale", "IsActive": True}])
    prices = {"UnitPrice": Decimal("12.50"), "IsActive": True}

    def price(ref: str, product: str, book: str) -> WriteRequest:
        named = {"Product2Id": product, "Pricebook2.Name": book, "Pricebook2.IsStandard": book == "standard", **prices}
        return builders.create("PricebookEntry", ref, named)

    requests = [price("1", products[0], "standard"), price("2", products[1], "standard")]
    writing = Writing(rig.connector(), [*requests, price("3", products[2], "Wholesale")])
    assert writing.keys == [products[0], products[1], None]
    found = writing.results()
    entry = org.row("PricebookEntry", found[products[0]].target_key or "")
    assert entry is not None
    assert (entry["Pricebook2Id"], entry["UnitPrice"]) == (org.standard_pricebook_id, Decimal("12.500000"))
    again = Writing(rig.connector(), requests).results()
    assert {(row.status, row.duplicate) for row in again.values()} == {(WriteStatus.REJECTED, True)}


def test_the_calls_are_those_that_are_counted(rig: SalesforceRig) -> None:
    connector = rig.connector()
    connector.describe("Account")
    before, billed = connector.spend().billed, rig.billed()
    writing = Writing(connector, creates(rig, 30))
    writing.results()
    assert connector.spend().billed - before == rig.billed() - billed == 3 + paths(rig, "GET")
