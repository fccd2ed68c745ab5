"""What is billed, logged and limited. Source: salesforce.md sections 3.9 and 10."""

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, Clock, error_of, make_org


def test_each_data_reply_tells_the_usage(api: Api, org: SalesforceOrg) -> None:
    for expected in (1, 2, 3):
        reply = api.get("query", params={"q": "SELECT Id FROM Account"})
        assert reply.headers["sforce-limit-info"] == f"api-usage={expected}/100000"
    assert api.get("sobjects/Nothing").headers["sforce-limit-info"] == "api-usage=4/100000"
    assert org.api_calls == 4


def test_an_exhausted_quota_refuses_until_the_window_rolls(clock: Clock) -> None:
    org = make_org(clock, api_quota=2)
    api = Api(org)
    assert [api.get("limits").status_code for _ in range(3)] == [200, 200, 403]
    refused = api.post("sobjects/Account", {"Name": "x"})
    assert error_of(refused) == {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    assert org.count("Account") == 0
    clock.advance(hours=24, minutes=1)
    api.login()
    assert api.get("limits").status_code == 200
    assert org.api_calls == 3


def test_requests_are_logged_for_assertions(api: Api, org: SalesforceOrg) -> None:
    api.create("Account", Name="x")
    api.get("sobjects/Account/001000000000009AAA", headers={"X-Original-Host": "acme.my.example"})
    created, missed = list(org.requests)[-2:]
    assert (created.method, created.path, created.status, created.api_calls) == (
        "POST",
        "/services/data/v59.0/sobjects/Account",
        201,
        1,
    )
    assert (missed.status, missed.host) == (404, "acme.my.example")


def test_long_addresses_and_heads_are_refused(api: Api) -> None:
    ids = ",".join(["'001000000000001AAA'"] * 900)
    reply = api.get("query", params={"q": f"SELECT Id FROM Account WHERE Id IN ({ids})"})
    assert reply.status_code == 414
    reply = api.get("limits", headers={"X-Padding": "x" * 16_300})
    assert reply.status_code == 431


def test_a_long_statement_goes_through_composite(api: Api) -> None:
    account = api.create("Account", Name="Acme")
    ids = ",".join([f"'{account}'"] * 900)
    request = {
        "method": "GET",
        "url": f"/services/data/v59.0/query?q=SELECT+Id+FROM+Account+WHERE+Id+IN+({ids})",
        "referenceId": "q",
    }
    items = api.post("composite", {"compositeRequest": [request]}).json()["compositeResponse"]
    assert [r["Id"] for r in items[0]["body"]["records"]] == [account]


def test_answers_are_compressed_when_asked_and_pretty_when_asked(api: Api) -> None:
    packed = api.get("sobjects", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    plain = api.get("sobjects", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
    pretty = api.get("sobjects", headers={"X-PrettyPrint": "1"})
    assert pretty.json() == plain.json()
    assert pretty.text.count("\n") > 100


def test_the_date_header_is_the_orgs_clock(api: Api, clock: Clock) -> None:
    clock.advance(minutes=90)
    assert api.get("limits").headers["date"] == "Mon, 05 Jan 2026 11:30:00 GMT"


def test_methods_can_be_overridden_by_parameter(api: Api) -> None:
    account = api.create("Account", Name="Acme")
    assert api.post(f"sobjects/Account/{account}?_HttpMethod=PATCH", {"Name": "b"}).status_code == 204
    assert api.http.head(api.path(f"sobjects/Account/{account}")).content == b""
