"""Each fault, seen by a real HTTP client over a real socket."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from intacct_sf_pipeline.sandbox.fault_middleware import ConnectionTable, FaultMiddleware
from intacct_sf_pipeline.sandbox.faults import FaultPlan, FaultRule
from intacct_sf_pipeline.sandbox.serving import bound_socket, delayed, origin, quiet_when_left, serving

PATH = "/services/data/v59.0/sobjects/Account"


class Ledger:
    """A service that remembers what it did."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.expired = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.done.append(f"{request.method} {len(body)}")
        await PlainTextResponse("0123456789")(scope, receive, send)

    def expire(self) -> None:
        self.expired += 1


Serve = Callable[..., tuple[str, Ledger, FaultPlan]]


@contextmanager
def ledger_behind(rule: FaultRule) -> Iterator[tuple[str, Ledger, FaultPlan]]:
    ledger, plan, connections = Ledger(), FaultPlan([rule]), ConnectionTable()
    app = FaultMiddleware(ledger, service=rule.service, plan=plan, connections=connections, expire_tokens=ledger.expire)
    with bound_socket(0) as listener, serving(app, listener, connections):
        yield origin(listener), ledger, plan


def salesforce(fault: str, **more: object) -> FaultRule:
    return FaultRule(service="salesforce", fault=fault, **more)  # type: ignore[arg-type] # test shorthand


@pytest.mark.parametrize(("fault", "work_done"), [("reset_before", []), ("reset_after", ["POST 3"])])
def test_a_reset_breaks_the_connection_before_or_after_the_work(fault: str, work_done: list[str]) -> None:
    with ledger_behind(salesforce(fault)) as (url, ledger, _):
        with pytest.raises(requests.ConnectionError) as caught:
            requests.post(url + PATH, data=b"abc", timeout=5)
        assert "reset" in str(caught.value).lower()
        assert ledger.done == work_done
        assert requests.get(url + PATH, timeout=5).text == "0123456789"


@pytest.mark.parametrize(("fault", "work_done"), [("timeout_before", []), ("timeout_after", ["POST 3"])])
def test_a_silent_service_runs_into_the_clients_timeout(fault: str, work_done: list[str]) -> None:
    with ledger_behind(salesforce(fault)) as (url, ledger, _):
        with pytest.raises(requests.ReadTimeout):
            requests.post(url + PATH, data=b"abc", timeout=(5, 0.2))
        assert ledger.done == work_done


def test_a_silent_service_closes_at_last() -> None:
    with ledger_behind(salesforce("timeout_after", seconds=0.05)) as (url, ledger, _):
        with pytest.raises(requests.ConnectionError):
            requests.get(url + PATH, timeout=5)
        assert ledger.done == ["GET 0"]


def test_a_truncated_answer_announces_more_than_it_sends() -> None:
    with ledger_behind(salesforce("truncate")) as (url, ledger, _):
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(url + PATH, timeout=5)
        assert ledger.done == ["GET 0"]


def test_a_slow_answer_arrives() -> None:
    with ledger_behind(salesforce("slow", seconds=0.05)) as (url, ledger, _):
        answer = requests.get(url + PATH, timeout=5)
        assert ledger.done == ["GET 0"]
        assert answer.text == "0123456789"
        assert answer.elapsed.total_seconds() >= 0.05


def test_an_html_page_comes_instead_of_json() -> None:
    with ledger_behind(salesforce("html_503")) as (url, ledger, _):
        answer = requests.post(url + PATH, data=b"x" * 300_000, timeout=5)
        assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert answer.text.startswith("<!DOCTYPE html>")
        assert ledger.done == []


def test_expired_tokens_are_expired_just_before_the_request() -> None:
    with ledger_behind(salesforce("expire_token")) as (url, ledger, _):
        assert requests.get(url + PATH, timeout=5).status_code == 200
        assert (ledger.expired, ledger.done) == (1, ["GET 0"])


def test_salesforce_refusals_have_the_salesforce_shape() -> None:
    with ledger_behind(salesforce("status", status=503)) as (url, _, plan):
        answer = requests.get(url + PATH, timeout=5)
        assert answer.status_code == 503
        assert [sorted(entry) for entry in answer.json()] == [["errorCode", "message"]]
        assert answer.json()[0]["errorCode"] == "SERVER_UNAVAILABLE"
        plan.add(salesforce("throttle"))
        throttled = requests.get(url + PATH, timeout=5)
        assert (throttled.status_code, throttled.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")


def test_intacct_refusals_have_the_intacct_shapes() -> None:
    with ledger_behind(FaultRule("intacct", "status", status=500)) as (url, _, plan):
        path = url + "/ia/api/v1/services/core/query"
        assert requests.post(path, timeout=5).json()["ia::error"]["code"] == "GW-0001"
        plan.add(FaultRule("intacct", "status", status=422, code="invalidKey", message="No such key"))
        refused = requests.post(path, timeout=5)
        error = refused.json()["ia::result"]["ia::error"]
        assert (refused.status_code, error["code"], error["message"]) == (422, "invalidKey", "No such key")
        plan.add(FaultRule("intacct", "throttle", retry_after=7))
        throttled = requests.post(path, timeout=5)
        assert (throttled.status_code, throttled.headers["X-IA-Throttle-Limit-RetryAfter"]) == (429, "7")
        assert throttled.json()["ia::error"]["code"] == "GW-0010"


def test_a_rule_may_bring_its_own_body_and_headers() -> None:
    rule = salesforce("status", status=418, body="teapot", headers=(("X-Brew", "now"), ("Content-Type", "text/plain")))
    with ledger_behind(rule) as (url, _, _plan):
        answer = requests.get(url + PATH, timeout=5)
        assert (answer.status_code, answer.text, answer.headers["x-brew"]) == (418, "teapot", "now")


def test_leaving_a_sandbox_frees_a_client_that_waits_on_a_silent_service() -> None:
    silent = salesforce("timeout_before", count=None)
    with ledger_behind(silent) as (url, _, _plan), pytest.raises(requests.ReadTimeout):
        requests.get(url + PATH, timeout=(5, 0.1))
    with pytest.raises(requests.ConnectionError):
        requests.get(url + PATH, timeout=5)


def test_added_latency_delays_every_request() -> None:
    ledger, connections = Ledger(), ConnectionTable()
    with bound_socket(0) as listener, serving(delayed(ledger, 60), listener, connections):
        assert requests.get(origin(listener) + PATH, timeout=5).elapsed.total_seconds() >= 0.06


def test_a_client_that_goes_away_within_its_request_is_no_error_of_the_server(caplog: pytest.LogCaptureFixture) -> None:
    ledger, connections, over = Ledger(), ConnectionTable(), threading.Event()

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await ledger(scope, receive, send)
        finally:
            over.set()

    with bound_socket(0) as listener, serving(quiet_when_left(watched), listener, connections):
        with socket.create_connection(listener.getsockname(), timeout=5) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nabc")
        assert over.wait(5)
    assert ledger.done == []
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
