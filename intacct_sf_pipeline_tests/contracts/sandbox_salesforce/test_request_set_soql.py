"""A request set written from the SOQL reference, not from what any client of ours sends: statements and their answers.

Source: salesforce.md section 6; SOQL and SOSL Reference.
"""

from __future__ import annotations

from typing import Any

import pytest

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, Clock

QUOTED = 'O\'Neil "Q" \\ Co'


@pytest.fixture
def filled(clock: Clock, org: SalesforceOrg, api: Api) -> Api:
    """Six accounts, four contacts, two products, a price and a note; made over forty days up to Monday 2026-01-05."""
    clock.advance(days=-40)
    api.login()
    acme = api.create(
        "Account",
        Name="Acme",
        IntacctID__c="A-1",
        Type="Customer - Direct",
        AnnualRevenue=1000,
        NumberOfEmployees=10,
        Industry="Banking",
        BillingCity="Berlin",
    )
    clock.advance(days=30)
    api.login()
    api.create("Account", Name="Beta", Type="Prospect", AnnualRevenue=2500.5, NumberOfEmployees=20, ParentId=acme)
    api.create("Account", Name="acme 50%_off", NumberOfEmployees=30)
    api.create("Account", Name=QUOTED, Type="Customer - Direct", AnnualRevenue=0, Industry="Banking")
    clock.advance(days=10)
    api.login()
    api.create("Account", Name="Zürich\nAG", Site="N\tS", Description="long text")
    api.create("Contact", LastName="Lovelace", FirstName="Ada", AccountId=acme, Birthdate="1815-12-10")
    api.create("Contact", LastName="Babbage", AccountId=acme, Email="cb@acme.example")
    beta = org.load("Account", [{"Name": "Gamma"}])[0]
    api.create("Contact", LastName="Turing", AccountId=beta, Birthdate="1912-06-23")
    api.create("Contact", LastName="Hopper")
    bolt = api.create("Product2", Name="Bolt", IntacctID__c="P-1", IsActive=True, OnHand__c=12.5)
    api.create("Product2", Name="Nut", IntacctID__c="P-2", OnHand__c=-3)
    book = org.standard_pricebook_id
    api.create("PricebookEntry", Product2Id=bolt, Pricebook2Id=book, UnitPrice=1.25, IsActive=True)
    api.create("Note", Title="Terms", Body="Pays late", ParentId=acme)
    return api


NAMES = "SELECT Name FROM Account WHERE "
LAST = "SELECT LastName FROM Contact WHERE "
ORDERED = " ORDER BY Name"

COLUMNS: list[tuple[str, list[Any]]] = [
    # Strings: case, escapes, wildcards.
    (NAMES + "Name = 'ACME'", ["Acme"]),
    (NAMES + "name = 'acme' AND NAME != 'x'", ["Acme"]),
    (NAMES + r"""Name = 'O\'Neil \"Q\" \\ Co'""", [QUOTED]),
    (NAMES + r"Name = 'Z\u00FCrich\nAG'", ["Zürich\nAG"]),
    (NAMES + r"Site = 'N\tS'", ["Zürich\nAG"]),
    (NAMES + "Name LIKE 'acm_'", ["Acme"]),
    (NAMES + "Name LIKE 'acm%'" + ORDERED, ["Acme", "acme 50%_off"]),
    (NAMES + r"Name LIKE '%\%\_off'", ["acme 50%_off"]),
    (NAMES + "Name LIKE '%'" + ORDERED + " LIMIT 1", ["Acme"]),
    (NAMES + "(NOT Name LIKE 'acm%') AND Name < 'C'", ["Beta"]),
    (NAMES + "Name > 'Z'", ["Zürich\nAG"]),
    (NAMES + "Name IN ('acme', 'BETA', 'nobody')" + ORDERED, ["Acme", "Beta"]),
    (NAMES + "Name NOT IN ('acme', 'beta') AND Name < 'D'", ["acme 50%_off"]),
    # Null: never below or above, unequal to any value.
    (NAMES + "AnnualRevenue = null" + ORDERED, ["acme 50%_off", "Gamma", "Zürich\nAG"]),
    (NAMES + "AnnualRevenue != NULL" + ORDERED, ["Acme", "Beta", QUOTED]),
    (NAMES + "AnnualRevenue < 1", [QUOTED]),
    (NAMES + "Type != 'Prospect' AND Name LIKE 'acm%'" + ORDERED, ["Acme", "acme 50%_off"]),
    (NAMES + "IsDeleted = null AND Name = 'Beta'", ["Beta"]),
    (NAMES + "Name = ''", []),
    # Numbers.
    (NAMES + "AnnualRevenue = 2500.5", ["Beta"]),
    (NAMES + "AnnualRevenue >= 1e3" + ORDERED, ["Acme", "Beta"]),
    (NAMES + "NumberOfEmployees > +10 AND NumberOfEmployees <= 30" + ORDERED, ["acme 50%_off", "Beta"]),
    ("SELECT Name FROM Product2 WHERE OnHand__c < -2.99", ["Nut"]),
    ("SELECT Name FROM Product2 WHERE IsActive = TRUE", ["Bolt"]),
    ("SELECT Name FROM Product2 WHERE IsActive != true", ["Nut"]),
    # Logic.
    (NAMES + "(Name = 'Beta' OR Name = 'Acme') AND Type = 'Prospect'", ["Beta"]),
    (NAMES + "NOT (Name = 'Beta' OR Name LIKE 'a%' OR Name > 'C')", []),
    (NAMES + "Name = 'Beta' OR (Name = 'Acme' AND (NOT Type = 'x'))" + ORDERED, ["Acme", "Beta"]),
    # Parents, up to grandparents; a missing one is null and not an error.
    (NAMES + "Parent.Name = 'acme'", ["Beta"]),
    (NAMES + "Parent.Parent.Name = null AND Parent.Name != null", ["Beta"]),
    (NAMES + "Owner.Username = 'integration@sandbox.example' AND Name = 'Beta'", ["Beta"]),
    (LAST + "Account.Name = null", ["Hopper"]),
    (LAST + "Account.Type LIKE 'Customer%' ORDER BY LastName", ["Babbage", "Lovelace"]),
    (LAST + "Account.Name != 'Acme' ORDER BY LastName", ["Hopper", "Turing"]),
    ("SELECT Contact.LastName FROM Contact WHERE Contact.LastName = 'Turing'", ["Turing"]),
    ("SELECT c.LastName FROM Contact c WHERE c.LastName = 'Turing'", ["Turing"]),
    ("SELECT c.LastName FROM Contact AS c WHERE c.Account.Name = 'Gamma'", ["Turing"]),
    ("SELECT UnitPrice FROM PricebookEntry WHERE Product2.IntacctID__c = 'P-1'", [1.25]),
    # Semi-joins and anti-joins.
    (NAMES + "Id IN (SELECT AccountId FROM Contact)" + ORDERED, ["Acme", "Gamma"]),
    (NAMES + "Id IN (SELECT AccountId FROM Contact WHERE LastName LIKE 'B%')", ["Acme"]),
    (NAMES + "Id NOT IN (SELECT AccountId FROM Contact) AND Name < 'D'" + ORDERED, ["acme 50%_off", "Beta"]),
    (LAST + "AccountId IN (SELECT Id FROM Account WHERE Name = 'Acme') ORDER BY LastName", ["Babbage", "Lovelace"]),
    # Days and moments.
    (LAST + "Birthdate = 1815-12-10", ["Lovelace"]),
    (LAST + "Birthdate > 1900-01-01", ["Turing"]),
    (NAMES + "CreatedDate < 2025-12-01T00:00:00Z", ["Acme"]),
    (NAMES + "CreatedDate < 2025-11-26T11:00:00+01:00", []),
    (NAMES + "CreatedDate <= 2025-11-26T11:00:00+01:00", ["Acme"]),
    (NAMES + "CreatedDate = 2025-11-26T10:00:00.000Z", ["Acme"]),
    (NAMES + "CreatedDate = TODAY" + ORDERED, ["Gamma", "Zürich\nAG"]),
    (NAMES + "CreatedDate < TODAY AND CreatedDate > LAST_N_DAYS:20" + ORDERED, []),
    (NAMES + "CreatedDate = LAST_N_DAYS:10 AND Name < 'C'" + ORDERED, ["acme 50%_off", "Beta"]),
    (NAMES + "CreatedDate = LAST_N_DAYS:9 AND Name < 'C'", []),
    (NAMES + "CreatedDate = N_DAYS_AGO:10 AND Name = 'Beta'", ["Beta"]),
    (NAMES + "CreatedDate = LAST_MONTH AND Name = 'Beta'", ["Beta"]),
    (NAMES + "CreatedDate = THIS_MONTH" + ORDERED, ["Gamma", "Zürich\nAG"]),
    (NAMES + "CreatedDate = LAST_YEAR" + ORDERED, ["Acme", "acme 50%_off", "Beta", QUOTED]),
    (NAMES + "CreatedDate > LAST_QUARTER" + ORDERED, ["Gamma", "Zürich\nAG"]),
    (NAMES + "CreatedDate = LAST_N_MONTHS:2" + ORDERED, ["Acme", "acme 50%_off", "Beta", QUOTED]),
    (NAMES + "CreatedDate = LAST_WEEK", []),
    (NAMES + "CreatedDate = THIS_WEEK" + ORDERED, ["Gamma", "Zürich\nAG"]),
    (NAMES + "CreatedDate >= YESTERDAY AND CreatedDate < TOMORROW" + ORDERED, ["Gamma", "Zürich\nAG"]),
    (NAMES + "CreatedDate = NEXT_90_DAYS", []),
    (NAMES + "CALENDAR_YEAR(CreatedDate) = 2025 AND Name < 'B'" + ORDERED, ["Acme", "acme 50%_off"]),
    (NAMES + "CALENDAR_MONTH(CreatedDate) = 11", ["Acme"]),
    (NAMES + "DAY_ONLY(CreatedDate) = 2025-11-26", ["Acme"]),
    (NAMES + "HOUR_IN_DAY(CreatedDate) = 10 AND Name = 'Beta'", ["Beta"]),
    (LAST + "CALENDAR_QUARTER(Birthdate) = 4", ["Lovelace"]),
    (LAST + "DAY_IN_WEEK(Birthdate) = 1", ["Lovelace", "Turing"]),
    # Order, nulls, pages.
    ("SELECT Name FROM Account ORDER BY AnnualRevenue DESC NULLS LAST, Name LIMIT 3", ["Beta", "Acme", QUOTED]),
    ("SELECT Name FROM Account ORDER BY AnnualRevenue DESC, Name LIMIT 3", ["acme 50%_off", "Gamma", "Zürich\nAG"]),
    ("SELECT Name FROM Account ORDER BY NumberOfEmployees ASC NULLS LAST LIMIT 2", ["Acme", "Beta"]),
    ("SELECT Name FROM Account ORDER BY Name OFFSET 4", [QUOTED, "Zürich\nAG"]),
    ("SELECT Name FROM Account ORDER BY Name DESC LIMIT 1 OFFSET 1", [QUOTED]),
    (
        "SELECT LastName FROM Contact ORDER BY Account.Name NULLS LAST, LastName",
        ["Babbage", "Lovelace", "Turing", "Hopper"],
    ),
    ("SELECT Name FROM Account LIMIT 0", []),
    # Groups.
    ("SELECT COUNT(Id) FROM Account", [6]),
    ("SELECT COUNT(AnnualRevenue) n FROM Account", [3]),
    ("SELECT COUNT_DISTINCT(Type) FROM Account", [2]),
    ("SELECT SUM(AnnualRevenue) FROM Account", [3500.5]),
    ("SELECT AVG(NumberOfEmployees) FROM Account", [20.0]),
    ("SELECT MIN(Name) FROM Account", ["Acme"]),
    ("SELECT MAX(CreatedDate) FROM Account", ["2026-01-05T10:00:00.000+0000"]),
    ("SELECT MAX(Birthdate) FROM Contact", ["1912-06-23"]),
    ("SELECT SUM(AnnualRevenue) FROM Account WHERE Name = 'nobody'", [None]),
    ("SELECT COUNT(Id) FROM Account WHERE Name = 'nobody'", [0]),
    (
        "SELECT COUNT(Id) n, Type FROM Account GROUP BY Type ORDER BY Type NULLS LAST",
        ["Customer - Direct", "Prospect", None],
    ),
    ("SELECT Type, COUNT(Id) n FROM Account GROUP BY Type ORDER BY COUNT(Id) DESC, Type LIMIT 2", [3, 2]),
    ("SELECT Type, COUNT(Id) n FROM Account GROUP BY Type HAVING COUNT(Id) > 1 ORDER BY Type", [3, 2]),
    ("SELECT Type t FROM Account GROUP BY Type HAVING Type LIKE 'Cust%'", ["Customer - Direct"]),
    ("SELECT Type t FROM Account GROUP BY Type HAVING Type IN ('prospect')", ["Prospect"]),
    ("SELECT Type t FROM Account GROUP BY Type HAVING SUM(AnnualRevenue) > 1000", ["Prospect"]),
    (
        "SELECT COUNT(Id) n, Account.Name FROM Contact GROUP BY Account.Name ORDER BY Account.Name",
        [None, "Acme", "Gamma"],
    ),
    (
        (
            "SELECT CALENDAR_YEAR(CreatedDate) y, COUNT(Id) n FROM Account "
            "GROUP BY CALENDAR_YEAR(CreatedDate) ORDER BY COUNT(Id)"
        ),
        [2, 4],
    ),
    (
        "SELECT CALENDAR_MONTH(CreatedDate) m FROM Account GROUP BY CALENDAR_MONTH(CreatedDate) HAVING COUNT(Id) = 3",
        [12],
    ),
    (
        "SELECT Industry, COUNT(Id) FROM Account GROUP BY ROLLUP(Industry) ORDER BY GROUPING(Industry), COUNT(Id)",
        [2, 4, 6],
    ),
    (
        "SELECT Industry, GROUPING(Industry) g FROM Account GROUP BY CUBE(Industry) ORDER BY GROUPING(Industry)",
        [0, 0, 1],
    ),
    ("SELECT COUNT(Id) FROM Account GROUP BY Type, Industry ORDER BY COUNT(Id)", [1, 2, 3]),
    # Functions that change how values look.
    ("SELECT toLabel(Type) FROM Account WHERE Name = 'Beta'", ["Prospect"]),
    ("SELECT FORMAT(AnnualRevenue) r FROM Account WHERE Name = 'Beta'", ["$2,500.50"]),
    ("SELECT FORMAT(CreatedDate) c FROM Account WHERE Name = 'Acme'", ["11/26/2025, 10:00 AM"]),
    ("SELECT convertCurrency(AnnualRevenue) FROM Account WHERE Name = 'Beta'", [2500.5]),
    ("SELECT FORMAT(MAX(AnnualRevenue)) m FROM Account", ["$2,500.50"]),
    # Clauses at the end.
    (NAMES + "Name = 'Beta' FOR VIEW", ["Beta"]),
    (NAMES + "Name = 'Beta' LIMIT 1 FOR REFERENCE", ["Beta"]),
    (NAMES + "Name = 'Beta' FOR UPDATE", ["Beta"]),
    (NAMES + "Name = 'Beta' UPDATE TRACKING", ["Beta"]),
    ("SELECT Name FROM Account USING SCOPE mine WHERE Name = 'Beta'", ["Beta"]),
    ("SELECT Name FROM Account USING SCOPE Everything WHERE Name = 'Beta'", ["Beta"]),
    # Ids of either length.
    ("SELECT Name FROM Account WHERE Id = null", []),
    # Blanks, line breaks and letter case do not matter.
    ("sElEcT\n\tname\nfRoM account\r\nwHeRe name\n=\n'Beta'", ["Beta"]),
    ("SELECT Name FROM Account WHERE Name='Beta'AND Type='Prospect'", ["Beta"]),
]


@pytest.mark.parametrize(("statement", "expected"), COLUMNS)
def test_statements_give_what_the_reference_says(filled: Api, statement: str, expected: list[Any]) -> None:
    assert filled.column(statement) == expected


REFUSED: list[tuple[str, str, str]] = [
    ("SELECT", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    ("SELECT Id", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    ("SELECT FROM Account", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
    ("SELECT * FROM Account", "MALFORMED_QUERY", "'*'"),
    ("SELECT Id FROM Account;", "MALFORMED_QUERY", "';'"),
    ("UPDATE Account SET Name = 'x'", "MALFORMED_QUERY", "unexpected token: 'UPDATE'"),
    ("SELECT Id, FROM Account", "MALFORMED_QUERY", "unexpected token"),
    ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    ("SELECT Id FROM Account WHERE Name", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    ('SELECT Id FROM Account WHERE Name = "x"', "MALFORMED_QUERY", "no viable alternative at character '\"'"),
    ("SELECT Id FROM Account WHERE Name = 'x", "MALFORMED_QUERY", "Unclosed string literal"),
    (r"SELECT Id FROM Account WHERE Name = 'a\xb'", "MALFORMED_QUERY", "Illegal character sequence"),
    (r"SELECT Id FROM Account WHERE Name = 'a\%b'", "MALFORMED_QUERY", "Illegal character sequence"),
    ("SELECT Id FROM Account WHERE Name = :name", "MALFORMED_QUERY", "':'"),
    (
        "SELECT Id FROM Account WHERE Name = 'a' OR Name = 'b' AND Type = 'c'",
        "MALFORMED_QUERY",
        "unexpected token: 'AND'",
    ),
    ("SELECT Id FROM Account WHERE Name == 'a'", "MALFORMED_QUERY", "unexpected token: '='"),
    ("SELECT Id FROM Account WHERE Name IN ()", "MALFORMED_QUERY", "unexpected token: ')'"),
    ("SELECT Id FROM Account WHERE Name NOT LIKE 'a'", "MALFORMED_QUERY", "unexpected token: 'LIKE'"),
    ("SELECT Id FROM Account LIMIT", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    ("SELECT Id FROM Account LIMIT -1", "MALFORMED_QUERY", "unexpected token: '-1'"),
    ("SELECT Id FROM Account LIMIT ten", "MALFORMED_QUERY", "unexpected token: 'ten'"),
    ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
    ("SELECT Id FROM Account OFFSET 1 LIMIT 1", "MALFORMED_QUERY", "unexpected token: 'LIMIT'"),
    ("SELECT Id FROM Account ORDER Name", "MALFORMED_QUERY", "unexpected token: 'Name'"),
    ("SELECT Id FROM Account ALL ROWS", "MALFORMED_QUERY", "ALL ROWS not allowed in this context"),
    ("SELECT Id FROM Account ORDER BY Name FOR UPDATE", "MALFORMED_QUERY", "ORDER BY not allowed in locking SELECT"),
    ("SELECT Id FROM Account USING SCOPE nobodys", "MALFORMED_QUERY", "unexpected token: 'nobodys'"),
    ("SELECT Id FROM Account WITH SECURITY_ENFORCED", "MALFORMED_QUERY", "unexpected token"),
    ("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200"),
    ("SELECT FIELDS(CUSTOM) FROM Account LIMIT 201", "MALFORMED_QUERY", "LIMIT of at most 200"),
    ("SELECT FIELDS(SOME) FROM Account LIMIT 1", "MALFORMED_QUERY", "unexpected token: 'FIELDS'"),
    ("SELECT Nonsense(Id) FROM Account", "MALFORMED_QUERY", "unexpected token: 'NONSENSE'"),
    ("SELECT Id, Id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
    ("SELECT Name n FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
    ("SELECT Account.Owner.Profile.Name FROM Contact", "INVALID_FIELD", "Didn't understand relationship 'Profile'"),
    ("SELECT Parent.Parent.Parent.Parent.Parent.Parent.Name FROM Account", "MALFORMED_QUERY", "More than 5 levels"),
    ("SELECT AccountId.Name FROM Contact", "INVALID_FIELD", "Didn't understand relationship 'AccountId'"),
    ("SELECT Id FROM Contacts", "INVALID_TYPE", "sObject type 'Contacts' is not supported"),
    ("SELECT Id, (SELECT Id FROM Contact) FROM Account", "INVALID_TYPE", "Didn't understand relationship 'Contact'"),
    ("SELECT Id FROM Account WHERE CreatedDate = '2026-01-01'", "INVALID_FIELD", "must be of type dateTime"),
    ("SELECT Id FROM Account WHERE CreatedDate = 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
    ("SELECT Id FROM Account WHERE CreatedDate = 2026-01-01T00:00:00", "MALFORMED_QUERY", ""),
    ("SELECT Id FROM Contact WHERE Birthdate = 2026-01-01T00:00:00Z", "INVALID_FIELD", "must be of type date"),
    ("SELECT Id FROM Contact WHERE Birthdate = 2026-13-01", "MALFORMED_QUERY", "Invalid date"),
    ("SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS", "MALFORMED_QUERY", "unexpected token: 'LAST_N_DAYS'"),
    ("SELECT Id FROM Account WHERE CreatedDate = TODAY:1", "MALFORMED_QUERY", "unexpected token: 'TODAY'"),
    (
        "SELECT Id FROM Account WHERE Name = TODAY",
        "INVALID_FIELD",
        "must be of type string and should be enclosed in quotes",
    ),
    (
        "SELECT Id FROM Account WHERE Name = 1",
        "INVALID_FIELD",
        "must be of type string and should be enclosed in quotes",
    ),
    (
        "SELECT Id FROM Account WHERE Name = true",
        "INVALID_FIELD",
        "must be of type string and should be enclosed in quotes",
    ),
    ("SELECT Id FROM Account WHERE AnnualRevenue = 'x'", "INVALID_FIELD", "should not be enclosed in quotes"),
    ("SELECT Id FROM Account WHERE IsDeleted = 0", "INVALID_FIELD", "must be of type boolean"),
    ("SELECT Id FROM Account WHERE IsDeleted > false", "INVALID_FIELD", "invalid operator on field type"),
    ("SELECT Id FROM Account WHERE AnnualRevenue LIKE '1%'", "INVALID_FIELD", "invalid operator on field type"),
    ("SELECT Id FROM Account WHERE Type INCLUDES ('a;b')", "INVALID_FIELD", "invalid operator on field type"),
    ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered in a query call"),
    ("SELECT Id FROM Account ORDER BY Description", "INVALID_FIELD", "can not be sorted in a query call"),
    ("SELECT Id FROM Account WHERE BillingAddress = 'x'", "INVALID_FIELD", "can not be filtered in a query call"),
    ("SELECT Id FROM Account WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
    (
        "SELECT Id FROM Account WHERE Id IN ('001000000000001', 'x')",
        "INVALID_QUERY_FILTER_OPERATOR",
        "invalid ID field: x",
    ),
    ("SELECT COUNT(), Id FROM Account", "MALFORMED_QUERY", "COUNT()"),
    ("SELECT COUNT() FROM Account GROUP BY Type", "MALFORMED_QUERY", "COUNT()"),
    (
        "SELECT Name, COUNT(Id) FROM Account GROUP BY Type",
        "MALFORMED_QUERY",
        "Field must be grouped or aggregated: Name",
    ),
    ("SELECT CALENDAR_YEAR(CreatedDate) FROM Account", "MALFORMED_QUERY", "Field must be grouped or aggregated"),
    ("SELECT COUNT(Id) FROM Account GROUP BY AnnualRevenue", "MALFORMED_QUERY", "can not be grouped in a query call"),
    ("SELECT COUNT(Id) FROM Account GROUP BY Description", "MALFORMED_QUERY", "can not be grouped in a query call"),
    ("SELECT Name FROM Account GROUP BY Name ORDER BY Type", "MALFORMED_QUERY", "Field must be grouped or aggregated"),
    ("SELECT SUM(Name) FROM Account", "MALFORMED_QUERY", "does not support aggregate operator SUM"),
    ("SELECT AVG(CreatedDate) FROM Account", "MALFORMED_QUERY", "does not support aggregate operator AVG"),
    ("SELECT MAX(IsDeleted) FROM Account", "MALFORMED_QUERY", "does not support aggregate operator MAX"),
    ("SELECT COUNT(Id) n, SUM(AnnualRevenue) n FROM Account", "MALFORMED_QUERY", "duplicate alias: n"),
    ("SELECT Name FROM Account HAVING COUNT(Id) > 1", "MALFORMED_QUERY", "HAVING"),
    ("SELECT COUNT(Id), (SELECT Id FROM Contacts) FROM Account", "MALFORMED_QUERY", "cannot be combined"),
    ("SELECT CALENDAR_YEAR(Name) y FROM Account GROUP BY CALENDAR_YEAR(Name)", "INVALID_FIELD", "date function"),
    ("SELECT convertCurrency(Name) FROM Account", "MALFORMED_QUERY", "not a currency field"),
    ("SELECT TYPEOF Owner WHEN User THEN Id END FROM Account", "MALFORMED_QUERY", "not polymorphic"),
    ("SELECT TYPEOF Parent WHEN User THEN Id END FROM Note", "INVALID_TYPE", "User"),
    (
        (
            "SELECT Id FROM Account WHERE Id IN "
            "(SELECT AccountId FROM Contact WHERE AccountId IN (SELECT Id FROM Account))"
        ),
        "MALFORMED_QUERY",
        "Nesting of semi join",
    ),
    ("SELECT Id FROM Account WHERE Name IN (SELECT LastName FROM Contact)", "INVALID_FIELD", "must be of type ID"),
]


@pytest.mark.parametrize(("statement", "code", "text"), REFUSED)
def test_statements_the_reference_refuses(filled: Api, statement: str, code: str, text: str) -> None:
    error = filled.refused(statement)
    assert error["errorCode"] == code
    assert text in error["message"]


def test_ids_match_in_both_lengths(filled: Api) -> None:
    record_id = str(filled.column("SELECT Id FROM Account WHERE Name = 'Beta'")[0])
    for spelled in (record_id, record_id[:15]):
        assert filled.column(f"{NAMES}Id = '{spelled}'") == ["Beta"]
        assert filled.column(f"SELECT Name FROM Account WHERE ParentId != '{spelled}' AND Name = 'Beta'") == ["Beta"]
    assert filled.column(f"{NAMES}Id > '{record_id}' AND Name = 'Beta'") == []
    assert filled.column(f"{NAMES}Id >= '{record_id}' AND Name = 'Beta'") == ["Beta"]


def test_sub_queries_give_lists_or_null(filled: Api) -> None:
    rows = filled.query(
        "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName LIMIT 1) FROM Account ORDER BY Name"
    )
    found = {row["Name"]: row["Contacts"] for row in rows}
    assert found["Beta"] is None
    assert (found["Acme"]["totalSize"], found["Acme"]["done"]) == (1, True)
    assert found["Acme"]["records"][0]["LastName"] == "Babbage"


def test_sub_queries_nest_from_version_58_on(org: SalesforceOrg, filled: Api) -> None:
    children = "(SELECT Name, (SELECT LastName FROM Contacts) FROM ChildAccounts)"
    statement = f"SELECT Name, {children} FROM Account WHERE Name = 'Acme'"
    [row] = filled.query(statement)
    [child] = row["ChildAccounts"]["records"]
    assert (child["Name"], child["Contacts"]) == ("Beta", None)
    assert Api(org, "57.0").refused(statement)["errorCode"] == "MALFORMED_QUERY"


def test_typeof_shows_what_the_type_of_the_parent_asks_for(filled: Api) -> None:
    [row] = filled.query(
        "SELECT Title, TYPEOF Parent WHEN Account THEN Name, Type WHEN Contact THEN LastName END FROM Note"
    )
    assert row["Parent"]["attributes"]["type"] == "Account"
    assert (row["Parent"]["Name"], row["Parent"]["Type"]) == ("Acme", "Customer - Direct")
    [row] = filled.query("SELECT TYPEOF Parent WHEN Contact THEN LastName ELSE Name END FROM Note")
    assert row["Parent"]["Name"] == "Acme"


def test_polymorphic_parents_have_a_type_and_a_name(filled: Api) -> None:
    [row] = filled.query("SELECT Parent.Name, Parent.Type FROM Note WHERE Parent.Type = 'Account'")
    assert (row["Parent"]["Name"], row["Parent"]["Type"]) == ("Acme", "Account")


def test_fields_functions_expand_to_what_the_user_may_see(org: SalesforceOrg, filled: Api) -> None:
    [everything] = filled.query("SELECT FIELDS(ALL) FROM Account WHERE Name = 'Beta' LIMIT 200")
    [standard] = filled.query("SELECT FIELDS(STANDARD) FROM Account WHERE Name = 'Beta'")
    [custom] = filled.query("SELECT FIELDS(CUSTOM), Id FROM Account WHERE Name = 'Beta' LIMIT 1")
    assert set(everything) == set(standard) | set(custom)
    assert {name for name in custom if name.endswith("__c")} == set(custom) - {"attributes", "Id"}
    org.integration_user.hidden.add("account.phone")
    [hidden] = filled.query("SELECT FIELDS(STANDARD) FROM Account WHERE Name = 'Beta'")
    assert set(standard) - set(hidden) == {"Phone"}


def test_a_query_for_view_shows_up_among_recent_rows_and_moves_no_stamp(filled: Api) -> None:
    [before] = filled.query("SELECT Id, Name, SystemModstamp, LastViewedDate FROM Account WHERE Name = 'Beta' FOR VIEW")
    assert before["LastViewedDate"] is None
    [after] = filled.query("SELECT Id, Name, SystemModstamp, LastViewedDate FROM Account WHERE Name = 'Beta'")
    assert (after["SystemModstamp"], after["LastViewedDate"] is not None) == (before["SystemModstamp"], True)
    recent = filled.get("recent").json()
    assert [(row["attributes"]["type"], row["Name"]) for row in recent] == [("Account", "Beta")]
    assert filled.get("sobjects/Account").json()["recentItems"] == recent
