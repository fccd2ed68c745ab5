"""Signing in: from credentials to an access token and the address of the org. One class per flow; so far client
credentials.

Source: Help "OAuth 2.0 Client Credentials Flow". The token endpoint lives on the My Domain host; no lifetime is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import requests

from intacct_sf_pipeline.connectors.http import Call, check_url, is_loopback, redact, transport_error
from intacct_sf_pipeline.connectors.salesforce.faults import error_items, refusal, unreadable
from intacct_sf_pipeline.connectors.salesforce.options import SalesforceOptions
from intacct_sf_pipeline.model.errors import AuthenticationError, ConfigurationError, ThrottledError

_CALL = Call("salesforce", "sign in")
_CURES = {
    "invalid_client_id": "check SALESFORCE_CLIENT_ID",
    "invalid_client": "check SALESFORCE_CLIENT_SECRET",
    "inactive_user": "activate the app's run-as user in Salesforce",
    "inactive_org": "check SALESFORCE_LOGIN_URL: this org is not active",
    "unsupported_grant_type": "enable the client credentials flow in the app; is SALESFORCE_LOGIN_URL its My Domain?",
}
_CURE = (
    "check SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET and the app's run-as user; "
    "SALESFORCE_LOGIN_URL must be the org's My Domain address"
)


@dataclass(frozen=True)
class Grant:
    """What signing in gives: the access token, never shown, and the address to send calls to."""

    access_token: str = field(repr=False)
    instance_url: str


class Login(Protocol):
    """One way of signing in."""

    def __call__(self, session: requests.Session) -> Grant:
        """Sign in over `session`.

        Raises:
            AuthenticationError: the credentials were refused; the message names the settings to look at.
        """
        ...


class ClientCredentialsLogin:
    """Signs in as the app's run-as user with consumer key and secret."""

    def __init__(self, options: SalesforceOptions) -> None:
        self._options = options

    def __call__(self, session: requests.Session) -> Grant:
        """Ask the token endpoint for a new token."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._options.client_id,
            "client_secret": self._options.client_secret.get_secret_value(),
        }
        try:
            response = session.post(f"{self._options.login_url}/services/oauth2/token", data=form)
        except requests.RequestException as error:
            raise transport_error(error, _CALL) from None
        items = error_items(response.content)
        if response.status_code == 200 and items:
            return _grant(items[0], self._options.login_url)
        raise _refused(response.status_code, items, form["client_secret"])


def _grant(body: Mapping[str, object], login_url: str) -> Grant:
    token, address = body.get("access_token"), body.get("instance_url")
    if not (isinstance(token, str) and token and isinstance(address, str) and address):
        raise unreadable(_CALL, 200)
    address = check_url(address, "instance_url of the token reply")
    if is_loopback(address) != is_loopback(login_url):
        raise ConfigurationError(
            "the org's address and the login address differ in being loopback", where="SALESFORCE_LOGIN_URL"
        )
    return Grant(token, address)


def _refused(status: int, items: list[Mapping[str, object]], secret: str) -> Exception:
    error = refusal(_CALL, status, items)
    reply = replace(error.reply, message=redact(error.reply.message, secret))
    code = reply.code
    if code == "rate_limit_exceeded":
        return ThrottledError(reply)
    if status < 400:
        return unreadable(_CALL, status)
    return (
        error
        if status in {406, 420, 429} or status >= 500
        else AuthenticationError(reply, cure=_CURES.get(code, _CURE))
    )
