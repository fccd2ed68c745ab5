"""Idempotency keys whose results are gone or that nobody heeds, tokens that die in mid-run, clocks that jump."""

from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from .services import CONTACT, CUSTOMER, NOON, STAMP, Services

NEW = {"id": "Ann", "printAs": "Ann"}


def post(services: Services, body: object = NEW, key: str = "k") -> Any:
    return services.ia("POST", f"objects/{CONTACT}", body, key=key)


def test_a_key_seen_before_may_have_lost_its_result(services: Services) -> None:
    services.fault("intacct", "idempotency_conflict")
    assert post(services).status_code == 201
    assert post(services, {"id": "Bob", "printAs": "Bob"}, key="other").status_code == 201
    again = post(services)
    assert (again.status_code, again.json()["ia::result"]["ia::error"]["code"]) == (409, "conflict")
    replay = post(services)
    assert replay.status_code == 201
    assert replay.headers["x-ia-idempotency-cached-date"] == f"{STAMP}Z"
    assert replay.headers["Idempotency-Key"] == "k"


def test_a_service_may_not_heed_keys_at_all(services: Services) -> None:
    services.fault("intacct", "idempotency_ignored", count=None)
    assert [post(services).status_code for _ in range(2)] == [201, 422]
    unnamed = {"name": "Twice", "id": "T-1"}
    path = f"objects/{CUSTOMER}"
    assert services.ia("POST", path, unnamed, key="c").status_code == 201
    key = services.rows(CUSTOMER, filters=[{"$eq": {"id": "T-1"}}])[0]["key"]
    for name in ("one", "two"):
        assert services.ia("PATCH", f"{path}/{key}", {"name": name}, key="p").status_code == 200
    services.sandbox.faults.clear()
    assert services.ia("PATCH", f"{path}/{key}", {"name": "three"}, key="p").status_code == 200


def test_a_token_dies_at_the_nth_call_and_stays_dead(services: Services) -> None:
    for service in ("salesforce", "intacct"):
        services.fault(service, "expire_token", skip=2)
    path = "query?q=SELECT+Id+FROM+Account"
    assert [services.sf("GET", path).status_code for _ in range(5)] == [200, 200, 401, 401, 401]
    body = {"object": CUSTOMER, "fields": ["key"]}
    answers = [services.ia("POST", "services/core/query", body).status_code for _ in range(5)]
    assert answers == [200, 200, 401, 401, 401]


def test_a_jumped_clock_shows_in_stamps_and_dates_and_comes_right_again(services: Services) -> None:
    for service in ("salesforce", "intacct"):
        services.fault(service, "clock_jump", seconds=-3600, lasting=2)
    answers = [services.sf("POST", "sobjects/Account", {"Name": name}) for name in "abc"]
    hours = [parsedate_to_datetime(answer.headers["Date"]).hour for answer in answers]
    assert hours == [11, 11, 12]
    stamps = [services.sandbox.org.row("Account", answer.json()["id"])["SystemModstamp"] for answer in answers]  # type: ignore[index] # just created
    assert [str(stamp)[11:13] for stamp in stamps] == ["11", "11", "12"]
    replies = [services.ia("POST", f"objects/{CONTACT}", {"id": name, "printAs": name}) for name in "abc"]
    assert [parsedate_to_datetime(reply.headers["Date"]).hour for reply in replies] == [11, 11, 12]
    rows = services.rows(CONTACT, "audit.modifiedDateTime", filters=[{"$in": {"id": ["a", "b", "c"]}}])
    assert [row["audit.modifiedDateTime"][11:13] for row in rows] == ["11", "11", "12"]


@pytest.mark.parametrize("seconds", [-86_400 * 3, 86_400 * 3])
def test_a_jump_without_end_stays_and_ends_neither_tokens_nor_keys(services: Services, seconds: float) -> None:
    assert post(services).status_code == 201
    for service in ("salesforce", "intacct"):
        services.fault(service, "clock_jump", seconds=seconds)
    for _ in range(3):
        there = services.sf("GET", "query?q=SELECT+Id+FROM+Account")
        here = post(services)
        for answer, status in ((there, 200), (here, 201)):
            assert answer.status_code == status
            assert (parsedate_to_datetime(answer.headers["Date"]) - NOON).total_seconds() == seconds
    assert "x-ia-idempotency-cached-date" in here.headers
