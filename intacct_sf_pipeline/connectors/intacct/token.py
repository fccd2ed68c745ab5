"""The OAuth access token: fetched with client credentials, kept, shared by threads, renewed before it ends.

Source: OAuth 2.0 guide. `expires_in` differs between tenants (6 to 24 hours were seen), so it is never assumed.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

import requests

from intacct_sf_pipeline.connectors.http import Call, redact, transport_error
from intacct_sf_pipeline.connectors.intacct.advice import advice
from intacct_sf_pipeline.connectors.intacct.faults import find_error, read_fault, refusal, unreadable
from intacct_sf_pipeline.connectors.intacct.options import IntacctOptions
from intacct_sf_pipeline.connectors.intacct.throttling import explained
from intacct_sf_pipeline.connectors.meter import Meter
from intacct_sf_pipeline.connectors.retry import retry_after
from intacct_sf_pipeline.connectors.slots import Slots
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.connectors.values import Json, load_json
from intacct_sf_pipeline.model.errors import AuthenticationError, ServiceError
from intacct_sf_pipeline.model.spend import CallKind

_RENEW_AT = 0.8
_SHORTEST_LIFE = 600.0
_CALL = Call("intacct", "sign in")


class TokenSource:
    """Hands out a valid access token; safe to share between threads. Retrying is left to the call that needs the
    token.
    """

    def __init__(
        self, options: IntacctOptions, session: requests.Session, timing: Timing, meter: Meter, slots: Slots
    ) -> None:
        self._options, self._session, self._timing, self._meter = options, session, timing, meter
        self._slots = slots
        self._lock = threading.Lock()
        self._token: str | None = None
        self._renew_at = 0.0

    def token(self) -> str:
        """The token to use now; signs in when there is none or the present one nears its end.

        Raises:
            AuthenticationError: the credentials were refused; the message names the settings to look at.
        """
        with self._lock:
            if self._token is None or self._timing.monotonic() >= self._renew_at:
                return self._sign_in()
            return self._token

    def renew(self, refused: str) -> str:
        """A token other than `refused`: signs in anew unless another thread has done so meanwhile."""
        with self._lock:
            if self._token is None or self._token == refused:
                return self._sign_in()
            return self._token

    def _sign_in(self) -> str:
        self._token = None
        grant = self._request()
        token = grant.get("access_token")
        if not isinstance(token, str) or not token:
            raise unreadable(_CALL, 200)
        life = grant.get("expires_in")
        try:
            seconds = float(str(life))
        except ValueError:
            seconds = _SHORTEST_LIFE
        self._token = token
        self._renew_at = self._timing.monotonic() + seconds * _RENEW_AT
        return token

    def _request(self) -> Mapping[str, Json]:
        self._meter.request(CallKind.LOGIN)
        form = {
            "grant_type": "client_credentials",
            "client_id": self._options.client_id,
            "client_secret": self._options.client_secret.get_secret_value(),
            "username": self._options.username,
        }
        try:
            with self._slots.taken():
                response = self._session.post(
                    f"{self._options.base_url}/oauth2/token", data=form, headers={"Accept": "application/json"}
                )
        except requests.RequestException as error:
            raise transport_error(error, _CALL) from None
        try:
            body = load_json(response.content)
        except ValueError:
            body = None
        if response.status_code == 200 and isinstance(body, Mapping) and find_error(body) is None:
            return body
        raise self._refused(response, body)

    def _refused(self, response: requests.Response, body: Json) -> ServiceError:
        error = find_error(body)
        status = response.status_code
        if status == 429 or status >= 500 or (status < 400 and error is None):
            hint = retry_after(response.headers, self._timing.clock())
            wait = hint if hint is not None else self._options.throttle_wait
            if status < 400:
                return unreadable(_CALL, status)
            refused = refusal(_CALL, status, error, retry_after=wait)
            return explained(refused, response.headers, self._timing.clock())
        fault = read_fault(error)
        # Some shapes say only {"error": "invalid_grant"}, others bring the explanation beside it.
        described = body.get("error_description") if isinstance(body, Mapping) else None
        spoken = str(described) if described else "; ".join(fault.messages)
        message = redact(spoken, self._options.client_secret.get_secret_value())
        reply = _CALL.reply(status, fault.codes[0] if fault.codes else "", message, fault.reference)
        return AuthenticationError(reply, cure=advice(replace(fault, messages=(*fault.messages, spoken))))
