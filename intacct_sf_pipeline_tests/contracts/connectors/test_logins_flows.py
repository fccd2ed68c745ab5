"""Each way of signing in on the real sandbox, and what goes over the wire doing so."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pytest
from pydantic import SecretStr

from intacct_sf_pipeline.cli.live import connection_finding, services
from intacct_sf_pipeline.connectors.salesforce import SalesforceConnector, SalesforceOptions
from intacct_sf_pipeline.connectors.salesforce.login import Grant, JwtLogin, SessionLogin, SoapLogin
from intacct_sf_pipeline.connectors.salesforce.login.jwt_bearer import audience
from intacct_sf_pipeline.model import errors
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.runtime import build_connectors
from intacct_sf_pipeline.sandbox.logins import public_key
from intacct_sf_pipeline.sandbox.server import Sandbox, SandboxOptions, running_sandbox
from intacct_sf_pipeline.settings import VARIABLES, load_settings

from .builders import HTTP, SECRET
from .clocks import FakeTime
from .scripted import Answer, ScriptedServer, scripted_server

SMALL = {"accounts": 3, "contacts": 3, "items": 2, "warehouses": 1}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("key") / "app.pem"


@pytest.fixture(scope="module")
def running(key_file: Path) -> Iterator[Sandbox]:
    with running_sandbox(SandboxOptions(**SMALL, jwt_key=key_file)) as sandbox:
        yield sandbox


def variables(sandbox: Sandbox, flow: str) -> dict[str, str]:
    document = sandbox.ready_document()
    given = document["salesforce"]
    others = {k: v for k, v in document["env"].items() if k.startswith("INTACCT_")}
    login = {"SALESFORCE_LOGIN_URL": given["login_url"], "SALESFORCE_CLIENT_ID": given["client_id"]}
    user = {"SALESFORCE_USERNAME": given["username"]}
    return (
        others
        | {
            "client_credentials": {**login, "SALESFORCE_CLIENT_SECRET": given["client_secret"]},
            "jwt": {**login, **user, "SALESFORCE_PRIVATE_KEY_FILE": given["private_key_file"]},
            "password": {
                "SALESFORCE_LOGIN_URL": given["login_url"],
                **user,
                "SALESFORCE_PASSWORD": given["password"],
                "SALESFORCE_SECURITY_TOKEN": given["security_token"],
            },
            "session": {
                "SALESFORCE_INSTANCE_URL": given["instance_url"],
                "SALESFORCE_ACCESS_TOKEN": given["access_token"],
            },
        }[flow]
    )


def findings(monkeypatch: pytest.MonkeyPatch, given: dict[str, str], tmp_path: Path) -> dict[Side, object]:
    """What `doctor` finds out about both connections with these variables."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    found = services(build_connectors(load_settings()))
    return {side: connection_finding(side, service) for side, service in found.items()}


@pytest.mark.parametrize("flow", ["client_credentials", "jwt", "password", "session"])
def test_the_variables_of_each_login_open_the_door(
    running: Sandbox, flow: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = findings(monkeypatch, variables(running, flow), tmp_path)
    assert "credentials are accepted" in str(found[Side.SALESFORCE])
    assert "credentials are accepted" in str(found[Side.INTACCT])


@pytest.mark.parametrize(
    ("flow", "wrong", "names"),
    [
        ("client_credentials", {"SALESFORCE_CLIENT_SECRET": "wrong"}, "SALESFORCE_CLIENT_SECRET"),
        ("client_credentials", {"SALESFORCE_CLIENT_ID": "wrong"}, "SALESFORCE_CLIENT_ID"),
        ("jwt", {"SALESFORCE_CLIENT_ID": "wrong"}, "SALESFORCE_CLIENT_ID"),
        ("jwt", {"SALESFORCE_USERNAME": "nobody@harbor.example"}, "SALESFORCE_USERNAME"),
        ("password", {"SALESFORCE_PASSWORD": "wrong"}, "SALESFORCE_PASSWORD"),
        ("password", {"SALESFORCE_SECURITY_TOKEN": ""}, "SALESFORCE_SECURITY_TOKEN"),
        ("session", {"SALESFORCE_ACCESS_TOKEN": "wrong"}, "SALESFORCE_ACCESS_TOKEN"),
        ("client_credentials", {"INTACCT_CLIENT_SECRET": "wrong"}, "INTACCT_CLIENT_SECRET"),
        ("client_credentials", {"INTACCT_CLIENT_ID": "wrong"}, "INTACCT_CLIENT_ID"),
        ("client_credentials", {"INTACCT_USERNAME": "sync"}, "INTACCT_USERNAME"),
        ("client_credentials", {"INTACCT_USERNAME": "sync@other-co"}, "INTACCT_USERNAME"),
        ("client_credentials", {"INTACCT_USERNAME": "nobody@acme-co"}, "INTACCT_USERNAME"),
        ("client_credentials", {"INTACCT_USERNAME": "sync@acme-co|E9"}, "Company > Entities"),
        ("client_credentials", {"INTACCT_ENTITY_ID": "E9"}, "INTACCT_ENTITY_ID"),
    ],
)
def test_a_wrong_variable_is_named_by_the_doctor(
    running: Sandbox,
    flow: str,
    wrong: dict[str, str],
    names: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    found = findings(monkeypatch, {**variables(running, flow), **wrong}, tmp_path)
    side = Side.INTACCT if next(iter(wrong)).startswith("INTACCT") else Side.SALESFORCE
    other = Side.SALESFORCE if side is Side.INTACCT else Side.INTACCT
    assert names in getattr(found[side], "cure", "")
    assert "accepted" not in str(found[side])
    assert "accepted" in str(found[other])


def test_an_entity_in_the_user_name_opens_the_door_too(
    running: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = variables(running, "client_credentials")
    given["INTACCT_USERNAME"] += "|E100"
    assert "accepted" in str(findings(monkeypatch, given, tmp_path)[Side.INTACCT])


@pytest.mark.parametrize(
    ("without", "flow", "side", "says"),
    [
        ("salesforce:run-as-user", "client_credentials", Side.SALESFORCE, "Run As"),
        ("salesforce:app-approval", "jwt", Side.SALESFORCE, "Permitted Users"),
        ("salesforce:app-approval", "client_credentials", Side.SALESFORCE, "Permitted Users"),
        ("salesforce:client-credentials", "client_credentials", Side.SALESFORCE, "Flow Enablement"),
        ("salesforce:soap-login", "password", Side.SALESFORCE, "SOAP API login()"),
        ("salesforce:fresh-password", "password", Side.SALESFORCE, "new password"),
        ("salesforce:user", "jwt", Side.SALESFORCE, "activate"),
        ("salesforce:api", "session", Side.SALESFORCE, "edition"),
        ("salesforce:user-api", "client_credentials", Side.SALESFORCE, "API Enabled"),
        ("salesforce:api-scope", "client_credentials", Side.SALESFORCE, "scope api"),
        ("intacct:application", "client_credentials", Side.INTACCT, "Authorized Client Applications"),
        ("intacct:user", "client_credentials", Side.INTACCT, "Web Services users"),
    ],
)
def test_what_an_administrator_switched_off_is_told_with_its_screen(
    without: str,
    flow: str,
    side: Side,
    says: str,
    key_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with running_sandbox(SandboxOptions(**SMALL, jwt_key=key_file, without=(without,))) as sandbox:
        found = findings(monkeypatch, variables(sandbox, flow), tmp_path)
    assert says.lower() in getattr(found[side], "cure", "").lower()


def test_an_object_the_user_may_not_read_is_told_with_the_screen(key_file: Path, tmp_path: Path) -> None:
    del key_file, tmp_path
    from intacct_sf_pipeline.model.windows import Window

    from .builders import intacct, intacct_feed

    options = SandboxOptions(**SMALL, without=("intacct:accounts-receivable/customer:read",))
    with running_sandbox(options) as sandbox:
        env = sandbox.env
        connector = intacct(
            env["INTACCT_BASE_URL"],
            FakeTime(),
            client_id=env["INTACCT_CLIENT_ID"],
            client_secret=SecretStr(env["INTACCT_CLIENT_SECRET"]),
            username=env["INTACCT_USERNAME"],
        )
        with pytest.raises(errors.PermissionDeniedError, match="query accounts-receivable/customer") as caught:
            list(connector.read(intacct_feed(), ("id",), Window()))
    assert "INTACCT_USERNAME" in caught.value.cure
    assert "Web Services users" in caught.value.cure


def jwt_connector(url: str, key_file: Path, time: FakeTime) -> SalesforceConnector:
    public_key(key_file)
    login = JwtLogin(url, "consumer", "sync@harbor.example", key_file, time.timing())
    return SalesforceConnector(SalesforceOptions(login_url=url, http=HTTP), time.timing(), login)


def test_the_assertion_says_who_for_whom_and_for_how_long(server: ScriptedServer, key_file: Path) -> None:
    time = FakeTime()
    server.answers = [Answer({})]
    jwt_connector(server.url, key_file, time).ping()
    form = parse_qs(server.asked[0].body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    options = {"verify_exp": False}
    key = public_key(key_file)
    claims = jwt.decode(form["assertion"][0], key, algorithms=["RS256"], audience=server.url, options=options)
    now = time.timing().clock()
    assert claims == {
        "iss": "consumer",
        "sub": "sync@harbor.example",
        "aud": server.url,
        "exp": int((now + timedelta(minutes=3)).timestamp()),
    }


@pytest.mark.parametrize(
    ("login_url", "expected"),
    [
        ("https://harbor.my.salesforce.com", "https://login.salesforce.com"),
        ("https://login.salesforce.com", "https://login.salesforce.com"),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
        ("https://harbor--dev.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("https://harbor.develop.my.salesforce.com", "https://login.salesforce.com"),
        ("https://partners.harbor.example", "https://partners.harbor.example"),
        ("https://salesforce.com.example", "https://salesforce.com.example"),
    ],
)
def test_the_audience_is_the_login_service_of_the_kind_of_org(login_url: str, expected: str) -> None:
    assert audience(login_url) == expected


@pytest.mark.parametrize(("skew", "words"), [(400, "ahead of"), (-400, "behind"), (5, "")])
def test_a_clock_that_is_wrong_is_told_as_such(server: ScriptedServer, key_file: Path, skew: int, words: str) -> None:
    time = FakeTime()
    theirs = format_datetime(time.timing().clock() - timedelta(seconds=skew), usegmt=True)
    body = {"error": "invalid_grant", "error_description": "expired authorization code"}
    server.script = lambda _: Answer(body, 400, {"Date": theirs})
    with pytest.raises(errors.AuthenticationError) as caught:
        jwt_connector(server.url, key_file, time).ping()
    if words:
        assert f"clock is {abs(skew)} seconds {words} Salesforce's" in caught.value.cure
    else:
        assert "SALESFORCE_LOGIN_URL" in caught.value.cure


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        (b"-----BEGIN PRIVATE KEY-----\nZm9v\n-----END PRIVATE KEY-----\n", "no RSA private key"),
        (b"hush-hush", "no RSA private key"),
        (b"", "no RSA private key"),
    ],
)
def test_a_key_file_that_is_none_is_named(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)
    time = FakeTime()
    login = JwtLogin("http://127.0.0.1:9", "app", "u@harbor.example", path, time.timing())
    connector = SalesforceConnector(SalesforceOptions(login_url="http://127.0.0.1:9", http=HTTP), time.timing(), login)
    with pytest.raises(errors.ConfigurationError, match=words) as caught:
        connector.ping()
    assert caught.value.where == "SALESFORCE_PRIVATE_KEY_FILE"
    assert "hush" not in str(caught.value)


SESSION = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">'
    "<soapenv:Body><loginResponse><result><passwordExpired>{expired}</passwordExpired><serverUrl>{url}</serverUrl>"
    "<sessionId>session-1</sessionId></result></loginResponse></soapenv:Body></soapenv:Envelope>"
)


def soap_connector(url: str, password: str = SECRET) -> SalesforceConnector:
    time = FakeTime()
    login = SoapLogin(url, "s&y@harbor.example", SecretStr(password), SecretStr("<tok>"), "62.0")
    return SalesforceConnector(SalesforceOptions(login_url=url, http=HTTP), time.timing(), login)


def test_the_password_is_sent_with_its_token_and_the_orgs_own_address_is_used(server: ScriptedServer) -> None:
    with scripted_server() as org:
        org.answers = [Answer({})]
        reply = SESSION.format(expired="false", url=f"{org.url}/services/Soap/u/62.0/00D")
        server.script = lambda _: Answer(reply.encode())
        soap_connector(server.url).ping()
        assert org.asked[0].headers["Authorization"] == "Bearer session-1"
    assert server.asked[0].path == "/services/Soap/u/62.0"
    assert f"<n1:password>{SECRET}&lt;tok&gt;</n1:password>" in server.asked[0].body.decode()
    assert "<n1:username>s&amp;y@harbor.example</n1:username>" in server.asked[0].body.decode()


@pytest.mark.parametrize(
    "reply",
    [
        b"<html>a proxy's page</html>",
        b"",
        b"not xml <",
        b'<!DOCTYPE x [<!ENTITY a "b">]><x><sessionId>&a;</sessionId></x>',
        SESSION.format(expired="false", url="").encode(),
    ],
)
def test_a_reply_that_cannot_be_understood_gives_no_session(server: ScriptedServer, reply: bytes) -> None:
    server.script = lambda _: Answer(reply)
    with pytest.raises(errors.TransientError, match="could not be understood"):
        soap_connector(server.url).ping()


def test_a_session_is_not_sent_to_an_address_without_encryption(server: ScriptedServer) -> None:
    reply = SESSION.format(expired="false", url="http://harbor.example/services/Soap/u/62.0/00D")
    server.script = lambda _: Answer(reply.encode())
    with pytest.raises(errors.ConfigurationError, match="not https"):
        soap_connector(server.url).ping()
    with pytest.raises(errors.ConfigurationError, match="SALESFORCE_INSTANCE_URL"):
        SessionLogin("http://harbor.example", SecretStr(SECRET))


def test_an_expired_password_is_no_session(server: ScriptedServer) -> None:
    reply = SESSION.format(expired="true", url=f"{server.url}/services/Soap/u/62.0/00D")
    server.script = lambda _: Answer(reply.encode())
    with pytest.raises(errors.AuthenticationError, match="new password"):
        soap_connector(server.url).ping()
    assert len(server.asked) == 1


@pytest.mark.parametrize("version", ["65.0", "67.0"])
def test_versions_without_the_call_are_refused_with_the_cure(version: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=r"64\.0 or lower") as caught:
        SoapLogin("https://harbor.example", "u", SecretStr("p"), SecretStr(""), version)
    assert caught.value.where == "SALESFORCE_API_VERSION"


def test_a_login_that_is_overloaded_is_tried_again(server: ScriptedServer) -> None:
    busy = (
        "<e:Envelope xmlns:e='x'><e:Body><e:Fault><faultcode>sf:SERVER_UNAVAILABLE</faultcode>"
        "<faultstring>busy</faultstring></e:Fault></e:Body></e:Envelope>"
    )
    good = SESSION.format(expired="false", url=f"{server.url}/services/Soap/u/62.0/00D")
    server.answers = [Answer(busy.encode(), 500), Answer(good.encode()), Answer({})]
    soap_connector(server.url).ping()
    assert len(server.asked) == 3


def test_no_representation_shows_a_secret(key_file: Path) -> None:
    shown = repr(Grant("token-xyz", "https://harbor.example")) + repr(
        [
            SoapLogin("https://harbor.example", "u", SecretStr("pass-xyz"), SecretStr("tok-xyz"), "62.0"),
            SessionLogin("https://harbor.example", SecretStr("session-xyz")),
            JwtLogin("https://harbor.example", "c", "u", key_file, FakeTime().timing()),
        ]
    )
    assert "xyz" not in shown
    assert base64.b64encode(b"xyz").decode() not in json.dumps(shown)
