"""Who may come in, and by which door: the org's access policy, users' secrets, the app's certificate, refresh tokens.

What belongs here: what is known about people and programs that sign in. How a flow words its answers is in
`rest/oauth.py` (tokens) and `soap/login.py`. Source: salesforce.md sections 2.1 to 2.4.
"""

import hmac
from dataclasses import dataclass, field, replace
from enum import Enum


@dataclass(frozen=True)
class AccessPolicy:
    """What an administrator, or Salesforce itself, has allowed; each switch off gives the vendor's refusal.

    Attributes:
        api: the org's edition has the API.
        user_api: the integration user has the permission API Enabled.
        api_scope: sessions may use the REST API (the app's scopes, API Access Control).
        app_approval: the user is pre-approved for the app.
        client_credentials: the app has the client credentials flow.
        run_as_user: that flow has a user to act as.
        oauth_password: the OAuth user name and password flow is allowed.
        soap_login: SOAP login() is allowed (new orgs: not).
        fresh_password: passwords have not expired.
        trusted_network: clients sit in the org's trusted IP ranges, so that no security token is asked for.
    """

    api: bool = True
    user_api: bool = True
    api_scope: bool = True
    app_approval: bool = True
    client_credentials: bool = True
    run_as_user: bool = True
    oauth_password: bool = True
    soap_login: bool = True
    fresh_password: bool = True
    trusted_network: bool = False

    def without(self, *names: str) -> "AccessPolicy":
        """The policy with these switched off; names as above, with dashes or underscores.

        Raises:
            KeyError: no such switch.
        """
        switches = {name.replace("-", "_") for name in names}
        unknown = switches - set(self.__dataclass_fields__)
        if unknown:
            raise KeyError(sorted(unknown)[0])
        return replace(self, **dict.fromkeys(switches, False))


class Fit(Enum):
    """How a password fits."""

    WELL = "well"
    HALF = "without the security token"
    NOT_AT_ALL = "not at all"


@dataclass(frozen=True)
class UserSecrets:
    """A user's password and security token."""

    password: str = field(repr=False)
    security_token: str = field(repr=False)


class Identity:
    """What the org knows about those who sign in.

    Attributes:
        policy: may be replaced while the org runs.
        certificate: the app's public key in PEM, None: it has no certificate.
    """

    def __init__(self, policy: AccessPolicy) -> None:
        self.policy = policy
        self.certificate: str | None = None
        self._secrets: dict[str, UserSecrets] = {}
        self._refresh: dict[str, str] = {}

    def set_password(self, user_id: str, secrets: UserSecrets) -> None:
        """Gives a user a password and a security token; users without one cannot sign in with them."""
        self._secrets[user_id] = secrets

    def add_refresh_token(self, token: str, user_id: str) -> None:
        """Adds a token that somebody's consent gave to the app."""
        self._refresh[token] = user_id

    def refresh_user(self, token: str) -> str | None:
        """The user of a refresh token; None when it is unknown or revoked."""
        return self._refresh.get(token)

    def revoke_refresh_token(self, token: str) -> bool:
        """Ends a refresh token; false when there was none."""
        return self._refresh.pop(token, None) is not None

    def password_fits(self, user_id: str, given: str) -> Fit:
        """How `given`, the password with the security token behind it, fits a user."""
        secrets = self._secrets.get(user_id)
        if secrets is None:
            return Fit.NOT_AT_ALL
        if _same(given, secrets.password + secrets.security_token):
            return Fit.WELL
        if _same(given, secrets.password):
            return Fit.WELL if self.policy.trusted_network else Fit.HALF
        return Fit.NOT_AT_ALL


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())
