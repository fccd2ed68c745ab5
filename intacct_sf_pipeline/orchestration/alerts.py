"""Alerts to people: one short text, by webhook (Slack or Teams) and by e-mail. Carries no secret and no field value.

What may be said of an error is decided here: our own errors are written for people and name no values; of any other
error only its type is told, because a driver's message may quote the row it failed on.
"""

import json
import smtplib
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from intacct_sf_pipeline.model.errors import ConfigurationError, our_kind

TIMEOUT_SECONDS = 10.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TEAMS_HOSTS = (".office.com", ".logic.azure.com", ".powerplatform.com")


class _Closable(Protocol):
    def close(self) -> object: ...


Opener = Callable[..., _Closable]


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed step: its name, the type of the error and the error's text."""

    step: str
    error: str
    message: str


@dataclass(frozen=True, slots=True)
class Channels:
    """Where alerts go; empty means: not there. `smtp_url` is `smtp://user:password@host:port` (`smtps://` for TLS
    from the start).
    """

    webhook_url: str = ""
    smtp_url: str = ""
    email_to: str = ""
    email_from: str = ""

    def __repr__(self) -> str:
        """Without the addresses: a webhook's URL and the SMTP URL are credentials."""
        return f"Channels(webhook={bool(self.webhook_url)}, email={bool(self.smtp_url and self.email_to)})"

    def __bool__(self) -> bool:
        """Whether anybody would be told."""
        return bool(self.webhook_url or (self.smtp_url and self.email_to))


def failure_text(job: str, run_id: str, failures: Iterable[Failure], url: str = "") -> str:
    """What a person needs to know first: which job, which step, what to do next, where to look."""
    lines = [f"Sync run failed: {job} (run {run_id})"]
    for failure in failures:
        name = failure.error.rpartition(".")[2]
        said = failure.message.strip().splitlines()[0] if our_kind(name) and failure.message.strip() else name
        lines.append(f"- {failure.step}: {said}")
    lines.append("Nothing is lost: what was not written stays queued and is tried again by the next run.")
    if url:
        lines.append(url)
    return "\n".join(lines)


def send(text: str, channels: Channels, *, opener: Opener = urlopen) -> list[str]:
    """Tell every channel; the names of those told.

    Raises:
        ConfigurationError: a channel's address is malformed.
        OSError: a channel could not be reached (the other one has been told already).
    """
    told = []
    problems: list[OSError] = []
    for name, deliver in (("webhook", _webhook), ("email", _email)):
        try:
            if deliver(text, channels, opener):
                told.append(name)
        except OSError as problem:  # smtplib and urllib errors are OSErrors
            problems.append(problem)
    if problems:
        raise problems[0]
    return told


def _webhook(text: str, channels: Channels, opener: Opener) -> bool:
    if not channels.webhook_url:
        return False
    parts = urlsplit(channels.webhook_url)
    host = parts.hostname or ""
    if parts.scheme != "https" and host not in _LOOPBACK:
        raise ConfigurationError(
            "the webhook address is not https",
            where="ALERT_WEBHOOK_URL",
            cure="use the address that Slack or Teams shows",
        )
    body = _teams_card(text) if host.endswith(_TEAMS_HOSTS) else {"text": text}
    request = Request(  # noqa: S310 - only https, or http on loopback, gets here
        channels.webhook_url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with closing(opener(request, timeout=TIMEOUT_SECONDS)):
        return True


def _teams_card(text: str) -> dict[str, object]:
    """Teams takes adaptive cards only (Source: Microsoft Teams, incoming webhooks by Workflows)."""
    blocks = [{"type": "TextBlock", "text": line, "wrap": True} for line in text.splitlines()]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


def _email(text: str, channels: Channels, opener: Opener) -> bool:  # noqa: ARG001 - same shape as _webhook
    if not (channels.smtp_url and channels.email_to):
        return False
    parts = urlsplit(channels.smtp_url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ConfigurationError(
            "the mail server's address is not understood",
            where="SMTP_URL",
            cure="smtp://user:password@host:587 or smtps://user:password@host:465",
        )
    message = EmailMessage()
    message["Subject"] = text.splitlines()[0]
    message["From"] = channels.email_from or f"intacct-sf@{parts.hostname}"
    message["To"] = channels.email_to
    message.set_content(text)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    with kind(parts.hostname, parts.port or 0, timeout=TIMEOUT_SECONDS) as server:
        if parts.username:
            if parts.scheme == "smtp":
                server.starttls()
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)
    return True
