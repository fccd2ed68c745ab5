"""OAuth: tokens, revocation, identity. Source: salesforce.md section 2.2.

A further grant is one function in `GRANTS`.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.identity import Fit
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.rest.assertion import assertion_user
from intacct_sf_pipeline.sandbox.salesforce.rest.refusals import INVALID_CLIENT_STATUS, OAuthError

__all__ = ["GRANTS", "Answer", "OAuthError", "TokenRequest", "identity_document", "issue", "only_by_post", "revoke"]


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The form of a token request, the Authorization header, if any, and the address it came to."""

    form: Mapping[str, str]
    authorization: str
    address: str = ""

    def client(self) -> tuple[str, str]:
        """Client id and secret, from the Basic header or from the form."""
        scheme, _, encoded = self.authorization.partition(" ")
        if scheme.lower() != "basic":
            return self.form.get("client_id", ""), self.form.get("client_secret", "")
        try:
            text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise OAuthError("invalid_client", "invalid client credentials", INVALID_CLIENT_STATUS) from None
        name, _, secret = text.partition(":")
        return name, secret

    def member(self, name: str) -> str:
        """A field of the form that has to be there."""
        value = self.form.get(name, "")
        if not value:
            raise OAuthError("invalid_request", f"{name} is required")
        return value


def check_client(org: SalesforceOrg, request: TokenRequest) -> None:
    """Refuses a client the org does not know."""
    name, secret = request.client()
    if not name:
        raise OAuthError("invalid_request", "client_id is required")
    if not secrets.compare_digest(name.encode(), org.client_id.encode()):
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if not secrets.compare_digest(secret.encode(), org.client_secret.encode()):
        raise OAuthError("invalid_client", "invalid client credentials", INVALID_CLIENT_STATUS)


def client_credentials(org: SalesforceOrg, request: TokenRequest) -> User:
    """The client acts as the run-as user of the app. Refusals: as clients report them (tap-salesforce's tests)."""
    policy = org.identity.policy
    if not policy.client_credentials:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    check_client(org, request)
    if not policy.run_as_user:
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    if not policy.app_approval:
        raise OAuthError("invalid_app_access", "user is not admin approved to access this app")
    return org.integration_user


def jwt_bearer(org: SalesforceOrg, request: TokenRequest) -> User:
    """The client acts as the user that its assertion names."""
    return assertion_user(org, request.member("assertion"), request.address)


def password(org: SalesforceOrg, request: TokenRequest) -> User:
    """User name and password; blocked orgs answer as to a wrong one. Source: salesforce.md 1.3 and 2.1."""
    check_client(org, request)
    user = org.find_user(request.member("username"))
    given = request.member("password")
    fit = Fit.NOT_AT_ALL if user is None else org.identity.password_fits(user.id, given)
    if user is None or fit is not Fit.WELL or not org.identity.policy.oauth_password:
        raise OAuthError("invalid_grant", "authentication failure")
    return user


def refresh_token(org: SalesforceOrg, request: TokenRequest) -> User:
    """A token that somebody's consent gave to the client before; the secret may be left out."""
    name, secret = request.client()
    if secret:
        check_client(org, request)
    elif name != org.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    user_id = org.identity.refresh_user(request.member("refresh_token"))
    if user_id is None:
        raise OAuthError("invalid_grant", "expired access/refresh token")
    return org.users[user_id]


def authorization_code(org: SalesforceOrg, request: TokenRequest) -> User:
    """Nobody can give consent in a browser here, so every code is an old one."""
    check_client(org, request)
    request.member("code")
    raise OAuthError("invalid_grant", "expired authorization code")


GRANTS: Mapping[str, Callable[[SalesforceOrg, TokenRequest], User]] = {
    "client_credentials": client_credentials,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": jwt_bearer,
    "password": password,
    "refresh_token": refresh_token,
    "authorization_code": authorization_code,
}


def issue(org: SalesforceOrg, request: TokenRequest, instance_url: str) -> dict[str, str]:
    """The answer to a token request; raises `OAuthError`."""
    grant = GRANTS.get(request.form.get("grant_type", ""))
    if grant is None:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    user = grant(org, request)
    if not org.is_active(user):
        raise OAuthError("inactive_user", "user is inactive")
    identity = f"{instance_url}/id/{org.organization_id}/{user.id}"
    issued_at = str(int(org.clock().timestamp() * 1000))
    signed = hmac.new(org.client_secret.encode(), f"{identity}{issued_at}".encode(), hashlib.sha256).digest()
    return {
        "access_token": org.sessions.issue(user),
        "signature": base64.b64encode(signed).decode(),
        "scope": "api",
        "instance_url": instance_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }


def only_by_post(org: SalesforceOrg, request: TokenRequest, instance_url: str) -> dict[str, str]:
    """Refuses a token request by GET, whose address would end up in logs. Source: answers quoted by public clients."""
    del org, request, instance_url
    raise OAuthError("invalid_request", "must use HTTP POST")


Answer = Callable[[SalesforceOrg, TokenRequest, str], Mapping[str, object]]
"""What a client is told: of the org, the request, and the address of the instance."""


def revoke(org: SalesforceOrg, token: str) -> bool:
    """Ends an access or refresh token; false when there was none."""
    return org.sessions.revoke(token) or org.identity.revoke_refresh_token(token)


def identity_document(org: SalesforceOrg, user: User, instance_url: str) -> dict[str, object]:
    """The identity URL's answer, which also serves as userinfo."""
    row = org.db.table("User").rows[user.id]
    return {
        "id": f"{instance_url}/id/{org.organization_id}/{user.id}",
        "sub": f"{instance_url}/id/{org.organization_id}/{user.id}",
        "asserted_user": True,
        "user_id": user.id,
        "organization_id": org.organization_id,
        "username": user.username,
        "preferred_username": user.username,
        "display_name": user.name,
        "name": user.name,
        "email": row["Email"],
        "active": row["IsActive"],
        "user_type": "STANDARD",
        "language": row["LanguageLocaleKey"],
        "locale": row["LocaleSidKey"],
        "urls": {
            "rest": f"{instance_url}/services/data/v{{version}}/",
            "sobjects": f"{instance_url}/services/data/v{{version}}/sobjects/",
            "query": f"{instance_url}/services/data/v{{version}}/query/",
        },
    }
