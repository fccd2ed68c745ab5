"""The XML connector against replies that a well-behaved gateway does not give, or gives rarely."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from xml.etree.ElementTree import fromstring

import pytest

from intacct_sf_pipeline.connectors.intacct.xml.faults import OFFLINE_WAIT
from intacct_sf_pipeline.model import errors
from intacct_sf_pipeline.model.results import WriteOutcome, WriteStatus
from intacct_sf_pipeline.model.windows import Window

from .builders import CUSTOMER, SECRET, create, intacct_feed, intacct_xml, update, written
from .clocks import FakeTime
from .scripted import Answer, Asked, ScriptedServer, scripted_server

FEED = intacct_feed()
XML = {"Content-Type": 'text/xml; encoding="UTF-8"'}
CONTROL = "<control><status>{}</status></control>"
SIGNED_IN = (
    "<authentication><status>success</status><sessiontimestamp>2026-03-01T10:00:00+00:00</sessiontimestamp>"
    "<sessiontimeout>2026-03-01T11:00:00+00:00</sessiontimeout></authentication>"
)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as started:
        yield started


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


def asked_for(asked: Asked) -> str:
    """The function of a request."""
    return fromstring(asked.body).find(".//function")[0].tag  # type: ignore[index] # there is one


def ids(asked: Asked) -> list[str]:
    return [function.attrib["controlid"] for function in fromstring(asked.body).iter("function")]


def envelope(*results: str, status: int = 200) -> Answer:
    body = CONTROL.format("success") + f"<operation>{SIGNED_IN}{''.join(results)}</operation>"
    return Answer(f"<response>{body}</response>".encode(), status, headers=XML)


def result(control_id: str, inner: str = "", status: str = "success") -> str:
    return f"<result><status>{status}</status><function>f</function><controlid>{control_id}</controlid>{inner}</result>"


def chain(*lines: tuple[str, str]) -> str:
    errors_ = "".join(f"<error><errorno>{c}</errorno><description2>{t}</description2></error>" for c, t in lines)
    return f"<errormessage>{errors_}</errormessage>"


def rows(*keys: int, total: int, remaining: int) -> Answer:
    records = "".join(f"<CUSTOMER><RECORDNO>{k}</RECORDNO><CUSTOMERID>C-{k}</CUSTOMERID></CUSTOMER>" for k in keys)
    counted = f'listtype="CUSTOMER" totalcount="{total}" offset="0" count="{len(keys)}" numremaining="{remaining}"'
    return envelope(result("read", f"<data {counted}>{records}</data>"))


def refused_session(text: str = "Invalid session AbCd....") -> Answer:
    told = "<authentication><status>failure</status><userid></userid></authentication>" + chain(("XL03000006", text))
    return Answer(
        f"<response>{CONTROL.format('success')}<operation>{told}</operation></response>".encode(), headers=XML
    )


def script(server: ScriptedServer, *answers: Answer, endpoint: str | None = None) -> list[Asked]:
    """Sessions and formats are answered as usual, everything else by `answers` in turn; what else was asked."""
    left, calls = list(answers), []
    sessions = 0

    def answer(asked: Asked) -> Answer:
        nonlocal sessions
        wanted = asked_for(asked)
        if wanted == "getAPISession":
            sessions += 1
            api = f"<sessionid>S{sessions}</sessionid><endpoint>{endpoint or server.url}</endpoint>"
            return envelope(result("session", f"<data><api>{api}</api></data>"))
        if wanted == "readUserFormatting":
            told = "<dateformat>/mdY</dateformat><gmtoffset>+00:00</gmtoffset><clock>24</clock>"
            return envelope(result("read", f"<data><userformatting>{told}</userformatting></data>"))
        calls.append(asked)
        return left.pop(0)

    server.script = answer
    return calls


def keys_read(server: ScriptedServer, time: FakeTime, **options: object) -> list[str]:
    connector = intacct_xml(server.url, time, page_size=2, **options)
    return [row.key for p in connector.read(FEED, ["id"], Window()) for row in p.rows]


def test_pages_ask_for_record_numbers_after_the_last_one(server: ScriptedServer, time: FakeTime) -> None:
    calls = script(server, rows(1, 2, total=3, remaining=1), rows(3, total=1, remaining=0))
    assert keys_read(server, time) == ["1", "2", "3"]
    bodies = [fromstring(call.body) for call in calls]
    assert [body.findtext(".//filter/greaterthan/value") for body in bodies] == [None, "2"]
    assert {body.findtext("control/uniqueid") for body in bodies} == {"false"}
    assert {body.findtext(".//showprivate") for body in bodies} == {"true"}
    assert {body.findtext(".//order/field") for body in bodies} == {"RECORDNO"}


def test_a_window_includes_rows_without_a_stamp_in_the_same_call(server: ScriptedServer, time: FakeTime) -> None:
    calls = script(server, rows(total=0, remaining=0))
    connector = intacct_xml(server.url, time, audit_trail=False)
    list(connector.read(FEED, ["id"], Window(start=datetime(2026, 3, 1, 9, tzinfo=UTC))))
    either = fromstring(calls[0].body).find(".//filter/or")
    assert either is not None
    assert [part.tag for part in either] == ["greaterthanorequalto", "isnull"]
    assert either.findtext("greaterthanorequalto/value") == "03/01/2026 09:00:00"


def test_a_session_is_shared_renewed_before_its_end_and_once_after_a_refusal(
    server: ScriptedServer, time: FakeTime
) -> None:
    page = rows(total=0, remaining=0)
    script(server, page, page, refused_session(), page)
    connector = intacct_xml(server.url, time, audit_trail=False)

    def sessions() -> list[str | None]:
        list(connector.read(FEED, ["id"], Window()))
        return [fromstring(call.body).findtext(".//sessionid") for call in server.calls]

    assert sessions() == [None, "S1", "S1"]
    time.pass_(3600 - 200)
    assert sessions()[3:] == [None, "S2"]
    assert sessions()[5:] == ["S2", None, "S3"]


def test_a_fresh_session_that_is_refused_too_ends_it(server: ScriptedServer, time: FakeTime) -> None:
    script(server, refused_session(), refused_session())
    with pytest.raises(errors.AuthenticationError, match="INTACCT_USER_ID"):
        keys_read(server, time)


def test_an_endpoint_of_another_domain_gets_nothing(server: ScriptedServer, time: FakeTime) -> None:
    calls = script(server, endpoint="https://api.elsewhere.example/ia/xml/xmlgw.phtml")
    with pytest.raises(errors.AuthenticationError, match="another domain"):
        keys_read(server, time)
    assert calls == []


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (refused_session("Sign-in information is incorrect"), errors.AuthenticationError, "INTACCT_USER_PASSWORD"),
        (
            refused_session("The sender ID is not authorized to make Web Services requests"),
            errors.AuthenticationError,
            "INTACCT_SENDER_ID",
        ),
        (
            Answer(
                f"<response>{CONTROL.format('failure')}"
                f"{chain(('XL03000006', 'Incorrect Intacct XML Partner ID or password.'))}</response>".encode(),
                headers=XML,
            ),
            errors.AuthenticationError,
            "INTACCT_SENDER_PASSWORD",
        ),
        (
            Answer(
                f"<response>{CONTROL.format('failure')}{chain(('GW-0011', 'Invalid Request'))}</response>".encode(),
                400,
                headers=XML,
            ),
            errors.AuthenticationError,
            "INTACCT_COMPANY_ID",
        ),
    ],
)
def test_a_refused_sign_in_names_the_setting(
    server: ScriptedServer, time: FakeTime, answer: Answer, kind: type[Exception], said: str
) -> None:
    server.script = lambda _: answer
    with pytest.raises(kind, match=said) as caught:
        keys_read(server, time)
    assert SECRET not in str(caught.value)
    assert len(server.calls) == 1


def answering(server: ScriptedServer, function: str, reply: Callable[[Asked], Answer]) -> None:
    """Calls of `function` are answered by `reply`, sign-in and formats as usual."""
    script(server)
    usual = server.script
    server.script = lambda asked: reply(asked) if asked_for(asked) == function else usual(asked)


def outcome_of(server: ScriptedServer, time: FakeTime, inner: str) -> WriteOutcome:
    answering(server, "update", lambda asked: envelope(result(ids(asked)[0], inner, "failure")))
    (outcome,) = written(intacct_xml(server.url, time), [update(CUSTOMER, "1", "7", {"name": "x"})])
    return outcome


TAKEN = "Another Customer with the given value(s) C-1  already exists [Support ID: AbC%7Ed]"
WRAPPER = ("BL01001973", "Could not create customer record!")
REPEATED = "Duplicate control ID x: a function with this control ID was already processed"


@pytest.mark.parametrize(
    ("lines", "status", "duplicate"),
    [
        ([("BL34000061", TAKEN), WRAPPER], WriteStatus.REJECTED, True),
        ([WRAPPER, ("BL03000018", "Illegal format")], WriteStatus.REJECTED, False),
        ([("PL04000005", "You do not have permission for API operation update")], WriteStatus.REJECTED, False),
        ([("", "Currently, we can't process it. Please Try Again Later")], WriteStatus.NOT_SENT, False),
        ([("XL03000009", "The entire transaction has been rolled back")], WriteStatus.NOT_SENT, False),
        ([("BL01001973", REPEATED)], WriteStatus.UNKNOWN, False),
    ],
)
def test_a_chain_is_judged_as_a_whole(
    server: ScriptedServer, time: FakeTime, lines: list[tuple[str, str]], status: WriteStatus, duplicate: bool
) -> None:
    outcome = outcome_of(server, time, chain(*lines))
    assert (outcome.status, outcome.duplicate) == (status, duplicate)
    assert outcome.error
    assert "Support ID" not in outcome.error.message
    assert outcome.error.reference == ("AbC%7Ed" if duplicate else "")


def test_a_result_that_is_missing_leaves_its_record_open(server: ScriptedServer, time: FakeTime) -> None:
    data = "<data><customer><RECORDNO>9</RECORDNO><CUSTOMERID>N-1</CUSTOMERID></customer></data>"
    answering(server, "create", lambda asked: envelope(result(ids(asked)[0], data)))
    requests = [create(CUSTOMER, ref, {"name": ref}, f"N-{ref}") for ref in "12"]
    outcomes = written(intacct_xml(server.url, time), requests)
    assert [(o.status, o.key) for o in outcomes] == [(WriteStatus.WRITTEN, "9"), (WriteStatus.UNKNOWN, None)]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Answer(b"<html>cut off", 524), WriteStatus.UNKNOWN),
        (Answer(b"", 502), WriteStatus.UNKNOWN),
        (Answer(b"<response><control><status>success</status>", headers=XML), WriteStatus.UNKNOWN),
        (Answer(b'<!DOCTYPE r [<!ENTITY a "b">]><response>&a;</response>', headers=XML), WriteStatus.UNKNOWN),
        (Answer(b"<html><div class=cf-error-details>", 403), WriteStatus.UNKNOWN),
    ],
)
def test_a_write_without_an_understandable_answer_is_unknown_and_not_repeated(
    server: ScriptedServer, time: FakeTime, answer: Answer, status: WriteStatus
) -> None:
    calls = script(server, answer)
    (outcome,) = written(intacct_xml(server.url, time), [update(CUSTOMER, "1", "7", {"name": "x"})])
    assert outcome.status is status
    assert len(calls) == 1
    assert time.waits == []


def test_a_page_of_the_cdn_is_waited_out(server: ScriptedServer, time: FakeTime) -> None:
    script(server, Answer(b"<html><div class=cf-error-details>", 403), rows(1, total=1, remaining=0))
    assert keys_read(server, time) == ["1"]
    assert time.waits[0] >= OFFLINE_WAIT


def test_a_rate_limit_told_with_200_is_a_rate_limit(server: ScriptedServer, time: FakeTime) -> None:
    limited = envelope(result("read", chain(("", "API rate limit exceeded")), "failure"))
    script(server, limited, rows(1, total=1, remaining=0))
    assert keys_read(server, time, throttle_wait=7.0) == ["1"]
    assert time.waits[0] >= 7


def test_the_generic_refusal_is_believed_the_second_time(server: ScriptedServer, time: FakeTime) -> None:
    refused = envelope(result("read", chain(("DL02000001", "There was an error processing the request.")), "failure"))
    script(server, refused, rows(1, total=1, remaining=0))
    assert keys_read(server, time) == ["1"]


def test_a_user_with_formats_of_his_own_has_to_say_what_the_api_does(server: ScriptedServer, time: FakeTime) -> None:
    told = "<dateformat>/dmY</dateformat><gmtoffset>+02:00</gmtoffset><clock>12</clock>"
    formats = envelope(result("read", f"<data><userformatting>{told}</userformatting></data>"))
    answering(server, "readUserFormatting", lambda _: formats)
    with pytest.raises(errors.ConfigurationError, match="INTACCT_XML_DATES"):
        keys_read(server, time)
