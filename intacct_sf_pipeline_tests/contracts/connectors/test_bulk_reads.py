"""Large reads by query jobs: the same rows as the query resource gives, in fewer calls."""

from __future__ import annotations

from datetime import timedelta

import pytest

from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.records import SourceRow
from intacct_sf_pipeline.model.windows import Window

from . import builders
from .rigs import SalesforceRig

ACCOUNT = ("Name", "AccountNumber", "Description", "IntacctID__c", "AnnualRevenue", "IsDeleted", "BillingStreet",
           "OwnerId", "CreatedDate", "Owner.Name", "Parent.Name")  # fmt: skip
PRICE = ("UnitPrice", "IsActive", "UseStandardPrice", "Pricebook2.IsStandard", "Pricebook2.Name", "Product2Id")


@pytest.fixture
def rig(salesforce_rig: SalesforceRig) -> SalesforceRig:
    return salesforce_rig


def read(rig: SalesforceRig, feed: FeedSpec, columns: tuple[str, ...], **options: object) -> dict[str, SourceRow]:
    pages = rig.connector(**options).read(feed, columns, Window())
    return {row.key: row for page in pages for row in page.rows}


def by_job(rig: SalesforceRig) -> int:
    return sum("/jobs/query" in request.path for request in rig.sandbox.org.requests)


def test_rows_are_the_same_whichever_way_they_are_read(rig: SalesforceRig) -> None:
    org = rig.sandbox.org
    values = [
        {"Name": 'Quotes " and , commas', "Description": "two\r\nlines", "AnnualRevenue": "1000"},
        {"Name": "Ünïcode ☃", "BillingStreet": "a\nb", "AnnualRevenue": "0.5"},
        {"Name": "#N/A", "AccountNumber": "007"},
        {"Name": "gone"},
    ]
    ids = org.load("Account", values)
    org.write_as(org.person, "Account", ids[1], {"ParentId": ids[0]})
    org.delete_as(org.person, "Account", ids[3])
    assert read(rig, rig.feed, ACCOUNT, bulk_from_rows=1) == read(rig, rig.feed, ACCOUNT, bulk_from_rows=0)
    assert by_job(rig) > 0


def test_numbers_and_booleans_keep_their_types(rig: SalesforceRig) -> None:
    org = rig.sandbox.org
    products = org.load("Product2", [{"Name": f"P{i}", "IsActive": True} for i in range(3)])
    entries = [
        {"Product2Id": key, "Pricebook2Id": org.standard_pricebook_id, "UnitPrice": price, "IsActive": True}
        for key, price in zip(products, ("12", "12.5", "0.333333"), strict=True)
    ]
    org.load("PricebookEntry", entries)
    feed = builders.salesforce_feed("PricebookEntry")
    some, other = (read(rig, feed, PRICE, bulk_from_rows=number) for number in (1, 0))
    assert some == other
    types = [{name: type(value) for name, value in row.values.items()} for row in some.values()]
    assert types == [{name: type(value) for name, value in row.values.items()} for row in other.values()]


def test_many_pages_cost_one_job(rig: SalesforceRig) -> None:
    rig.seed([f"A{i}" for i in range(30)])
    rig.sandbox.org.page_size = lambda _: 2
    connector = rig.connector(query_batch=200, bulk_from_rows=20)
    connector.describe("Account")
    before = connector.spend().billed
    assert sum(len(page.rows) for page in connector.read(rig.feed, ("Name",), Window())) == 30
    assert connector.spend().billed - before == 1 + 1 + 2 + 1


def test_small_reads_and_columns_that_jobs_cannot_give_stay_with_pages(rig: SalesforceRig) -> None:
    rig.seed([f"A{i}" for i in range(10)])
    assert len(read(rig, rig.feed, ("Name",))) == 10
    assert len(read(rig, rig.feed, ("Name", "BillingAddress"), bulk_from_rows=5)) == 10
    assert by_job(rig) == 0


@pytest.mark.parametrize("state", ["Failed", "slow", "refused"])
def test_a_job_that_comes_to_nothing_leaves_the_pages(rig: SalesforceRig, state: str) -> None:
    rig.seed([f"A{i}" for i in range(10)])
    faults = {"Failed": {}, "slow": {"seconds": 100_000}, "refused": {"status": 400, "code": "INVALIDENTITY"}}
    kinds = {"Failed": "job_failed", "slow": "job_slow", "refused": "status"}
    rig.fault(kinds[state], "/jobs/query", method=("POST",), **faults[state])
    assert len(read(rig, rig.feed, ("Name",), bulk_from_rows=5, bulk_wait=60)) == 10


def test_fewer_rows_than_announced_are_told(rig: SalesforceRig) -> None:
    rig.seed([f"A{i}" for i in range(10)])
    rig.fault("short_read", "/results", share=0.4)
    pages = list(rig.connector(bulk_from_rows=5).read(rig.feed, ("Name",), Window()))
    assert sum(len(page.rows) for page in pages) == 6
    assert sum(page.missing for page in pages) == 4
    rig.fault("short_read", "/results", share=0.4, consistent=True)
    pages = list(rig.connector(bulk_from_rows=5).read(rig.feed, ("Name",), Window()))
    assert sum(page.missing for page in pages) == 4


def test_windows_are_read_by_jobs_as_well(rig: SalesforceRig) -> None:
    keys = rig.seed([f"A{i}" for i in range(10)])
    rig.clock.advance(3600)
    for key in keys[:6]:
        rig.edit(key, "changed")
    window = Window(start=rig.clock() - timedelta(minutes=5))
    rows = [row for page in rig.connector(bulk_from_rows=5).read(rig.feed, ("Name",), window) for row in page.rows]
    assert {row.key for row in rows} == set(keys[:6])
    assert by_job(rig) > 0
