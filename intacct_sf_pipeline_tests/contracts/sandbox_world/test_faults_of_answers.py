"""Replies that hold less than the truth: rows missing, everything missing, stamps missing."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .services import CUSTOMER, Services

SOQL = "SELECT Id, SystemModstamp, LastModifiedDate, Owner.SystemModstamp FROM Account ORDER BY Id"
AUDIT = "audit.modifiedDateTime"
Read = Callable[[Services], tuple[list[Any], int]]


def from_salesforce(services: Services) -> tuple[list[Any], int]:
    body = services.soql(SOQL)
    return [row["Id"] for row in body["records"]], body["totalSize"]


def from_intacct(services: Services) -> tuple[list[Any], int]:
    body = services.ask(CUSTOMER)
    return [row["key"] for row in body["ia::result"]], body["ia::meta"]["totalCount"]


BOTH = pytest.mark.parametrize(("service", "read"), [("salesforce", from_salesforce), ("intacct", from_intacct)])


@BOTH
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0.05, 1), seed=st.integers(0, 99), consistent=st.booleans())
def test_a_short_read_lacks_its_share_and_its_total_tells_or_not(
    services: Services, service: str, read: Read, share: float, seed: int, consistent: bool
) -> None:
    whole, total = read(services)
    services.fault(service, "short_read", share=share, seed=seed, consistent=consistent)
    short, shown = read(services)
    lost = max(1, round(share * len(whole)))
    assert len(short) == len(whole) - lost
    assert short == [row for row in whole if row in set(short)]
    assert shown == (total - lost if consistent else total)
    assert read(services) == (whole, total)
    services.sandbox.faults.clear()


@BOTH
def test_an_empty_read_has_nothing_and_says_so(services: Services, service: str, read: Read) -> None:
    services.fault(service, "empty_read")
    assert read(services) == ([], 0)
    assert read(services)[1] > 0


def test_an_empty_read_ends_the_paging(services: Services) -> None:
    services.fault("salesforce", "empty_read")
    assert services.soql(SOQL) == {"totalSize": 0, "done": True, "records": []}
    services.fault("intacct", "empty_read")
    meta = services.ask(CUSTOMER, size=2)["ia::meta"]
    assert meta == {"totalCount": 0, "start": 1, "pageSize": 2, "next": None, "previous": None}


def test_queries_inside_other_requests_are_spoiled_too(services: Services) -> None:
    part = {"method": "GET", "url": "/services/data/v59.0/query?q=SELECT+Id+FROM+Account", "referenceId": "q"}
    services.fault("salesforce", "empty_read")
    answer = services.sf("POST", "composite", {"compositeRequest": [part]}).json()["compositeResponse"]
    assert answer[0]["body"]["records"] == []
    services.fault("intacct", "empty_read")
    asked = {"object": CUSTOMER, "fields": ["key"]}
    pages = services.ia("POST", "services/core/query", [asked, asked]).json()
    assert [page["ia::result"] for page in pages] == [[], []]


def test_some_records_show_no_stamp_the_same_ones_at_every_read(services: Services) -> None:
    for service in ("salesforce", "intacct"):
        services.fault(service, "null_stamp", count=None, seed=5)
    first, second = services.soql(SOQL)["records"], services.soql(SOQL)["records"]
    assert first == second
    bare = [row["Id"] for row in first if row["SystemModstamp"] is None]
    assert bare == [row["Id"] for row in first if row["LastModifiedDate"] is None]
    assert 0 < len(bare) < len(first)
    one = services.sf("GET", f"sobjects/Account/{bare[0]}").json()
    assert (one["SystemModstamp"], one["LastModifiedDate"]) == (None, None)
    assert one["CreatedDate"] is not None
    rows = services.rows(CUSTOMER, AUDIT)
    bare = [row["key"] for row in rows if row[AUDIT] is None]
    assert 0 < len(bare) < len(rows)
    assert [row["key"] for row in services.rows(CUSTOMER, AUDIT) if row[AUDIT] is None] == bare
    read = services.ia("GET", f"objects/{CUSTOMER}/{bare[0]}").json()["ia::result"]
    assert read["audit"]["modifiedDateTime"] is None


def test_a_share_of_one_bares_every_record_also_without_keys(services: Services) -> None:
    for service in ("salesforce", "intacct"):
        services.fault(service, "null_stamp", share=1.0)
    assert {row["SystemModstamp"] for row in services.soql(SOQL)["records"]} == {None}
    body = {"object": CUSTOMER, "fields": [AUDIT]}
    rows = services.ia("POST", "services/core/query", body).json()["ia::result"]
    assert {row[AUDIT] for row in rows} == {None}
    assert None not in {row["SystemModstamp"] for row in services.soql(SOQL)["records"]}
