"""Queries: what SOQL selects, filters, orders and pages. Source: salesforce.md sections 3.2 and 6."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, Clock, make_org


@pytest.fixture
def company(org: SalesforceOrg, api: Api) -> dict[str, str]:
    """Three accounts, two contacts; ids by name."""
    accounts = org.load(
        "Account",
        [
            {
                "Name": "Ärger & Söhne",
                "Type": "Customer - Direct",
                "AnnualRevenue": 100,
                "IntacctID__c": "C-1",
                "BillingCity": "Köln",
                "CreatedDate": "2026-01-01T08:00:00Z",
            },
            {"Name": "blue fern", "AnnualRevenue": 250.5, "IntacctID__c": "C-2", "CreatedDate": "2026-01-04T23:59:59Z"},
            {"Name": "Acme", "Type": "Prospect", "Phone": "(415) 555-0100", "CreatedDate": "2026-01-05T00:00:00Z"},
        ],
    )
    contacts = org.load(
        "Contact",
        [
            {"FirstName": "Zoë", "LastName": "O'Neill", "AccountId": accounts[0], "Birthdate": "1980-02-29"},
            {"LastName": "Ash", "AccountId": accounts[1], "Email": "ash@fern.example"},
            {"LastName": "Lone"},
        ],
    )
    return dict(zip(["arger", "fern", "acme", "zoe", "ash", "lone"], accounts + contacts, strict=True))


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("Name = 'ACME'", ["Acme"]),
        ("Name != 'acme'", ["blue fern", "Ärger & Söhne"]),
        ("Type != 'prospect'", ["blue fern", "Ärger & Söhne"]),
        ("Type = null", ["blue fern"]),
        ("Type = ''", ["blue fern"]),
        ("Type != null", ["Acme", "Ärger & Söhne"]),
        ("NOT Type = 'Prospect'", ["blue fern", "Ärger & Söhne"]),
        ("Name LIKE 'B%'", ["blue fern"]),
        ("Name LIKE '_cme'", ["Acme"]),
        ("Name LIKE '%ö%'", ["Ärger & Söhne"]),
        ("Name LIKE 'acme_'", []),
        ("AnnualRevenue > 100", ["blue fern"]),
        ("AnnualRevenue >= 100", ["blue fern", "Ärger & Söhne"]),
        ("AnnualRevenue < 1000", ["blue fern", "Ärger & Söhne"]),
        ("AnnualRevenue = 250.50", ["blue fern"]),
        ("IntacctID__c IN ('c-2', 'C-9')", ["blue fern"]),
        ("IntacctID__c IN ('c-2', null)", ["Acme", "blue fern"]),
        ("IntacctID__c NOT IN ('C-2')", ["Acme", "Ärger & Söhne"]),
        ("(Name = 'acme' OR Name = 'blue fern') AND AnnualRevenue > 1", ["blue fern"]),
        ("CreatedDate >= 2026-01-05T00:00:00Z", ["Acme"]),
        ("CreatedDate < 2026-01-05T01:00:00+01:00", ["blue fern", "Ärger & Söhne"]),
        ("CreatedDate = TODAY", ["Acme"]),
        ("CreatedDate = YESTERDAY", ["blue fern"]),
        ("CreatedDate = LAST_N_DAYS:1", ["Acme", "blue fern"]),
        ("CreatedDate < THIS_WEEK", ["Ärger & Söhne"]),
        ("CreatedDate = THIS_YEAR", ["Acme", "blue fern", "Ärger & Söhne"]),
        ("IsDeleted = null", ["Acme", "blue fern", "Ärger & Söhne"]),
        ("IsDeleted = true", []),
        ("Owner.Name = 'integration user'", ["Acme", "blue fern", "Ärger & Söhne"]),
        ("Parent.Name = null", ["Acme", "blue fern", "Ärger & Söhne"]),
        ("Id IN (SELECT AccountId FROM Contact WHERE Email != null)", ["blue fern"]),
        ("Id NOT IN (SELECT AccountId FROM Contact WHERE AccountId != null)", ["Acme"]),
    ],
)
def test_where(company: dict[str, str], api: Api, where: str, names: list[str]) -> None:
    assert api.column(f"SELECT Name FROM Account WHERE {where} ORDER BY Name") == names


def test_only_selected_fields_come_back_under_the_names_of_the_schema(company: dict[str, str], api: Api) -> None:
    record = api.query("select id, a.name, intacctid__C FROM account a WHERE A.Name = 'Acme'")[0]
    assert record == {
        "attributes": {"type": "Account", "url": f"/services/data/v59.0/sobjects/Account/{company['acme']}"},
        "Id": company["acme"],
        "Name": "Acme",
        "IntacctID__c": None,
    }


def test_parents_are_nested_and_null_through_an_empty_lookup(company: dict[str, str], api: Api) -> None:
    records = api.query("SELECT LastName, Account.Name, Account.Owner.Username FROM Contact ORDER BY LastName")
    assert [r["Account"] and r["Account"]["Name"] for r in records] == ["blue fern", None, "Ärger & Söhne"]
    assert records[0]["Account"]["attributes"]["type"] == "Account"
    assert records[0]["Account"]["Owner"]["Username"] == "integration@sandbox.example"
    assert api.column("SELECT LastName FROM Contact WHERE Account.IntacctID__c = 'c-1'") == ["O'Neill"]
    assert api.column("SELECT LastName FROM Contact WHERE Account.Name = null") == ["Lone"]
    assert api.column("SELECT LastName FROM Contact WHERE LastName = 'O\\'Neill'") == ["O'Neill"]


def test_children_come_in_a_list_of_their_own(company: dict[str, str], api: Api) -> None:
    records = api.query("SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account ORDER BY Name")
    assert [r["Contacts"] and [c["LastName"] for c in r["Contacts"]["records"]] for r in records] == [
        None,
        ["Ash"],
        ["O'Neill"],
    ]
    assert records[1]["Contacts"]["totalSize"] == 1
    assert records[1]["Contacts"]["done"] is True


def test_order_by_puts_nulls_first_either_way_unless_told(company: dict[str, str], api: Api) -> None:
    revenue = "SELECT Name FROM Account ORDER BY AnnualRevenue"
    assert api.column(revenue) == ["Acme", "Ärger & Söhne", "blue fern"]
    assert api.column(f"{revenue} DESC") == ["Acme", "blue fern", "Ärger & Söhne"]
    assert api.column(f"{revenue} ASC NULLS LAST") == ["Ärger & Söhne", "blue fern", "Acme"]
    assert api.column(f"{revenue} DESC NULLS LAST LIMIT 1 OFFSET 1") == ["Ärger & Söhne"]
    assert api.column("SELECT LastName FROM Contact ORDER BY Account.Name DESC NULLS LAST") == [
        "O'Neill",
        "Ash",
        "Lone",
    ]


def test_counts_and_groups(company: dict[str, str], api: Api) -> None:
    bare = api.get("query", params={"q": "SELECT COUNT() FROM Account WHERE Name != 'Acme'"}).json()
    assert bare == {"totalSize": 2, "done": True, "records": []}
    assert api.query("SELECT COUNT(Id) FROM Account") == [{"attributes": {"type": "AggregateResult"}, "expr0": 3}]
    statistics = api.query(
        "SELECT COUNT(AnnualRevenue) n, MIN(AnnualRevenue), MAX(AnnualRevenue), SUM(AnnualRevenue), AVG(AnnualRevenue) "
        "FROM Account"
    )[0]
    del statistics["attributes"]
    assert statistics == {"n": 2, "expr0": 100.0, "expr1": 250.5, "expr2": 350.5, "expr3": 175.25}
    groups = api.query(
        "SELECT Type, COUNT(Id) n FROM Account GROUP BY Type HAVING COUNT(Id) >= 1 ORDER BY COUNT(Id), Type"
    )
    assert [(g["Type"], g["n"]) for g in groups] == [(None, 1), ("Customer - Direct", 1), ("Prospect", 1)]
    assert api.query("SELECT MAX(CreatedDate) m FROM Account")[0]["m"] == "2026-01-05T00:00:00.000+0000"


def test_fields_function(company: dict[str, str], api: Api) -> None:
    everything = api.query("SELECT FIELDS(ALL) FROM Account WHERE Name = 'Acme' LIMIT 200")[0]
    described = {f["name"] for f in api.get("sobjects/Account/describe").json()["fields"]}
    assert set(everything) - {"attributes"} == described
    standard = api.query("SELECT FIELDS(STANDARD) FROM Account LIMIT 1")[0]
    assert not any(name.endswith("__c") for name in standard)
    custom = api.query("SELECT FIELDS(CUSTOM) FROM Account LIMIT 1")[0]
    assert set(custom) == {"attributes", "IntacctID__c", "SyncStatus__c", "SyncMessage__c"}
    assert api.refused("SELECT FIELDS(ALL) FROM Account")["errorCode"] == "MALFORMED_QUERY"


def test_compound_address_and_formats(company: dict[str, str], api: Api) -> None:
    record = api.query(
        "SELECT BillingAddress, ShippingAddress, AnnualRevenue, CreatedDate FROM Account WHERE BillingCity != null"
    )[0]
    assert record["BillingAddress"]["city"] == "Köln"
    assert record["BillingAddress"]["street"] is None
    assert record["ShippingAddress"] is None
    assert record["AnnualRevenue"] == 100.0
    assert record["CreatedDate"] == "2026-01-01T08:00:00.000+0000"
    assert api.column("SELECT Birthdate FROM Contact WHERE Birthdate = 1980-02-29") == ["1980-02-29"]


def test_pages_follow_the_hint_within_bounds_and_stay_as_they_were(org: SalesforceOrg, api: Api) -> None:
    ids = org.load("Account", [{"Name": f"Company {i:04d}"} for i in range(450)])
    hint = {"Sforce-Query-Options": "batchSize=10"}
    first = api.get("query/", params={"q": "SELECT Id, Name FROM Account ORDER BY Name"}, headers=hint).json()
    assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)
    api.delete(f"sobjects/Account/{ids[300]}")
    api.patch(f"sobjects/Account/{ids[301]}", {"Name": "renamed"})
    second = api.http.get(first["nextRecordsUrl"]).json()
    third = api.http.get(second["nextRecordsUrl"]).json()
    assert third["done"] is True
    assert "nextRecordsUrl" not in third
    assert [r["Id"] for r in first["records"] + second["records"] + third["records"]] == ids
    assert second["records"][101]["Name"] == "Company 0301"
    unhinted = api.get("query", params={"q": "SELECT Id FROM Account"}).json()
    assert (unhinted["done"], len(unhinted["records"])) == (True, 449)


def test_a_server_may_return_shorter_pages(org: SalesforceOrg, api: Api) -> None:
    ids = org.load("Account", [{"Name": f"Company {i}"} for i in range(30)])
    org.page_size = lambda _asked: 7
    page = api.get("query", params={"q": "SELECT Id FROM Account ORDER BY Id"}).json()
    seen = [r["Id"] for r in page["records"]]
    while not page["done"]:
        page = api.http.get(page["nextRecordsUrl"]).json()
        assert len(page["records"]) <= 7
        seen += [r["Id"] for r in page["records"]]
    assert seen == ids


def test_cursors_expire_after_two_days_and_bad_locators_are_refused(org: SalesforceOrg, api: Api, clock: Clock) -> None:
    org.load("Account", [{"Name": f"Company {i}"} for i in range(201)])
    page = api.get(
        "query", params={"q": "SELECT Id FROM Account"}, headers={"Sforce-Query-Options": "batchSize=200"}
    ).json()
    clock.advance(days=2, seconds=1)
    api.login()
    for url in (page["nextRecordsUrl"], "/services/data/v59.0/query/0r8000000000001AAA-200"):
        reply = api.http.get(url)
        assert reply.status_code == 400
        assert reply.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_deleted_rows_show_in_query_all_only(company: dict[str, str], api: Api) -> None:
    api.delete(f"sobjects/Account/{company['fern']}")
    assert api.column("SELECT Name FROM Account ORDER BY Name") == ["Acme", "Ärger & Söhne"]
    assert api.query("SELECT Name FROM Account WHERE IsDeleted = true") == []
    reply = api.get("queryAll", params={"q": "SELECT Name, IsDeleted FROM Account WHERE IsDeleted = true"}).json()
    assert [(r["Name"], r["IsDeleted"]) for r in reply["records"]] == [("blue fern", True)]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["a", "B", "b", "Ä", None]), st.integers(0, 3)), max_size=12),
    st.integers(0, 5),
    st.sampled_from([">=", ">", "<=", "<", "="]),
    st.sampled_from(["a", "b", "ä"]),
)
def test_indexes_select_what_a_scan_selects(
    rows: list[tuple[int, str | None, int]], bound: int, op: str, key: str
) -> None:
    """The stamp range, the external id index and the lookup index against plain Python."""
    org = make_org(Clock())
    api = Api(org)
    stamps = [f"2026-01-01T00:00:0{n}.000+0000" for n in range(6)]
    parents = org.load("Account", [{"Name": f"P{n}", "Site": k} for n, k in enumerate(["a", "b", "ä", None])])
    ids = org.load(
        "Contact",
        [
            {
                "LastName": "x",
                "Email": f"{k}@x.example" if k else None,
                "AccountId": parents[p],
                "SystemModstamp": stamps[s],
            }
            for s, k, p in rows
        ],
    )
    compare: dict[str, Any] = {">=": int.__ge__, ">": int.__gt__, "<=": int.__le__, "<": int.__lt__, "=": int.__eq__}
    moment = (
        datetime.fromisoformat(stamps[bound].replace("+0000", "+00:00")).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    )

    def by_stamp(i: int) -> bool:
        return bool(compare[op](rows[i][0], bound))

    def by_email(i: int) -> bool:
        return (rows[i][1] or "").lower() == key

    def by_parent(i: int) -> bool:
        return ["a", "b", "ä", None][rows[i][2]] == key

    email, site, stamped = f"Email = '{key}@x.example'", f"Account.Site = '{key}'", f"SystemModstamp {op} {moment}"
    for where, wanted in (
        (stamped, by_stamp),
        (email, by_email),
        (f"{stamped} AND {email}", lambda i: by_stamp(i) and by_email(i)),
        (f"{stamped} OR {email}", lambda i: by_stamp(i) or by_email(i)),
        (f"{site} OR {email}", lambda i: by_parent(i) or by_email(i)),
        (
            f"({stamped} AND {site}) OR SystemModstamp > {moment}",
            lambda i: (by_stamp(i) and by_parent(i)) or rows[i][0] > bound,
        ),
        (f"NOT ({stamped} OR {email})", lambda i: not (by_stamp(i) or by_email(i))),
    ):
        got = api.column(f"SELECT Id FROM Contact WHERE {where}")
        assert sorted(got) == sorted(ids[i] for i in range(len(rows)) if wanted(i)), where
