"""Whatever a client sends, it gets an answer of the service's shape: never a server error, never half a write."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures, build_schema
from intacct_sf_pipeline_tests.effort import tries

from .support import Api, Clock, make_org

SCHEMA = build_schema(OrgFeatures())
OBJECTS = sorted(t.name for t in SCHEMA.types.values())
LITERALS = st.sampled_from(
    [
        "null",
        "true",
        "5",
        "-1.5",
        "'x'",
        "''",
        "'001000000000001'",
        "2026-01-05",
        "2026-01-05T10:00:00Z",
        "TODAY",
        "LAST_N_DAYS:99999999",
        "N_MONTHS_AGO:999999",
        "'\\ud800'",
    ]
)
JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8), st.just("\ud800")
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["Name", "IntacctID__c", "x"]), inner, max_size=2)
    ),
    max_leaves=3,
)


def api_with_rows() -> Api:
    org = make_org(Clock())
    accounts = org.load("Account", [{"Name": "Acme", "IntacctID__c": "1", "AnnualRevenue": 5}, {"Name": "b"}])
    org.load("Contact", [{"LastName": "Ash", "AccountId": accounts[0]}, {"LastName": "Lone"}])
    org.load("Note", [{"ParentId": accounts[0], "Title": "t"}])
    org.load("ContentNote", [{"Title": "t", "Content": "eA=="}])
    return Api(org)


@pytest.fixture(scope="module")
def shared() -> Api:
    """One org for tests that only read."""
    return api_with_rows()


def paths(sobject: str) -> list[str]:
    """Every field of an object and, one step up, of its parents."""
    found = SCHEMA.types[sobject.lower()]
    up = [f"{f.relationship}.{name}" for f in found.fields if f.relationship for name in ("Id", "Name")]
    return [f.name for f in found.fields] + up + ["Nothing"]


@st.composite
def statements(draw: st.DrawFn) -> str:
    sobject = draw(st.sampled_from(OBJECTS))
    field = st.sampled_from(paths(sobject))
    column = draw(st.sampled_from([field, st.one_of(field.map("MAX({})".format), st.just("COUNT(Id) n"))]))
    columns = draw(st.lists(column, min_size=1, max_size=3, unique=True))
    test = st.one_of(
        st.builds("{} {} {}".format, field, st.sampled_from(["=", "!=", "<", ">="]), LITERALS),
        st.builds("{} LIKE '%a_'".format, field),
        st.builds("{} {} ({}, {})".format, field, st.sampled_from(["IN", "NOT IN"]), LITERALS, LITERALS),
        st.builds(
            "{} IN (SELECT {} FROM {})".format,
            field,
            st.sampled_from(["Id", "AccountId", "Name"]),
            st.sampled_from(OBJECTS),
        ),
    )
    where = draw(
        st.one_of(st.just(""), test.map(" WHERE {}".format), st.builds(" WHERE ({} OR NOT {})".format, test, test))
    )
    group = draw(st.one_of(st.just(""), field.map(" GROUP BY {}".format)))
    order = draw(st.one_of(st.just(""), field.map(" ORDER BY {} DESC NULLS LAST".format)))
    return f"SELECT {', '.join(columns)} FROM {sobject}{where}{group}{order}"


@settings(max_examples=tries(400), deadline=None)
@given(statements())
def test_every_statement_is_answered_or_refused(shared: Api, statement: str) -> None:
    reply = shared.get("queryAll", params={"q": statement})
    assert reply.status_code in (200, 400)
    if reply.status_code == 400:
        assert reply.json()[0]["errorCode"] in (
            "MALFORMED_QUERY",
            "INVALID_FIELD",
            "INVALID_TYPE",
            "INVALID_QUERY_FILTER_OPERATOR",
        )
    else:
        assert reply.json()["totalSize"] == len(reply.json()["records"])


@settings(max_examples=tries(150), deadline=None)
@given(st.data())
def test_every_body_is_stored_or_refused(data: st.DataObject) -> None:
    api = api_with_rows()
    sobject = data.draw(st.sampled_from(OBJECTS))
    names = st.sampled_from([*paths(sobject), "attributes", "Account", "Owner"])
    body = data.draw(st.dictionaries(names, JSON, max_size=3))
    counts = {name: api.org.count(name) for name in OBJECTS}
    reply = api.http.post(
        api.path(f"sobjects/{sobject}"), content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert reply.status_code in (201, 400)
    if reply.status_code == 400:
        assert counts == {name: api.org.count(name) for name in OBJECTS}
    else:
        assert api.get(f"sobjects/{sobject}/{reply.json()['id']}").status_code == 200


@settings(max_examples=tries(150), deadline=None)
@given(
    st.sampled_from(
        [
            "composite",
            "composite/batch",
            "composite/sobjects",
            "composite/sobjects/Account",
            "composite/sobjects/Account/IntacctID__c",
        ]
    ),
    st.sampled_from(["POST", "PATCH"]),
    st.dictionaries(
        st.sampled_from(["records", "allOrNone", "compositeRequest", "batchRequests", "ids", "fields"]),
        st.one_of(
            JSON,
            st.lists(
                st.dictionaries(
                    st.sampled_from(["method", "url", "referenceId", "attributes", "Name", "id"]), JSON, max_size=4
                ),
                max_size=3,
            ),
        ),
        max_size=3,
    ),
)
def test_every_composite_body_is_answered(path: str, method: str, body: dict[str, Any]) -> None:
    api = api_with_rows()
    reply = api.http.request(
        method, api.path(path), content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert reply.status_code in (200, 400, 405)
    assert reply.json() is not None


@settings(max_examples=tries(100), deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=8), st.sampled_from(["sobjects", "Account", "IntacctID__c", "query", "describe", "1"])
        ),
        max_size=5,
    ),
    st.sampled_from(["GET", "PATCH", "DELETE", "POST", "PUT"]),
)
def test_every_address_is_answered(shared: Api, segments: list[str], method: str) -> None:
    from urllib.parse import quote

    path = "/".join(quote(s.encode("utf-8", "replace"), safe="") for s in segments if s not in (".", ".."))
    reply = shared.http.request(method, shared.path(path))
    assert reply.status_code in (200, 400, 404, 405)


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"Name": ' + b"1" * 5_000 + b"}", b'{"Name": "\\ud800"}'])
def test_strange_json(content: bytes) -> None:
    api = api_with_rows()
    reply = api.http.post(api.path("sobjects/Account"), content=content, headers={"Content-Type": "application/json"})
    assert reply.status_code in (201, 400)
    assert "?" in api.column("SELECT Name FROM Account") or reply.status_code == 400
