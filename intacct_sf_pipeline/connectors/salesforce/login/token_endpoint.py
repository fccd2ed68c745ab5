"""One request to the OAuth token endpoint, and what its refusals mean.

Source: Help, OAuth 2.0 flows: form body, 200 with JSON, refusals 400 (or 401) with `error` and `error_description`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import requests

from intacct_sf_pipeline.connectors.http import redact, transport_error
from intacct_sf_pipeline.connectors.salesforce.faults import error_items, refusal, unreadable
from intacct_sf_pipeline.connectors.salesforce.login.advice import advice
from intacct_sf_pipeline.connectors.salesforce.login.grant import SIGN_IN, Grant, grant_of
from intacct_sf_pipeline.model.errors import (
    AuthenticationError,
    QuotaExceededError,
    ServiceError,
    ServiceReply,
    ThrottledError,
    TransientError,
)

Judge = Callable[[ServiceReply, Mapping[str, str]], str]
"""A better cure, or nothing, for a refusal and the headers of its reply, which tell the service's clock."""


def ask_token(
    session: requests.Session,
    login_url: str,
    form: Mapping[str, str],
    flow: str,
    secret: str,
    judge: Judge | None = None,
) -> Grant:
    """The grant that the token endpoint of `login_url` gives for `form`.

    Args:
        session: to send on.
        login_url: origin of the endpoint.
        form: fields of the body.
        flow: the login's name, for advice.
        secret: what must not be shown should the service quote it.
        judge: knows more of a refusal than the flow's usual advice.

    Raises:
        AuthenticationError: it said no.
        ServiceError: it could not be asked.
    """
    try:
        response = session.post(f"{login_url}/services/oauth2/token", data=dict(form))
    except requests.RequestException as error:
        raise transport_error(error, SIGN_IN) from None
    items = error_items(response.content)
    if response.status_code == 200 and items:
        return grant_of(items[0], login_url)
    said = _refused(response, items, secret)
    if not isinstance(said, AuthenticationError):
        raise said
    better = judge(said.reply, response.headers) if judge is not None else ""
    raise AuthenticationError(said.reply, cure=better or advice(flow, said.reply.code, said.reply.message))


def _refused(response: requests.Response, items: list[Mapping[str, object]], secret: str) -> ServiceError:
    error = refusal(SIGN_IN, response.status_code, items)
    reply = replace(error.reply, message=redact(error.reply.message, secret))
    if reply.code == "rate_limit_exceeded":
        return ThrottledError(reply)
    if response.status_code < 400:
        return unreadable(SIGN_IN, response.status_code)
    if isinstance(error, TransientError | QuotaExceededError):
        return error
    return AuthenticationError(reply)
