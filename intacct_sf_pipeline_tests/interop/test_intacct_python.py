"""The community SDKs for Python: sageintacctsdk and pyintacct (XML), sageintacctrestsdk (REST)."""

from __future__ import annotations

from typing import Any

import pytest

from .clients import Clients
from .conftest import intacct_runner

XML = {
    "session": True,
    "session_given": True,
    "session_renewed": True,
    "show_private": True,
    "counts": {"active": 33, "all": 40, "inactive": 5, "one": 7, "both": 5, "either": 11, "payload": 38},
    "everything": {
        "customers": 40,
        "contacts": 100,
        "items": 20,
        "location_entities": 2,
        "locations": 3,
        "vendors": 0,
        "employees": 0,
    },
    "everything_by_fields": [["CUSTOMERID", "RECORDNO"], 40],
    "generator": [33, True],
    "generator_nothing": [[]],
    "by_query": {"between": 3, "among": 4, "and": 2, "or": 2, "payload": 40, "nothing": 0},
    "read_by_query": ["item", "20", "0", ""],
    "get": ["customer", True],
    "vendors_get": "0",
    "price_entries": [18, 3],
    "objects": ["All", {"@typename": "CUSTOMER", "#text": "Customer"}],
    "objects_one": "CUSTOMER",
    "customer_post": {"@listtype": "objects", "@count": "1", "customer": {"RECORDNO": "41", "CUSTOMERID": "C-PY"}},
    "customer_read_back": {
        "NAME": "Fern & Söhne <GmbH>",
        "CREDITLIMIT": "1234.5",
        "DISPLAYCONTACT.EMAIL1": "ap@fern.example",
        "DISPLAYCONTACT.MAILADDRESS.CITY": "Köln",
    },
    "customer_update": "success",
    "item_post": {"@listtype": "objects", "@count": "1", "item": {"RECORDNO": "21", "ITEMID": "I-PY"}},
    "item_update": "success",
    "attachments": ["success", "Folder PY", "success", "A-PY", "success"],
    "attachments_delete": "success",
}
XML_ERRORS = {
    "wrong_user_password": ("InvalidTokenError", "Sign-in information is incorrect"),
    "wrong_company": ("InvalidTokenError", "Sign-in information is incorrect"),
    "wrong_entity": ("InvalidTokenError", "Sign-in information is incorrect"),
    "wrong_sender_password": ("WrongParamsError", "Incorrect Intacct XML Partner ID or password."),
    "dead_session": ("InvalidTokenError", "Invalid session faKE"),
    "session_ended": ("InvalidTokenError", "Invalid session"),
    "by_query_lone_or": ("WrongParamsError", "XL03000003"),
    "too_many_values": ("WrongParamsError", "Element 'value': This element is not expected"),
    "unknown_field": ("WrongParamsError", r"\n\tcustomer: [NOSUCH, NORTHIS]"),
    "unknown_object": ("WrongParamsError", "Object definition NOSUCH not found"),
    "bad_literal": ("WrongParamsError", "DL02000001"),
    "contact_duplicate": ("WrongParamsError", "BL34000061"),
    "contact_bad_email": ("WrongParamsError", "BL03000018"),
    "customer_duplicate": ("WrongParamsError", "BL34000061"),
    "customer_update_missing": ("WrongParamsError", "nobody"),
    "delete_missing": ("WrongParamsError", "Cannot find customer with key '99999999' to delete."),
    "throttled": ("SageIntacctSDKError", "GW-0010"),
    "throttled_in_words": ("InternalServerError", "API rate limit exceeded"),
    "unauthorized": ("InvalidTokenError", "XMLGW_JPP0002"),
    "forbidden": ("NoPrivilegeError", ""),
    "broken": ("InternalServerError", "GW-0001"),
}
PYINTACCT = {
    "session_in_entity": True,
    "read_by_query_nothing": 0,
    "inspect_all": ["ARACCOUNTLABEL", "ARTERM", "AUDITHISTORY"],
    "inspect_one": [True, True],
    "create": ["Ünal, Mia (PI)", "success"],
    "update": ["Mia U.", "555 0100"],
    "delete": "delete",
    "legacy_contact": ["Legacy (PI)", 0],
    "session": [True, "https://api.intacct.com/ia/xml/xmlgw.phtml", "+00:00"],
}
PYINTACCT_ERRORS = {
    "wrong_password": ("IntacctException", "Sign-in information is incorrect"),
    "wrong_sender": ("IntacctException", "Incorrect Intacct XML Partner ID or password."),
    "bad_query": ("IntacctException", "There was an error processing the request."),
    "duplicate": ("IntacctException", "already exists"),
    "throttled": ("IntacctException", "API rate limit exceeded"),
    "broken": ("IntacctServerError", "GW-0001"),
}
REST = {
    "client_credentials": [3, True, 43_200],
    "refresh_token": [True, True, True],
    "access_token": True,
    "in_entity": [True, 2],
    "session_id": ["expiresIn", "sessionId"],
    "counts": {"all": 40, "active": 33, "either": 38, "private": 40},
    "generator": [40, True, ["audit.modifiedDateTime", "contacts.default.email1", "id", "key", "name"]],
    "count_differs_from_nothing": [[]],
    "attachment_folders": True,
    "departments": True,
    "contact_post": ["href", "id", "key"],
    "customer_post": {
        "ia::result": {"key": "41", "id": "C-RE", "href": "/objects/accounts-receivable/customer/41"},
        "ia::meta": {"totalCount": 1, "totalSuccess": 1, "totalError": 0},
    },
    "customer_post_again": True,
    "customer_by_key": ["C-RE", "Fern & Söhne <GmbH>", 1234.5, "ap@fern.example", "Köln"],
    "customer_update": [["ia::meta", "ia::result"], "changed", ["Support"]],
    "item_post": "I-RE",
    "item_update": "210.25",
    "deletes": [[None, None], 0],
    "token_renewed": True,
}
REST_ERRORS = {
    "wrong_secret": ("BadRequestError", "The provided credentials are invalid"),
    "wrong_client": ("BadRequestError", "GW-0011"),
    "wrong_user": ("BadRequestError", "The provided credentials are invalid"),
    "no_token": ("BadRequestError", "GW-0031"),
    "contact_duplicate": ("BadRequestError", "Another record with the value Ünal, Mia (RE) already exists"),
    "customer_post_other_body": ("BadRequestError", "409"),
    "unknown_key": ("BadRequestError", "notFound"),
    "unknown_field": ("BadRequestError", "REST-1106"),
    "unknown_object": ("BadRequestError", "platform-apps/nsp::nosuch"),
    "missing_required": ("BadRequestError", "REST-1064"),
    "bad_operator": ("BadRequestError", "$like"),
    "throttled": ("BadRequestError", "GW-0010"),
    "forbidden": ("BadRequestError", "403"),
    "broken": ("InternalServerError", "GW-0001"),
    "off_line": ("InternalServerError", "503"),
}
DEAD_TOKENS = {
    "401": {
        "wrong_refresh_token": ("BadRequestError", "invalid_grant"),
        "dead_token": ("BadRequestError", "REST-2102"),
        "token_ended": ("BadRequestError", "REST-2102"),
    },
    "400": dict.fromkeys(
        ("wrong_refresh_token", "dead_token", "token_ended"), ("InvalidTokenError", "The token is not valid")
    ),
}
"""How the REST client tells a dead token, by the status the service gives it."""

Seen = dict[str, Any]


@pytest.fixture(scope="module")
def xml(clients: Clients, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    with intacct_runner(clients, tmp_path_factory.mktemp("xml")) as running:
        return running.python("intacct", "intacct_xml_walk.py")


@pytest.fixture(scope="module")
def pyintacct(clients: Clients, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    with intacct_runner(clients, tmp_path_factory.mktemp("pyintacct")) as running:
        return running.python("intacct", "pyintacct_walk.py")


@pytest.fixture(scope="module", params=DEAD_TOKENS)
def rest(
    request: pytest.FixtureRequest, clients: Clients, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Seen]:
    """The REST walk, against services that tell dead tokens either way."""
    with intacct_runner(clients, tmp_path_factory.mktemp("rest"), "--intacct-expired-status", request.param) as running:
        return request.param, running.python("intacct", "intacct_rest_walk.py")


def _check_errors(seen: Seen, errors: dict[str, tuple[str, str]]) -> None:
    """Every step that raised is expected to, with its class and words."""
    raised = {step: value for step, value in seen.items() if isinstance(value, dict) and "thrown" in value}
    assert {step: value["thrown"] for step, value in raised.items()} == {
        step: error[0] for step, error in errors.items()
    }
    for step, (_, words) in errors.items():
        assert words in f"{raised[step]['message']} {raised[step].get('response')!r}", (step, raised[step])


@pytest.mark.parametrize("step", XML)
def test_sageintacctsdk_sees(xml: Seen, step: str) -> None:
    assert xml[step] == XML[step]


def test_sageintacctsdk_raises_the_right_classes(xml: Seen) -> None:
    _check_errors(xml, XML_ERRORS)


def test_sageintacctsdk_reads_the_model(xml: Seen) -> None:
    assert {"CUSTOMERID", "DISPLAYCONTACT.EMAIL1"} <= set(xml["lookup"]["fields"])
    assert set(xml["lookup"]["types"]) <= {
        "TEXT",
        "INTEGER",
        "BOOLEAN",
        "DATE",
        "TIMESTAMP",
        "ENUM",
        "DECIMAL",
        "CURRENCY",
        "PERCENT",
        "SEQUENCE",
    }
    assert [dimension["objectName"] for dimension in xml["dimensions"]][:2] == ["DEPARTMENT", "LOCATION"]
    assert xml["session_in_entity"] <= xml["counts"]["all"] + 1


def test_sageintacctsdk_gets_attachments_back(xml: Seen) -> None:
    one, folder = xml["attachments_read"]["one"], xml["attachments_read"]["folder"]
    assert (one["supdocid"], one["folder"], one["description"]) == ("A-PY", "Folder PY", "changed")
    assert one["attachments"]["attachment"] == {
        "attachmentname": "p",
        "attachmenttype": "txt",
        "attachmentdata": "YQ==",
    }
    assert (folder["name"], xml["attachments_read"]["none"]) == ("Folder PY", "0")


def test_a_generic_delete_answers_without_data(xml: Seen) -> None:
    assert [set(told) for told in xml["deletes"]] == [{"status", "function", "controlid"}] * 2
    assert xml["contact_post"]["data"]["contact"]["CONTACTNAME"] == "Ünal, Mia (PY)"


@pytest.mark.parametrize("step", PYINTACCT)
def test_pyintacct_sees(pyintacct: Seen, step: str) -> None:
    assert pyintacct[step] == PYINTACCT[step]


def test_pyintacct_raises_the_right_classes(pyintacct: Seen) -> None:
    _check_errors(pyintacct, PYINTACCT_ERRORS)


def test_pyintacct_follows_result_ids_to_the_end(pyintacct: Seen) -> None:
    rows, different, stati = pyintacct["read_by_query"]
    assert (rows == different > 7, stati) == (True, ["active"])
    assert pyintacct["read_by_query_all_fields"] > 0


def test_sageintacctrestsdk_sees(rest: tuple[str, Seen]) -> None:
    _, seen = rest
    assert {step: seen[step] for step in REST} == REST


def test_sageintacctrestsdk_raises_the_right_classes(rest: tuple[str, Seen]) -> None:
    status, seen = rest
    _check_errors(seen, REST_ERRORS | DEAD_TOKENS[status])


def test_sageintacctrestsdk_reads_models_and_dimensions(rest: tuple[str, Seen]) -> None:
    _, seen = rest
    assert seen["model"][:2] == ["objects/accounts-receivable/customer", "rootObject"]
    assert {"fields", "groups", "refs", "lists", "httpMethods", "idempotenceSupported"} <= set(seen["model"][3])
    assert seen["dimensions"][6] == {
        "dimensionName": "ITEM",
        "dimensionLabel": "Item",
        "termName": "Item",
        "isUserDefinedDimension": False,
        "isEnabledInGL": True,
        "dimensionEndpoint": "/objects/inventory-control/item",
    }
    assert {"customers": 40, "items": 20, "location_entities": 2}.items() <= seen["every_object"].items()
    assert 0 < seen["pinned_to_entity"] <= seen["counts"]["all"]
