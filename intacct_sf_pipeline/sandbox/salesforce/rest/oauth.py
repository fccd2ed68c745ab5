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
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

# UNCONFIRMED (salesforce.md 2.2): which status goes with invalid_client.
INVALID_CLIENT_STATUS = 400


class OAuthError(Exception):
    """A refusal of the token endpoint."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.status = status
        self.body = {"error": error, "error_description": description}


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The form of a token request and the Authorization header, if any."""

    form: Mapping[str, str]
    authorization: str

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
    """The client acts as the run-as user of the app."""
    check_client(org, request)
    return org.integration_user


GRANTS: Mapping[str, Callable[[SalesforceOrg, TokenRequest], User]] = {"client_credentials": client_credentials}


def issue(org: SalesforceOrg, request: TokenRequest, instance_url: str) -> dict[str, str]:
    """The answer to a token request; raises `OAuthError`."""
    grant = GRANTS.get(request.form.get("grant_type", ""))
    if grant is None:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    user = grant(org, request)
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
