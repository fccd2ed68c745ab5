"""Tokens: how a client logs in, what it gets, and how a session ends. Source: salesforce.md section 2."""

import pytest
from starlette.testclient import TestClient

from intacct_sf_pipeline.sandbox.salesforce.app import create_app
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import CLIENT_ID, CLIENT_SECRET, Api, Clock, error_of


@pytest.fixture
def http(org: SalesforceOrg) -> TestClient:
    return TestClient(create_app(org, lambda: "http://127.0.0.1:8080"))


def test_basic_header_and_form_fields_both_log_in(http: TestClient, org: SalesforceOrg) -> None:
    by_header = http.post(
        "/services/oauth2/token", data={"grant_type": "client_credentials"}, auth=(CLIENT_ID, CLIENT_SECRET)
    )
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    by_form = http.post("/services/oauth2/token", data=form)
    for reply in (by_header, by_form):
        assert reply.status_code == 200
        body = reply.json()
        assert set(body) == {"access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"}
        assert body["access_token"].startswith(org.organization_id[:15] + "!")
        assert body["instance_url"] == "http://127.0.0.1:8080"
        assert body["id"].endswith(f"/id/{org.organization_id}/{org.integration_user.id}")
        assert body["token_type"] == "Bearer"
        assert body["issued_at"] == str(int(org.clock().timestamp() * 1000))
    assert by_header.json()["access_token"] != by_form.json()["access_token"]
    assert org.api_calls == 0


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "device", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, "unsupported_grant_type"),
        ({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": CLIENT_SECRET}, "invalid_client_id"),
        ({"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": "x"}, "invalid_client"),
        ({"grant_type": "client_credentials"}, "invalid_request"),
    ],
)
def test_bad_logins_are_refused_in_oauth_shape(http: TestClient, form: dict[str, str], error: str) -> None:
    reply = http.post("/services/oauth2/token", data=form)
    assert reply.status_code == 400
    assert reply.json()["error"] == error
    assert reply.json()["error_description"]
    assert CLIENT_SECRET not in reply.text


def test_a_call_without_a_token_or_with_a_wrong_one_is_refused(http: TestClient) -> None:
    bare = http.get("/services/data/v59.0/limits")
    assert bare.status_code == 401
    assert error_of(bare)["errorCode"] == "INVALID_AUTH_HEADER"
    wrong = http.get("/services/data/v59.0/limits", headers={"Authorization": "Bearer nonsense"})
    assert wrong.status_code == 401
    assert wrong.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_expired_tokens_stop_working_and_a_new_login_helps(api: Api, org: SalesforceOrg) -> None:
    assert api.get("limits").status_code == 200
    org.expire_tokens()
    reply = api.get("limits")
    assert reply.status_code == 401
    assert error_of(reply)["errorCode"] == "INVALID_SESSION_ID"
    api.login()
    assert api.get("limits").status_code == 200


def test_a_session_ends_after_two_idle_hours_and_use_prolongs_it(api: Api, clock: Clock) -> None:
    for _ in range(3):
        clock.advance(hours=1.9)
        assert api.get("limits").status_code == 200
    clock.advance(hours=2.1)
    assert api.get("limits").status_code == 401


def test_a_revoked_token_stops_working(api: Api) -> None:
    token = api.http.headers["Authorization"].removeprefix("Bearer ")
    assert api.http.post("/services/oauth2/revoke", data={"token": token}).status_code == 200
    assert api.get("limits").status_code == 401
    assert api.http.post("/services/oauth2/revoke", data={"token": token}).status_code == 400


def test_identity_and_userinfo_name_the_run_as_user(api: Api, org: SalesforceOrg) -> None:
    info = api.http.get("/services/oauth2/userinfo").json()
    assert info["user_id"] == org.integration_user.id
    assert info["organization_id"] == org.organization_id
    identity = api.http.get(f"/id/{org.organization_id}/{org.integration_user.id}").json()
    assert identity["username"] == org.integration_user.username
    assert identity["urls"]["rest"].endswith("/services/data/v{version}/")


def test_introspection_tells_a_known_client_whose_token_it_is_and_until_when(
    api: Api, org: SalesforceOrg, clock: Clock
) -> None:
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    token = api.http.headers["Authorization"].removeprefix("Bearer ")
    clock.advance(minutes=30)
    told = api.http.post("/services/oauth2/introspect", data={**client, "token": token}).json()
    began = int(clock.now.timestamp()) - 1800
    assert told == {
        "active": True,
        "scope": "api",
        "client_id": CLIENT_ID,
        "username": org.integration_user.username,
        "sub": f"http://testserver/id/{org.organization_id}/{org.integration_user.id}",
        "token_type": "access_token",
        "exp": began + 7200,
        "iat": began,
        "nbf": began,
    }
    clock.advance(hours=2)
    ended = api.http.post("/services/oauth2/introspect", data={"token": token}, auth=(CLIENT_ID, CLIENT_SECRET))
    assert (ended.status_code, ended.json()) == (200, {"active": False})
    stranger = api.http.post("/services/oauth2/introspect", data={"token": token, "client_id": "somebody"})
    assert (stranger.status_code, stranger.json()["error"]) == (400, "invalid_client_id")


def test_a_token_is_asked_for_by_post_only(api: Api) -> None:
    reply = api.http.get("/services/oauth2/token", params={"grant_type": "client_credentials"})
    assert reply.status_code == 400
    assert reply.json() == {"error": "invalid_request", "error_description": "must use HTTP POST"}
