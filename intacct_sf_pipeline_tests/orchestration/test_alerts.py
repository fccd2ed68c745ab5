"""Alerts say what a person needs, carry no secret and no value, and reach every channel that works."""

import io
import json
import socketserver
import threading
from contextlib import contextmanager

import pytest

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.orchestration.alerts import TIMEOUT_SECONDS, Channels, Failure, failure_text, send

SLACK = "https://hooks.slack.example/services/T0/B0/top-secret"


class Recorder:
    """Stands in for urlopen."""

    def __init__(self, error: OSError | None = None) -> None:
        self.requests, self.timeouts, self.error = [], [], error

    def __call__(self, request, timeout):
        self.requests.append(request)
        self.timeouts.append(timeout)
        if self.error:
            raise self.error
        return io.BytesIO(b"ok")


def test_our_own_errors_are_quoted_and_others_only_named():
    text = failure_text(
        "sync_customers",
        "run-1",
        [
            Failure(
                "salesforce__accounts", "AuthenticationError", "salesforce login: HTTP 400 invalid_client\nTraceback"
            ),
            Failure(
                "staging__accounts",
                "sqlalchemy.exc.IntegrityError",
                "UNIQUE constraint failed [parameters: ('Jo O''Neill')]",
            ),
        ],
        "http://127.0.0.1:3000/runs/run-1",
    )
    assert "sync_customers" in text
    assert "run-1" in text
    assert "salesforce login: HTTP 400 invalid_client" in text
    assert "staging__accounts: IntegrityError" in text
    assert "Neill" not in text
    assert "Traceback" not in text


def test_a_webhook_gets_json_over_https_with_a_time_out():
    recorder = Recorder()
    assert send("it failed", Channels(webhook_url=SLACK), opener=recorder) == ["webhook"]
    (request,) = recorder.requests
    assert json.loads(request.data) == {"text": "it failed"}
    assert request.get_header("Content-type") == "application/json"
    assert recorder.timeouts == [TIMEOUT_SECONDS]


def test_teams_gets_the_card_it_asks_for():
    recorder = Recorder()
    send("line one\nline two", Channels(webhook_url="https://acme.webhook.office.com/hook"), opener=recorder)
    body = json.loads(recorder.requests[0].data)
    card = body["attachments"][0]["content"]
    assert [block["text"] for block in card["body"]] == ["line one", "line two"]


@pytest.mark.parametrize("url", ["http://hooks.example/x", "ftp://hooks.example/x", "file:///etc/passwd", "not a url"])
def test_a_webhook_that_is_not_https_is_refused_before_anything_is_sent(url):
    recorder = Recorder()
    with pytest.raises(ConfigurationError, match="ALERT_WEBHOOK_URL"):
        send("it failed", Channels(webhook_url=url), opener=recorder)
    assert recorder.requests == []


def test_no_address_shows_in_a_repr():
    channels = Channels(webhook_url=SLACK, smtp_url="smtp://bot:hunter2@mail.example", email_to="ops@acme.example")
    assert "secret" not in repr(channels)
    assert "hunter2" not in repr(channels)
    assert channels


@pytest.mark.parametrize(
    "channels", [Channels(), Channels(email_to="ops@acme.example"), Channels(smtp_url="smtp://mail.example")]
)
def test_half_a_channel_is_none(channels):
    assert not channels
    assert send("it failed", channels, opener=Recorder()) == []


class _MailHandler(socketserver.StreamRequestHandler):
    """Just enough SMTP (RFC 5321) to take one message."""

    def handle(self):
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                for data in self.rfile:
                    if data == b".\r\n":
                        break
                    lines.append(data)
                self.server.messages.append(b"".join(lines).decode())
            self.wfile.write(b"250 ok\r\n")


@contextmanager
def mail_server():
    with socketserver.TCPServer(("127.0.0.1", 0), _MailHandler) as server:
        server.messages = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_a_mail_arrives_even_when_the_webhook_is_down():
    with mail_server() as server:
        port = server.server_address[1]
        channels = Channels(webhook_url=SLACK, smtp_url=f"smtp://127.0.0.1:{port}", email_to="ops@acme.example")
        with pytest.raises(ConnectionError):
            send("Sync run failed: sync_stock\nlook here", channels, opener=Recorder(ConnectionError("down")))
    (message,) = server.messages
    assert "Subject: Sync run failed: sync_stock" in message
    assert "To: ops@acme.example" in message
    assert "look here" in message
