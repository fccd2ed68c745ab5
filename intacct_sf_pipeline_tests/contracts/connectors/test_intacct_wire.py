"""The Intacct connector against replies that a well-behaved service does not give, or gives rarely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import pytest

from intacct_sf_pipeline.model import errors
from intacct_sf_pipeline.model.results import WriteStatus
from intacct_sf_pipeline.model.windows import Window

from .builders import CUSTOMER, SECRET, create, intacct, intacct_feed, update, written
from .clocks import FakeTime
from .scripted import Answer, Asked, ScriptedServer, scripted_server

FEED = intacct_feed()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as started:
        yield started


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


def page(keys: Iterable[int], total: int | str, start: int, next_start: int | None, size: int = 2) -> Answer:
    rows = [
        {"key": str(key), "id": f"C-{key}", "audit.modifiedDateTime": "2026-03-01T08:00:00Z", "API_QUERY_ALIAS__7": "x"}
        for key in keys
    ]
    meta = {"totalCount": total, "start": start, "pageSize": size, "next": next_start, "previous": None}
    return Answer({"ia::result": rows, "ia::meta": meta})


def keys_read(server: ScriptedServer, time: FakeTime, **options: object) -> list[str]:
    connector = intacct(server.url, time, page_size=2, **options)
    return [row.key for p in connector.read(FEED, ["id"], Window()) for row in p.rows]


def test_pages_follow_next_and_stray_columns_are_ignored(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [page(range(1, 3), 3, 1, 3), page(range(3, 4), "1", 1, None)]
    connector = intacct(server.url, time, page_size=2)
    pages = list(connector.read(FEED, ["id"], Window()))
    assert [[dict(row.values) for row in p.rows] for p in pages] == [[{"id": "C-1"}, {"id": "C-2"}], [{"id": "C-3"}]]
    assert [(p.total, p.missing) for p in pages] == [(3, 0)] * 2
    assert [asked.json().get("filters") for asked in server.calls] == [None, [{"$gt": {"key": "2"}}]]
    assert [asked.json()["start"] for asked in server.calls] == [1, 1]
    assert all(asked.json()["filterParameters"] == {"includePrivate": True} for asked in server.calls)
    assert connector.spend().billed == 2


def test_a_missing_next_is_worked_out_from_the_total(server: ScriptedServer, time: FakeTime) -> None:
    first, second = page(range(1, 3), 3, 1, 3), page(range(3, 4), 1, 1, None)
    for answer in (first, second):
        del answer.body["ia::meta"]["next"]
    server.answers = [first, second]
    assert keys_read(server, time) == ["1", "2", "3"]


def test_by_offset_a_falling_total_begins_the_read_again(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [
        page(range(1, 3), 5, 1, 3),
        page(range(4, 6), 4, 3, None),
        page(range(2, 4), 4, 1, 3),
        page(range(4, 6), 4, 3, None),
    ]
    assert keys_read(server, time, page_by_key=False) == ["1", "2", "2", "3", "4", "5"]
    assert [asked.json()["start"] for asked in server.calls] == [1, 3, 1, 3]


def test_a_next_that_leads_nowhere_does_not_loop(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [page(range(1, 3), 9, 1, 1)]
    with pytest.raises(errors.TransientError):
        keys_read(server, time, page_by_key=False)
    assert len(server.calls) == 1


def test_a_page_answered_twice_is_noticed_and_loses_nothing(server: ScriptedServer, time: FakeTime) -> None:
    first = page(range(1, 3), 3, 1, 3)
    server.answers = [first, first, first, page(range(3, 4), 3, 3, None)]
    assert set(keys_read(server, time)) == {"1", "2", "3"}
    assert [asked.json()["start"] for asked in server.calls] == [1, 1, 1, 3]


def test_a_service_that_answers_every_page_alike_ends_in_an_error(server: ScriptedServer, time: FakeTime) -> None:
    server.script = lambda asked: None if "token" in asked.path else page(range(1, 3), 9, 1, 3)
    with pytest.raises(errors.TransientError):
        keys_read(server, time)
    assert len(server.calls) < 6


def test_a_short_page_tells_how_many_rows_are_missing(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [page([1], 3, 1, 3), page([2, 3], 2, 1, None), page([1], 2, 1, None)]
    connector = intacct(server.url, time, page_size=2)
    assert [[p.missing for p in connector.read(FEED, ["id"], Window())] for _ in range(2)] == [[1, 0], [1]]


def test_a_look_up_that_stays_short_is_an_error_not_an_absence(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [page([1], 2, 1, None), page([1], 2, 1, None)]
    with pytest.raises(errors.TransientError, match="fewer rows"):
        intacct(server.url, time).lookup(FEED, ["id"], "key", ["1", "2"])


def test_rows_without_a_stamp_are_asked_for_with_the_window_in_one_call(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [page(range(1, 3), 3, 1, 3), page(range(3, 4), 1, 1, None)]
    connector = intacct(server.url, time, page_size=2)
    list(connector.read(FEED, ["id"], Window(start=datetime(2026, 3, 1, tzinfo=UTC))))
    first, second = (asked.json() for asked in server.calls)
    stamp = "audit.modifiedDateTime"
    assert first["filters"] == [{"$gte": {stamp: "2026-03-01T00:00:00Z"}}, {"$eq": {stamp: None}}]
    assert first["filterExpression"] == "1 or 2"
    assert second["filters"] == [*first["filters"], {"$gt": {"key": "2"}}]
    assert second["filterExpression"] == "(1 or 2) and 3"


def test_a_window_that_ends_holds_stamped_rows_only(server: ScriptedServer, time: FakeTime) -> None:
    server.answers = [page(range(1, 2), 1, 1, None)]
    window = Window(start=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 3, 2, tzinfo=UTC))
    list(intacct(server.url, time).read(FEED, ["id"], window))
    body = server.calls[0].json()
    assert [next(iter(given)) for given in body["filters"]] == ["$gte", "$lt"]
    assert "filterExpression" not in body


def test_a_service_that_refuses_to_filter_by_null_is_asked_without_it_from_then_on(
    server: ScriptedServer, time: FakeTime
) -> None:
    def script(asked: Asked) -> Answer | None:
        if asked.path.startswith("/services/core/model"):
            return Answer({"ia::result": {"fields": {"key": {}, "id": {}, "audit.modifiedDateTime": {}}}})
        if asked.path == "/services/core/query" and "filterExpression" in asked.json():
            return Answer({"ia::result": {"ia::error": {"code": "invalidRequest", "message": "null"}}}, 400)
        return None

    server.script = script
    server.answers = [page([1], 1, 1, None), page([1], 1, 1, None)]
    connector = intacct(server.url, time)
    window = Window(start=datetime(2026, 3, 1, tzinfo=UTC))
    for _ in range(2):
        assert [row.key for p in connector.read(FEED, ["id"], window) for row in p.rows] == ["1"]
    assert len(server.calls) == 2 + 1 + 1


@pytest.mark.parametrize(
    "answer",
    [Answer(b"<html>Bad gateway</html>", 502), Answer(b"<html>Welcome</html>"), Answer(b"", 500), Answer(drop=True)],
)
def test_a_read_survives_a_bad_answer(server: ScriptedServer, time: FakeTime, answer: Answer) -> None:
    server.answers = [answer, page(range(1, 2), 1, 1, None)]
    assert keys_read(server, time) == ["1"]
    assert len(time.waits) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"<html>Bad gateway</html>", 502),
        Answer(b"<html>ok</html>"),
        Answer(b"", 500),
        Answer(drop=True),
        Answer({"ia::result": [{"key": "1"}]}),
    ],
    ids=["502", "html", "500", "reset", "results missing"],
)
def test_a_write_without_a_readable_answer_is_unknown_and_never_repeated(
    server: ScriptedServer, time: FakeTime, answer: Answer
) -> None:
    server.answers = [answer]
    connector = intacct(server.url, time)
    outcomes = written(
        connector, [create(CUSTOMER, "a", {"name": "A"}, "A"), create(CUSTOMER, "b", {"name": "B"}, "B")]
    )
    assert [o.status for o in outcomes] == [WriteStatus.UNKNOWN] * 2
    assert (len(server.calls), time.waits) == (1, [])


def test_results_are_matched_by_position_with_or_without_status(server: ScriptedServer, time: FakeTime) -> None:
    failed = {
        "ia::status": 422,
        "ia::error": {
            "code": "operationFailed",
            "message": "m",
            "details": [{"message": "Another record with the value B already exists"}],
        },
    }
    server.answers = [
        Answer(
            {
                "ia::result": [{"key": "1", "id": "A"}, failed, {"key": "3", "id": "C", "ia::status": 201}],
                "ia::meta": {"totalCount": "3"},
            },
            207,
        )
    ]
    outcomes = written(intacct(server.url, time), [create(CUSTOMER, ref, {"name": ref}, ref) for ref in "ABC"])
    assert [(o.ref, o.status, o.key, o.duplicate) for o in outcomes] == [
        ("A", WriteStatus.WRITTEN, "1", False),
        ("B", WriteStatus.REJECTED, None, True),
        ("C", WriteStatus.WRITTEN, "3", False),
    ]


def test_a_batch_that_fails_alike_keeps_its_results_apart(server: ScriptedServer, time: FakeTime) -> None:
    results = [{"ia::status": 422, "ia::error": {"code": "x", "message": f"bad {n}"}} for n in (1, 2)]
    server.answers = [Answer({"ia::result": results, "ia::meta": {}}, 422)]
    outcomes = written(intacct(server.url, time), [update(CUSTOMER, ref, "7", {"name": ref}) for ref in "AB"])
    assert [(o.status, o.error.message) for o in outcomes if o.error] == [
        (WriteStatus.REJECTED, "bad 1"),
        (WriteStatus.REJECTED, "bad 2"),
    ]


def test_a_schema_fault_of_the_whole_call_isolates_the_culprit_under_other_keys(
    server: ScriptedServer, time: FakeTime
) -> None:
    def script(asked: Asked) -> Answer | None:
        if not asked.path.startswith("/objects"):
            return None
        records = asked.json()
        if any("wrong" in record for record in records):
            return Answer(
                {"ia::result": {"ia::error": {"code": "invalidRequest", "errorId": "REST-1064", "message": "schema"}}},
                400,
            )
        return Answer({"ia::result": [{"key": record["id"], "ia::status": 201} for record in records]}, 201)

    server.script = script
    requests = [create(CUSTOMER, str(n), {"wrong" if n == 2 else "name": "x"}, str(n)) for n in range(4)]
    outcomes = written(intacct(server.url, time), requests)
    assert [o.status is WriteStatus.WRITTEN for o in outcomes] == [True, True, False, True]
    keys = [asked.headers["Idempotency-Key"] for asked in server.calls]
    assert len(set(keys)) == len(keys)
    assert all(len(key) <= 256 for key in keys)


def test_the_same_write_has_the_same_idempotency_key_and_another_attempt_another(
    server: ScriptedServer, time: FakeTime
) -> None:
    def sent(attempt: str) -> str:
        server.answers = [Answer({"ia::result": [{"key": "1"}, {"key": "2"}]}, 201)]
        written(
            intacct(server.url, time),
            [create(CUSTOMER, ref, {"name": ref}, ref, key=f"{ref}-{attempt}") for ref in "AB"],
        )
        return server.calls[-1].headers["Idempotency-Key"]

    assert sent("1") == sent("1") != sent("2")


def test_throttled_writes_wait_as_told_and_are_sent_again(server: ScriptedServer, time: FakeTime) -> None:
    throttled = Answer(
        {"ia::error": {"code": "GW-0010", "message": "API rate limit exceeded"}},
        429,
        {"X-IA-Throttle-Limit-RetryAfter": "17"},
    )
    server.answers = [throttled, Answer({"ia::result": [{"key": "1"}]}, 201)]
    outcomes = written(intacct(server.url, time), [create(CUSTOMER, "A", {"name": "A"}, "A")])
    assert outcomes[0].status is WriteStatus.WRITTEN
    assert len(time.waits) == 1
    assert 17 <= time.waits[0] <= 19


def test_a_service_that_stays_throttled_ends_the_batch_not_sent_and_raises_after_it(
    server: ScriptedServer, time: FakeTime
) -> None:
    server.script = lambda asked: (
        None if "token" in asked.path else Answer({"ia::error": {"code": "GW-0010", "message": "limit"}}, 429)
    )
    batches = intacct(server.url, time, write_batch=1).write(
        [create(CUSTOMER, ref, {"name": ref}, ref) for ref in "AB"]
    )
    assert [o.status for o in next(batches)] == [WriteStatus.NOT_SENT]
    with pytest.raises(errors.ThrottledError):
        next(batches)


def test_the_token_is_kept_and_renewed_before_it_ends(server: ScriptedServer, time: FakeTime) -> None:
    server.script = lambda asked: None if "token" in asked.path else page(range(1, 2), 1, 1, None)
    connector = intacct(server.url, time)
    for moment in (0, 790, 20):
        time.pass_(moment)
        list(connector.read(FEED, ["id"], Window()))
    assert server.logins == 2
    assert [asked.headers["Authorization"] for asked in server.calls] == [
        "Bearer token-1",
        "Bearer token-1",
        "Bearer token-2",
    ]


@pytest.mark.parametrize("status", [400, 401])
def test_a_refused_token_is_replaced_once_and_then_given_up(
    server: ScriptedServer, time: FakeTime, status: int
) -> None:
    server.script = lambda asked: (
        None
        if "token" in asked.path
        else Answer({"ia::error": {"code": "x", "message": "The token is not valid"}}, status)
    )
    with pytest.raises(errors.AuthenticationError):
        list(intacct(server.url, time).read(FEED, ["id"], Window()))
    assert (server.logins, len(server.calls)) == (2, 2)


@pytest.mark.parametrize(
    ("body", "setting"),
    [
        ({"error": "invalid_client"}, "INTACCT_CLIENT_SECRET"),
        ({"error": "invalid_grant"}, "INTACCT_USERNAME"),
        ({"error": "invalid_client", "error_description": f"secret {SECRET} unknown"}, "INTACCT_CLIENT_SECRET"),
        ({"ia::error": {"code": "GW-0012", "message": "tenant missing"}}, "INTACCT_USERNAME"),
        ({"ia::error": {"code": "GW-0037", "message": "client_id missing"}}, "INTACCT_CLIENT_ID"),
        (
            {"ia::error": {"code": "GW-0011", "message": "Invalid Request", "details": {"requestId": "7"}}},
            "INTACCT_CLIENT_ID",
        ),
    ],
)
def test_refused_credentials_name_the_setting_to_look_at(
    server: ScriptedServer, time: FakeTime, body: object, setting: str
) -> None:
    server.script = lambda _: Answer(body, 400)
    with pytest.raises(errors.AuthenticationError, match=setting) as caught:
        intacct(server.url, time).ping()
    assert SECRET not in str(caught.value)
    assert len(server.asked) == 1


def test_a_field_the_model_lists_but_the_query_refuses_is_left_out(server: ScriptedServer, time: FakeTime) -> None:
    def script(asked: Asked) -> Answer | None:
        if asked.path.startswith("/services/core/model"):
            return Answer(
                {
                    "ia::result": {
                        "fields": {"key": {}, "id": {}, "stock": {}},
                        "groups": {"audit": {"fields": {"modifiedDateTime": {}}}},
                        "refs": [],
                    }
                }
            )
        if asked.path == "/services/core/query" and "stock" in asked.json()["fields"]:
            detail = {"additionalInfo": {"placeholders": {"FIELD_PATH": "stock"}}, "message": "unknown"}
            return Answer(
                {"ia::result": {"ia::error": {"code": "invalidRequest", "message": "bad", "details": [detail]}}}, 422
            )
        return None

    server.script = script
    server.answers = [page(range(1, 2), 1, 1, None), page(range(1, 2), 1, 1, None)]
    connector = intacct(server.url, time)
    rows = [row for p in connector.read(FEED, ["id", "stock"], Window()) for row in p.rows]
    assert [dict(row.values) for row in rows] == [{"id": "C-1"}]
    assert connector.missing_columns(FEED, ["id", "stock"]) == ("stock",)
    before = len(server.calls)
    list(connector.read(FEED, ["id", "stock"], Window()))
    assert len(server.calls) == before + 1


def test_a_key_that_cannot_be_queried_is_an_error_not_an_empty_read(server: ScriptedServer, time: FakeTime) -> None:
    error = {"errorId": "REST-1106", "message": "m", "additionalInfo": {"placeholders": {"FIELD": "key"}}}
    server.script = lambda asked: (
        None
        if "token" in asked.path
        else Answer({"ia::result": {"fields": {"key": {}, "id": {}, "audit.modifiedDateTime": {}}}})
        if "model" in asked.path
        else Answer({"ia::result": {"ia::error": error}}, 400)
    )
    with pytest.raises(errors.ValidationFailedError):
        list(intacct(server.url, time).read(FEED, ["id"], Window()))
