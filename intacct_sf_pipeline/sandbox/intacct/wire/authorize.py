"""`GET /oauth2/authorize`: a user allows the application, and is sent back to it with a code.

Nobody sits before this service, so the web services user allows every application the company has authorised, at once.
Source: the reference, 2.3; RFC 6749, 4.1. How the service words a bad request here is UNCONFIRMED.
"""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.errors import GatewayError, OAuthError
from intacct_sf_pipeline.sandbox.intacct.state.codes import OFFLINE
from intacct_sf_pipeline.sandbox.intacct.wire.messages import Reply

_FOUND = 302


def authorize(company: IntacctCompany, query: Mapping[str, str]) -> Reply:
    """Sends the browser back to the application.

    Raises:
        GatewayError: 401 GW-0011, an unknown application, or one that is not authorised.
        OAuthError: 400, no address to go back to.
    """
    company.transactions.token_calls += 1
    if not company.sessions.knows_client(query.get("client_id", "")):
        raise GatewayError(401, "GW-0011", "Invalid Request")
    address = query.get("redirect_uri", "")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.fragment:
        raise OAuthError(400, "invalid_request", "redirect_uri must be an absolute address without fragment")
    told = _answer(company, query, address)
    if "state" in query:
        told["state"] = query["state"]
    joined = "&" if parts.query else "?"
    return Reply(_FOUND, None, {"location": f"{address}{joined}{urlencode(told)}", "cache-control": "no-store"})


def _answer(company: IntacctCompany, query: Mapping[str, str], address: str) -> dict[str, str]:
    if query.get("response_type") != "code":
        return {"error": "unsupported_response_type"}
    challenge = query.get("code_challenge")
    if challenge is not None and query.get("code_challenge_method") != "S256":
        return {"error": "invalid_request", "error_description": "code_challenge_method must be S256"}
    offline = OFFLINE in query.get("scope", "").split()
    return {"code": company.sessions.allow(company.username.partition("@")[0], address, challenge, offline=offline)}
