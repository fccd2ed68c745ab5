"""sObject collections: order, item errors, allOrNone, limits. Source: salesforce.md section 3.5."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, Clock, as_items, error_of, make_org


def account(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Account"}, **fields}


def batch(*records: dict[str, Any], all_or_none: bool = False) -> dict[str, Any]:
    return {"allOrNone": all_or_none, "records": list(records)}


def test_inserts_answer_in_order_and_bad_ones_do_not_stop_their_neighbours(api: Api, org: SalesforceOrg) -> None:
    body = batch(
        account(Name="a"), account(Name="x" * 256), {"attributes": {"type": "Contact"}, "LastName": "c"}, account()
    )
    items = as_items(api.post("composite/sobjects", body))
    assert [i["success"] for i in items] == [True, False, True, False]
    assert items[0] == {"id": items[0]["id"], "success": True, "errors": []}
    assert items[1]["errors"][0]["statusCode"] == "STRING_TOO_LONG"
    assert items[1]["errors"][0]["fields"] == ["Name"]
    assert "id" not in items[1]
    assert items[2]["id"].startswith("003")
    assert items[3]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert (org.count("Account"), org.count("Contact"), org.api_calls) == (1, 1, 1)


def test_updates_by_id(api: Api) -> None:
    first, second = api.create("Account", Name="a"), api.create("Account", Name="b")
    body = batch(
        account(id=second, Name="B"),
        account(Id=first[:15], Phone="1"),
        account(id=first, Phone="2"),
        account(id="001000000000009AAA", Name="z"),
        account(Name="no id"),
        account(id="junk", Name="q"),
    )
    items = as_items(api.patch("composite/sobjects", body))
    assert [i["success"] for i in items] == [True, True, False, False, False, False]
    assert [i["errors"][0]["statusCode"] for i in items[2:]] == [
        "DUPLICATE_VALUE",
        "NOT_FOUND",
        "MISSING_ARGUMENT",
        "MALFORMED_ID",
    ]
    assert [i["id"] for i in items[:2]] == [second, first]
    assert api.column("SELECT Name FROM Account WHERE Phone = '1'") == ["a"]


def test_upsert_by_external_id(api: Api, org: SalesforceOrg) -> None:
    known = api.create("Account", Name="a", IntacctID__c="C-1")
    body = batch(
        account(IntacctID__c="c-1", Name="A"),
        account(IntacctID__c="C-2", Name="B"),
        account(IntacctID__c="C-1", Name="again"),
        account(Name="no key"),
        account(IntacctID__c="", Name="empty key"),
        account(IntacctID__c="C-3"),
    )
    items = as_items(api.patch("composite/sobjects/Account/IntacctID__c", body))
    assert items[0] == {"id": known, "success": True, "errors": [], "created": False}
    assert items[1]["created"] is True
    assert [i["errors"][0]["statusCode"] for i in items[2:]] == [
        "DUPLICATE_VALUE",
        "MISSING_ARGUMENT",
        "MISSING_ARGUMENT",
        "REQUIRED_FIELD_MISSING",
    ]
    assert "Duplicate external id specified: C-1" in items[2]["errors"][0]["message"]
    assert "IntacctID__c not specified" in items[3]["errors"][0]["message"]
    assert items[5]["created"] is False
    assert sorted(api.column("SELECT Name FROM Account")) == ["A", "B"]
    assert org.api_calls == 3


def test_all_or_none_takes_everything_back(api: Api) -> None:
    api.create("Account", Name="a", IntacctID__c="C-1")
    body = batch(
        account(IntacctID__c="C-1", Name="A"),
        account(IntacctID__c="C-2", Name="B"),
        account(IntacctID__c="C-3", Phone="1" * 41, Name="c"),
        all_or_none=True,
    )
    items = as_items(api.patch("composite/sobjects/Account/IntacctID__c", body))
    assert [i["success"] for i in items] == [False, False, False]
    assert [i["errors"][0]["statusCode"] for i in items] == ["ALL_OR_NONE_OPERATION_ROLLED_BACK"] * 2 + [
        "STRING_TOO_LONG"
    ]
    assert [i["created"] for i in items] == [False, True, False]
    assert api.query("SELECT Name, IntacctID__c FROM Account")[0]["Name"] == "a"
    assert len(api.query("SELECT Id FROM Account WHERE IntacctID__c IN ('C-1', 'C-2', 'C-3')")) == 1


def test_delete_by_ids(api: Api, org: SalesforceOrg) -> None:
    ids = [api.create("Account", Name=n) for n in "abc"]
    items = as_items(
        api.delete("composite/sobjects", params={"ids": f"{ids[0]},001000000000009AAA,junk", "allOrNone": "false"})
    )
    assert [i["success"] for i in items] == [True, False, False]
    assert [i["errors"][0]["statusCode"] for i in items[1:]] == ["INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID"]
    items = as_items(api.delete("composite/sobjects", params={"ids": f"{ids[1]},{ids[0]}", "allOrNone": "true"}))
    assert [i["errors"][0]["statusCode"] for i in items] == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "ENTITY_IS_DELETED"]
    assert org.count("Account") == 2


def test_retrieve_keeps_order_and_shows_gaps(api: Api) -> None:
    first, second = api.create("Account", Name="a"), api.create("Account", Name="b")
    by_get = api.get(
        "composite/sobjects/Account", params={"ids": f"{second},001000000000009AAA,{first}", "fields": "Name"}
    ).json()
    by_post = api.post(
        "composite/sobjects/Account", {"ids": [second, "001000000000009AAA", first], "fields": ["Name"]}
    ).json()
    assert by_get == by_post
    assert [r and r["Name"] for r in by_get] == ["b", None, "a"]


@pytest.mark.parametrize(
    ("path", "method", "body", "code"),
    [
        ("composite/sobjects", "POST", batch(*[account(Name="x")] * 201), "EXCEEDED_ID_LIMIT"),
        ("composite/sobjects", "POST", {"records": "x"}, "JSON_PARSER_ERROR"),
        ("composite/sobjects", "POST", batch({"Name": "no type"}), "INVALID_INPUT"),
        ("composite/sobjects", "POST", batch({"attributes": {"type": "Nothing"}}), "INVALID_TYPE"),
        ("composite/sobjects", "POST", batch(account(Name="a"), account(Name="x", Foo=1)), "INVALID_FIELD"),
        ("composite/sobjects", "POST", batch(account(Name="a"), account(Name=5)), "JSON_PARSER_ERROR"),
        ("composite/sobjects/Account/Name", "PATCH", batch(account(Name="a")), "NOT_FOUND"),
        (
            "composite/sobjects/Account/IntacctID__c",
            "PATCH",
            batch({"attributes": {"type": "Contact"}}),
            "INVALID_TYPE",
        ),
        (
            "composite/sobjects",
            "POST",
            batch(*[{"attributes": {"type": t}, "Name": "x"} for t in ["Account", "Product2"] * 6]),
            "INVALID_INPUT",
        ),
    ],
)
def test_a_malformed_call_is_refused_as_a_whole(
    api: Api, org: SalesforceOrg, path: str, method: str, body: dict[str, Any], code: str
) -> None:
    reply = api.http.request(method, api.path(path), json=body)
    assert reply.status_code in (400, 404)
    assert error_of(reply)["errorCode"] == code
    assert org.count("Account") == 0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdE"), st.booleans()), max_size=12), st.booleans())
def test_an_upsert_leaves_one_row_per_key_whatever_comes(keys: list[tuple[str, bool]], all_or_none: bool) -> None:
    org = make_org(Clock())
    api = Api(org)
    for _ in range(2):
        records = [account(IntacctID__c=k, Name=("x" * 300 if bad else k)) for k, bad in keys]
        items = as_items(api.patch("composite/sobjects/Account/IntacctID__c", batch(*records, all_or_none=all_or_none)))
        assert len(items) == len(keys)
    stored = api.column("SELECT IntacctID__c FROM Account")
    assert len(stored) == len({k.lower() for k in stored})
    if all_or_none and any(bad for _, bad in keys):
        assert stored == []
