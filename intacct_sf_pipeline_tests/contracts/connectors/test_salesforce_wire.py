"""The Salesforce connector against replies that a well-behaved service does not give, or gives rarely."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import unquote_plus

import pytest

from intacct_sf_pipeline.model import errors
from intacct_sf_pipeline.model.results import WriteStatus
from intacct_sf_pipeline.model.windows import Window

from .builders import SECRET, create, salesforce, salesforce_feed, update, written
from .clocks import FakeTime
from .scripted import Answer, Asked, ScriptedServer, scripted_server

FEED = salesforce_feed()
EXPIRED = Answer([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], 401)
NEXT = "/services/data/v62.0/query/0r8-2"
BOOK_ID = "01s000000000001AAA"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as started:
        yield started


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


def record(number: int) -> dict[str, object]:
    stamp = "2026-03-01T08:00:00.000+0000"
    return {
        "attributes": {"type": "Account"},
        "Id": f"00100000000000{number}AAA",
        "Name": f"n{number}",
        "IsDeleted": False,
        "SystemModstamp": stamp,
        "LastModifiedDate": stamp,
    }


def page(numbers: range, total: int, next_url: str | None = None) -> Answer:
    body = {"totalSize": total, "done": next_url is None, "records": [record(n) for n in numbers]}
    return Answer({**body, "nextRecordsUrl": next_url} if next_url else body)


def refused(code: str, message: str = "no", status: int = 400) -> Answer:
    return Answer([{"message": message, "errorCode": code}], status)


def item(code: str, message: str = "no") -> dict[str, object]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]}


def stored(number: int) -> dict[str, object]:
    return {"id": f"00100000000000{number}AAA", "success": True, "errors": []}


def names(server: ScriptedServer, time: FakeTime) -> list[object]:
    return [row.values["Name"] for p in salesforce(server.url, time).read(FEED, ["Name"], Window()) for row in p.rows]


def test_the_library_is_imported_only_when_it_is_needed() -> None:
    code = "import sys, intacct_sf_pipeline.connectors.salesforce; sys.exit('simple_salesforce' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, env={"PYTHONPATH": ":".join(sys.path)}).returncode
        == 0
    )


def test_every_call_names_the_client_and_signing_in_again_keeps_the_headers(
    server: ScriptedServer, time: FakeTime
) -> None:
    server.answers = [EXPIRED, page(range(1, 3), 3, "/services/data/v62.0/query/0r8-2"), page(range(3, 4), 3)]
    assert names(server, time) == ["n1", "n2", "n3"]
    assert server.logins == 2
    for asked in server.calls:
        assert asked.headers["Sforce-Call-Options"] == "client=intacct-sf"
        assert asked.headers["Sforce-Query-Options"] == "batchSize=2000"
        assert "X-PrettyPrint" not in asked.headers
    assert [asked.headers["Authorization"] for asked in server.calls] == [
        "Bearer token-1",
        "Bearer token-2",
        "Bearer token-2",
    ]
    assert server.calls[0].path.startswith("/services/data/v62.0/queryAll/?q=SELECT")


def test_a_session_that_is_refused_again_is_given_up(server: ScriptedServer, time: FakeTime) -> None:
    server.script = lambda asked: None if "token" in asked.path else EXPIRED
    with pytest.raises(errors.AuthenticationError, match="session policies"):
        names(server, time)
    assert (server.logins, len(server.calls)) == (2, 2)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"<html>busy</html>", 503),
        Answer(b"<html>hello</html>"),
        Answer(b"", 420),
        refused("QUERY_TIMEOUT"),
        Answer(drop=True),
    ],
    ids=["503", "html", "420", "time-out", "reset"],
)
def test_a_read_survives_a_bad_answer(server: ScriptedServer, time: FakeTime, answer: Answer) -> None:
    server.answers = [answer, page(range(1, 2), 1)]
    assert names(server, time) == ["n1"]
    assert len(time.waits) == 1


def test_a_lost_cursor_begins_the_read_again(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [
        page(range(1, 3), 3, "/services/data/v62.0/query/0r8-2"),
        refused("INVALID_QUERY_LOCATOR"),
        page(range(1, 4), 3),
    ]
    assert names(server, time) == ["n1", "n2", "n1", "n2", "n3"]


def test_a_cursor_that_is_lost_again_and_again_is_given_up(server: ScriptedServer, time: FakeTime) -> None:
    server.script = lambda asked: (
        None
        if "token" in asked.path
        else refused("INVALID_QUERY_LOCATOR")
        if "0r8" in asked.path
        else page(range(1, 3), 3, NEXT)
    )
    with pytest.raises(errors.ValidationFailedError):
        names(server, time)
    assert len(server.calls) == 2 * 4


def test_a_session_that_ends_between_pages_is_renewed_and_the_read_goes_on(
    server: ScriptedServer, time: FakeTime
) -> None:
    server.answers = [page(range(1, 3), 3, NEXT), EXPIRED, page(range(3, 4), 3)]
    assert names(server, time) == ["n1", "n2", "n3"]
    assert [asked.path for asked in server.calls][-2:] == [NEXT, NEXT]


def test_a_page_answered_twice_begins_the_read_again(server: ScriptedServer, time: FakeTime) -> None:
    first = page(range(1, 3), 3, NEXT)
    server.answers = [first, first, first, page(range(3, 4), 3)]
    assert names(server, time) == ["n1", "n2", "n1", "n2", "n3"]


def test_a_service_that_answers_every_page_alike_ends_in_an_error(server: ScriptedServer, time: FakeTime) -> None:
    server.script = lambda asked: None if "token" in asked.path else page(range(1, 3), 9, NEXT)
    with pytest.raises(errors.TransientError, match="same page"):
        names(server, time)
    assert len(server.calls) == 2 * 4


def test_fewer_rows_than_announced_are_told_as_missing(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [page(range(1, 3), 4, NEXT), page(range(3, 4), 4)]
    pages = salesforce(server.url, time).read(FEED, ["Name"], Window())
    assert [(len(p.rows), p.missing) for p in pages] == [(2, 0), (1, 1)]


def test_a_look_up_that_stays_short_is_an_error_not_an_absence(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [page(range(1, 2), 2), page(range(1, 3), 2), page(range(1, 2), 2), page(range(1, 2), 2)]
    connector = salesforce(server.url, time)
    assert len(connector.lookup(FEED, ["Name"], "Name", ["n1", "n2"])) == 2
    with pytest.raises(errors.TransientError, match="fewer rows"):
        connector.lookup(FEED, ["Name"], "Name", ["n1", "n2"])


def test_ids_of_15_characters_are_taken_for_what_they_mean(server: ScriptedServer, time: FakeTime) -> None:
    short, parent = "001000000000Abc", "001000000000aBC"
    row = {**record(1), "Id": short, "ParentId": parent, "IntacctID__c": short}
    server.answers = [Answer({"totalSize": 1, "done": True, "records": [row]})]
    (found,) = salesforce(server.url, time).lookup(FEED, ["ParentId", "IntacctID__c"], "Id", [short])
    assert (found.key, found.values["ParentId"]) == (short + "AAE", parent + "AAY")
    assert found.values["IntacctID__c"] == short
    assert short + "AAE" in unquote_plus(server.calls[0].path)


def test_a_stamp_that_may_be_empty_is_asked_for_so_and_the_platforms_own_is_not(
    server: ScriptedServer, time: FakeTime
) -> None:
    window = Window(start=datetime(2026, 3, 1, tzinfo=UTC))
    for stamp, condition in (
        ("SystemModstamp", "WHERE SystemModstamp >= 2026-03-01T00:00:00Z ORDER"),
        ("Touched__c", "WHERE (Touched__c >= 2026-03-01T00:00:00Z OR Touched__c = null) ORDER"),
    ):
        server.answers = [Answer({"totalSize": 0, "done": True, "records": []})]
        list(salesforce(server.url, time).read(salesforce_feed(modified=stamp), ["Name"], window))
        assert condition in unquote_plus(server.calls[-1].path)


def test_the_daily_quota_stops_at_once_and_too_many_calls_at_once_wait(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [
        refused("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", 403),
        page(range(1, 2), 1),
    ]
    assert names(server, time) == ["n1"]
    assert len(time.waits) == 1
    server.answers = [refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)]
    with pytest.raises(errors.QuotaExceededError):
        names(server, time)
    assert len(time.waits) == 1


def test_a_used_up_quota_says_what_was_not_sent_and_then_stops(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)]
    batches = salesforce(server.url, time).write([update("Account", "a", "001000000000001AAA", {"Name": "x"})])
    assert [o.status for o in next(batches)] == [WriteStatus.NOT_SENT]
    with pytest.raises(errors.QuotaExceededError):
        next(batches)
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"<html>busy</html>", 503),
        Answer(b"oops", 500),
        refused("UNKNOWN_EXCEPTION", status=500),
        Answer(b"<html>"),
        Answer([stored(1)]),
        Answer(drop=True),
    ],
    ids=["503", "500", "unknown exception", "html", "results missing", "reset"],
)
def test_a_write_without_a_readable_answer_is_unknown_and_never_repeated(
    server: ScriptedServer, time: FakeTime, answer: Answer
) -> None:
    server.answers = [answer]
    requests = [update("Account", ref, "001000000000001AAA", {"Name": ref}) for ref in "ab"]
    assert [o.status for o in written(salesforce(server.url, time), requests)] == [WriteStatus.UNKNOWN] * 2
    assert (len(server.calls), time.waits) == (1, [])


def test_a_service_that_says_it_did_nothing_is_asked_again(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [refused("SERVER_UNAVAILABLE", status=503), Answer([stored(1)])]
    outcomes = written(salesforce(server.url, time), [update("Account", "a", "001000000000001AAA", {"Name": "x"})])
    assert [o.status for o in outcomes] == [WriteStatus.WRITTEN]


def locking(server: ScriptedServer, times: int, code: str = "UNABLE_TO_LOCK_ROW", message: str = "no") -> list[int]:
    """Records with an even name are locked the first `times` calls they are in; gives back the sizes of the calls."""
    sizes: list[int] = []
    met: dict[str, int] = {}

    def one(sent: dict[str, str]) -> dict[str, object]:
        met[sent["id"]] = met.get(sent["id"], 0) + 1
        return (
            item(code, message)
            if int(sent["Name"]) % 2 == 0 and met[sent["id"]] <= times
            else {"id": sent["id"], "success": True, "errors": []}
        )

    def script(asked: Asked) -> Answer | None:
        if "token" in asked.path:
            return None
        records = asked.json()["records"]
        sizes.append(len(records))
        return Answer([one(sent) for sent in records])

    server.script = script
    return sizes


@pytest.mark.parametrize(
    ("code", "message"),
    [("UNABLE_TO_LOCK_ROW", "row"), ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "trigger: UNABLE_TO_LOCK_ROW, x")],
)
def test_locked_rows_are_sent_again_in_smaller_batches(
    server: ScriptedServer, time: FakeTime, code: str, message: str
) -> None:
    sizes = locking(server, 2, code, message)
    requests = [update("Account", str(n), f"0010000000000{n:02}AAA", {"Name": str(n)}) for n in range(16)]
    outcomes = written(salesforce(server.url, time), requests)
    assert {o.status for o in outcomes} == {WriteStatus.WRITTEN}
    assert [o.ref for o in outcomes] == [str(n) for n in range(16)]
    assert sizes == [16, 4, 4, *([1] * 8)]
    assert len(time.waits) == 2


def test_rows_that_stay_locked_had_no_effect_and_hold_nobody_up(server: ScriptedServer, time: FakeTime) -> None:
    locking(server, 99)
    requests = [update("Account", str(n), f"0010000000000{n:02}AAA", {"Name": str(n)}) for n in range(4)]
    statuses = [o.status for o in written(salesforce(server.url, time), requests)]
    assert statuses == [WriteStatus.NOT_SENT, WriteStatus.WRITTEN] * 2


@pytest.mark.parametrize(
    ("code", "status", "duplicate"),
    [
        ("DUPLICATE_VALUE", WriteStatus.REJECTED, True),
        ("DUPLICATES_DETECTED", WriteStatus.REJECTED, False),
        ("DUPLICATE_EXTERNAL_ID", WriteStatus.REJECTED, False),
        ("STRING_TOO_LONG", WriteStatus.REJECTED, False),
        ("INVALID_CROSS_REFERENCE_KEY", WriteStatus.REJECTED, False),
        ("INSUFFICIENT_ACCESS_OR_READONLY", WriteStatus.REJECTED, False),
        ("A_CODE_OF_THE_NEXT_RELEASE", WriteStatus.REJECTED, False),
        ("REQUEST_RUNNING_TOO_LONG", WriteStatus.NOT_SENT, False),
    ],
)
def test_codes_of_single_records_mean(
    server: ScriptedServer, time: FakeTime, code: str, status: WriteStatus, duplicate: bool
) -> None:
    server.answers = [Answer([item(code, "the service's own words"), stored(2)])]
    outcomes = written(
        salesforce(server.url, time), [update("Account", ref, "001000000000001AAA", {"Name": ref}) for ref in "ab"]
    )
    assert [(o.status, o.duplicate) for o in outcomes] == [(status, duplicate), (WriteStatus.WRITTEN, False)]
    assert outcomes[0].error
    assert (outcomes[0].error.code, outcomes[0].error.message) == (code, "the service's own words")


def test_several_records_with_one_external_id_are_reported_as_such(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [
        Answer(["/services/data/v62.0/sobjects/Account/1", "/services/data/v62.0/sobjects/Account/2"], 300)
    ]
    (outcome,) = written(salesforce(server.url, time), [update("Account", "a", "001000000000001AAA", {"Name": "x"})])
    assert outcome.status is WriteStatus.REJECTED
    assert outcome.error
    assert outcome.error.code == "DUPLICATE_EXTERNAL_ID"


@pytest.mark.parametrize("allow", [True, False])
def test_duplicate_rules_that_warn_are_passed_only_by_choice(
    server: ScriptedServer, time: FakeTime, allow: bool
) -> None:
    server.answers = [Answer([stored(1)])]
    written(
        salesforce(server.url, time, allow_save_duplicates=allow),
        [update("Account", "a", "001000000000001AAA", {"Name": "x"})],
    )
    assert server.calls[0].headers.get("Sforce-Duplicate-Rule-Header") == ("allowSave=true" if allow else None)


def test_numbers_are_sent_and_read_without_rounding(server: ScriptedServer, time: FakeTime) -> None:
    exact = Decimal("12345678901234.123456789")
    server.answers = [Answer([stored(1)])]
    written(salesforce(server.url, time), [update("Product2", "a", "01t000000000001", {"Quantity__c": exact})])
    assert b'"Quantity__c":12345678901234.123456789' in server.calls[0].body
    assert b'"id":"01t000000000001AAA"' in server.calls[0].body
    server.answers = [
        Answer(b'{"totalSize":1,"done":true,"records":[{"Id":"01t000000000001AAA","Q":12345678901234.123456789}]}')
    ]
    (row,) = salesforce(server.url, time).lookup(salesforce_feed("Product2"), ["Q"], "Id", ["01t000000000001AAA"])
    assert row.values["Q"] == exact


def test_a_number_that_is_not_finite_is_refused_before_it_is_sent(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [Answer([stored(1)])]
    requests = [
        update("Product2", "a", "01t000000000001AAA", {"Q": Decimal("NaN")}),
        update("Product2", "b", "01t000000000001AAA", {"Q": Decimal(1)}),
    ]
    assert [o.status for o in written(salesforce(server.url, time), requests)] == [
        WriteStatus.REJECTED,
        WriteStatus.WRITTEN,
    ]


def test_the_orgs_api_usage_is_remembered(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [
        Answer({"DailyApiRequests": {}}, headers={"Sforce-Limit-Info": "api-usage=10018/100000; api-bursts=1/750"})
    ]
    connector = salesforce(server.url, time)
    assert connector.quota() is None
    connector.ping()
    quota = connector.quota()
    assert quota
    assert (quota.used, quota.allowed, quota.left, quota.at) == (10018, 100000, 89982, time.timing().clock())


@pytest.mark.parametrize(
    ("status", "body", "setting"),
    [
        (400, {"error": "invalid_client_id", "error_description": "client identifier invalid"}, "SALESFORCE_CLIENT_ID"),
        (
            400,
            {"error": "invalid_client", "error_description": "invalid client credentials"},
            "SALESFORCE_CLIENT_SECRET",
        ),
        (401, {"error": "invalid_client"}, "SALESFORCE_CLIENT_SECRET"),
        (400, {"error": "invalid_client", "error_description": f"secret {SECRET} unknown"}, "SALESFORCE_CLIENT_SECRET"),
        (
            400,
            {"error": "invalid_grant", "error_description": "no client credentials user enabled"},
            "SALESFORCE_CLIENT_ID",
        ),
        (404, b"<html>no such page</html>", "SALESFORCE_LOGIN_URL"),
    ],
)
def test_refused_credentials_name_the_setting_to_look_at(
    server: ScriptedServer, time: FakeTime, status: int, body: object, setting: str
) -> None:
    server.script = lambda _: Answer(body, status)
    with pytest.raises(errors.AuthenticationError, match=setting) as caught:
        salesforce(server.url, time).ping()
    assert SECRET not in str(caught.value)
    assert len(server.asked) == 1


def test_a_token_reply_cannot_lead_a_loopback_login_to_a_real_org(server: ScriptedServer, time: FakeTime) -> None:
    server.script = lambda _: Answer({"access_token": "t", "instance_url": "https://acme.my.service.example"})
    with pytest.raises(errors.ConfigurationError):
        salesforce(server.url, time).ping()


def test_an_org_without_enhanced_notes_has_none(
    server: ScriptedServer, time: FakeTime, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers = [refused("INVALID_TYPE", "sObject type 'ContentNote' is not supported.")]
    (only,) = salesforce(server.url, time).read(
        salesforce_feed("ContentNote", modified="LastModifiedDate", stamp=None), ["Title", "Content"], Window()
    )
    assert only.rows == ()
    assert "no enhanced notes" in caplog.text
    server.answers = [refused("INVALID_TYPE")]
    assert salesforce(server.url, time).newest(salesforce_feed("ContentNote", modified="LastModifiedDate")) is None


def test_new_records_without_external_id_are_inserted(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [Answer([stored(1)], 200)]
    (outcome,) = written(salesforce(server.url, time), [create("Account", "a", {"Name": "x"})])
    assert (outcome.status, server.calls[0].method, server.calls[0].path) == (
        WriteStatus.WRITTEN,
        "POST",
        "/services/data/v62.0/composite/sobjects",
    )
