"""Limits of both services: what stops a run, what is waited for, what is cut smaller."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.connectors.intacct.throttling import explained
from intacct_sf_pipeline.connectors.salesforce.limit_info import read_limit_info
from intacct_sf_pipeline.connectors.salesforce.locks import parent_of, smaller_calls
from intacct_sf_pipeline.connectors.slots import CONSIDERATE, SlotTable
from intacct_sf_pipeline.model import errors
from intacct_sf_pipeline.model.results import WriteRequest, WriteStatus
from intacct_sf_pipeline.model.windows import Window
from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions
from intacct_sf_pipeline.sandbox.salesforce.load import LoadLimits

from . import builders
from .builders import intacct, salesforce, salesforce_feed, written
from .clocks import FakeTime
from .rigs import IntacctRig, SalesforceRig, Sandbox
from .scripted import Answer, Asked, ScriptedServer, scripted_server


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as scripted:
        yield scripted


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def rest_rig(sandbox: Sandbox, clock: OffsetClock) -> IntacctRig:
    return IntacctRig(sandbox, clock)


def refused(code: str, message: str, status: int = 403, headers: dict[str, str] | None = None) -> Answer:
    return Answer([{"errorCode": code, "message": message}], status, headers or {})


class TestSalesforceQuota:
    def test_the_run_ends_with_the_figures_and_nothing_is_half_written(self, salesforce_rig: SalesforceRig) -> None:
        org = salesforce_rig.sandbox.org
        connector = salesforce_rig.connector(write_batch=2)
        connector.describe("Account")
        org.meter.quota = org.meter.used + 1
        requests = [salesforce_rig.create(str(i), f"Harbor {i}") for i in range(6)]
        batches = connector.write(requests)
        first = next(batches)
        assert [outcome.status for outcome in first] == [WriteStatus.WRITTEN] * 2
        second = next(batches)
        assert [outcome.status for outcome in second] == [WriteStatus.NOT_SENT] * 2
        with pytest.raises(errors.QuotaExceededError, match=r"\d+ of \d+.*wait until") as caught:
            next(batches)
        assert "Company Information" in caught.value.cure
        assert salesforce_rig.count() == 2
        assert salesforce_rig.time.waits == []

    def test_refusals_tell_of_the_quota_too(self, server: ScriptedServer, time: FakeTime) -> None:
        server.answers = [
            refused(
                "REQUEST_LIMIT_EXCEEDED",
                "TotalRequests Limit exceeded.",
                headers={"Sforce-Limit-Info": "api-usage=9/9"},
            )
        ]
        connector = salesforce(server.url, time)
        with pytest.raises(errors.QuotaExceededError, match="9 of 9"):
            connector.ping()
        quota = connector.quota()
        assert quota
        assert (quota.used, quota.allowed, quota.left) == (9, 9, 0)
        assert len(server.calls) == 1

    @given(
        used=st.integers(0, 10**9),
        allowed=st.integers(0, 10**9),
        before=st.sampled_from(["", "api-bursts=1/750; ", "per-app-api-usage=17/250(appName=x); "]),
        after=st.sampled_from(["", "; api-bursts=1/750", ", per-app-api-usage=17/250(appName=x)"]),
    )
    def test_the_header_is_read_whatever_stands_around(self, used: int, allowed: int, before: str, after: str) -> None:
        now = FakeTime().timing().clock()
        quota = read_limit_info(f"{before}api-usage={used}/{allowed}{after}", now)
        assert quota
        assert (quota.used, quota.allowed, quota.left, quota.at) == (used, allowed, max(0, allowed - used), now)

    @given(
        text=st.none()
        | st.sampled_from(["api-usage=1", "per-app-api-usage=1/2", "api-usage=a/b"])
        | st.text(max_size=9)
    )
    def test_any_other_header_tells_nothing_and_breaks_nothing(self, text: str | None) -> None:
        quota = read_limit_info(text, FakeTime().timing().clock())
        assert quota is None


class TestSalesforceConcurrency:
    def test_too_many_at_once_is_waited_for(self, server: ScriptedServer, time: FakeTime) -> None:
        busy = refused("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
        server.answers = [busy, busy, Answer({})]
        salesforce(server.url, time).ping()
        assert len(server.calls) == 3
        assert time.waits == [0.5, 1.0]

    def test_the_sandbox_refuses_one_too_many(self, salesforce_rig: SalesforceRig) -> None:
        org = salesforce_rig.sandbox.org
        org.at_work.limits = LoadLimits(concurrent=1, long_seconds=0.0)
        with org.at_work.counted(), pytest.raises(errors.ThrottledError, match="ConcurrentRequests"):
            salesforce_rig.connector().ping()
        salesforce_rig.connector().ping()


def child(ref: str, parent: str | None, **current: str) -> WriteRequest:
    values = {"LastName": ref} | ({"AccountId": parent} if parent else {})
    return builders.update("Contact", ref, f"003{ref}", values, current)


class TestRowLocks:
    @given(
        parents=st.lists(st.sampled_from(["A", "B", "C", None]), max_size=40),
        size=st.integers(min_value=1, max_value=10),
    )
    def test_calls_hold_everything_once_and_no_small_family_is_torn(self, parents: list[str | None], size: int) -> None:
        requests = [child(str(i), parent) for i, parent in enumerate(parents)]
        calls = smaller_calls(requests, size)
        assert sorted(r.ref for call in calls for r in call) == sorted(r.ref for r in requests)
        assert all(0 < len(call) <= size for call in calls)
        for parent in ("A", "B", "C"):
            family = sum(1 for p in parents if p == parent)
            holding = sum(1 for call in calls if any(parent_of(r).endswith(f":{parent.lower()}") for r in call))
            assert holding == -(-family // size)

    def test_the_parent_is_found_in_values_relations_and_what_is_there_now(self) -> None:
        assert parent_of(child("1", "001A")) == "AccountId:001A".casefold()
        assert parent_of(child("1", None, AccountId="001B")) == "AccountId:001B".casefold()
        related = builders.create("Contact", "2", {"Account.IntacctID__c": "C-1", "LastName": "x"})
        assert parent_of(related) == "Account:C-1".casefold()
        assert parent_of(builders.update("Account", "3", "001", {"Name": "x"})) == ""

    def test_only_locked_records_are_sent_again_by_parent_and_with_pauses(
        self, server: ScriptedServer, time: FakeTime
    ) -> None:
        locked_once: set[str] = set()

        def script(asked: Asked) -> Answer | None:
            if asked.method != "PATCH":
                return None
            items: list[object] = []
            for record in asked.json()["records"]:
                key, parent = record["id"], record["AccountId"]
                if parent == "001A" and key not in locked_once:
                    locked_once.add(key)
                    items.append(
                        {"success": False, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "busy"}]}
                    )
                elif parent == "001B" and "bad" not in locked_once:
                    locked_once.add("bad")
                    items.append({"success": False, "errors": [{"statusCode": "STRING_TOO_LONG", "message": "long"}]})
                else:
                    items.append({"id": key, "success": True, "errors": []})
            return Answer(items)

        server.script = script
        requests = [
            builders.update("Contact", str(i), f"0030000000000{i}AAA"[:15] + "AAA", {"AccountId": parent})
            for i, parent in enumerate(["001A", "001B", "001A", "001C"])
        ]
        outcomes = written(salesforce(server.url, time), requests)
        assert [o.status for o in outcomes] == [
            WriteStatus.WRITTEN,
            WriteStatus.REJECTED,
            WriteStatus.WRITTEN,
            WriteStatus.WRITTEN,
        ]
        sent = [[r["AccountId"] for r in asked.json()["records"]] for asked in server.calls]
        assert sent == [["001A", "001B", "001A", "001C"], ["001A"], ["001A"]]
        assert time.waits == [2.0]


class TestLongAddresses:
    COLUMNS = tuple(f"Custom_field_with_a_long_name_{n:03d}__c" for n in range(400))

    def test_a_query_that_fits_no_address_goes_in_a_body(self, server: ScriptedServer, time: FakeTime) -> None:
        record = {"Id": "001000000000001AAA", "IsDeleted": False, **dict.fromkeys(self.COLUMNS)}
        page = {"totalSize": 1, "done": True, "records": [record]}
        server.answers = [Answer({"compositeResponse": [{"httpStatusCode": 200, "body": page, "referenceId": "rows"}]})]
        pages = list(salesforce(server.url, time).read(salesforce_feed(), self.COLUMNS, Window()))
        assert [row.key for row in pages[0].rows] == ["001000000000001AAA"]
        (asked,) = server.calls
        assert (asked.method, asked.path) == ("POST", "/services/data/v62.0/composite")
        (part,) = asked.json()["compositeRequest"]
        soql = parse_qs(urlsplit(part["url"]).query)["q"][0]
        assert part["url"].startswith("/services/data/v62.0/queryAll?q=")
        assert all(column in soql for column in self.COLUMNS)

    @pytest.mark.parametrize("status", [414, 431])
    def test_an_address_that_the_service_finds_too_long_is_sent_in_a_body(
        self, server: ScriptedServer, time: FakeTime, status: int
    ) -> None:
        page = {"totalSize": 0, "done": True, "records": []}
        server.answers = [
            refused("URI_TOO_LONG", "too long", status),
            Answer({"compositeResponse": [{"httpStatusCode": 200, "body": page, "referenceId": "rows"}]}),
        ]
        (first,) = salesforce(server.url, time).read(salesforce_feed(), ("Name",), Window())
        assert first.rows == ()
        assert [asked.method for asked in server.calls] == ["GET", "POST"]

    def test_a_refusal_inside_the_body_is_read_as_any_other(self, server: ScriptedServer, time: FakeTime) -> None:
        part = {
            "httpStatusCode": 400,
            "body": [{"errorCode": "MALFORMED_QUERY", "message": "no"}],
            "referenceId": "rows",
        }
        server.script = lambda asked: None if "token" in asked.path else Answer({"compositeResponse": [part]})
        with pytest.raises(errors.ValidationFailedError, match="MALFORMED_QUERY"):
            list(salesforce(server.url, time).read(salesforce_feed(), self.COLUMNS, Window()))

    def test_the_sandbox_answers_both_ways_alike(self, salesforce_rig: SalesforceRig) -> None:
        from intacct_sf_pipeline.sandbox.salesforce.schema.fields import text

        org = salesforce_rig.sandbox.org
        org.add_fields("Account", [text(name, name, 20) for name in self.COLUMNS])
        keys = salesforce_rig.seed(["Harbor", "Quay"])
        org.write_as(org.person, "Account", keys[1], {self.COLUMNS[-1]: "deep"})
        connector = salesforce_rig.connector()
        rows = [row for page in connector.read(salesforce_rig.feed, self.COLUMNS, Window()) for row in page.rows]
        assert {row.key: row.values[self.COLUMNS[-1]] for row in rows} == {keys[0]: None, keys[1]: "deep"}

    def test_long_lists_of_values_are_cut_to_fit(self, salesforce_rig: SalesforceRig) -> None:
        keys = salesforce_rig.seed([f"Harbor & Söhne {i}" for i in range(30)])
        wanted = [f"Härbor/&%{'ü' * 200}{i}" for i in range(60)] + [f"Harbor & Söhne {i}" for i in range(30)]
        found = salesforce_rig.connector().lookup(salesforce_rig.feed, ("Name",), "Name", wanted)
        assert {row.key for row in found} == set(keys)
        assert all(request.status == 200 for request in salesforce_rig.sandbox.org.requests)


HEADERS = [
    "Retry-After",
    "retry-after",
    "X-IA-Throttle-Limit-RetryAfter",
    "X-IA-Throttle-Limit-Retry-After",
    "X-IA-TENANT-Throttle-Limit-Retry-After",
    "X-IA-Hour-Rate-Limit-Retry-After",
    "x-ia-hour-rate-limit-retryafter",
]
GATEWAY = {"ia::error": {"code": "GW-0010", "message": "API rate limit exceeded", "details": {"requestId": "R:1"}}}


class TestIntacctThrottling:
    @pytest.mark.parametrize("header", HEADERS)
    @pytest.mark.parametrize("as_date", [False, True])
    def test_every_spelling_of_the_wait_is_heeded(
        self, server: ScriptedServer, time: FakeTime, header: str, as_date: bool
    ) -> None:
        moment = format_datetime(time.timing().clock() + timedelta(seconds=7), usegmt=True)
        server.answers = [Answer(GATEWAY, 429, {header: moment if as_date else "7"}), Answer({"ia::result": {}})]
        intacct(server.url, time).ping()
        assert time.waits == [7.5]

    @pytest.mark.parametrize("value", ["", "soon", "-1", "nan"])
    def test_a_wait_that_says_nothing_is_not_taken_at_its_word(
        self, server: ScriptedServer, time: FakeTime, value: str
    ) -> None:
        server.answers = [Answer(GATEWAY, 429, {"Retry-After": value}), Answer({"ia::result": {}})]
        intacct(server.url, time).ping()
        assert 0 <= time.waits[0] <= 61

    def test_a_wait_beyond_patience_ends_the_run_in_clear_words(self, server: ScriptedServer, time: FakeTime) -> None:
        server.answers = [Answer(GATEWAY, 429, {"X-IA-Hour-Rate-Limit-Retry-After": "2900"})]
        with pytest.raises(errors.ThrottledError, match="rate limit") as refused:
            intacct(server.url, time).ping()
        assert time.waits == []
        until = time.timing().clock() + timedelta(seconds=2900 + 60)
        assert f"until about {until:%H:%M} UTC" in str(refused.value)

    @pytest.mark.parametrize(
        ("headers", "told", "not_told"),
        [
            ({"X-IA-Hour-Rate-Limit": "5000", "X-IA-Hour-Rate-Limit-Remaining": "0"}, ("5000", "`schedule`"), "OPEN"),
            ({"X-IA-Hour-Rate-Limit-Retry-After": "2900"}, ("hour", "`budget`", "next run"), "INTACCT_CONCURRENCY"),
            ({"X-IA-TENANT-Throttle-Limit-Retry-After": "2"}, ("INTACCT_CONCURRENCY", "next run"), "hour"),
            ({}, ("INTACCT_CONCURRENCY", "`schedule`", "next run"), "until"),
        ],
    )
    def test_a_refusal_names_the_limit_the_settings_and_what_follows(
        self, headers: dict[str, str], told: tuple[str, ...], not_told: str
    ) -> None:
        throttled = errors.ThrottledError(errors.ServiceReply("intacct", "query", 429), 60.0)
        error = explained(
            throttled, {name.lower(): value for name, value in headers.items()}, datetime(2026, 3, 2, 9, tzinfo=UTC)
        )
        assert all(word in str(error) for word in told)
        assert not_told not in str(error)
        assert isinstance(error, errors.ThrottledError)
        assert error.retry_after == 60.0


class TestIntacctSandboxLimits:
    @pytest.fixture
    def switches(self) -> CompanyOptions:
        return CompanyOptions(hour_limit=3, throttle_header="Retry-After", throttle_as_date=True)

    def test_the_hourly_limit_refuses_until_the_window_rolls(self, rest_rig: IntacctRig) -> None:
        connector = rest_rig.connector()
        connector.ping()  # a token and a call
        connector.ping()
        with pytest.raises(errors.ThrottledError, match="the 3 requests that Intacct serves within an hour"):
            connector.ping()
        rest_rig.clock.advance(3601)
        connector.ping()


class TestIntacctSandboxSpellings:
    @pytest.fixture(
        params=["X-IA-Throttle-Limit-RetryAfter", "X-IA-TENANT-Throttle-Limit-Retry-After", "Retry-After", ""]
    )
    def header(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.fixture
    def switches(self, header: str) -> CompanyOptions:
        return CompanyOptions(api_concurrency=0, throttle_retry_after=3, throttle_header=header)  # type: ignore[arg-type]

    def test_the_sandbox_names_the_wait_as_told(self, rest_rig: IntacctRig, header: str) -> None:
        with pytest.raises(errors.ThrottledError):
            rest_rig.connector().ping()
        assert set(rest_rig.time.waits) == ({3.5} if header else {60.5})


class TestSlots:
    def test_no_more_are_at_work_than_there_are_places(self) -> None:
        slots = SlotTable().of("http://127.0.0.1", "harbor", 2)
        lock, inside, most = threading.Lock(), [0], [0]
        start = threading.Barrier(6)

        def work() -> None:
            start.wait(5)
            for _ in range(50):
                with slots.taken():
                    with lock:
                        inside[0] += 1
                        most[0] = max(most[0], inside[0])
                    with lock:
                        inside[0] -= 1

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert 1 <= most[0] <= 2

    def test_connectors_of_one_tenant_share_their_places_and_others_have_their_own(self) -> None:
        table = SlotTable()
        assert table.of("https://a.example", "Harbor", 6) is table.of("https://A.example", "harbor", 6)
        assert table.of("https://a.example", "harbor", 6) is not table.of("https://a.example", "quay", 6)
        assert table.of("https://a.example", "harbor", 6) is not table.of("https://a.example", "harbor", 2)

    def test_a_place_is_given_back_when_a_call_fails(self, server: ScriptedServer, time: FakeTime) -> None:
        server.script = lambda asked: None if "token" in asked.path else Answer(drop=True)
        connector = intacct(server.url, time, concurrency=1, username="sync@slots-of-one")
        for _ in range(2):
            with pytest.raises(errors.TransientError):
                connector.ping()

    def test_the_default_leaves_room_and_none_is_refused(self, server: ScriptedServer, time: FakeTime) -> None:
        assert CONSIDERATE == 2  # of the 6 that the lowest tier lets one application have, and 8 for all together
        with pytest.raises(errors.ConfigurationError, match="INTACCT_CONCURRENCY"):
            intacct(server.url, time, concurrency=0)
