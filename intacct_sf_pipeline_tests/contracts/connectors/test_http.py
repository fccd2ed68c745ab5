"""Addresses, hints, secrets, patience: what both connectors promise about HTTP."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Event, Thread

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.connectors.http import (
    Call,
    HttpOptions,
    PatientAdapter,
    check_url,
    open_session,
    redact,
    server_time,
    transport_error,
)
from intacct_sf_pipeline.connectors.retry import RetryOptions, RetryPolicy, retry_after
from intacct_sf_pipeline.model.errors import (
    ConfigurationError,
    OutcomeUnknownError,
    ThrottledError,
    TransientError,
    ValidationFailedError,
)

from .clocks import FakeTime
from .scripted import Answer, scripted_server

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
READ = Call("intacct", "query things")
WRITE = Call("intacct", "create things", write=True)


@pytest.mark.parametrize(
    "url", ["https://api.service.example/v1/", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:9"]
)
def test_https_and_loopback_addresses_are_accepted(url: str) -> None:
    assert check_url(url, "SETTING") == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.service.example",
        "http://10.0.0.1",
        "http://127.0.0.1.service.example",
        "ftp://127.0.0.1",
        "service",
        "",
        "https://",
    ],
)
def test_other_addresses_are_refused_by_the_name_of_the_setting(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_url(url, "SETTING")
    assert caught.value.where == "SETTING"


def test_an_address_with_credentials_is_refused_without_repeating_them() -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_url("https://me:hunter2@service.example", "SETTING")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "Retry-After",
        "retry-after",
        "X-IA-Throttle-Limit-RetryAfter",
        "X-IA-TENANT-Throttle-Limit-Retry-After",
        "x-ia-hour-rate-limit-retry-after",
    ],
)
def test_every_spelling_of_the_waiting_hint_is_read(name: str) -> None:
    assert retry_after({name: "7", "X-IA-Throttle-Limit": "6"}, NOW) == 7


def test_the_longest_hint_counts_and_dates_are_understood() -> None:
    headers = {"Retry-After": "Mon, 02 Mar 2026 09:01:30 GMT", "X-RetryAfter": "3", "Y-Retry-After": "soon"}
    assert retry_after(headers, NOW) == 90
    assert retry_after({"Y-Retry-After": "soon"}, NOW) is None


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=8))
def test_a_given_secret_never_survives_redaction(secret: str) -> None:
    assert secret not in redact(f"before {secret} after {secret}", secret).replace("****", "")


@pytest.mark.parametrize(
    "text",
    ["client_secret=s3cr3t&x=1", '{"access_token": "s3cr3t"}', "Authorization: Bearer s3cr3t", "password: s3cr3t"],
)
def test_words_that_announce_a_secret_have_it_masked(text: str) -> None:
    assert "s3cr3t" not in redact(text)


def test_server_time_comes_from_the_date_header() -> None:
    assert server_time({"Date": "Mon, 02 Mar 2026 10:00:00 GMT"}, NOW) == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert server_time({}, NOW) == NOW


def fails(times: int, error: Exception) -> tuple[list[int], object]:
    calls: list[int] = []

    def function() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise error
        return "done"

    return calls, function


def test_a_transient_failure_is_tried_again_with_growing_waits() -> None:
    time = FakeTime()
    calls, function = fails(3, TransientError(READ.reply()))
    assert RetryPolicy(RetryOptions(first_wait=1), time.timing(spread=1)).call(function) == "done"
    assert len(calls) == 4
    assert time.waits == [1, 2, 4]


def test_the_services_hint_is_honoured_and_never_undercut() -> None:
    time = FakeTime()
    _, function = fails(1, ThrottledError(READ.reply(429), retry_after=37))
    RetryPolicy(RetryOptions(), time.timing()).call(function)
    assert len(time.waits) == 1
    assert time.waits[0] >= 37


def test_no_attempt_begins_that_would_exceed_the_budget() -> None:
    time = FakeTime()
    calls, function = fails(99, ThrottledError(READ.reply(429), retry_after=100))
    with pytest.raises(ThrottledError):
        RetryPolicy(RetryOptions(attempts=50, budget=250), time.timing()).call(function)
    assert len(calls) == 3
    assert time.seconds <= 250


@pytest.mark.parametrize("error", [OutcomeUnknownError(WRITE.reply()), ValidationFailedError(WRITE.reply())])
def test_other_errors_are_not_tried_again(error: Exception) -> None:
    time = FakeTime()
    calls, function = fails(5, error)
    with pytest.raises(type(error)):
        RetryPolicy(RetryOptions(), time.timing()).call(function)
    assert (len(calls), time.waits) == (1, [])


def test_a_refused_connection_sends_nothing_and_a_lost_reply_is_unknown() -> None:
    options = HttpOptions(connect_timeout=1, read_timeout=1)
    with scripted_server() as server:
        session = open_session(server.url, PatientAdapter(options))
        server.answers = [Answer(drop=True)]
        with pytest.raises(requests.RequestException) as lost:
            session.post(server.url + "/x?name=Jane")
        address = server.url
    with pytest.raises(requests.RequestException) as refused:
        session.post(address + "/x?name=Jane")
    assert isinstance(transport_error(lost.value, WRITE), OutcomeUnknownError)
    assert isinstance(transport_error(lost.value, READ), TransientError)
    assert isinstance(transport_error(refused.value, WRITE), TransientError)
    assert "Jane" not in str(transport_error(refused.value, WRITE))


def test_a_session_neither_follows_redirects_nor_hangs() -> None:
    with scripted_server() as server:
        session = open_session(server.url, PatientAdapter(HttpOptions(connect_timeout=1, read_timeout=1)))
        server.answers = [Answer({}, 302, {"Location": "/elsewhere"})]
        with pytest.raises(requests.TooManyRedirects):
            session.get(server.url + "/here")
        assert [asked.path for asked in server.asked] == ["/here"]
        assert session.verify is True


@contextmanager
def dripping_server() -> Iterator[str]:
    """Announces a long body and sends a byte of it every few milliseconds, until it is told to stop."""
    enough = Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not enough.wait(0.005):
                connection.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=drip, args=[listener], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        enough.set()
        thread.join()


def test_a_reply_that_never_ends_is_cut_off() -> None:
    options = HttpOptions(connect_timeout=1, read_timeout=5, body_timeout=0.1)
    with dripping_server() as url, pytest.raises(requests.RequestException) as cut:
        open_session(url, PatientAdapter(options)).get(url)
    assert isinstance(transport_error(cut.value, WRITE), OutcomeUnknownError)
    assert isinstance(transport_error(cut.value, READ), TransientError)


def test_an_untrusted_certificate_is_a_matter_of_configuration() -> None:
    error = requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")
    assert isinstance(transport_error(error, WRITE), ConfigurationError)
