"""The JWT bearer flow: an assertion signed with the key whose certificate the app in Salesforce holds.

Source: Help "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration": RS256; `iss` consumer key, `sub` username,
`aud` the login service, `exp` within three minutes. There is no refresh token: a new assertion gives a new session.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import requests

from intacct_sf_pipeline.connectors.http import server_time
from intacct_sf_pipeline.connectors.salesforce.login.grant import Grant
from intacct_sf_pipeline.connectors.salesforce.login.token_endpoint import ask_token
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.model.errors import ConfigurationError, ServiceReply

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE: Final = timedelta(minutes=3)
_SETTING: Final = "SALESFORCE_PRIVATE_KEY_FILE"
_SKEW_TOLD: Final = 60.0
"""Seconds by which the clocks may differ before a refusal is put down to them."""
_TEST_HOSTS: Final = (".sandbox.my.salesforce.com", ".scratch.my.salesforce.com")
_ASSERTION_WORDS: Final = ("expired authorization code", "invalid assertion", "expired")


class JwtLogin:
    """Signs in as a pre-approved user with a signed assertion; the key file is read each time, so a new one counts."""

    flow: Final = "jwt"
    renewable: Final = True

    def __init__(self, login_url: str, client_id: str, username: str, key_file: Path, timing: Timing) -> None:
        """What the assertion says, and who signs it.

        Args:
            login_url: where to ask: the My Domain address, login.salesforce.com or test.salesforce.com.
            client_id: consumer key of the app.
            username: the user to act as.
            key_file: the RSA private key in PEM, without pass phrase.
            timing: its clock dates the assertion.
        """
        self._login_url, self._client_id, self._username = login_url, client_id, username
        self._key_file, self._clock = key_file, timing.clock

    def __call__(self, session: requests.Session) -> Grant:
        """Sign an assertion and ask for a token; see `Login`."""
        now = self._clock()
        form = {"grant_type": GRANT_TYPE, "assertion": self._assertion(now)}
        return ask_token(
            session, self._login_url, form, self.flow, form["assertion"], lambda reply, told: _skew(reply, told, now)
        )

    def _assertion(self, now: datetime) -> str:
        import jwt

        claims = {
            "iss": self._client_id,
            "sub": self._username,
            "aud": audience(self._login_url),
            "exp": int((now + LIFE).timestamp()),
        }
        try:
            key = self._key_file.read_bytes()
        except OSError as error:
            raise ConfigurationError(
                f"the file cannot be read: {error.strerror}", where=_SETTING, cure="give the path of the PEM file"
            ) from None
        try:
            return jwt.encode(claims, key, algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError):  # of the key's content nothing may be shown
            raise ConfigurationError(
                "the file holds no RSA private key that can be used",
                where=_SETTING,
                cure="it has to be PEM (-----BEGIN PRIVATE KEY-----), without a pass phrase",
            ) from None


def audience(login_url: str) -> str:
    """The `aud` claim for a login address: the login service of production or of sandboxes, else the address itself.

    Source: Help "OAuth 2.0 JWT Bearer Flow": login.salesforce.com, test.salesforce.com, or the site's own address.
    """
    host = (urlsplit(login_url).hostname or "").lower()
    if host == "test.salesforce.com" or host.endswith(_TEST_HOSTS):
        return "https://test.salesforce.com"
    if host.endswith(".salesforce.com"):
        return "https://login.salesforce.com"
    return login_url


def _skew(reply: ServiceReply, headers: Mapping[str, str], now: datetime) -> str:
    """What to do about the clocks when these explain why the assertion was not taken; else nothing."""
    if not any(words in reply.message.lower() for words in _ASSERTION_WORDS):
        return ""
    ahead = (now - server_time(headers, now)).total_seconds()
    if abs(ahead) < _SKEW_TOLD:
        return ""
    where = "ahead of" if ahead > 0 else "behind"
    return (
        f"this machine's clock is {abs(ahead):.0f} seconds {where} Salesforce's, and an assertion lives for"
        " 3 minutes: set the clock (time service, NTP) and try again"
    )
