"""The client credentials flow: consumer key and secret, acting as the app's run-as user.

Source: Help "OAuth 2.0 Client Credentials Flow". The endpoint lives on the My Domain host; no lifetime is told.
"""

from __future__ import annotations

from typing import Final

import requests

from intacct_sf_pipeline.connectors.salesforce.login.grant import Grant
from intacct_sf_pipeline.connectors.salesforce.login.token_endpoint import ask_token
from intacct_sf_pipeline.connectors.salesforce.options import SalesforceOptions


class ClientCredentialsLogin:
    """Signs in as the app's run-as user with consumer key and secret."""

    flow: Final = "client_credentials"
    renewable: Final = True

    def __init__(self, options: SalesforceOptions) -> None:
        self._options = options

    def __call__(self, session: requests.Session) -> Grant:
        """Ask the token endpoint for a new token; see `Login`."""
        secret = self._options.client_secret.get_secret_value()
        form = {"grant_type": self.flow, "client_id": self._options.client_id, "client_secret": secret}
        return ask_token(session, self._options.login_url, form, self.flow, secret)
