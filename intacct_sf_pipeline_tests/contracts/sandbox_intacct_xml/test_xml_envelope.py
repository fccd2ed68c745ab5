"""The frame of a request: schema, sender, sign-in, sessions, and the failures of each level (reference, 2 and 3)."""

from collections.abc import Callable

import pytest
import requests

from intacct_sf_pipeline_tests.contracts.sandbox_intacct.service import Api

from .gateway import COMPANY, LOGIN, SENDER, SENDER_PASSWORD, USER, USER_PASSWORD, Reply, Running

CONTROL = f"<senderid>{SENDER}</senderid><password>{SENDER_PASSWORD}</password><controlid>c</controlid>"
CALL = '<function controlid="f"><readEntityDetails/></function>'


def request(control: str = CONTROL + "<dtdversion>3.0</dtdversion>", auth: str = LOGIN, content: str = CALL) -> str:
    return (
        f"<request><control>{control}</control><operation><authentication>{auth}</authentication>"
        f"<content>{content}</content></operation></request>"
    )


def control_failure(reply: Reply) -> list[dict[str, str]]:
    """The errors of a reply in which nothing ran."""
    assert [child.tag for child in reply.root] == ["control", "errormessage"], reply.http.text
    assert reply.root.findtext("control/status") == "failure"
    return reply.errors()


def refused(reply: Reply) -> tuple[dict[str, str], str, str]:
    """The error of a reply that failed to authenticate, and the user and company it echoes."""
    operation = reply.root.find("operation")
    assert operation is not None
    assert [child.tag for child in operation] == ["authentication", "errormessage"], reply.http.text
    assert operation.findtext("authentication/status") == "failure"
    assert reply.root.findtext("control/status") == "success"
    [error] = reply.errors()
    return (
        error,
        operation.findtext("authentication/userid") or "",
        operation.findtext("authentication/companyid") or "",
    )


def test_a_request_that_fits_is_answered_at_all_three_levels(running: Running) -> None:
    reply = running.door.post(request())
    assert reply.http.status_code == 200
    assert reply.http.headers["Content-Type"] == 'text/xml; encoding="UTF-8";charset=UTF-8'
    control = {child.tag: child.text for child in reply.root.find("control") or ()}
    assert control == {
        "status": "success",
        "senderid": SENDER,
        "controlid": "c",
        "uniqueid": "true",
        "dtdversion": "3.0",
    }
    told = {child.tag: child.text for child in reply.root.find("operation/authentication") or ()}
    assert told == {
        "status": "success",
        "userid": USER,
        "companyid": COMPANY,
        "locationid": None,
        "sessiontimestamp": "2026-09-10T08:00:00+00:00",
        "sessiontimeout": "2026-09-10T14:00:00+00:00",
    }
    assert [child.tag for child in reply.result] == ["status", "function", "controlid", "data"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (request(control="<password>x</password><senderid>y</senderid>"), "Element 'password'"),
        (request(control=CONTROL), "Element 'control': Missing child element(s). Expected is ( dtdversion )"),
        (request(control=f"{CONTROL}<dtdversion>3.0</dtdversion><uniqueid>true</uniqueid>"), "Element 'uniqueid'"),
        (request(control=f"{CONTROL}<uniqueid>yes</uniqueid><dtdversion>3.0</dtdversion>"), "xs:boolean"),
        (request(control=f"{CONTROL}<dtdversion>4.0</dtdversion>"), "Element 'dtdversion'"),
        (request(control="<senderid/><controlid>c</controlid><dtdversion>3.0</dtdversion>"), "Element 'senderid'"),
        (request(auth=LOGIN + "<sessionid>x</sessionid>"), "Element 'sessionid'"),
        (request(auth=""), "Element 'authentication'"),
        (
            request(auth="<login><userid>u</userid><password>p</password><companyid>c</companyid></login>"),
            "Element 'password': This element is not expected. Expected is ( companyid ).",
        ),
        (request(content=""), "Element 'content'"),
        (request(content='<function controlid="f"/>'), "Element 'function'"),
        (request(content="<function><readEntityDetails/></function>"), "attribute 'controlid'"),
        (request(content='<function controlid="f"><a/><b/></function>'), "Element 'b'"),
        (request(content='<function controlid="f"><conjure/></function>'), "Element 'conjure'"),
        ("<requests/>", "Element 'requests'"),
        ("<request><control></request>", "XML Parse error"),
        ("", "XML Parse error"),
        (f'<!DOCTYPE request [<!ENTITY a "b">]>{request()}', "document type"),
        (f'<!DOCTYPE request SYSTEM "http://127.0.0.1:1/x.dtd">{request()}', "document type"),
        ("<a>" * 200 + "</a>" * 200, "nested too deeply"),
    ],
)
def test_what_the_schema_does_not_allow_is_a_fault_of_the_control_level(running: Running, body: str, word: str) -> None:
    errors = control_failure(running.door.post(body))
    assert {error["errorno"] for error in errors} == {"XL03000003"}
    assert any(word in error["description2"] for error in errors), errors
    assert running.company.transactions.total == 0


def test_every_finding_is_an_error_of_its_own(running: Running) -> None:
    two = '<function controlid="f"><conjure/></function><function controlid="g"><conjure/></function>'
    assert len(control_failure(running.door.post(request(content=two)))) == 2


def test_the_refusal_echoes_what_could_be_read(running: Running) -> None:
    control = running.door.post(request(content="")).root.find("control")
    assert control is not None
    assert (control.findtext("senderid"), control.findtext("controlid")) == (SENDER, "c")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post_is_taken(running: Running, method: str) -> None:
    reply = requests.request(method, running.door.url, timeout=10)
    assert reply.status_code == 405
    assert reply.headers["Allow"] == "POST"


def test_a_wrong_sender_is_told_as_the_switch_says(start: Callable[..., Running]) -> None:
    for sender in ((SENDER, "wrong"), ("nobody", SENDER_PASSWORD), (SENDER.upper(), SENDER_PASSWORD)):
        [error] = control_failure(start().door.request("<readEntityDetails/>", auth=LOGIN, sender=sender))
        assert error["errorno"] == "XL03000006"
        assert "Incorrect Intacct XML Partner ID or password" in error["description2"]
    reply = start({"wrong_sender": "gateway"}).door.request(
        "<x/>".replace("x", "readEntityDetails"), auth=LOGIN, sender=("a", "b")
    )
    assert (reply.http.status_code, reply.error_numbers()) == (400, ["GW-0011"])
    assert [child.tag for child in reply.root.find("control") or ()] == ["status"]
    reply = start({"wrong_sender": "unauthorized"}).door.request("<readEntityDetails/>", auth=LOGIN, sender=("a", "b"))
    assert (reply.http.status_code, reply.error_numbers()) == (401, ["XMLGW_JPP0002"])


@pytest.mark.parametrize(
    ("user", "company", "password", "place"),
    [
        ("nobody", COMPANY, USER_PASSWORD, ""),
        ("controller", COMPANY, USER_PASSWORD, ""),
        (USER, "elsewhere", USER_PASSWORD, ""),
        (USER, COMPANY, "wrong", ""),
        (USER, COMPANY, USER_PASSWORD, "<locationid>E999</locationid>"),
    ],
)
def test_a_wrong_login_runs_no_function(running: Running, user: str, company: str, password: str, place: str) -> None:
    login = (
        f"<login><userid>{user}</userid><companyid>{company}</companyid><password>{password}</password>{place}</login>"
    )
    error, told_user, told_company = refused(running.door.request("<readEntityDetails/>", auth=login))
    assert (error["errorno"], error["description2"]) == ("XL03000006", "Sign-in information is incorrect")
    assert (told_user, told_company) == (user, company)


def test_an_unknown_company_can_be_refused_by_the_edge(start: Callable[..., Running]) -> None:
    login = LOGIN.replace(COMPANY, "elsewhere")
    reply = start({"unknown_company": "gateway"}).door.request("<readEntityDetails/>", auth=login)
    assert (reply.http.status_code, reply.error_numbers()) == (400, ["GW-0011"])


def test_a_sender_the_company_does_not_allow_is_told_so(start: Callable[..., Running]) -> None:
    error, user, company = refused(start({"sender_authorised": False}).door.request("<getAPISession/>", auth=LOGIN))
    assert error["errorno"] == "XL03000006"
    assert error["description"] == "Invalid Web Services Authorization"
    assert SENDER in error["description2"]
    assert (user, company) == (USER, COMPANY)


def test_a_session_slides_and_ends(running: Running) -> None:
    door = running.door
    door.auth()
    for _ in range(3):
        running.clock.advance(hours=5)
        timeout = door.request("<readEntityDetails/>").ok().root.findtext("operation/authentication/sessiontimeout")
        assert timeout is not None
        assert timeout.startswith(running.clock.now.isoformat()[:8])
    running.clock.advance(hours=6, seconds=1)
    error, user, company = refused(door.request("<readEntityDetails/>"))
    assert error["errorno"] == "XL03000006"
    assert error["description2"] == f"Invalid session {door.session[:8] if door.session else ''}...."
    assert (user, company) == ("", "")


def test_old_companies_do_not_tell_when_a_session_ends(start: Callable[..., Running]) -> None:
    reply = start({"session_timeout_told": False}).door.request("<readEntityDetails/>")
    assert reply.root.find("operation/authentication/sessiontimestamp") is not None
    assert reply.root.find("operation/authentication/sessiontimeout") is None


def test_a_session_belongs_to_the_endpoint_it_came_with(running: Running) -> None:
    door = running.door
    api = door.request("<getAPISession/>", auth=LOGIN).ok().data.find("api")
    assert api is not None
    assert api.findtext("endpoint") == door.url.replace(door.url.split("/")[3] + "/", "")
    running.company.xml_sessions.move()
    moved = door.request("<getAPISession/>", auth=LOGIN).ok().data.find("api")
    assert moved is not None
    auth = f"<sessionid>{moved.findtext('sessionid')}</sessionid>"
    assert refused(door.request("<readEntityDetails/>", auth=auth))[0]["errorno"] == "XL03000006"
    door.url += "?" + (moved.findtext("endpoint") or "").partition("?")[2]
    door.request("<readEntityDetails/>", auth=auth).ok()
    assert refused(door.request("<readEntityDetails/>", auth=f"<sessionid>{api.findtext('sessionid')}</sessionid>"))


def test_the_endpoint_names_the_host_the_client_called(running: Running) -> None:
    reply = running.door.post(running.door.body("<getAPISession/>", auth=LOGIN), Host="api.books.example:8443")
    assert reply.data.findtext("api/endpoint") == "http://api.books.example:8443/ia/xml/xmlgw.phtml"


def test_sessions_enter_entities_and_leave_them(running: Running) -> None:
    door = running.door
    inside = f"<sessionid>{door.open('E100')}</sessionid>"
    reply = door.request("<readEntityDetails/>", auth=inside).ok()
    assert reply.root.findtext("operation/authentication/locationid") == "E100"
    assert [entity.findtext("id") for entity in reply.data] == ["E100"]
    stays = door.request("<getAPISession/>", auth=inside).ok().data
    assert stays.findtext("api/locationid") == "E100"
    leaves = door.request("<getAPISession><locationid/></getAPISession>", auth=inside).ok().data
    assert leaves.findtext("api/locationid") == ""
    nowhere = door.request("<getAPISession><locationid>E9</locationid></getAPISession>")
    assert nowhere.error_numbers() == ["Get API Session Failed"]
    login = LOGIN.replace("</login>", "<locationid>E200</locationid></login>")
    assert door.request("<readEntityDetails/>", auth=login).data.findtext("entity/id") == "E200"


def test_a_session_of_the_rest_door_is_good_here(running: Running) -> None:
    api = Api(running.door.url.replace("/ia/xml/xmlgw.phtml", "/ia/api/v1"))
    told = api.call("GET", "/services/core/session/id").json()["ia::result"]["sessionId"]
    auth = f"<sessionid>{told}</sessionid>"
    running.door.request("<readEntityDetails/>", auth=auth).ok()
    running.company.expire_tokens()
    assert refused(running.door.request("<readEntityDetails/>", auth=auth))


def test_tokens_expire_for_both_doors_at_once(running: Running) -> None:
    running.door.auth()
    running.company.expire_tokens()
    assert "Invalid session" in refused(running.door.request("<readEntityDetails/>"))[0]["description2"]


def test_whitespace_can_be_left_out(running: Running) -> None:
    compact = running.door.request("<readEntityDetails/>", control="<includewhitespace>false</includewhitespace>")
    indented = running.door.request("<readEntityDetails/>")
    assert b">\n " not in compact.http.content
    assert b">\n " in indented.http.content
    assert compact.rows() == indented.rows()


def test_more_is_told_of_errors_when_asked(running: Running) -> None:
    call = "<read><object>NOTHING</object><keys>1</keys></read>"
    bare = running.door.request(call).root.find(".//error")
    full = running.door.request(call, control="<showadditionalerrorinfo>true</showadditionalerrorinfo>")
    assert bare is not None
    assert [child.tag for child in bare] == ["errorno", "description", "description2", "correction"]
    info = full.root.find(".//error/additionalinfo")
    assert info is not None
    assert {"errorid", "category", "target"} <= {child.tag for child in info}


def test_functions_are_answered_one_by_one_under_their_own_ids(running: Running) -> None:
    reply = running.door.request(
        ("a", "<readEntityDetails/>"),
        ("b", "<read><object>NOTHING</object><keys>1</keys></read>"),
        ("a", "<getFinancialSetup/>"),
    )
    assert [result.findtext("controlid") for result in reply.results] == ["a", "b", "a"]
    assert reply.statuses == ["success", "failure", "success"]
    assert [result.findtext("function") for result in reply.results] == [
        "readEntityDetails",
        "read",
        "getFinancialSetup",
    ]


def test_asynchronous_delivery_is_not_offered(running: Running) -> None:
    reply = running.door.post(request(control=CONTROL + "<dtdversion>3.0</dtdversion><policyid>p</policyid>"))
    assert "policy" in control_failure(reply)[0]["description2"]


def test_the_date_header_is_the_companys_clock(running: Running) -> None:
    running.clock.advance(minutes=5)
    assert running.door.post("x").http.headers["Date"] == "Thu, 10 Sep 2026 08:05:00 GMT"
