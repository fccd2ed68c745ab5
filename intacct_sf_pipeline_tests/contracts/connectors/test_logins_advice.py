"""Every refusal that the tables of advice know, served to a connector: the message names setting and screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from intacct_sf_pipeline.connectors.intacct import advice as intacct_advice
from intacct_sf_pipeline.connectors.salesforce import SalesforceConnector, SalesforceOptions
from intacct_sf_pipeline.connectors.salesforce.login import (
    ClientCredentialsLogin,
    JwtLogin,
    Login,
    SessionLogin,
    SoapLogin,
)
from intacct_sf_pipeline.connectors.salesforce.login import advice as salesforce_advice
from intacct_sf_pipeline.model import errors
from intacct_sf_pipeline.settings import VARIABLES

from .builders import HTTP, SECRET, intacct
from .clocks import FakeTime
from .scripted import Answer, Asked, ScriptedServer, scripted_server

SETTING = re.compile(r"\b(?:INTACCT|SALESFORCE)_[A-Z_]+[A-Z]\b")
SCREEN = re.compile(r"Setup >|Company >|developer portal|Network Access|Reset My Security Token|Salesforce support")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "app.pem"
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(
        made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def salesforce_by(flow: str, url: str, key_file: Path, time: FakeTime) -> SalesforceConnector:
    options = SalesforceOptions(login_url=url, client_id="app", client_secret=SecretStr(SECRET), http=HTTP)
    password = SecretStr(SECRET)
    logins: dict[str, Login] = {
        "client_credentials": ClientCredentialsLogin(options),
        "jwt": JwtLogin(url, "app", "sync@harbor.example", key_file, time.timing()),
        "password": SoapLogin(url, "sync@harbor.example", password, SecretStr("tok"), "62.0"),
        "session": SessionLogin(url, password),
    }
    return SalesforceConnector(options, time.timing(), logins[flow])


def fault(code: str, message: str) -> bytes:
    return (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>sf:{code}</faultcode><faultstring>{code}: {escape(message)}</faultstring><detail><sf:LoginFault>"
        f"<sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{escape(message)}</sf:exceptionMessage>"
        "</sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    ).encode()


def flows_of(entry: salesforce_advice.Advice) -> list[str]:
    if entry.flow:
        return [entry.flow]
    return ["password"] if entry.code.isupper() else ["client_credentials", "jwt"]


SALESFORCE = [(entry, flow) for entry in salesforce_advice.ADVICE for flow in flows_of(entry)]


@pytest.mark.parametrize(("entry", "flow"), SALESFORCE, ids=[f"{e.code} {e.words} {f}" for e, f in SALESFORCE])
def test_each_refusal_by_salesforce_names_setting_and_screen(
    server: ScriptedServer, key_file: Path, entry: salesforce_advice.Advice, flow: str
) -> None:
    code = entry.code or "something_new"
    quoted = "" if flow == "jwt" else SECRET  # an assertion brings no secret that could be quoted
    words = f"Refused: {entry.words} ({quoted})"
    time = FakeTime()
    same_clock = {"Date": format_datetime(time.timing().clock(), usegmt=True)}
    oauth = Answer({"error": code, "error_description": words}, 400, same_clock)
    server.script = lambda _: Answer(fault(code, words), 500) if flow == "password" else oauth
    with pytest.raises(errors.AuthenticationError) as caught:
        salesforce_by(flow, server.url, key_file, time).ping()
    assert caught.value.cure == entry.cure
    assert entry.cure in str(caught.value)
    assert set(SETTING.findall(entry.cure)) <= set(VARIABLES)
    assert SETTING.search(entry.cure) or SCREEN.search(entry.cure)
    assert SECRET not in str(caught.value)
    assert len(server.asked) == 1  # refused credentials are not tried again


def test_the_tables_hold_no_row_that_another_hides() -> None:
    for place, (entry, flow) in enumerate(SALESFORCE):
        first = next(e for e, f in SALESFORCE if f == flow and e.fits(flow, entry.code, entry.words))
        assert first is entry, f"row {place}: {entry}"


INTACCT = list(intacct_advice.ADVICE)


@pytest.mark.parametrize("entry", INTACCT, ids=[" ".join(sorted(e.codes)) or e.words or "else" for e in INTACCT])
@pytest.mark.parametrize("shape", ["gateway", "error", "oauth"])
def test_each_refusal_by_intacct_names_setting_and_screen(
    server: ScriptedServer, entry: intacct_advice.Advice, shape: str
) -> None:
    for code in entry.codes or {"somethingNew"}:
        words = f"Refused: {entry.words} ({SECRET})"
        body: dict[str, object] = {
            "gateway": {"ia::error": {"code": code, "message": words, "details": {"requestId": "R:1"}}},
            "error": {"error": {"code": code, "message": words, "supportId": "S%7E1"}},
            "oauth": {"error": code, "error_description": words},
        }[shape]
        server.script = lambda _, body=body: Answer(body, 401)  # type: ignore[misc]
        with pytest.raises(errors.AuthenticationError) as caught:
            intacct(server.url, FakeTime()).ping()
        assert caught.value.cure == entry.cure
        assert entry.cure in str(caught.value)
        assert SECRET not in str(caught.value)
    assert SETTING.findall(entry.cure)
    assert set(SETTING.findall(entry.cure)) <= set(VARIABLES)


def by_path(answers: dict[str, Answer]) -> object:
    def script(asked: Asked) -> Answer | None:
        return next((answer for path, answer in answers.items() if path in asked.path), None)

    return script


@pytest.mark.parametrize(
    ("status", "code", "message", "error", "says", "logins"),
    [
        (
            401,
            "INVALID_SESSION_ID",
            "This session is not valid for use with the REST API",
            errors.AuthenticationError,
            "API Access Control",
            1,
        ),
        (
            401,
            "INVALID_SESSION_ID",
            "Session expired or invalid",
            errors.AuthenticationError,
            "right after signing in",
            2,
        ),
        (
            403,
            "API_DISABLED_FOR_ORG",
            "The REST API is not enabled for this Organization.",
            errors.PermissionDeniedError,
            "edition",
            1,
        ),
        (
            403,
            "API_CURRENTLY_DISABLED",
            "API is disabled for this User",
            errors.PermissionDeniedError,
            "API Enabled",
            1,
        ),
        (403, "INSUFFICIENT_ACCESS_OR_READONLY", "no", errors.PermissionDeniedError, "Setup > Permission Sets", 1),
    ],
)
def test_a_session_that_may_not_be_used_says_why(
    server: ScriptedServer,
    key_file: Path,
    status: int,
    code: str,
    message: str,
    error: type[errors.ServiceError],
    says: str,
    logins: int,
) -> None:
    server.script = by_path({"/services/data": Answer([{"errorCode": code, "message": message}], status)})  # type: ignore[assignment]
    with pytest.raises(error, match=says) as caught:
        salesforce_by("client_credentials", server.url, key_file, FakeTime()).ping()
    assert server.logins == logins
    assert message in str(caught.value)


def test_a_given_session_that_ended_says_that_it_cannot_be_renewed(server: ScriptedServer, key_file: Path) -> None:
    expired = Answer([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}], 401)
    server.script = by_path({"/services/data": expired})  # type: ignore[assignment]
    with pytest.raises(errors.AuthenticationError, match="cannot be renewed") as caught:
        salesforce_by("session", server.url, key_file, FakeTime()).ping()
    assert "SALESFORCE_ACCESS_TOKEN" in caught.value.cure
    assert [asked.headers["Authorization"] for asked in server.asked] == [f"Bearer {SECRET}"]
    assert SECRET not in str(caught.value)
