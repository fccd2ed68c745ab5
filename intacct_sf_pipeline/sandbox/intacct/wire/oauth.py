"""`/oauth2/...`: token, revoke, introspect, in form or JSON bodies. Source: the reference, 2."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

import orjson

from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.errors import GatewayError, OAuthError
from intacct_sf_pipeline.sandbox.intacct.state.sessions import Grant
from intacct_sf_pipeline.sandbox.intacct.wire.messages import Reply
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import AuthenticationFault

ENDPOINTS = ("token", "revoke", "introspect")
_GRANTS = ("client_credentials", "refresh_token", "authorization_code")


def oauth_call(company: IntacctCompany, endpoint: str, method: str, content_type: str, body: bytes) -> Reply:
    """Answers one call below `/oauth2/`.

    Raises:
        GatewayError, TokenError, OAuthError: the refusals of 2.4.
    """
    if endpoint not in ENDPOINTS or method != "POST":
        raise GatewayError(400, "GW-0033", "Invalid Token Endpoint")
    company.transactions.token_calls += 1
    if not body:
        raise GatewayError(400, "GW-0035", "Missing Token Payload")
    fields = _read(content_type, body)
    _check_client(company, fields)
    if endpoint == "revoke":
        company.sessions.revoke(_only(fields, "token"))
        return Reply(200, {"revoked": True})
    if endpoint == "introspect":
        return Reply(200, company.sessions.introspect(_only(fields, "token")))
    return _token(_grant(company, fields))


def _token(grant: Grant) -> Reply:
    body: dict[str, object] = {
        "token_type": "Bearer",
        "access_token": grant.access_token,
        **({"refresh_token": grant.refresh_token} if grant.refresh_token else {}),
        "expires_in": grant.expires_in,
    }
    return Reply(200, body, {"cache-control": "no-store"})


def _grant(company: IntacctCompany, fields: Mapping[str, Sequence[str]]) -> Grant:
    grant_type = _only(fields, "grant_type")
    if grant_type not in _GRANTS:
        raise GatewayError(400, "GW-0032", "Invalid Token Payload")
    if grant_type == "refresh_token":
        entity = fields.get("entity_id")
        return company.sessions.refresh(_only(fields, "refresh_token"), entity[0] if entity else None)
    if grant_type == "authorization_code":
        verifier = fields.get("code_verifier", [None])[0]
        return company.sessions.redeem(_only(fields, "code"), _only(fields, "redirect_uri"), verifier)
    names = fields.get("username", ())
    if not names and "session_id" in fields:
        return _entered(company, _only(fields, "session_id"))
    if len(names) > 1:
        raise GatewayError(400, "GW-0039", "Multiple Usernames")
    return company.sessions.sign_in(names[0] if names else "")


def _entered(company: IntacctCompany, session_id: str) -> Grant:
    """A grant for a session of the XML door. Source: the reference, 2.2 (`session_id` in place of `username`)."""
    try:
        session = company.xml_sessions.resume(session_id, company.xml_sessions.pod)
    except AuthenticationFault:
        raise OAuthError(401, "invalid_grant") from None
    return company.sessions.enter(session.user_key, session.user_id, session.entity_key)


def _check_client(company: IntacctCompany, fields: Mapping[str, Sequence[str]]) -> None:
    ids = fields.get("client_id", ())
    if len(ids) > 1:
        raise GatewayError(400, "GW-0038", "Multiple Client IDs")
    if not ids or not ids[0]:
        raise GatewayError(400, "GW-0037", "Missing Client ID")
    company.sessions.check_client(ids[0], _only(fields, "client_secret"))


def _only(fields: Mapping[str, Sequence[str]], name: str) -> str:
    values = fields.get(name)
    if not values or not values[0]:
        raise GatewayError(400, "GW-0015", f"Missing {name} Attribute")
    return values[0]


def _read(content_type: str, body: bytes) -> dict[str, list[str]]:
    """The fields of a form or JSON body, repeated ones kept apart."""
    fields: dict[str, list[str]] = {}
    if "json" in content_type.lower():
        try:
            parsed = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise GatewayError(400, "GW-0032", "Invalid Token Payload") from error
        if not isinstance(parsed, dict):
            raise GatewayError(400, "GW-0032", "Invalid Token Payload")
        pairs = [(name, str(value)) for name, value in parsed.items() if value is not None]
    else:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    if not fields or ("grant_type" not in fields and "token" not in fields):
        raise GatewayError(400, "GW-0032", "Invalid Token Payload")
    return fields
