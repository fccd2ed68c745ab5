"""What every way of signing in has in common: its interface, what it gives, and the call it is in errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import requests

from intacct_sf_pipeline.connectors.http import Call, check_url, is_loopback
from intacct_sf_pipeline.connectors.salesforce.faults import unreadable
from intacct_sf_pipeline.model.errors import ConfigurationError

SIGN_IN: Final = Call("salesforce", "sign in")


@dataclass(frozen=True)
class Grant:
    """What signing in gives: the access token, never shown, and the address to send calls to."""

    access_token: str = field(repr=False)
    instance_url: str


class Login(Protocol):
    """One way of signing in."""

    @property
    def renewable(self) -> bool:
        """Whether calling it again can give another session."""
        ...

    def __call__(self, session: requests.Session) -> Grant:
        """Sign in over `session`.

        Raises:
            AuthenticationError: the credentials were refused; the message names the settings to look at.
            ConfigurationError: the credentials cannot be right as they are given.
            TransientError: the service could not be asked.
        """
        ...


def grant_of(body: Mapping[str, object], login_url: str) -> Grant:
    """The grant in a token reply; the org's own address is used from then on.

    Raises:
        ServiceError: the reply lacks token or address.
        ConfigurationError: the address is neither https nor loopback, or leads from a loopback login elsewhere.
    """
    token, address = body.get("access_token"), body.get("instance_url")
    if not (isinstance(token, str) and token and isinstance(address, str) and address):
        raise unreadable(SIGN_IN, 200)
    return Grant(token, instance(address, login_url))


def instance(address: str, login_url: str) -> str:
    """The address of an org as a login reply names it, checked: a token is sent to https or loopback only.

    Raises:
        ConfigurationError: it is another address.
    """
    address = check_url(address, "the org's address in the login reply")
    if is_loopback(address) != is_loopback(login_url):
        raise ConfigurationError(
            "the org's address and the login address differ in being loopback", where="SALESFORCE_LOGIN_URL"
        )
    return address
