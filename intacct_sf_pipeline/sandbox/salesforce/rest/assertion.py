"""The JWT bearer grant: reads a signed assertion and says whom it signs in, or why not.

Source: salesforce.md section 2.2 (JWT); Help "OAuth 2.0 JWT Bearer Flow"; refusals as clients report them
(simple-salesforce 491, forrest 184 and 278, salesforce-laravel-oauth2-rest 68).
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import jwt

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.rest.refusals import OAuthError

ALGORITHM = "RS256"
AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
# UNCONFIRMED (salesforce.md 2.2): how far the clocks may differ, and how long an assertion may live.
SKEW = timedelta(seconds=30)
LONGEST = timedelta(minutes=5)


def assertion_user(org: SalesforceOrg, assertion: str, own_address: str) -> User:
    """The user an assertion signs in.

    Raises:
        OAuthError: the vendor's refusal.
    """
    claims = _claims(assertion)
    if claims.get("iss") != org.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if claims.get("aud") not in (*AUDIENCES, own_address):
        raise OAuthError("invalid_grant", "audience is invalid")
    _check_life(claims.get("exp"), org.clock())
    _check_signature(org, assertion)
    user = org.find_user(str(claims.get("sub") or claims.get("prn") or ""))
    if user is None or not org.identity.policy.app_approval:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    return user


def _claims(assertion: str) -> Mapping[str, object]:
    """What an assertion says, whoever signed it."""
    try:
        opened = jwt.PyJWS().decode_complete(assertion, options={"verify_signature": False})
        claims = json.loads(opened["payload"])
    except (jwt.PyJWTError, ValueError):
        raise OAuthError("invalid_grant", "invalid assertion") from None
    if opened["header"].get("alg") != ALGORITHM or not isinstance(claims, dict):
        raise OAuthError("invalid_grant", "invalid assertion")
    return claims


def _check_life(expiry: object, now: datetime) -> None:
    """`exp` may be a number or the text of one: simple-salesforce sends text."""
    try:
        ends = datetime.fromtimestamp(float(str(expiry)), tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise OAuthError("invalid_grant", "invalid assertion") from None
    if ends + SKEW < now:
        raise OAuthError("invalid_grant", "expired authorization code")
    if ends - now > LONGEST + SKEW:
        raise OAuthError("invalid_grant", "invalid assertion")


def _check_signature(org: SalesforceOrg, assertion: str) -> None:
    certificate = org.identity.certificate
    if certificate is None:
        raise OAuthError("invalid_grant", "invalid assertion")
    try:
        jwt.PyJWS().decode(assertion, certificate, algorithms=[ALGORITHM])
    except jwt.PyJWTError:
        raise OAuthError("invalid_grant", "invalid assertion") from None
