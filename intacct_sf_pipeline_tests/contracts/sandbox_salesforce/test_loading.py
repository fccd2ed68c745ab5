"""Bulk seeds: what is kept, assigned, resolved and refused."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from intacct_sf_pipeline.sandbox.salesforce.errors import LoadError
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, Clock


def test_ids_and_system_fields_given_are_kept_and_missing_ones_made(org: SalesforceOrg, api: Api) -> None:
    ids = org.load(
        "Account",
        [
            {
                "Id": "001000000000001",
                "Name": "kept",
                "CreatedDate": "2020-02-03T04:05:06.000Z",
                "LastModifiedDate": datetime(2021, 1, 1, tzinfo=UTC),
                "LastModifiedById": org.person.id,
                "AnnualRevenue": Decimal("12"),
                "NumberOfEmployees": "7",
                "Phone": 4155550100,
            },
            {"Name": "made"},
        ],
    )
    assert ids[0] == "001000000000001AAA"
    kept = api.get(f"sobjects/Account/{ids[0]}").json()
    assert kept["CreatedDate"] == "2020-02-03T04:05:06.000+0000"
    assert kept["LastModifiedDate"] == kept["SystemModstamp"] == "2021-01-01T00:00:00.000+0000"
    assert (kept["LastModifiedById"], kept["AnnualRevenue"], kept["NumberOfEmployees"], kept["Phone"]) == (
        org.person.id,
        12.0,
        7,
        "4155550100",
    )
    assert api.get(f"sobjects/Account/{ids[1]}").json()["CreatedDate"] == "2026-01-05T10:00:00.000+0000"
    assert api.create("Account", Name="next") not in ids
    assert org.count("account") == 3


def test_parents_by_id_or_by_a_column_of_theirs(org: SalesforceOrg, api: Api) -> None:
    org.load(
        "Account",
        [
            {"Name": "Daughter", "Parent.Name": "mother"},
            {"Name": "Mother", "IntacctID__c": "C-1", "AccountNumber": "77"},
        ],
    )
    org.load(
        "Contact",
        [
            {"LastName": "a", "Account.IntacctID__c": "c-1"},
            {"LastName": "b", "Account.Name": "DAUGHTER"},
            {"LastName": "c", "Account.AccountNumber": "77"},
            {"LastName": "d", "Account.Name": ""},
        ],
    )
    assert api.column("SELECT Account.Name FROM Contact ORDER BY LastName")[0]["Name"] == "Mother"
    parents = [p and p["Name"] for p in api.column("SELECT Account.Name FROM Contact ORDER BY LastName")]
    assert parents == ["Mother", "Daughter", "Mother", None]
    assert api.column("SELECT Name FROM Account WHERE Parent.Name = 'Mother'") == ["Daughter"]


@pytest.mark.parametrize(
    ("sobject", "row", "field", "text"),
    [
        ("Account", {"Name": "x" * 256}, "Name", "STRING_TOO_LONG"),
        ("Account", {"Name": ""}, "Name", "REQUIRED_FIELD_MISSING"),
        ("Account", {"Name": "x", "Nothing": 1}, "Nothing", "No such column 'Nothing'"),
        ("Account", {"Name": "x", "AnnualRevenue": "much"}, "AnnualRevenue", "JSON_PARSER_ERROR"),
        ("Account", {"Name": "x", "CreatedDate": "soon"}, "CreatedDate", "JSON_PARSER_ERROR"),
        ("Account", {"Name": "x", "IntacctID__c": "dup"}, "", "DUPLICATE_VALUE"),
        ("Account", {"Name": "x", "Id": "003000000000001AAA"}, "Id", "MALFORMED_ID"),
        ("Account", {"Name": "x", "Id": "nonsense"}, "Id", "MALFORMED_ID"),
        ("Account", {"Name": "x", "ParentId": "001000000000009AAA"}, "ParentId", "INVALID_CROSS_REFERENCE_KEY"),
        ("Account", {"Name": "x", "OwnerId": "005000000000009AAA"}, "OwnerId", "INVALID_CROSS_REFERENCE_KEY"),
        ("Contact", {"LastName": "x", "AccountId": "001000000000009AAA"}, "AccountId", "INVALID_CROSS_REFERENCE_KEY"),
        ("Contact", {"LastName": "x", "Account.Name": "nobody"}, "Account.Name", "no row has"),
        ("Contact", {"LastName": "x", "Account.Nothing": "nobody"}, "Account.Nothing", "No such column"),
        ("Contact", {"LastName": "x", "Email": "junk"}, "Email", "INVALID_EMAIL_ADDRESS"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_stored(
    org: SalesforceOrg, sobject: str, row: dict[str, object], field: str, text: str
) -> None:
    org.load("Account", [{"Name": "there", "IntacctID__c": "DUP"}])
    before = org.count(sobject)
    good: dict[str, object] = {"Name": "good"} if sobject == "Account" else {"LastName": "good"}
    with pytest.raises(LoadError) as refusal:
        org.load(sobject, [good, row])
    assert refusal.value.row_index == 1
    assert refusal.value.field == field or not field
    assert text in refusal.value.message
    assert org.count(sobject) == before


def test_the_columns_an_export_has_load_again(org: SalesforceOrg, api: Api, clock: Clock) -> None:
    account = api.create("Account", Name="Acme", BillingCity="Köln", AnnualRevenue=5, Description="a\nb")
    api.create("Contact", LastName="Ash", AccountId=account, DoNotCall=True)
    other = SalesforceOrg(clock=clock, client_id="k", client_secret="s")
    users = [u for u in (org.integration_user.id, org.person.id) if other.row("User", u) is None]
    assert users == []
    for sobject in ("Account", "Contact"):
        table = org.db.table(sobject)
        rows = [
            {k: str(v).lower() if isinstance(v, bool) else v for k, v in row.items()} for row in table.rows.values()
        ]
        other.load(sobject, rows)
        assert other.db.table(sobject).rows == table.rows


def test_a_standard_price_book_of_ones_own_takes_the_place(org: SalesforceOrg, api: Api) -> None:
    org.load("Pricebook2", [{"Id": "01s000000000001AAA", "Name": "Standard", "IsStandard": True}, {"Name": "Dealers"}])
    assert org.standard_pricebook_id == "01s000000000001AAA"
    org.load("Product2", [{"Name": "Bolt", "IntacctID__c": "I-1"}])
    org.load(
        "PricebookEntry",
        [
            {"Product2.IntacctID__c": "I-1", "Pricebook2.Name": "Dealers", "UnitPrice": "9.5", "IsActive": "TRUE"},
            {
                "Product2.IntacctID__c": "I-1",
                "Pricebook2Id": "01s000000000001",
                "UnitPrice": "10",
                "UseStandardPrice": "0",
            },
        ],
    )
    assert api.column("SELECT UnitPrice FROM PricebookEntry ORDER BY UnitPrice") == [9.5, 10.0]
    assert api.column("SELECT Name FROM Pricebook2 ORDER BY Name") == ["Dealers", "Standard"]


def test_notes_of_both_kinds_load(org: SalesforceOrg, api: Api) -> None:
    (account,) = org.load("Account", [{"Name": "Acme"}])
    org.load("Note", [{"ParentId": account, "Title": "t", "Body": "b"}])
    (note,) = org.load("ContentNote", [{"Title": "n", "Content": "PGI+aGk8L2I+"}])
    org.load("ContentDocumentLink", [{"ContentDocumentId": note, "LinkedEntityId": account}])
    assert api.column("SELECT TextPreview FROM ContentNote") == ["hi"]
    assert api.column(f"SELECT ContentDocumentId FROM ContentDocumentLink WHERE LinkedEntityId = '{account}'") == [note]
