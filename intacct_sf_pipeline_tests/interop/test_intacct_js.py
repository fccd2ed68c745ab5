"""@intacct/intacct-sdk, the vendor's own for JavaScript: sessions, the model, reads old and new, writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .clients import Clients
from .conftest import Runner, intacct_runner

GATEWAY = "https://api.intacct.com/ia/xml/xmlgw.phtml"
WRITTEN = {"function": "create", "list": "objects", "count": 1}
EXPECTED = {
    # Sessions.
    "sessionInEntity": ["E100", "E100"],
    "sessionFromSession": "E200",
    "sessionToTop": "",
    "sessionRenewed": "success",
    # What there is.
    "permissions": ["appSubscription"],
    # Records.
    "contactCreate": {**WRITTEN, "data": [{"RECORDNO": "101", "CONTACTNAME": "Ünal, Mia (JS)"}]},
    "contactUpdate": {
        **WRITTEN,
        "function": "update",
        "data": [{"RECORDNO": "101", "CONTACTNAME": "Ünal, Mia (JS)"}],
    },
    "customerCreate": {**WRITTEN, "data": [{"RECORDNO": "41", "CUSTOMERID": "C-JS"}]},
    "itemCreate": {**WRITTEN, "data": [{"RECORDNO": "21", "ITEMID": "I-JS"}]},
    "itemUpdate": {**WRITTEN, "function": "update", "data": [{"RECORDNO": "21", "ITEMID": "I-JS"}]},
    "warehouseCreate": {**WRITTEN, "data": [{"RECORDNO": "3", "WAREHOUSEID": "W-JS"}]},
    "warehouseUpdate": {**WRITTEN, "function": "update", "data": [{"RECORDNO": "3", "WAREHOUSEID": "W-JS"}]},
    "readMissing": {"function": "read", "list": "CUSTOMER", "count": 0, "data": []},
    "contactRead": {
        "function": "query",
        "list": "CONTACT",
        "count": 1,
        "total": 1,
        "remaining": 0,
        "data": [
            {
                "RECORDNO": "101",
                "CONTACTNAME": "Ünal, Mia (JS)",
                "COMPANYNAME": "Fern & Söhne <GmbH>",
                "PHONE1": "+49 30 555 0100",
                "URL1": "https://fern.example",
                "MAILADDRESS.ADDRESS1": "1 Straße",
                "MAILADDRESS.COUNTRY": "Germany",
                "MAILADDRESS.COUNTRYCODE": "DE",
                "INITIAL": "Q",
                "STATUS": "active",
            }
        ],
    },
    "dotted": [
        {
            "CUSTOMERID": "C-JS",
            "DISPLAYCONTACT.EMAIL1": "ap@fern.example",
            "DISPLAYCONTACT.MAILADDRESS.CITY": "Portland",
            "CONTACTINFO.CONTACTNAME": "Ünal, Mia (JS)",
        }
    ],
    "stock": {
        "rows": [{"ITEMID": "I-JS", "WAREHOUSEID": "W-JS"}],
        "item": {"IONHAND": "12", "NAME": "Pump 9", "BASEPRICE": "210.25"},
    },
    # Queries.
    "filters": {
        "all": 41,
        "equal": 1,
        "unequal": 40,
        "less": 2,
        "atMost": 3,
        "more": 40,
        "atLeast": 41,
        "between": 3,
        "among": 2,
        "notAmong": 39,
        "like": 40,
        "unlike": 1,
        "empty": 41,
        "filled": 41,
        "both": 1,
        "either": 2,
        "nested": 1,
    },
    "caseInsensitive": [[], ["C-JS"]],
    "readByQueryOperators": {
        "text": 1,
        "quoted": 0,
        "nothing": 41,
        "something": 41,
        "after": 41,
        "before": 0,
        "keys": 3,
        "number": 41,
        "either": 34,
        "neither": 2,
    },
    "getList": {"function": "get_list", "list": "[object Object]", "total": 41, "start": 0, "end": 40, "data": 41},
    # Attachments.
    "attachments": ["Folder JS", "A-JS", "success"],
    "attachmentsDelete": ["success", "success", "success"],
    # Several functions at once.
    "rolledBack": ["Batch 1", "Batch 2"],
    "transactionDone": [["t4", "success"], ["t5", "success"]],
    "deletes": {
        "customer": ["delete_customer", "success", "C-JS"],
        "contact": ["delete_contact", "success", "Batch 1"],
    },
    "retried": "success",
}
ERRORS = {
    "wrongPassword": ("ResponseException", "Response authentication status failure - XL03000006 Sign-in information"),
    "wrongCompany": ("ResponseException", "Response authentication status failure - XL03000006 Sign-in information"),
    "wrongEntity": ("ResponseException", "Response authentication status failure - XL03000006 Sign-in information"),
    "wrongSender": ("ResponseException", "Response control status failure - XL03000006 Incorrect Intacct XML Partner"),
    "deadSession": ("ResponseException", "Response authentication status failure - XL03000006 Invalid session faKE"),
    "sessionEnded": ("ResponseException", "Response authentication status failure - XL03000006 Invalid session"),
    "offline": ("ResponseException", "policy ID 'asyncPolicyId'"),
    "lookupUnknown": ("ResultException", "Object definition NOSUCH not found"),
    "unknownObject": ("ResultException", "Query Failed Object definition NOSUCH not found"),
    "unknownField": ("ResultException", "\n\tcustomer: [NOSUCH, NORTHIS]"),
    "readUnknownField": ("ResultException", "Invalid fields list NOSUCH"),
    "manyIds": (
        "ResponseException",
        "XL03000003 XML Parse schema error: Element 'value': This element is not expected",
    ),
    "badPage": ("ResponseException", "XL03000003 XML Parse schema error: Element 'pagesize'"),
    "readMoreUnknown": ("ResultException", "resultId"),
    "contactDuplicate": ("ResultException", "BL34000061 Another Contact with the given value(s) Ünal, Mia (JS)"),
    "contactBadEmail": ("ResultException", "BL03000018 Illegal format for Contactversion : Primary Email Address"),
    "customerDuplicate": ("ResultException", "BL34000061 Another Customer with the given value(s) C-JS"),
    "customerBadParent": ("ResultException", "nobody"),
    "itemDuplicate": ("ResultException", "BL34000061 Another Item with the given value(s) I-JS"),
    "stockBadItem": ("ResultException", "Invalid Item 'nothing'"),
    "deleteMissing": ("ResultException", "Cannot find customer with key 'nobody' to delete."),
    "deleteUsed": ("ResultException", "Cannot delete item 'I-JS' because it is being used."),
    "transaction": ("ResultException", "failure for Control ID: t2 - BL34000061"),
    "unique": ("ResultException", "once-js"),
    "throttled": ("ResponseException", "GW-0010 API rate limit exceeded"),
    "unauthorized": ("ResponseException", "XMLGW_JPP0002"),
    "broken": ("Error", "Request retry count exceeded"),
    "offlineSite": ("Error", "Request retry count exceeded"),
    "late": ("FetchError", "524"),
}
"""Step -> (class the client throws, words of the service in it)."""


@pytest.fixture(scope="module")
def intacct(clients: Clients, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with intacct_runner(clients, tmp_path_factory.mktemp("js")) as running:
        yield running


@pytest.fixture(scope="module")
def seen(intacct: Runner) -> dict[str, Any]:
    return intacct.node("intacct_sdk_walk.mjs", through_gateway=True)


@pytest.mark.parametrize("step", EXPECTED)
def test_a_step_sees(seen: dict[str, Any], step: str) -> None:
    assert seen[step] == EXPECTED[step]


@pytest.mark.parametrize("step", ERRORS)
def test_a_refusal_is_of_the_right_kind(seen: dict[str, Any], step: str) -> None:
    thrown, words = ERRORS[step]
    assert (seen[step]["thrown"], words in seen[step]["message"]) == (thrown, True), seen[step]


def test_no_other_step_fails(seen: dict[str, Any]) -> None:
    failed = {step for step, value in seen.items() if isinstance(value, dict) and "thrown" in value}
    assert failed == set(ERRORS)


def test_a_session_belongs_to_the_address_the_client_called(seen: dict[str, Any], intacct: Runner) -> None:
    told, login = seen["session"], seen["login"]
    assert (told["endpoint"], told["entity"], told["given"]) == (GATEWAY, "", True)
    assert (told["company"], told["user"]) == (intacct.given["intacct"]["company_id"], "sync")
    assert [stamp[-6:] for stamp in told["timed"]] == ["+00:00", "+00:00"]
    assert (login["sender"], login["unique"], login["dtd"]) == (intacct.given["intacct"]["sender_id"], "false", "3.0")


def test_the_model_names_objects_fields_and_dimensions(seen: dict[str, Any]) -> None:
    assert {"CUSTOMERID", "DISPLAYCONTACT.MAILADDRESS.CITY", "CREATEDBYLOGINID"} <= set(seen["lookup"]["ids"])
    assert {"DISPLAYCONTACT", "PARENT"} <= set(seen["lookup"]["relations"])
    assert seen["inspectAll"]["count"] == len(seen["inspectAll"]["names"])
    [dimensions] = seen["dimensions"]
    assert {"objectName": "ITEM", "objectLabel": "Item", "termLabel": "Item"}.items() <= dimensions["dimension"][
        6
    ].items()
    assert [one["dimension"] for one in seen["dimensionRelationships"]] == [
        one["objectName"] for one in dimensions["dimension"]
    ]
    assert {entry["application"] for entry in seen["preferences"]} == {"AR"}


def test_pages_cover_everything_once_and_queries_have_no_result_id(seen: dict[str, Any]) -> None:
    pages = seen["pages"]
    assert [key for page in pages for key in page["ids"]] == seen["everyCustomer"]
    assert [(page["count"], page["remaining"], page["id"]) for page in pages][-2:] == [(7, 6, None), (6, 0, None)]


def test_read_by_query_pages_by_result_id(seen: dict[str, Any]) -> None:
    told = seen["readByQuery"]
    assert (told["list"], told["total"], told["stati"]) == ("customer", len(set(told["ids"])), ["active"])


def test_what_was_written_is_read_back(seen: dict[str, Any]) -> None:
    named = seen["customerRead"]["named"]
    assert (named["NAME"], named["ENTITY"], named["COMMENTS"]) == ("Fern & Söhne <GmbH>", "CC-JS", "changed")
    assert named["DISPLAYCONTACT"]["PRINTAS"] == "Fern & Söhne"
    keyed = seen["customerRead"]["keyed"]["data"]
    assert keyed == [{"NAME": "Fern & Söhne <GmbH>", "COMMENTS": "changed", "CREDITLIMIT": "2000", "STATUS": "active"}]


def test_aggregates_group_by_the_plain_fields(seen: dict[str, Any]) -> None:
    assert sum(int(row["COUNT.RECORDNO"]) for row in seen["aggregates"]) == 41
    assert set(seen["aggregates"][0]) == {
        "STATUS",
        "COUNT.RECORDNO",
        "MIN.TOTALDUE",
        "MAX.TOTALDUE",
        "AVG.TOTALDUE",
        "TOTALDUE",
    }


def test_one_failure_of_a_batch_leaves_the_others_alone(seen: dict[str, Any]) -> None:
    assert [(control, status) for control, status, _ in seen["batch"]] == [
        ("b1", "success"),
        ("b2", "failure"),
        ("b3", "success"),
    ]
    assert seen["stockReceipt"]["key"].startswith("Inventory Receipt-")
