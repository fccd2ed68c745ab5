"""Writes the service refuses: one test per error code, with the service's wording. Source: salesforce.md section 4."""

from typing import Any

import pytest

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, error_of

CASES: list[tuple[str, dict[str, Any], str, str, list[str] | None]] = [
    (
        "Account",
        {"Name": "x" * 256},
        "STRING_TOO_LONG",
        "Account Name: data value too large: " + "x" * 255 + " (max length=255)",
        ["Name"],
    ),
    (
        "Account",
        {"Name": "x", "AccountNumber": "1" * 41},
        "STRING_TOO_LONG",
        "Account Number: data value too large: " + "1" * 41 + " (max length=40)",
        ["AccountNumber"],
    ),
    ("Contact", {"FirstName": "x"}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]),
    ("Contact", {"LastName": "  "}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]),
    (
        "Note",
        {"Body": "x"},
        "REQUIRED_FIELD_MISSING",
        "Required fields are missing: [ParentId, Title]",
        ["ParentId", "Title"],
    ),
    (
        "Contact",
        {"LastName": "x", "Email": "not an address"},
        "INVALID_EMAIL_ADDRESS",
        "Email: invalid email address: not an address",
        ["Email"],
    ),
    (
        "Product2",
        {"Name": "x", "Type": "Kit"},
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Product Type: bad value for restricted picklist field: Kit",
        ["Type"],
    ),
    (
        "Product2",
        {"Name": "x", "ProductClass": "Simple"},
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        (
            "Unable to create/update fields: ProductClass. Please check the security settings of this field and "
            "verify that it is read/write for your profile or permission set."
        ),
        ["ProductClass"],
    ),
    (
        "Account",
        {"Name": "x", "SystemModstamp": "2026-01-01T00:00:00Z"},
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "SystemModstamp",
        ["SystemModstamp"],
    ),
    (
        "Account",
        {"Name": "x", "Foo__c": 1},
        "INVALID_FIELD",
        "No such column 'Foo__c' on sobject of type Account",
        None,
    ),
    ("Account", {"Name": "x", "CurrencyIsoCode": "EUR"}, "INVALID_FIELD", "No such column 'CurrencyIsoCode'", None),
    (
        "Account",
        {"Name": 5},
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of string from VALUE_NUMBER_INT value 5",
        None,
    ),
    (
        "Account",
        {"Name": {"a": 1}},
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of string from START_OBJECT",
        None,
    ),
    (
        "Account",
        {"Name": "x", "AnnualRevenue": "much"},
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of double from VALUE_STRING value much",
        None,
    ),
    (
        "Account",
        {"Name": "x", "NumberOfEmployees": 1.5},
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of int",
        None,
    ),
    (
        "Contact",
        {"LastName": "x", "DoNotCall": "maybe"},
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of boolean",
        None,
    ),
    (
        "Contact",
        {"LastName": "x", "Birthdate": "2026-02-31"},
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of date",
        None,
    ),
    (
        "Product2",
        {"Name": "x", "StockAsOf__c": "yesterday"},
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of datetime",
        None,
    ),
    (
        "Product2",
        {"Name": "x", "OnHand__c": 10**14},
        "NUMBER_OUTSIDE_VALID_RANGE",
        "On Hand: value outside of valid range on numeric field",
        ["OnHand__c"],
    ),
    (
        "Contact",
        {"LastName": "x", "AccountId": "001"},
        "MALFORMED_ID",
        "Account ID: id value of incorrect type: 001",
        ["AccountId"],
    ),
    (
        "Contact",
        {"LastName": "x", "AccountId": "003000000000001AAA"},
        "MALFORMED_ID",
        "Account ID: id value of incorrect type",
        ["AccountId"],
    ),
    (
        "Contact",
        {"LastName": "x", "AccountId": "001000000000001AAA"},
        "INVALID_CROSS_REFERENCE_KEY",
        "invalid cross reference id",
        ["AccountId"],
    ),
    (
        "ContentVersion",
        {"Title": "x"},
        "INVALID_TYPE_FOR_OPERATION",
        "entity type ContentVersion does not support create",
        None,
    ),
]


@pytest.mark.parametrize(("sobject", "body", "code", "message", "fields"), CASES)
def test_a_bad_create_is_refused_and_stores_nothing(
    api: Api, org: SalesforceOrg, sobject: str, body: dict[str, Any], code: str, message: str, fields: list[str] | None
) -> None:
    reply = api.post(f"sobjects/{sobject}", body)
    assert reply.status_code == 400
    error = error_of(reply)
    assert error["errorCode"] == code
    assert message in error["message"]
    assert error.get("fields") == fields
    assert org.count(sobject) == 0


@pytest.mark.parametrize(
    ("sobject", "body", "code", "message", "fields"),
    [c for c in CASES if c[0] == "Account" and c[2] != "INVALID_FIELD"],
)
def test_a_bad_update_is_refused_and_changes_nothing(
    api: Api, sobject: str, body: dict[str, Any], code: str, message: str, fields: list[str] | None
) -> None:
    record_id = api.create(sobject, Name="Acme")
    before = api.get(f"sobjects/{sobject}/{record_id}").json()
    assert error_of(api.patch(f"sobjects/{sobject}/{record_id}", body))["errorCode"] == code
    assert api.get(f"sobjects/{sobject}/{record_id}").json() == before


def test_clearing_a_required_field_is_refused(api: Api) -> None:
    record_id = api.create("Account", Name="Acme")
    error = error_of(api.patch(f"sobjects/Account/{record_id}", {"Name": None}))
    assert (error["errorCode"], error["message"]) == ("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]")


def test_a_unique_value_is_unique_without_regard_to_case(api: Api) -> None:
    first = api.create("Account", Name="a", IntacctID__c="Key")
    error = error_of(api.post("sobjects/Account", {"Name": "b", "IntacctID__c": "kEY"}))
    assert error["errorCode"] == "DUPLICATE_VALUE"
    assert error["message"] == f"duplicate value found: IntacctID__c duplicates value on record with id: {first}"
    assert api.patch(f"sobjects/Account/{first}", {"IntacctID__c": "KEY"}).status_code == 204
    assert api.post("sobjects/Account", {"Name": "c"}).status_code == 201
    assert api.post("sobjects/Account", {"Name": "d"}).status_code == 201


def test_a_reference_to_a_deleted_row_is_refused(api: Api) -> None:
    account = api.create("Account", Name="a")
    api.delete(f"sobjects/Account/{account}")
    error = error_of(api.post("sobjects/Contact", {"LastName": "x", "AccountId": account}))
    assert error["errorCode"] == "INVALID_CROSS_REFERENCE_KEY"


def test_an_inactive_owner_is_refused(api: Api, org: SalesforceOrg) -> None:
    (user,) = org.load(
        "User",
        [{"Username": "gone@sandbox.example", "LastName": "Gone", "Email": "gone@sandbox.example", "IsActive": False}],
    )
    assert (
        error_of(api.post("sobjects/Account", {"Name": "a", "OwnerId": user}))["errorCode"] == "INACTIVE_OWNER_OR_USER"
    )


def test_field_level_security_makes_fields_read_only(api: Api, org: SalesforceOrg) -> None:
    org.integration_user.read_only.add("account.phone")
    assert (
        error_of(api.post("sobjects/Account", {"Name": "a", "Phone": "1"}))["errorCode"]
        == "INVALID_FIELD_FOR_INSERT_UPDATE"
    )
    described = {f["name"]: f for f in api.get("sobjects/Account/describe").json()["fields"]}
    assert (described["Phone"]["createable"], described["Phone"]["updateable"]) == (False, False)


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "JSON_PARSER_ERROR"),
        (b'{"Name": NaN}', "application/json", 400, "JSON_PARSER_ERROR"),
        (b'{"Name": "\xff"}', "application/json", 400, "JSON_PARSER_ERROR"),
        (b"[]", "application/json", 400, "JSON_PARSER_ERROR"),
        (b"", "application/json", 400, "JSON_PARSER_ERROR"),
        (b"Name=x", "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_bodies_that_cannot_be_read(api: Api, content: bytes, kind: str, status: int, code: str) -> None:
    reply = api.http.post(api.path("sobjects/Account"), content=content, headers={"Content-Type": kind})
    assert (reply.status_code, error_of(reply)["errorCode"]) == (status, code)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("PUT", "sobjects/Account", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "query", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "sobjects/Nothing/describe", 404, "NOT_FOUND"),
        ("GET", "nothing", 404, "NOT_FOUND"),
        ("POST", "sobjects/Nothing", 404, "NOT_FOUND"),
    ],
)
def test_wrong_addresses_and_methods(api: Api, method: str, path: str, status: int, code: str) -> None:
    reply = api.http.request(method, api.path(path))
    assert (reply.status_code, error_of(reply)["errorCode"]) == (status, code)
