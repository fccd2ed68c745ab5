"""Batches of which some records are refused, or which the service dies in the middle of: what is told, what is done."""

from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .services import CONTACT, CUSTOMER, Services

REACHED = [HealthCheck.function_scoped_fixture]


def accounts(names: list[str]) -> dict[str, Any]:
    return {"records": [{"attributes": {"type": "Account"}, "Name": name} for name in names]}


def contacts(names: list[str]) -> list[dict[str, str]]:
    return [{"id": name, "printAs": name} for name in names]


def stored(services: Services, names: list[str]) -> list[bool]:
    """Whether each name is there, as account and as contact alike."""
    in_org = {row["Name"] for row in services.sandbox.org.db.table("Account").live()}
    in_company = set(services.sandbox.company.store[CONTACT].by_id)
    return [name in in_org | in_company for name in names]


def test_the_named_records_of_a_collection_are_locked_and_the_others_written(services: Services) -> None:
    services.fault("salesforce", "partial", records=(0, 3, 9))
    names = list("abcd")
    answer = services.sf("POST", "composite/sobjects", accounts(names))
    assert answer.status_code == 200
    assert [item["success"] for item in answer.json()] == [False, True, True, False]
    assert answer.json()[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert stored(services, names) == [False, True, True, False]


def test_the_named_records_of_an_array_are_refused_and_the_others_written(services: Services) -> None:
    services.fault("intacct", "partial", records=(1,))
    answer = services.ia("POST", f"objects/{CONTACT}", contacts(["Ann", "Bob"]))
    assert answer.status_code == 207
    body = answer.json()
    assert [item["ia::status"] for item in body["ia::result"]] == [201, 422]
    assert body["ia::result"][1]["ia::error"]["details"][0]["additionalInfo"]["messageId"] == "IA.RECORD_IS_LOCKED"
    assert body["ia::meta"] == {"totalCount": 2, "totalSuccess": 1, "totalError": 1}
    assert stored(services, ["Ann", "Bob"]) == [True, False]


def test_a_refusal_may_have_words_of_its_own(services: Services) -> None:
    for service in ("salesforce", "intacct"):
        services.fault(service, "partial", records=(0,), code="MY_CODE", message="my words")
    item = services.sf("POST", "composite/sobjects", accounts(["a"])).json()[0]["errors"][0]
    assert (item["statusCode"], item["message"]) == ("MY_CODE", "my words")
    error = services.ia("POST", f"objects/{CONTACT}", contacts(["Ann"])).json()["ia::result"][0]["ia::error"]
    assert (error["code"], error["message"]) == ("MY_CODE", "my words")


@settings(max_examples=25, deadline=None, suppress_health_check=REACHED)
@given(share=st.floats(0.05, 1), seed=st.integers(0, 99), size=st.integers(1, 12))
def test_refused_records_have_no_effect_and_all_others_do(
    services: Services, share: float, seed: int, size: int
) -> None:
    example = len(services.sandbox.faults.fired)
    names = [f"{example}-{position}" for position in range(size)]
    told = []
    for service in ("salesforce", "intacct"):
        services.fault(service, "partial", share=share, seed=seed)
    items = services.sf("POST", "composite/sobjects", accounts([f"sf {name}" for name in names])).json()
    told.append([item["success"] for item in items])
    result = services.ia("POST", f"objects/{CONTACT}", contacts([f"ia {name}" for name in names])).json()
    told.append([item["ia::status"] == 201 for item in result["ia::result"]])
    services.sandbox.faults.clear()
    assert told[0] == told[1]
    assert told[0].count(False) == min(size, max(1, round(share * size)))
    assert stored(services, [f"sf {name}" for name in names]) == told[0]
    assert stored(services, [f"ia {name}" for name in names]) == told[1]


def test_all_or_nothing_batches_are_taken_back_as_a_whole(services: Services) -> None:
    services.fault("salesforce", "partial", records=(1,))
    body = accounts(["a", "b"]) | {"allOrNone": True}
    items = services.sf("POST", "composite/sobjects", body).json()
    codes = [item["errors"][0]["statusCode"] for item in items]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "UNABLE_TO_LOCK_ROW"]
    assert stored(services, ["a", "b"]) == [False, False]


def test_a_row_lock_refuses_every_record_and_single_ones_too(services: Services) -> None:
    account, customer = services.ids("Account")[0], str(services.customers()[0]["key"])
    for service in ("salesforce", "intacct"):
        services.fault(service, "row_lock", count=None, method=("POST", "PATCH", "DELETE"))
    assert [item["success"] for item in services.sf("POST", "composite/sobjects", accounts(["a", "b"])).json()] == [
        0,
        0,
    ]
    for method, path in (("PATCH", f"sobjects/Account/{account}"), ("POST", "sobjects/Account")):
        answer = services.sf(method, path, {"Name": "new"})
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "UNABLE_TO_LOCK_ROW")
    assert services.sf("DELETE", f"sobjects/Account/{account}").status_code == 400
    assert services.sf("DELETE", "composite/sobjects", params={"ids": account}).json()[0]["success"] is False
    assert services.ia("PATCH", f"objects/{CUSTOMER}/{customer}", {"name": "new"}).status_code == 422
    assert services.ia("DELETE", f"objects/{CUSTOMER}/{customer}").status_code == 422
    assert services.ia("POST", f"objects/{CONTACT}", contacts(["Ann", "Bob"])).status_code == 422
    assert services.sandbox.org.row("Account", account)["Name"] != "new"  # type: ignore[index] # the account is there
    assert services.customers()[0]["name"] != "new"
    assert services.rows()[0]["key"] == customer, "a query is no write"


def test_records_of_a_composite_are_counted_across_its_parts(services: Services) -> None:
    services.fault("salesforce", "partial", records=(1, 3))
    base = "/services/data/v59.0"
    parts = [
        {"method": "POST", "url": f"{base}/sobjects/Account", "referenceId": "a", "body": {"Name": "a"}},
        {"method": "GET", "url": f"{base}/query?q=SELECT+Id+FROM+Account", "referenceId": "q"},
        {"method": "POST", "url": f"{base}/sobjects/Account", "referenceId": "b", "body": {"Name": "b"}},
        {"method": "POST", "url": f"{base}/composite/sobjects", "referenceId": "c", "body": accounts(["c", "d"])},
    ]
    answer = services.sf("POST", "composite", {"compositeRequest": parts}).json()["compositeResponse"]
    assert [part["httpStatusCode"] for part in answer] == [201, 200, 400, 200]
    assert [item["success"] for item in answer[3]["body"]] == [True, False]
    assert stored(services, list("abcd")) == [True, False, True, False]


def test_steps_of_an_intacct_composite_are_records_too(services: Services) -> None:
    services.fault("intacct", "partial", records=(1,))
    steps = [{"method": "POST", "path": f"/objects/{CONTACT}", "body": one} for one in contacts(["Ann", "Bob"])]
    answer = services.ia("POST", "services/core/composite", steps)
    assert [step["ia::status"] for step in answer.json()["ia::result"]] == [201, 422]
    assert stored(services, ["Ann", "Bob"]) == [True, False]


@pytest.mark.parametrize(("records", "done"), [(None, 2), (0, 0), (1, 1), (5, 5), (9, 5)])
def test_a_cut_off_batch_is_done_in_part_and_never_answered(services: Services, records: int | None, done: int) -> None:
    names = list("abcde")
    for service in ("salesforce", "intacct"):
        services.fault(service, "cut_off", records=records)
    with pytest.raises(requests.ConnectionError):
        services.sf("POST", "composite/sobjects", accounts([f"sf {name}" for name in names]))
    with pytest.raises(requests.ConnectionError):
        services.ia("POST", f"objects/{CONTACT}", contacts([f"ia {name}" for name in names]), key="k")
    for prefix in ("sf", "ia"):
        assert stored(services, [f"{prefix} {name}" for name in names]) == [position < done for position in range(5)]
    again = services.ia("POST", f"objects/{CONTACT}", contacts([f"ia {name}" for name in names]), key="k")
    assert "x-ia-idempotency-cached-date" not in again.headers, "the service died before it could keep the answer"


def test_a_cut_off_batch_may_be_answered_by_a_gateway(services: Services) -> None:
    services.fault("intacct", "cut_off", status=502)
    assert services.ia("POST", f"objects/{CONTACT}", contacts(["Ann", "Bob"])).status_code == 502
    assert stored(services, ["Ann", "Bob"]) == [True, False]


@pytest.mark.parametrize("service", ["salesforce", "intacct"])
def test_an_error_after_the_work_leaves_the_work_done(services: Services, service: str) -> None:
    services.fault(service, "status_after")
    if service == "salesforce":
        answer = services.sf("POST", "sobjects/Account", {"Name": "Ann"})
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (500, "UNKNOWN_EXCEPTION")
    else:
        answer = services.ia("POST", f"objects/{CONTACT}", contacts(["Ann"])[0])
        assert (answer.status_code, answer.json()["ia::error"]["code"]) == (500, "GW-0001")
    assert stored(services, ["Ann"]) == [True]
