"""Every way into the org, as the vendor opens and refuses it. Source: salesforce.md sections 1.3 and 2."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from starlette.testclient import TestClient

from intacct_sf_pipeline.sandbox.salesforce.app import create_app
from intacct_sf_pipeline.sandbox.salesforce.identity import UserSecrets
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import CLIENT_ID, CLIENT_SECRET, Clock, error_of, loopback_session, make_org, serving

PASSWORD, TOKEN, REFRESH = "pa<ss>&word ", "seCurityToken", "5Aep861refresh"
ADDRESS = "http://127.0.0.1:8080"
LOGIN = "https://login.salesforce.com"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def open_doors(org: SalesforceOrg, key: rsa.RSAPrivateKey) -> None:
    org.identity.set_password(org.integration_user.id, UserSecrets(PASSWORD, TOKEN))
    org.identity.add_refresh_token(REFRESH, org.integration_user.id)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    org.identity.certificate = public.decode()


@pytest.fixture
def http(org: SalesforceOrg, key: rsa.RSAPrivateKey) -> TestClient:
    open_doors(org, key)
    return TestClient(create_app(org, lambda: ADDRESS))


def pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def assertion(org: SalesforceOrg, key: rsa.RSAPrivateKey, clock: Clock, **changes: Any) -> str:
    claims = {
        "iss": CLIENT_ID,
        "sub": org.integration_user.username,
        "aud": LOGIN,
        "exp": int((clock() + timedelta(minutes=3)).timestamp()),
        **changes,
    }
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, pem(key), algorithm="RS256")


def ask(http: TestClient, grant: str, **form: str) -> Any:
    return http.post("/services/oauth2/token", data={"grant_type": grant, **form})


def works(http: TestClient, token: str) -> bool:
    reply = http.get("/services/data/v59.0/limits", headers={"Authorization": f"Bearer {token}"})
    return bool(reply.status_code == 200)


def soap_login(http: TestClient, user: str, password: str, version: str = "59.0") -> Any:
    body = (
        '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>'
        f'<n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>{escape(user)}</n1:username>'
        f"<n1:password>{escape(password)}</n1:password></n1:login></env:Body></env:Envelope>"
    )
    headers = {"Content-Type": "text/xml", "SOAPAction": "login"}
    return http.post(f"/services/Soap/u/{version}", content=body.encode(), headers=headers)


def between(text: str, tag: str) -> str:
    return text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]


@pytest.mark.parametrize("audience", [LOGIN, "https://test.salesforce.com", ADDRESS])
@pytest.mark.parametrize("as_text", [False, True])
def test_a_signed_assertion_gives_a_session_of_its_subject(
    http: TestClient, org: SalesforceOrg, key: rsa.RSAPrivateKey, clock: Clock, audience: str, as_text: bool
) -> None:
    expiry = int((clock() + timedelta(minutes=3)).timestamp())
    signed = assertion(org, key, clock, aud=audience, exp=str(expiry) if as_text else expiry)
    reply = ask(http, JWT_BEARER, assertion=signed)
    assert reply.status_code == 200, reply.text
    assert "refresh_token" not in reply.json()
    assert reply.json()["instance_url"] == ADDRESS
    assert works(http, reply.json()["access_token"])


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"iss": "stranger"}, "invalid_client_id", "client identifier invalid"),
        ({"aud": "https://elsewhere.example"}, "invalid_grant", "audience is invalid"),
        ({"sub": "nobody@sandbox.example"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"exp": 1}, "invalid_grant", "expired authorization code"),
        ({"exp": 4_000_000_000}, "invalid_grant", "invalid assertion"),
        ({"exp": "soon"}, "invalid_grant", "invalid assertion"),
        ({"exp": None}, "invalid_grant", "invalid assertion"),
    ],
)
def test_an_assertion_with_a_wrong_claim_is_refused(
    http: TestClient,
    org: SalesforceOrg,
    key: rsa.RSAPrivateKey,
    clock: Clock,
    changes: dict[str, Any],
    error: str,
    description: str,
) -> None:
    reply = ask(http, JWT_BEARER, assertion=assertion(org, key, clock, **changes))
    assert (reply.status_code, reply.json()) == (400, {"error": error, "error_description": description})


def test_only_the_registered_key_signs(
    http: TestClient, org: SalesforceOrg, key: rsa.RSAPrivateKey, clock: Clock
) -> None:
    refused = {"error": "invalid_grant", "error_description": "invalid assertion"}
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    signed = assertion(org, key, clock)
    forged = jwt.encode({"iss": CLIENT_ID, "aud": LOGIN}, "x" * 32, algorithm="HS256")
    for bad in (assertion(org, other, clock), signed[:-8] + "AAAAAAAA", forged, "no.jwt", "x"):
        assert ask(http, JWT_BEARER, assertion=bad).json() == refused
    org.identity.certificate = None
    assert ask(http, JWT_BEARER, assertion=signed).json() == refused
    assert ask(http, JWT_BEARER).json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("switch", "grant", "error", "description"),
    [
        ("client-credentials", "client_credentials", "unsupported_grant_type", "grant type not supported"),
        ("run-as-user", "client_credentials", "invalid_grant", "no client credentials user enabled"),
        ("app-approval", "client_credentials", "invalid_app_access", "user is not admin approved to access this app"),
        ("app-approval", JWT_BEARER, "invalid_grant", "user hasn't approved this consumer"),
        ("oauth-password", "password", "invalid_grant", "authentication failure"),
    ],
)
def test_each_switch_gives_the_vendors_refusal(
    http: TestClient,
    org: SalesforceOrg,
    key: rsa.RSAPrivateKey,
    clock: Clock,
    switch: str,
    grant: str,
    error: str,
    description: str,
) -> None:
    form = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "username": org.integration_user.username,
        "password": PASSWORD + TOKEN,
        "assertion": assertion(org, key, clock),
    }
    assert ask(http, grant, **form).status_code == 200
    org.identity.policy = org.identity.policy.without(switch)
    reply = ask(http, grant, **form)
    assert (reply.status_code, reply.json()) == (400, {"error": error, "error_description": description})


def test_a_refresh_token_gives_sessions_until_it_is_revoked(http: TestClient) -> None:
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH}
    assert works(http, ask(http, "refresh_token", **form).json()["access_token"])
    assert ask(http, "refresh_token", client_id=CLIENT_ID, refresh_token=REFRESH).status_code == 200
    assert ask(http, "refresh_token", client_id="x", refresh_token=REFRESH).json()["error"] == "invalid_client_id"
    assert http.post("/services/oauth2/revoke", data={"token": REFRESH}).status_code == 200
    reply = ask(http, "refresh_token", **form)
    assert reply.json() == {"error": "invalid_grant", "error_description": "expired access/refresh token"}


def test_a_code_that_nobody_consented_to_has_expired(http: TestClient) -> None:
    reply = ask(http, "authorization_code", client_id=CLIENT_ID, client_secret=CLIENT_SECRET, code="aPrx")
    assert reply.json() == {"error": "invalid_grant", "error_description": "expired authorization code"}


def test_an_inactive_user_is_not_let_in_and_its_sessions_end(http: TestClient, org: SalesforceOrg) -> None:
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    token = ask(http, "client_credentials", **form).json()["access_token"]
    assert works(http, token)
    org.set_active(org.integration_user, active=False)
    assert ask(http, "client_credentials", **form).json()["error"] == "inactive_user"
    assert "INVALID_LOGIN" in soap_login(http, org.integration_user.username, PASSWORD + TOKEN).text
    assert not works(http, token)
    org.set_active(org.integration_user, active=True)
    assert works(http, token)


@pytest.mark.parametrize(
    ("switch", "status", "code", "message"),
    [
        ("api", 403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."),
        ("user-api", 403, "API_CURRENTLY_DISABLED", "API is disabled for this User"),
        ("api-scope", 401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
    ],
)
def test_api_access_that_is_taken_away_is_refused_at_each_call(
    http: TestClient, org: SalesforceOrg, switch: str, status: int, code: str, message: str
) -> None:
    token = ask(http, "client_credentials", client_id=CLIENT_ID, client_secret=CLIENT_SECRET).json()["access_token"]
    org.identity.policy = org.identity.policy.without(switch)
    reply = http.get("/services/data/v59.0/limits", headers={"Authorization": f"Bearer {token}"})
    assert reply.status_code == status
    assert error_of(reply) == {"message": message, "errorCode": code}
    with pytest.raises(KeyError):
        org.identity.policy.without("no-such-switch")


@pytest.mark.parametrize("door", ["u", "c"])
def test_soap_login_gives_a_session_that_all_doors_take(http: TestClient, org: SalesforceOrg, door: str) -> None:
    reply = soap_login(http, org.integration_user.username.upper(), PASSWORD + TOKEN)
    assert reply.status_code == 200
    session = between(reply.text, "sessionId")
    assert works(http, session)
    assert between(reply.text, "serverUrl") == f"{ADDRESS}/services/Soap/u/59.0/{org.organization_id[:15]}"
    assert between(reply.text, "userId") == org.integration_user.id
    assert between(reply.text, "organizationId") == org.organization_id
    assert between(reply.text, "passwordExpired") == "false"
    header = f"<n:SessionHeader><n:sessionId>{session}</n:sessionId></n:SessionHeader>"
    names = 'xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:n="urn:partner.soap.sforce.com"'

    def call(operation: str) -> Any:
        body = f"<e:Envelope {names}><e:Header>{header}</e:Header><e:Body><n:{operation}/></e:Body></e:Envelope>"
        return http.post(f"/services/Soap/{door}/59.0", content=body, headers={"Content-Type": "text/xml"})

    assert between(call("getUserInfo").text, "userName") == org.integration_user.username
    assert call("logout").status_code == 200
    assert not works(http, session)


@pytest.mark.parametrize(
    ("password", "version", "switch", "code"),
    [
        ("wrong", "59.0", "", "INVALID_LOGIN"),
        (PASSWORD, "59.0", "", "LOGIN_MUST_USE_SECURITY_TOKEN"),
        (PASSWORD + TOKEN, "59.0", "soap-login", "INVALID_OPERATION"),
        (PASSWORD + TOKEN, "65.0", "", "INVALID_OPERATION"),
        (PASSWORD + TOKEN, "59.0", "api", "API_DISABLED_FOR_ORG"),
    ],
)
def test_soap_login_is_refused_by_a_login_fault(
    http: TestClient, org: SalesforceOrg, password: str, version: str, switch: str, code: str
) -> None:
    if switch:
        org.identity.policy = org.identity.policy.without(switch)
    reply = soap_login(http, org.integration_user.username, password, version)
    assert reply.status_code == 500
    assert between(reply.text, "faultcode") == f"sf:{code}"
    assert between(reply.text, "sf:exceptionCode") == code
    assert "sf:LoginFault" in reply.text
    assert PASSWORD not in reply.text


def test_a_trusted_network_needs_no_security_token(http: TestClient, org: SalesforceOrg) -> None:
    org.identity.policy = replace(org.identity.policy, trusted_network=True)
    assert soap_login(http, org.integration_user.username, PASSWORD).status_code == 200
    org.identity.policy = org.identity.policy.without("fresh-password")
    reply = soap_login(http, org.integration_user.username, PASSWORD)
    assert between(reply.text, "passwordExpired") == "true"


def test_the_public_client_signs_in_by_each_of_its_ways(key: rsa.RSAPrivateKey) -> None:
    org = make_org(Clock(datetime.now(UTC)))  # the client dates its assertions by the true clock
    open_doors(org, key)
    user = org.integration_user.username
    with serving(org) as base_url:
        ways = ways_in(org, key, base_url)
        clients = [Salesforce(**way, session=loopback_session(base_url)) for way in ways]
        found = [client.query(f"SELECT Id FROM User WHERE Username = '{user}'")["totalSize"] for client in clients]
        assert found == [1] * 5
        with pytest.raises(SalesforceAuthenticationFailed, match=r"INVALID_LOGIN.*Invalid username, password"):
            Salesforce(username=user, password="x", security_token="", session=loopback_session(base_url))
        with pytest.raises(SalesforceAuthenticationFailed, match="authentication failure"):
            Salesforce(**{**ways[1], "password": "x"}, session=loopback_session(base_url))


def ways_in(org: SalesforceOrg, key: rsa.RSAPrivateKey, base_url: str) -> list[dict[str, Any]]:
    """What the public client takes for each of its five ways of signing in."""
    user = org.integration_user.username
    return [
        {"username": user, "password": PASSWORD, "security_token": TOKEN},
        {"username": user, "password": PASSWORD + TOKEN, "consumer_key": CLIENT_ID, "consumer_secret": CLIENT_SECRET},
        {"username": user, "consumer_key": CLIENT_ID, "privatekey": pem(key).decode(), "domain": "login"},
        {"consumer_key": CLIENT_ID, "consumer_secret": CLIENT_SECRET, "domain": "acme.my"},
        {"session_id": org.sessions.issue(org.integration_user), "instance": base_url.removeprefix("http://")},
    ]


def test_nothing_secret_shows_in_a_representation(org: SalesforceOrg, http: TestClient) -> None:
    shown = repr(UserSecrets(PASSWORD, TOKEN)) + repr(org.identity) + json.dumps(http.get("/services/data").json())
    assert PASSWORD not in shown
    assert TOKEN not in shown
