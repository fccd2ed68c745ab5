"""What a client may ask about a token.

Source: Help, OAuth 2.0 Token Introspection Endpoint; RFC 7662; the answers that the public client sf-idp-client quotes.
"""

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.rest.oauth import TokenRequest, check_client


def introspect(org: SalesforceOrg, request: TokenRequest, instance_url: str) -> dict[str, object]:
    """Whether the `token` of the form is live, and whose it is.

    Raises:
        OAuthError: the client is not known, or names no token.
    """
    check_client(org, request)
    token = request.member("token")
    session = org.sessions.look(token)
    if session is not None and org.is_active(session.user):
        told = {
            "token_type": "access_token",
            "exp": int(session.ends.timestamp()),
            "iat": int(session.issued.timestamp()),
            "nbf": int(session.issued.timestamp()),
        }
        return {**_owner(org, session.user, instance_url), **told}
    owner = org.identity.refresh_user(token)
    if owner is not None and org.is_active(org.users[owner]):
        return {**_owner(org, org.users[owner], instance_url), "token_type": "refresh_token"}
    return {"active": False}


def _owner(org: SalesforceOrg, user: User, instance_url: str) -> dict[str, object]:
    return {
        "active": True,
        "scope": "api",
        "client_id": org.client_id,
        "username": user.username,
        "sub": f"{instance_url}/id/{org.organization_id}/{user.id}",
    }
