"""Envelopes as clients send them, well and badly: what the gateway refuses as a whole, and what it takes.

One line is one request. Source: the reference, 2 and 3.4. Clients named beside a line send it so.
"""

import pytest

from .asking import AUTH, CALL, CONTROL, MIA, OPERATION, control, create, operation, request
from .gateway import COMPANY, LOGIN, SENDER, SENDER_PASSWORD, USER, USER_PASSWORD, Running

SCHEMA = "XL03000003"
REFUSED_ENVELOPES: dict[str, tuple[str | bytes, str]] = {
    "empty body": (b"", "XML Parse error"),
    "not XML": ("senderid=me", "XML Parse error"),
    "JSON": ('{"request": {}}', "XML Parse error"),
    "cut off": (request()[:-12], "XML Parse error"),
    "two roots": (request() + "<request/>", "XML Parse error"),
    "undeclared entity": (control("<controlid>c<", "<controlid>&nbsp;<"), "XML Parse error"),
    "document type": (request().replace("<request>", "<!DOCTYPE request><request>"), "XML Parse error"),
    "entities": (
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><request>&c;</request>',
        "XML Parse error",
    ),
    "external entity": (
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]><request>&a;</request>',
        "XML Parse error",
    ),
    "control character": (control("<controlid>c<", "<controlid>\x01<"), "XML Parse error"),
    "wrong bytes": (request().replace("<controlid>c<", "<controlid>ü<").encode("latin-1"), "XML Parse error"),
    "other root": (request().replace("request>", "req>"), "Element 'req'"),
    "upper-case root": (request().replace("request>", "REQUEST>"), "Element 'REQUEST'"),
    "no control": (request(control=""), "Element 'operation': This element is not expected. Expected is ( control )"),
    "no operation": (request(operation=""), "Element 'request': Missing child element(s). Expected is ( operation )"),
    "operation first": (request(OPERATION, CONTROL), "Element 'operation': This element is not expected."),
    "two controls": (request(CONTROL + CONTROL), "Element 'control': This element is not expected."),
    "no sender": (control(f"<senderid>{SENDER}</senderid>", ""), "Expected is ( senderid )"),
    "empty sender": (control(SENDER, ""), "Element 'senderid'"),
    "password first": (
        control(
            f"<senderid>{SENDER}</senderid><password>{SENDER_PASSWORD}</password>",
            f"<password>{SENDER_PASSWORD}</password><senderid>{SENDER}</senderid>",
        ),
        "Element 'password': This element is not expected.",
    ),
    "no controlid": (control("<controlid>c</controlid>", ""), "Expected is ( controlid )"),
    "uniqueid after dtdversion": (
        control(
            "<uniqueid>false</uniqueid><dtdversion>3.0</dtdversion>",
            "<dtdversion>3.0</dtdversion><uniqueid>true</uniqueid>",
        ),
        "Element 'uniqueid': This element is not expected.",
    ),
    "uniqueid no boolean": (
        control("<uniqueid>false<", "<uniqueid>no<"),
        "Element 'uniqueid': 'no' is not a valid value",
    ),
    "no dtdversion": (control("<dtdversion>3.0</dtdversion>", ""), "dtdversion"),
    "other dtdversion": (control("3.0", "4.0"), "Element 'dtdversion'"),
    "unknown control element": (control("</control>", "<loglevel>1</loglevel></control>"), "Element 'loglevel'"),
    "includewhitespace no boolean": (
        control("</control>", "<includewhitespace>maybe</includewhitespace></control>"),
        "Element 'includewhitespace'",
    ),
    "transaction no boolean": (operation("<operation>", '<operation transaction="yes">'), "Attribute 'transaction'"),
    "no authentication": (operation(AUTH, ""), "Expected is ( authentication )"),
    "empty authentication": (operation(LOGIN, ""), "Element 'authentication': Missing child element(s)."),
    "login and session": (operation(LOGIN, f"{LOGIN}<sessionid>s</sessionid>"), "Element 'sessionid'"),
    "empty session": (operation(LOGIN, "<sessionid/>"), "Element 'sessionid'"),
    "password before company": (
        operation(
            f"<companyid>{COMPANY}</companyid><password>{USER_PASSWORD}</password>",
            f"<password>{USER_PASSWORD}</password><companyid>{COMPANY}</companyid>",
        ),
        "Element 'password': This element is not expected. Expected is ( companyid )",
    ),
    "no user": (operation(f"<userid>{USER}</userid>", ""), "Expected is ( userid )"),
    "no content": (operation(f"<content>{CALL}</content>", ""), "Expected is ( content )"),
    "empty content": (operation(CALL, ""), "Element 'content': Missing child element(s). Expected is ( function )"),
    "call without function": (operation(CALL, "<readEntityDetails/>"), "Element 'readEntityDetails'"),
    "function without controlid": (operation(' controlid="f"', ""), "The attribute 'controlid' is required"),
    "function without call": (operation("<readEntityDetails/>", ""), "Element 'function': Missing child element(s)."),
    "function with two calls": (
        operation("<readEntityDetails/>", "<readEntityDetails/><getFinancialSetup/>"),
        "Element 'getFinancialSetup': This element is not expected.",
    ),
    "unknown function": (operation("readEntityDetails", "readEverything"), "Element 'readEverything'"),
    "function in wrong case": (operation("readEntityDetails", "readentitydetails"), "Element 'readentitydetails'"),
}


@pytest.mark.parametrize("case", REFUSED_ENVELOPES)
def test_an_envelope_is_refused_as_a_whole(running: Running, case: str) -> None:
    body, words = REFUSED_ENVELOPES[case]
    reply = running.door.post(body)
    assert (reply.http.status_code, reply.root.findtext("control/status")) == (200, "failure")
    assert reply.root.find("operation") is None
    errors = reply.errors()
    assert {error["errorno"] for error in errors} == {SCHEMA}
    assert words in "\n".join(error["description2"] for error in errors)
    assert running.company.transactions.total == 0


TAKEN_ENVELOPES: dict[str, str | bytes] = {
    "no declaration": request().partition("?>")[2],
    "byte order mark": b"\xef\xbb\xbf" + request().encode(),
    "UTF-16": request().replace("UTF-8", "UTF-16").encode("utf-16"),
    "Latin-1 declared": request()
    .replace("UTF-8", "ISO-8859-1")
    .replace("<controlid>c<", "<controlid>ü<")
    .encode("latin-1"),
    "blanks and comments": request().replace("><", ">\n  <!-- - -->\n  <"),
    "processing instruction": request().replace("<request>", "<?client 1?><request>"),
    "CDATA": control("<controlid>c<", "<controlid><![CDATA[c & d]]><"),
    "no sender password asked by the schema": control("<controlid>c<", "<controlid>2026-11-23 10:00:00.000001<"),
    "version 2.1": control("3.0", "2.1"),
    "policy empty": control("</dtdversion>", "</dtdversion><policyid/>"),
    "debug": control("</dtdversion>", "</dtdversion><debug>true</debug>"),
    "all of control": control(
        "</dtdversion>",
        "</dtdversion><includewhitespace>true</includewhitespace><showadditionalerrorinfo>true</showadditionalerrorinfo>",
    ),
    "explicit transaction": operation("<operation>", '<operation transaction="false">'),
    "entity of the login": operation("</login>", "<locationid>E100</locationid></login>"),
    "empty entity of the login, as sageintacctsdk sends it": operation("</login>", "<locationid></locationid></login>"),
    "client id of the login": operation("</login>", "<clientid>x</clientid></login>"),
}


@pytest.mark.parametrize("case", TAKEN_ENVELOPES)
def test_an_envelope_is_taken(running: Running, case: str) -> None:
    reply = running.door.post(TAKEN_ENVELOPES[case])
    assert [child.tag for child in reply.ok().data] != []


@pytest.mark.parametrize("kind", ["application/xml", "text/xml", "x-intacct-xml-request", "application/octet-stream"])
def test_any_content_type_is_taken(running: Running, kind: str) -> None:
    assert running.door.post(request(), Content_Type=kind).ok()


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_only_post_is_answered(running: Running, method: str) -> None:
    assert running.door.http.request(method, running.door.url, timeout=10).status_code == 405


SIGN_INS: dict[str, tuple[str, str, str]] = {
    "wrong password": (LOGIN.replace(USER_PASSWORD, "x"), "Sign-in information is incorrect", USER),
    "wrong user": (LOGIN.replace(f"<userid>{USER}", "<userid>nobody"), "Sign-in information is incorrect", "nobody"),
    "user in other case": (
        LOGIN.replace(f"<userid>{USER}", f"<userid>{USER.upper()}"),
        "Sign-in information is incorrect",
        USER.upper(),
    ),
    "wrong company": (LOGIN.replace(COMPANY, "nowhere"), "Sign-in information is incorrect", USER),
    "unknown entity": (
        LOGIN.replace("</login>", "<locationid>E9</locationid></login>"),
        "Sign-in information is incorrect",
        USER,
    ),
    "made-up session": ("<sessionid>0123456789abcdef</sessionid>", "Invalid session 01234567....", ""),
    "short session": ("<sessionid>abc</sessionid>", "Invalid session abc....", ""),
}


@pytest.mark.parametrize("case", SIGN_INS)
def test_a_sign_in_fails_before_any_function(running: Running, case: str) -> None:
    auth, words, user = SIGN_INS[case]
    reply = running.door.request(create(MIA), auth=auth)
    assert reply.root.findtext("control/status") == "success"
    told = reply.root.find("operation/authentication")
    assert told is not None
    assert (told.findtext("status"), told.findtext("userid")) == ("failure", user)
    assert reply.results == []
    [error] = reply.errors()
    assert (error["errorno"], error["description"], error["description2"]) == ("XL03000006", "", words)


@pytest.mark.parametrize(
    "sender", [("nobody", SENDER_PASSWORD), (SENDER, "x"), (SENDER.upper(), SENDER_PASSWORD), (SENDER, "")]
)
def test_a_wrong_sender_is_told_before_the_login(running: Running, sender: tuple[str, str]) -> None:
    reply = running.door.request("<readEntityDetails/>", auth=LOGIN.replace(USER, "nobody"), sender=sender)
    assert reply.root.find("operation") is None
    assert reply.error_numbers() == ["XL03000006"]
    assert SENDER_PASSWORD not in reply.http.text
