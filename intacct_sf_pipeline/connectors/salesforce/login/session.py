"""An existing session: an access token somebody fetched by other means, with the address of its org.

For trials and rehearsals. Nothing here can renew it, and the message at its end says so.
"""

from __future__ import annotations

from typing import Final

import requests
from pydantic import SecretStr

from intacct_sf_pipeline.connectors.http import check_url
from intacct_sf_pipeline.connectors.salesforce.login.grant import Grant


class SessionLogin:
    """Uses a given access token; no request is made to sign in."""

    renewable: Final = False

    def __init__(self, instance_url: str, access_token: SecretStr) -> None:
        """The org's address and a token of it.

        Raises:
            ConfigurationError: the address is neither https nor loopback.
        """
        self._instance_url = check_url(instance_url, "SALESFORCE_INSTANCE_URL")
        self._access_token = access_token

    def __call__(self, session: requests.Session) -> Grant:  # noqa: ARG002 - the interface's
        """The token as it was given; see `Login`."""
        return Grant(self._access_token.get_secret_value(), self._instance_url)
