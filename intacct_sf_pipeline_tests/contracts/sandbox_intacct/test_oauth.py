"""Tokens: what is given out, what is refused and in which of the documented shapes (reference, 2)."""

from collections.abc import Callable

import pytest
import requests

from .service import CLIENT_ID, CLIENT_SECRET, Api, Running

GOOD = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "username": "sync@acme-co",
}


def post(running: Running, endpoint: str, **how: object) -> requests.Response:
    return requests.post(f"{running.api.base}/oauth2/{endpoint}", timeout=10, **how)


@pytest.mark.parametrize("encoding", ["data", "json"])
def test_form_and_json_bodies_give_a_token_that_works(running: Running, encoding: str) -> None:
    reply = post(running, "token", **{encoding: GOOD})
    assert reply.status_code == 200
    grant = reply.json()
    assert grant["token_type"] == "Bearer"
    assert grant["expires_in"] == 43200
    assert grant["access_token"].count(".") == 2
    running.api.http.headers["Authorization"] = f"Bearer {grant['access_token']}"
    assert running.api.query(object="inventory-control/item", fields=["key"]).status_code == 200


def test_a_refresh_token_gives_a_new_access_token_and_stays_valid(running: Running) -> None:
    form = {**GOOD, "grant_type": "refresh_token", "refresh_token": running.api.grant["refresh_token"]}
    for _ in range(2):
        grant = post(running, "token", data=form).json()
        assert grant["access_token"] != running.api.grant["access_token"]
        assert grant["refresh_token"] == running.api.grant["refresh_token"]


def test_a_rotating_refresh_token_works_once(start: Callable[..., Running]) -> None:
    running = start(rotate_refresh_token=True)
    form = {**GOOD, "grant_type": "refresh_token", "refresh_token": running.api.grant["refresh_token"]}
    assert post(running, "token", data=form).json()["refresh_token"] != running.api.grant["refresh_token"]
    again = post(running, "token", data=form)
    assert (again.status_code, again.json()) == (401, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"grant_type": "password"}, 400, "GW-0032"),
        ({"username": ""}, 400, "GW-0036"),
        ({"username": "sync"}, 400, "GW-0012"),
        ({"username": "sync@"}, 400, "GW-0012"),
        ({"username": "sync@other-co"}, 401, "GW-0011"),
        ({"username": ["a@acme-co", "b@acme-co"]}, 400, "GW-0039"),
        ({"client_id": None}, 400, "GW-0037"),
        ({"client_id": "stranger"}, 401, "GW-0011"),
        ({"client_id": ["a", "b"]}, 400, "GW-0038"),
        ({"client_secret": None}, 400, "GW-0015"),
    ],
)
def test_bad_token_requests_get_their_gateway_code(
    running: Running, change: dict[str, object], status: int, code: str
) -> None:
    reply = post(running, "token", data={**GOOD, **change})
    assert (reply.status_code, reply.json()["ia::error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    "change", [{"client_secret": "wrong"}, {"username": "nobody@acme-co"}, {"username": "sync@acme-co|E9"}]
)
def test_wrong_credentials_are_refused_without_saying_which(running: Running, change: dict[str, str]) -> None:
    reply = post(running, "token", data={**GOOD, **change})
    assert reply.status_code == 401
    assert reply.json()["error"]["message"] == "The provided credentials are invalid"
    assert CLIENT_SECRET not in reply.text


def test_empty_body_and_unknown_endpoint(running: Running) -> None:
    assert post(running, "token").json()["ia::error"]["code"] == "GW-0035"
    assert post(running, "tokens", data=GOOD).json()["ia::error"]["code"] == "GW-0033"
    assert (
        post(running, "token", data=b"{", headers={"Content-Type": "application/json"}).json()["ia::error"]["code"]
        == "GW-0032"
    )


@pytest.mark.parametrize(("status", "words"), [(401, "Token is not valid"), (400, "The token is not valid")])
def test_an_expired_token_is_refused_in_the_chosen_way(start: Callable[..., Running], status: int, words: str) -> None:
    running = start(expires_in=600, expired_token_status=status)
    assert running.api.call("GET", "/services/core/model").status_code == 200
    running.clock.advance(seconds=600)
    reply = running.api.call("GET", "/services/core/model")
    error = reply.json()["error"]
    assert (reply.status_code, error["message"], error["errorId"]) == (status, words, "REST-2102")
    assert "%7E" in error["supportId"]


@pytest.mark.parametrize(
    ("header", "code"), [(None, "GW-0034"), ("Basic x", "GW-0034"), ("Bearer nonsense", "GW-0031")]
)
def test_a_missing_or_undecodable_token_is_a_gateway_refusal(running: Running, header: str | None, code: str) -> None:
    headers = {} if header is None else {"Authorization": header}
    reply = requests.get(f"{running.api.base}/services/core/model", headers=headers, timeout=10)
    assert (reply.status_code, reply.json()["ia::error"]["code"]) == (401, code)


def test_revoking_ends_every_token_of_the_user(running: Running) -> None:
    other = Api(running.api.base)
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "token": other.grant["access_token"]}
    assert post(running, "revoke", data=form).json() == {"revoked": True}
    assert running.api.call("GET", "/services/core/model").status_code == 401
    refresh = {**GOOD, "grant_type": "refresh_token", "refresh_token": running.api.grant["refresh_token"]}
    assert post(running, "token", data=refresh).json() == {"error": "invalid_grant"}
    other.http.close()


def test_introspection_tells_what_a_token_is(running: Running) -> None:
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "token": running.api.grant["access_token"]}
    shown = post(running, "introspect", data=form).json()
    assert (shown["active"], shown["user_id"], shown["cny_id"]) == (True, "sync", "acme-co")
    assert shown["exp"] - shown["iat"] == 43200
    running.company.expire_tokens()
    assert post(running, "introspect", data=form).json() == {"active": False}


def test_secrets_are_not_in_reprs_or_the_request_log(running: Running) -> None:
    running.api.query(object="inventory-control/item", fields=["key"])
    shown = repr(list(running.company.requests)) + repr(vars(running.company.sessions)["_client"])
    assert CLIENT_SECRET not in shown
    assert running.api.grant["access_token"] not in shown
