"""Composite and batch requests. Source: salesforce.md section 3.6."""

from typing import Any

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, error_of

BASE = "/services/data/v59.0"


def run(api: Api, *requests: dict[str, Any], all_or_none: bool = False) -> list[dict[str, Any]]:
    reply = api.post("composite", {"allOrNone": all_or_none, "compositeRequest": list(requests)})
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["compositeResponse"]
    return items


def product(**body: Any) -> dict[str, Any]:
    return {
        "method": "PATCH",
        "url": f"{BASE}/sobjects/Product2/IntacctID__c/I%2F1",
        "referenceId": "prod",
        "body": body,
    }


def price(api: Api, product_id: str, **body: Any) -> dict[str, Any]:
    fields = {"Product2Id": product_id, "Pricebook2Id": api.org.standard_pricebook_id, "IsActive": True, **body}
    return {"method": "POST", "url": f"{BASE}/sobjects/PricebookEntry", "referenceId": "price", "body": fields}


def test_later_requests_use_earlier_answers_and_it_is_one_api_call(api: Api, org: SalesforceOrg) -> None:
    items = run(
        api,
        product(Name="Bolt"),
        price(api, "@{prod.id}", UnitPrice=1.5),
        {
            "method": "GET",
            "url": f"{BASE}/query?q=SELECT+UnitPrice+FROM+PricebookEntry+WHERE+Product2Id='@{{prod.id}}'",
            "referenceId": "q",
        },
        {"method": "GET", "url": f"{BASE}/sobjects/Product2/@{{prod.id}}?fields=Name", "referenceId": "row"},
        {
            "method": "PATCH",
            "url": f"{BASE}/sobjects/Product2/@{{prod.id}}",
            "referenceId": "patch",
            "body": {"Description": "costs @{q.records[0].UnitPrice}"},
        },
    )
    assert [i["httpStatusCode"] for i in items] == [201, 201, 200, 200, 204]
    assert [i["referenceId"] for i in items] == ["prod", "price", "q", "row", "patch"]
    assert items[2]["body"]["records"][0]["UnitPrice"] == 1.5
    assert items[3]["body"]["Name"] == "Bolt"
    assert items[4]["body"] is None
    assert api.column("SELECT Description FROM Product2") == ["costs 1.5"]
    assert org.api_calls == 2


def test_a_failure_halts_only_what_depends_on_it(api: Api) -> None:
    note = {"method": "POST", "url": f"{BASE}/sobjects/Account", "referenceId": "other", "body": {"Name": "Acme"}}
    items = run(api, product(Name="x" * 300), price(api, "@{prod.id}", UnitPrice=1), note)
    assert [i["httpStatusCode"] for i in items] == [400, 400, 201]
    assert items[0]["body"][0]["errorCode"] == "STRING_TOO_LONG"
    assert items[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_all_or_none_takes_everything_back(api: Api, org: SalesforceOrg) -> None:
    late = {"method": "POST", "url": f"{BASE}/sobjects/Account", "referenceId": "late", "body": {"Name": "Acme"}}
    items = run(api, product(Name="Bolt"), price(api, "@{prod.id}"), late, all_or_none=True)
    assert [i["httpStatusCode"] for i in items] == [400, 400, 400]
    assert [i["body"][0]["errorCode"] for i in items] == [
        "PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING",
        "PROCESSING_HALTED",
    ]
    assert org.count("Product2") == org.count("Account") == 0


def test_limits_of_a_composite(api: Api) -> None:
    def get(i: int, path: str) -> dict[str, Any]:
        return {"method": "GET", "url": f"{BASE}/{path}", "referenceId": f"r{i}"}

    too_many = {"compositeRequest": [get(i, "limits") for i in range(26)]}
    assert api.post("composite", too_many).status_code == 400
    queries = {"compositeRequest": [get(i, "query?q=SELECT+Id+FROM+Account") for i in range(6)]}
    assert api.post("composite", queries).status_code == 400
    assert error_of(api.post("composite", {"compositeRequest": []}))["errorCode"] == "JSON_PARSER_ERROR"
    nested = run(api, {"method": "POST", "url": f"{BASE}/composite", "referenceId": "n", "body": {}})
    assert nested[0]["httpStatusCode"] == 404


def test_a_batch_is_independent_and_billed_per_request(api: Api, org: SalesforceOrg) -> None:
    account = api.create("Account", Name="Acme")
    before = org.api_calls
    body = {
        "batchRequests": [
            {"method": "PATCH", "url": f"v59.0/sobjects/Account/{account}", "richInput": {"Phone": "1"}},
            {"method": "GET", "url": f"v59.0/sobjects/Account/{account}?fields=Phone"},
            {"method": "GET", "url": "v59.0/sobjects/Nothing/x"},
        ]
    }
    reply = api.post("composite/batch", body).json()
    assert reply["hasErrors"] is True
    assert [r["statusCode"] for r in reply["results"]] == [204, 200, 404]
    assert reply["results"][1]["result"]["Phone"] == "1"
    assert org.api_calls - before == 3
    body["haltOnError"] = True  # type: ignore[assignment]
    body["batchRequests"].reverse()
    assert [r["statusCode"] for r in api.post("composite/batch", body).json()["results"]] == [404, 412, 412]


def test_the_composite_resources_are_listed(api: Api) -> None:
    names = ("tree", "batch", "sobjects", "graph")
    assert api.get("composite").json() == {name: f"{BASE}/composite/{name}" for name in names}


def test_an_array_is_not_taken_for_a_missing_body(api: Api) -> None:
    for path in ("composite", "sobjects/Account"):
        error = error_of(api.post(path, [{"Name": "a"}]))
        assert error["errorCode"] == "JSON_PARSER_ERROR"
        assert "an object is expected" in error["message"]
