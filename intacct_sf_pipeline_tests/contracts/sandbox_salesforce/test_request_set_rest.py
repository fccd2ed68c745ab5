"""A request set for the REST resources beside queries, written from the REST guide: verbs, paths, formats, headers.

Source: salesforce.md sections 3 and 4; REST API Developer Guide.
"""

from __future__ import annotations

import gzip
import http.client
import json
from typing import Any

import pytest

from intacct_sf_pipeline.sandbox.salesforce.faults.targets import records_of
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, error_of

# What is asked (method, path), and the answer's status and error code; {id} is an account, {contact} its contact.
REQUESTS: list[tuple[str, str, int, str | None]] = [
    ("GET", "", 200, None),
    ("GET", "sobjects", 200, None),
    ("GET", "sobjects/", 200, None),
    ("HEAD", "sobjects", 200, None),
    ("POST", "sobjects", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "sobjects/Account", 200, None),
    ("GET", "sobjects/account/describe", 200, None),
    ("GET", "sobjects/Account/describe/", 200, None),
    ("POST", "sobjects/Account/describe", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "sobjects/Account/describe/layouts", 200, None),
    ("GET", "sobjects/Account/describe/layouts/012000000000000AAA", 200, None),
    ("GET", "sobjects/Account/describe/layouts/012000000000001AAA", 404, "NOT_FOUND"),
    ("GET", "sobjects/Account/describe/compactLayouts", 200, None),
    ("GET", "sobjects/Account/describe/approvalLayouts", 200, None),
    ("GET", "sobjects/Account/listviews", 200, None),
    ("GET", "sobjects/Account/quickActions", 200, None),
    ("GET", "sobjects/Nothing", 404, "NOT_FOUND"),
    ("GET", "sobjects/Nothing/describe", 404, "NOT_FOUND"),
    ("PUT", "sobjects/Account", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "sobjects/Account/{id}", 200, None),
    ("HEAD", "sobjects/Account/{id}", 200, None),
    ("GET", "sobjects/Account/{id}?fields=Name,Phone", 200, None),
    ("GET", "sobjects/Account/{id}?fields=Nonsense", 400, "INVALID_FIELD"),
    ("POST", "sobjects/Account/{id}", 405, "METHOD_NOT_ALLOWED"),
    ("PUT", "sobjects/Account/{id}", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "sobjects/Account/{contact}", 404, "NOT_FOUND"),
    ("GET", "sobjects/Account/nonsense", 404, "NOT_FOUND"),
    ("GET", "sobjects/Account/001000000000000XYZ", 400, "MALFORMED_ID"),
    ("GET", "sobjects/Account/{id}/Contacts", 200, None),
    ("GET", "sobjects/Account/{id}/Contacts?fields=LastName", 200, None),
    ("GET", "sobjects/Account/{id}/Owner", 200, None),
    ("GET", "sobjects/Contact/{contact}/Account", 200, None),
    ("GET", "sobjects/Contact/{contact}/ReportsTo", 404, "NOT_FOUND"),
    ("GET", "sobjects/Account/{id}/Nonsense", 404, "NOT_FOUND"),
    ("GET", "sobjects/Account/IntacctID__c/R-1", 200, None),
    ("GET", "sobjects/Account/IntacctID__c/r-1", 200, None),
    ("GET", "sobjects/Account/IntacctID__c/nobody", 404, "NOT_FOUND"),
    ("GET", "sobjects/Account/Name/Rest", 404, "NOT_FOUND"),
    ("GET", "sobjects/Account/Nonsense__c/1", 404, "NOT_FOUND"),
    ("POST", "sobjects/Account/IntacctID__c/R-1", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "sobjects/Account/updated?start=2026-01-05T09:00:00Z&end=2026-01-05T11:00:00Z", 200, None),
    ("GET", "sobjects/Account/updated/?start=2026-01-05T09%3A00%3A00%2B00%3A00&end=2026-01-05T11:00:00Z", 200, None),
    ("GET", "sobjects/Account/updated", 400, "INVALID_REPLICATION_DATE"),
    (
        "GET",
        "sobjects/Account/updated?start=2025-01-05T09:00:00Z&end=2026-01-05T11:00:00Z",
        400,
        "INVALID_REPLICATION_DATE",
    ),
    (
        "GET",
        "sobjects/Account/deleted?start=2026-01-05T11:00:00Z&end=2026-01-05T09:00:00Z",
        400,
        "INVALID_REPLICATION_DATE",
    ),
    ("GET", "query?q=SELECT+Id+FROM+Account", 200, None),
    ("GET", "query/?q=SELECT%20Id%20FROM%20Account", 200, None),
    ("GET", "queryAll/?q=SELECT+Id+FROM+Account", 200, None),
    ("GET", "query", 400, "MALFORMED_QUERY"),
    ("POST", "query", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "query?explain=SELECT+Id+FROM+Account+WHERE+IntacctID__c='R-1'", 200, None),
    ("GET", "query?explain=SELECT+Nonsense+FROM+Account", 400, "INVALID_FIELD"),
    ("GET", "query/0r8000000000001AAA-2000", 400, "INVALID_QUERY_LOCATOR"),
    ("GET", "query/nonsense", 400, "INVALID_QUERY_LOCATOR"),
    ("GET", "search?q=FIND+{Rest}", 200, None),
    ("GET", "search", 400, "MALFORMED_SEARCH"),
    ("GET", "search?q=Rest", 400, "MALFORMED_SEARCH"),
    ("GET", "parameterizedSearch?q=Rest&sobject=Account&Account.fields=Id,Name&Account.limit=1", 200, None),
    ("GET", "parameterizedSearch", 400, "MISSING_ARGUMENT"),
    ("GET", "parameterizedSearch?q=Rest&sobject=Nothing", 400, "INVALID_TYPE"),
    ("GET", "recent", 200, None),
    ("GET", "recent?limit=5", 200, None),
    ("GET", "recent?limit=x", 400, "INVALID_INPUT"),
    ("GET", "limits", 200, None),
    ("GET", "limits/", 200, None),
    ("DELETE", "limits", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "limits/recordCount?sObjects=Account,Contact", 200, None),
    ("GET", "limits/nonsense", 404, "NOT_FOUND"),
    ("GET", "tabs", 200, None),
    ("GET", "theme", 200, None),
    ("GET", "quickActions", 200, None),
    ("GET", "tooling/query?q=SELECT+Id+FROM+ApexClass", 200, None),
    ("GET", "tooling/query?q=SELECT+Id+FROM+Nothing", 400, "INVALID_TYPE"),
    ("GET", "tooling/sobjects", 200, None),
    ("GET", "tooling/sobjects/ApexClass/describe", 200, None),
    ("GET", "composite", 200, None),
    ("GET", "composite/batch", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "composite/sobjects/Account?ids={id}&fields=Name", 200, None),
    ("GET", "composite/sobjects/Account?ids={id}", 400, "MISSING_ARGUMENT"),
    ("PUT", "composite/sobjects", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "nowhere", 404, "NOT_FOUND"),
    ("GET", "nowhere/at/all", 404, "NOT_FOUND"),
    ("POST", "nowhere", 404, "NOT_FOUND"),
]


@pytest.fixture
def account(api: Api) -> str:
    return api.create("Account", Name="Rest", IntacctID__c="R-1")


@pytest.fixture
def contact(api: Api, account: str) -> str:
    return api.create(
        "Contact", LastName="Lovelace", AccountId=account, Email="ada@rest.example", Phone="(415) 555-0101"
    )


@pytest.mark.parametrize(("method", "path", "status", "code"), REQUESTS)
def test_verbs_and_paths(
    api: Api, account: str, contact: str, method: str, path: str, status: int, code: str | None
) -> None:
    # Braces of a search stay as they are.
    address = path.replace("{id}", account).replace("{contact}", contact)
    reply = api.http.request(method, api.path(address))
    assert reply.status_code == status, reply.text
    if code is not None:
        assert error_of(reply)["errorCode"] == code
    if status == 405:
        assert f"HTTP Method '{method}' not allowed. Allowed are " in error_of(reply)["message"]
    assert reply.headers["Sforce-Limit-Info"].startswith("api-usage=")


VERSIONS = [
    ("v20.0", 410, "UNSUPPORTED_API_VERSION"),
    ("v31.0", 200, None),
    ("v99.0", 404, "NOT_FOUND"),
    ("59.0", 404, "NOT_FOUND"),
    ("v59", 404, "NOT_FOUND"),
    ("v59.5", 404, "NOT_FOUND"),
]


@pytest.mark.parametrize(("version", "status", "code"), VERSIONS)
def test_versions(api: Api, version: str, status: int, code: str | None) -> None:
    reply = api.http.get(f"/services/data/{version}/limits")
    assert reply.status_code == status
    if code is not None:
        assert error_of(reply)["errorCode"] == code


BODIES: list[tuple[object, int, str]] = [
    (b"", 400, "JSON_PARSER_ERROR"),
    (b"{", 400, "JSON_PARSER_ERROR"),
    (b"[]", 400, "JSON_PARSER_ERROR"),
    (b'{"Name": NaN}', 400, "JSON_PARSER_ERROR"),
    (b'{"Name": {"a": 1}}', 400, "JSON_PARSER_ERROR"),
    (b'{"Name": ["a"]}', 400, "JSON_PARSER_ERROR"),
    (b'{"Name": "\xff"}', 400, "JSON_PARSER_ERROR"),
    (b'{"Name": 5}', 400, "JSON_PARSER_ERROR"),
    ({"Name": "A", "IsDeleted": True}, 400, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ({"Name": "A", "CreatedDate": "2020-01-01T00:00:00Z"}, 400, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ({"Name": "A", "Nonsense": 1}, 400, "INVALID_FIELD"),
    ({"Name": "A", "AnnualRevenue": "much"}, 400, "JSON_PARSER_ERROR"),
    ({"Name": "A", "AnnualRevenue": 10**18}, 400, "NUMBER_OUTSIDE_VALID_RANGE"),
    ({"Name": "A", "NumberOfEmployees": 1.5}, 400, "JSON_PARSER_ERROR"),
    ({"Name": "A", "ParentId": "nonsense"}, 400, "MALFORMED_ID"),
    ({"Name": "A", "ParentId": "001Ws0000000ZZZ"}, 400, "INVALID_CROSS_REFERENCE_KEY"),
    ({"Name": "A", "OwnerId": "001Ws0000000001"}, 400, "MALFORMED_ID"),
    ({"Name": "A", "Parent": {"IntacctID__c": "nobody"}}, 400, "INVALID_FIELD"),
    ({"Name": "A", "Parent": {"Name": "Rest"}}, 400, "INVALID_FIELD"),
    ({"Name": "A", "BillingAddress": {"city": "Berlin"}}, 400, "JSON_PARSER_ERROR"),
    ({"Name": "x" * 256}, 400, "STRING_TOO_LONG"),
    ({"Name": "   "}, 400, "REQUIRED_FIELD_MISSING"),
    ({"Name": None}, 400, "REQUIRED_FIELD_MISSING"),
    ({}, 400, "REQUIRED_FIELD_MISSING"),
    ({"Name": "A", "IntacctID__c": "r-1"}, 400, "DUPLICATE_VALUE"),
]


@pytest.mark.parametrize(("body", "status", "code"), BODIES)
def test_bodies_that_cannot_be_saved(api: Api, account: str, body: object, status: int, code: str) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    reply = api.http.post(api.path("sobjects/Account"), content=raw, headers={"Content-Type": "application/json"})
    assert (reply.status_code, error_of(reply)["errorCode"]) == (status, code)
    assert api.query("SELECT COUNT() FROM Account WHERE Id != null") == []
    assert api.get("query", params={"q": "SELECT COUNT() FROM Account"}).json()["totalSize"] == 1


def test_a_post_may_stand_for_a_patch(api: Api, account: str) -> None:
    reply = api.post(f"sobjects/Account/{account}?_HttpMethod=PATCH", {"Phone": "1"})
    assert (reply.status_code, reply.content) == (204, b"")
    assert api.post("sobjects/Account/IntacctID__c/R-9?_HttpMethod=PATCH", {"Name": "Nine"}).status_code == 201


def test_bodies_may_be_compressed_both_ways(api: Api) -> None:
    packed = gzip.compress(json.dumps({"Name": "Packed"}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert api.http.post(api.path("sobjects/Account"), content=packed, headers=headers).status_code == 201
    reply = api.get("sobjects", headers={"Accept-Encoding": "gzip"})
    assert reply.headers["Content-Encoding"] == "gzip"
    assert api.column("SELECT Name FROM Account") == ["Packed"]


def test_xml_in_place_of_json(api: Api, account: str) -> None:
    accept = {"Accept": "application/xml"}
    query = api.get("query", params={"q": "SELECT Name, Phone FROM Account"}, headers=accept)
    assert query.headers["Content-Type"].startswith("application/xml")
    assert "<QueryResult>" in query.text
    assert (
        f'<records type="Account" url="/services/data/v59.0/sobjects/Account/{account}"><Name>Rest</Name>' in query.text
    )
    assert '<Phone xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>' in query.text
    row = api.get(f"sobjects/Account/{account}?fields=Name", headers=accept).text
    assert (
        f'<Account type="Account" url="/services/data/v59.0/sobjects/Account/{account}"><Name>Rest</Name></Account>'
        in row
    )
    error = api.get("sobjects/Nothing", headers=accept)
    assert (error.status_code, "<Errors><Error>" in error.text) == (404, True)
    assert "<errorCode>NOT_FOUND</errorCode>" in error.text
    body = "<Account><Name>From &amp; XML</Name></Account>"
    headers = {**accept, "Content-Type": "application/xml"}
    made = api.http.post(api.path("sobjects/Account"), content=body, headers=headers)
    assert (made.status_code, "<Result><id>001" in made.text, "<success>true</success>" in made.text) == (
        201,
        True,
        True,
    )
    assert api.column("SELECT Name FROM Account WHERE Name LIKE 'From%'") == ["From & XML"]
    versions = api.http.get("/services/data", headers=accept).text
    assert "<Versions><Version><label>" in versions


def test_xml_with_a_document_type_is_refused(api: Api) -> None:
    body = '<!DOCTYPE a [<!ENTITY x "y">]><Account><Name>&x;</Name></Account>'
    reply = api.http.post(api.path("sobjects/Account"), content=body, headers={"Content-Type": "application/xml"})
    assert (reply.status_code, error_of(reply)["errorCode"]) == (400, "XML_PARSER_ERROR")


def test_other_media_types_are_refused(api: Api) -> None:
    reply = api.http.post(api.path("sobjects/Account"), content="Name=A", headers={"Content-Type": "text/plain"})
    assert (reply.status_code, error_of(reply)["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_describe_answers_304_until_the_schema_changes(api: Api, org: SalesforceOrg) -> None:
    for path in ("sobjects", "sobjects/Account/describe"):
        fresh = api.get(path, headers={"If-Modified-Since": "Mon, 05 Jan 2026 10:00:00 GMT"})
        stale = api.get(path, headers={"If-Modified-Since": "Sun, 04 Jan 2026 10:00:00 GMT"})
        assert (fresh.status_code, stale.status_code) == (304, 200)


def test_headers_are_spelled_as_the_service_spells_them(base_url: str, api: Api) -> None:
    host, _, port = base_url.rpartition("/")[2].partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.request(
        "GET", "/services/data/v59.0/limits", headers={"Authorization": api.http.headers["Authorization"]}
    )
    names = {name for name, _ in connection.getresponse().getheaders()}
    connection.close()
    assert {"Content-Type", "Sforce-Limit-Info", "Date"} <= names


def test_record_counts(api: Api, contact: str) -> None:
    counted = api.get("limits/recordCount?sObjects=Account,Contact,Nothing").json()["sObjects"]
    assert counted == [{"count": 1, "name": "Account"}, {"count": 1, "name": "Contact"}]


def test_relationships_give_rows_and_lists(api: Api, account: str, contact: str) -> None:
    children = api.get(f"sobjects/Account/{account}/Contacts?fields=LastName").json()
    assert (children["totalSize"], children["records"][0]["LastName"]) == (1, "Lovelace")
    assert api.get(f"sobjects/Contact/{contact}/Account?fields=Name").json()["Name"] == "Rest"


def test_the_resource_map_names_the_identity(api: Api, org: SalesforceOrg) -> None:
    identity = api.get("").json()["identity"]
    assert identity.endswith(f"/id/{org.organization_id}/{org.integration_user.id}")
    token = api.http.headers["Authorization"].partition(" ")[2]
    own = api.http.get(f"{identity}?format=json&oauth_token={token}", headers={"Authorization": ""})
    assert own.json()["username"] == org.integration_user.username


def test_trees_are_stored_whole_or_not_at_all(api: Api) -> None:
    def tree(email: str) -> Any:
        contact = {"attributes": {"type": "Contact", "referenceId": "c1"}, "LastName": "Leaf", "Email": email}
        account = {
            "attributes": {"type": "Account", "referenceId": "a1"},
            "Name": "Tree",
            "Contacts": {"records": [contact]},
        }
        return api.post("composite/tree/Account", {"records": [account]})

    refused = tree("nonsense")
    assert refused.status_code == 400
    assert refused.json() == {
        "hasErrors": True,
        "results": [
            {
                "referenceId": "c1",
                "errors": [
                    {
                        "statusCode": "INVALID_EMAIL_ADDRESS",
                        "message": "Email: invalid email address: nonsense",
                        "fields": ["Email"],
                    }
                ],
            }
        ],
    }
    assert api.query("SELECT Id FROM Account WHERE Name = 'Tree'") == []
    made = tree("leaf@tree.example")
    assert (made.status_code, made.json()["hasErrors"]) == (201, False)
    assert api.column("SELECT Account.Name FROM Contact")[0]["Name"] == "Tree"


TREES: list[tuple[object, str]] = [
    ({"records": []}, "INVALID_INPUT"),
    ({"records": [{"Name": "A"}]}, "INVALID_INPUT"),
    ({"records": [{"attributes": {"type": "Contact", "referenceId": "r"}, "Name": "A"}]}, "INVALID_INPUT"),
    ({"records": [{"attributes": {"type": "Account", "referenceId": "r"}, "Name": "A"}] * 2}, "INVALID_INPUT"),
    (
        {"records": [{"attributes": {"type": "Account", "referenceId": f"r{n}"}, "Name": "A"} for n in range(201)]},
        "INVALID_INPUT",
    ),
    (
        {"records": [{"attributes": {"type": "Account", "referenceId": "r"}, "Name": "A", "Foos": {"records": [{}]}}]},
        "INVALID_FIELD",
    ),
]


@pytest.mark.parametrize(("body", "code"), TREES)
def test_trees_that_are_none(api: Api, body: object, code: str) -> None:
    reply = api.post("composite/tree/Account", body)
    assert (reply.status_code, error_of(reply)["errorCode"]) == (400, code)


def _graph(name: str, *bodies: dict[str, object]) -> dict[str, object]:
    url = "/services/data/v59.0/sobjects/Account"
    nodes = [{"method": "POST", "url": url, "referenceId": f"r{n}", "body": body} for n, body in enumerate(bodies)]
    return {"graphId": name, "compositeRequest": nodes}


def test_graphs_stand_and_fall_by_themselves(api: Api) -> None:
    graphs = [_graph("one", {"Name": "G1"}), _graph("two", {"Name": "G2"}, {}), _graph("three", {"Name": "G3"})]
    answer = api.post("composite/graph", {"graphs": graphs}).json()["graphs"]
    assert [(one["graphId"], one["isSuccessful"]) for one in answer] == [("one", True), ("two", False), ("three", True)]
    codes = [item["body"][0]["errorCode"] for item in answer[1]["graphResponse"]["compositeResponse"]]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert api.column("SELECT Name FROM Account ORDER BY Name") == ["G1", "G3"]


def test_graphs_stop_after_fourteen_failures(api: Api) -> None:
    graphs = [*(_graph(f"bad{n}", {}) for n in range(14)), _graph("good", {"Name": "Late"})]
    answer = api.post("composite/graph", {"graphs": graphs}).json()["graphs"]
    assert answer[-1]["isSuccessful"] is False
    assert answer[-1]["graphResponse"]["compositeResponse"][0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert api.query("SELECT Id FROM Account") == []


@pytest.mark.parametrize(
    ("graphs", "code"),
    [
        ([], "JSON_PARSER_ERROR"),
        ([_graph("a", {"Name": "A"})] * 2, "INVALID_INPUT"),
        ([_graph(f"g{n}", {"Name": "A"}) for n in range(76)], "LIMIT_EXCEEDED"),
        ([_graph("", {"Name": "A"})], "INVALID_INPUT"),
    ],
)
def test_graphs_that_are_none(api: Api, graphs: list[object], code: str) -> None:
    reply = api.post("composite/graph", {"graphs": graphs})
    assert (reply.status_code, error_of(reply)["errorCode"]) == (400, code)


def test_composite_references_have_a_spelling(api: Api) -> None:
    node = {"method": "GET", "url": "/services/data/v59.0/limits", "referenceId": "not-good"}
    reply = api.post("composite", {"compositeRequest": [node]})
    assert reply.status_code == 400
    assert "can contain only letters, numbers and underscores" in error_of(reply)["message"]


SEARCHES: list[tuple[str, list[str]]] = [
    ("FIND {Rest} RETURNING Account(Name)", ["Rest"]),
    ("find {rest} in name fields returning account(name)", ["Rest"]),
    ("FIND {Re*} RETURNING Account(Name)", ["Rest"]),
    ("FIND {R?st} RETURNING Account(Name)", ["Rest"]),
    ("FIND {Res} RETURNING Account(Name)", []),
    ("FIND {Lovelace OR Rest} RETURNING Account(Name), Contact(LastName)", ["Rest", "Lovelace"]),
    ("FIND {Lovelace AND Rest} IN NAME FIELDS RETURNING Account(Name), Contact(LastName)", []),
    ("FIND {Lovelace AND NOT Babbage} RETURNING Contact(LastName)", ["Lovelace"]),
    ('FIND {"Ada Lovelace"} IN NAME FIELDS RETURNING Contact(LastName)', []),
    ("FIND {(Lovelace OR Babbage) AND ada*} RETURNING Contact(LastName)", ["Lovelace"]),
    ("FIND {ada} IN EMAIL FIELDS RETURNING Contact(LastName)", ["Lovelace"]),
    ("FIND {ada} IN NAME FIELDS RETURNING Contact(LastName)", []),
    ("FIND {4155550101} IN PHONE FIELDS RETURNING Contact(LastName)", ["Lovelace"]),
    (
        "FIND {Lovelace} RETURNING Contact(LastName WHERE Email = 'ada@rest.example' ORDER BY LastName LIMIT 1)",
        ["Lovelace"],
    ),
    ("FIND {Lovelace} RETURNING Contact(LastName WHERE Account.Name = 'x)')", []),
    ("FIND {Lovelace} IN ALL FIELDS RETURNING Contact(LastName) LIMIT 1", ["Lovelace"]),
    ("FIND {Lovelace} RETURNING Contact(LastName) WITH HIGHLIGHT LIMIT 5", ["Lovelace"]),
    (r"FIND {ada\@rest} RETURNING Contact(LastName)", ["Lovelace"]),
]


@pytest.mark.parametrize(("text", "expected"), SEARCHES)
def test_searches(api: Api, contact: str, text: str, expected: list[str]) -> None:
    reply = api.get("search", params={"q": text})
    assert reply.status_code == 200, reply.text
    assert [list(record.values())[-1] for record in reply.json()["searchRecords"]] == expected


BAD_SEARCHES = [
    ("FIND Rest", "MALFORMED_SEARCH"),
    ("FIND {Rest", "MALFORMED_SEARCH"),
    ("FIND {a}", "MALFORMED_SEARCH"),
    ("FIND {}", "MALFORMED_SEARCH"),
    ("FIND {(Rest} RETURNING Account", "MALFORMED_SEARCH"),
    ("SELECT Id FROM Account", "MALFORMED_SEARCH"),
    ("FIND {Rest} IN SOME FIELDS", "MALFORMED_SEARCH"),
    ("FIND {Rest} RETURNING", "MALFORMED_SEARCH"),
    ("FIND {Rest} RETURNING Account(Name", "MALFORMED_SEARCH"),
    ("FIND {Rest} NONSENSE", "MALFORMED_SEARCH"),
    ("FIND {Rest} RETURNING Nothing(Id)", "INVALID_TYPE"),
    ("FIND {Rest} RETURNING Account(Nonsense)", "INVALID_FIELD"),
    ("FIND {Rest} RETURNING Account(Name WHERE)", "MALFORMED_QUERY"),
]


@pytest.mark.parametrize(("text", "code"), BAD_SEARCHES)
def test_searches_that_are_none(api: Api, contact: str, text: str, code: str) -> None:
    reply = api.get("search", params={"q": text})
    assert (reply.status_code, error_of(reply)["errorCode"]) == (400, code)


def test_a_search_without_objects_looks_everywhere(api: Api, contact: str) -> None:
    found = api.get("search", params={"q": "FIND {Lovelace OR Rest}"}).json()["searchRecords"]
    assert {record["attributes"]["type"] for record in found} == {"Account", "Contact"}
    bare = Api(api.org, "36.0").get("search", params={"q": "FIND {Lovelace}"}).json()
    assert [record["attributes"]["type"] for record in bare] == ["Contact"]


def test_parameterized_searches_by_post(api: Api, contact: str) -> None:
    body = {
        "q": "Lovelace",
        "in": "NAME",
        "sobjects": [{"name": "Contact", "fields": ["LastName"], "where": "Email != null", "limit": 1}],
        "overallLimit": 5,
    }
    assert [row["LastName"] for row in api.post("parameterizedSearch", body).json()["searchRecords"]] == ["Lovelace"]


FAULTY = [
    (
        "composite/tree/Account",
        {
            "records": [
                {
                    "attributes": {"type": "Account", "referenceId": "a"},
                    "Name": "A",
                    "Contacts": {"records": [{"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": "C"}]},
                }
            ]
        },
        2,
    ),
    ("composite/graph", {"graphs": [_graph("one", {"Name": "A"}, {"Name": "B"}), _graph("two", {"Name": "C"})]}, 3),
]


@pytest.mark.parametrize(("path", "body", "count"), FAULTY)
def test_faults_know_how_many_records_a_request_writes(path: str, body: object, count: int) -> None:
    assert records_of("POST", path.split("/"), {}, body) == count
