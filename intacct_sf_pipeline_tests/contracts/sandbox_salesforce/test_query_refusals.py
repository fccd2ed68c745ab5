"""Queries the service refuses, with its code and wording. Source: salesforce.md sections 4 and 6."""

import pytest

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, error_of

HINT = "Please reference your WSDL or the describe call for the appropriate names."


@pytest.mark.parametrize(
    ("statement", "code", "text"),
    [
        ("SELECT Id FROM Nothing", "INVALID_TYPE", "sObject type 'Nothing' is not supported."),
        ("SELECT Foo.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Foo' in field path."),
        ("SELECT Owner.Foo FROM Account", "INVALID_FIELD", "No such column 'Foo' on entity 'User'."),
        ("SELECT Id FROM Account WHERE Foo = 1", "INVALID_FIELD", "No such column 'Foo' on entity 'Account'."),
        ("SELECT Id FROM Account ORDER BY Foo", "INVALID_FIELD", "No such column 'Foo' on entity 'Account'."),
        (
            "SELECT Id, (SELECT Id FROM Foos) FROM Account",
            "INVALID_TYPE",
            "Didn't understand relationship 'Foos' in FROM part",
        ),
        ("SELECT Id, Name, id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Name n FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
        ("SELECT COUNT(), Name FROM Account", "MALFORMED_QUERY", "COUNT()"),
        ("SELECT COUNT() FROM Account ORDER BY Name", "MALFORMED_QUERY", "COUNT()"),
        ("SELECT SUM(Name) FROM Account", "MALFORMED_QUERY", "does not support aggregate operator SUM"),
        (
            "SELECT Id FROM Account WHERE Name = 5",
            "INVALID_FIELD",
            "must be of type string and should be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Account WHERE AnnualRevenue = '5'",
            "INVALID_FIELD",
            "must be of type currency and should not be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Product2 WHERE OnHand__c > '5'",
            "INVALID_FIELD",
            "must be of type double and should not be enclosed in quotes",
        ),
        ("SELECT Id FROM Account WHERE IsDeleted = 'true'", "INVALID_FIELD", "must be of type boolean"),
        (
            "SELECT Id FROM Account WHERE CreatedDate > '2026-01-01T00:00:00Z'",
            "INVALID_FIELD",
            "must be of type dateTime",
        ),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-02-31T00:00:00Z", "MALFORMED_QUERY", "Invalid date"),
        ("SELECT Id FROM Account WHERE CreatedDate = NEVER", "MALFORMED_QUERY", "unexpected token: 'NEVER'"),
        ("SELECT Id FROM Account WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        (
            "SELECT Id FROM Account WHERE Description LIKE '%x%'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM Account ORDER BY Description",
            "INVALID_FIELD",
            "field 'Description' can not be sorted in a query call",
        ),
        ("SELECT Id FROM Account WHERE AnnualRevenue LIKE '1%'", "INVALID_FIELD", "invalid operator on field type"),
        (
            "SELECT Id FROM Account LIMIT 1 OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
        ("SELECT Id FROM Account WHERE Id IN (SELECT Id FROM Account)", "MALFORMED_QUERY", "same object type"),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT LastName FROM Contact)",
            "MALFORMED_QUERY",
            "must be of type ID or reference",
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT Id, AccountId FROM Contact)",
            "MALFORMED_QUERY",
            "exactly one field",
        ),
        (
            "SELECT Id FROM ContentDocumentLink",
            "MALFORMED_QUERY",
            "Implementation restriction: ContentDocumentLink requires a filter",
        ),
        ("SELECT Id FROM ContentDocumentLink WHERE ShareType = 'V'", "MALFORMED_QUERY", "Implementation restriction"),
        ("SELECT Id FROM Contact WHERE CurrencyIsoCode = 'EUR'", "INVALID_FIELD", "No such column 'CurrencyIsoCode'"),
        ("SELECT Id FROM Account WHERE BOGUS(Name) = 'x'", "MALFORMED_QUERY", "unexpected token: 'BOGUS'"),
    ],
)
def test_refused(api: Api, statement: str, code: str, text: str) -> None:
    error = api.refused(statement)
    assert error["errorCode"] == code
    assert text in error["message"]


def test_the_wording_for_an_unknown_column_is_the_services(api: Api) -> None:
    assert api.refused("SELECT Id, Foo FROM Account")["message"] == (
        "\nSELECT Id, Foo FROM Account\n           ^\nERROR at Row:1:Column:12\n"
        "No such column 'Foo' on entity 'Account'. If you are attempting to use a custom field, "
        f"be sure to append the '__c' after the custom field name. {HINT}"
    )


def test_a_query_needs_its_text(api: Api) -> None:
    reply = api.get("query")
    assert reply.status_code == 400
    assert error_of(reply)["errorCode"] == "MALFORMED_QUERY"


def test_a_hidden_field_does_not_exist_for_the_user(api: Api, org: SalesforceOrg) -> None:
    org.integration_user.hidden.add("account.intacctid__c")
    assert api.refused("SELECT IntacctID__c FROM Account")["errorCode"] == "INVALID_FIELD"
    names = {f["name"] for f in api.get("sobjects/Account/describe").json()["fields"]}
    assert "IntacctID__c" not in names
    reply = api.post("sobjects/Account", {"Name": "x", "IntacctID__c": "1"})
    assert error_of(reply)["message"] == "No such column 'IntacctID__c' on sobject of type Account"
    assert api.patch("sobjects/Account/IntacctID__c/1", {"Name": "x"}).status_code == 404


def test_a_hidden_object_is_not_supported(api: Api, org: SalesforceOrg) -> None:
    org.integration_user.hidden_objects.add("pricebookentry")
    assert api.refused("SELECT Id FROM PricebookEntry")["errorCode"] == "INVALID_TYPE"
    assert api.get("sobjects/PricebookEntry/describe").status_code == 404
