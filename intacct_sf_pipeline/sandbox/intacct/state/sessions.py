"""OAuth tokens: issue, check, refresh, revoke, introspect.

Source: REST Guide, OAuth; the reference, 2. Which words and codes a refusal uses is decided here, how it looks in
`wire.oauth`.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from itertools import count

from intacct_sf_pipeline.sandbox.intacct.errors import GatewayError, OAuthError, TokenError
from intacct_sf_pipeline.sandbox.intacct.schema.company import ENTITY_OBJECT, USER
from intacct_sf_pipeline.sandbox.intacct.state.codes import LIFE, Allowed, AuthorizationCodes
from intacct_sf_pipeline.sandbox.intacct.state.store import Store

_UNAUTHORIZED = 401
_BAD_REQUEST = 400
_JWT_PARTS = 3
_NOT_AUTHENTICATED = (
    "Client authentication failed (e.g. unknown client, no client authentication included,"
    " or unsupported authentication method)"
)


@dataclass(frozen=True)
class Client:
    """The application: its id and secret, and the tenant it is authorised in."""

    client_id: str
    client_secret: str
    company_id: str

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Client({self.client_id!r}, company_id={self.company_id!r})"


@dataclass(frozen=True)
class Session:
    """What a token stands for; `entity_key` is None for the top level, `expires_at` in epoch seconds."""

    user_key: str
    user_id: str
    entity_key: str | None
    expires_at: int


@dataclass(frozen=True)
class Grant:
    """A successful token answer; `refresh_token` empty: none is given."""

    access_token: str
    refresh_token: str
    expires_in: int

    def __repr__(self) -> str:
        """Without the tokens."""
        return f"Grant(expires_in={self.expires_in})"


class Sessions:
    """The tokens of one company and application."""

    def __init__(self, store: Store, client: Client) -> None:
        """Args: the tables (users, entities, clock, switches) and the application."""
        self._store = store
        self._client = client
        self._access: dict[str, Session] = {}
        self._refresh: dict[str, Session] = {}
        self._xml: dict[str, Session] = {}
        self._codes = AuthorizationCodes()
        self._numbers = count(1)

    @property
    def client_id(self) -> str:
        """The application's id."""
        return self._client.client_id

    def check_client(self, client_id: str, client_secret: str) -> None:
        """Refuses an unknown or unauthorised application or a wrong secret.

        Raises:
            GatewayError: 401 GW-0011, unknown client id, or one that the company has not authorised.
            TokenError: 401, wrong secret; or, by switch,
            OAuthError: 400 `invalid_client`.
        """
        options = self._store.options
        if not self.knows_client(client_id):
            raise GatewayError(_UNAUTHORIZED, "GW-0011", "Invalid Request")
        if not hmac.compare_digest(client_secret.encode(), self._client.client_secret.encode()):
            # UNCONFIRMED which of the two; the second is what windmill issue 10684 reports.
            if options.bad_client_reply == "invalid_client":
                raise OAuthError(_BAD_REQUEST, "invalid_client", _NOT_AUTHENTICATED)
            raise _bad_credentials()

    def knows_client(self, client_id: str) -> bool:
        """Whether an application is the company's, and authorised there."""
        return client_id == self._client.client_id and self._store.options.application_authorised

    def allow(self, user_id: str, redirect_uri: str, challenge: str | None, *, offline: bool) -> str:
        """A code by which the application gets tokens of a user."""
        until = self._store.steady() + LIFE
        key = self._store[USER].by_id[user_id]
        return self._codes.give(Allowed(key, user_id, redirect_uri, challenge, offline, until))

    def redeem(self, code: str, redirect_uri: str, verifier: str | None) -> Grant:
        """A grant for a code; with a refresh token if `offline_access` was allowed.

        Raises:
            OAuthError: 400 `invalid_grant`: not a code, used, over, or not proven.
        """
        allowed = self._codes.redeem(code, redirect_uri, verifier, self._store.steady())
        if allowed is None:
            raise OAuthError(_BAD_REQUEST, "invalid_grant")
        grant = self._issue(allowed.user_key, allowed.user_id, None)
        return grant if allowed.offline else Grant(grant.access_token, "", grant.expires_in)

    def enter(self, user_key: str, user_id: str, entity_key: str | None) -> Grant:
        """A grant for somebody who has signed in by the XML door."""
        return self._issue(user_key, user_id, entity_key)

    def sign_in(self, username: str) -> Grant:
        """A grant for `user@company` or `user@company|entity`.

        Raises:
            GatewayError: GW-0036 (400) empty, GW-0012 (400) without company, GW-0011 (401) other company.
            TokenError: 401, unknown user or entity.
        """
        if not username:
            raise GatewayError(_BAD_REQUEST, "GW-0036", "Missing User Name")
        user_id, _, tenant = username.rpartition("@")
        company, _, entity = tenant.partition("|")
        if not user_id or not company:
            raise GatewayError(_BAD_REQUEST, "GW-0012", "Missing Tenant Data")
        if company.casefold() != self._client.company_id.casefold():
            raise GatewayError(_UNAUTHORIZED, "GW-0011", "Invalid Request")
        key = self._store[USER].by_id.get(user_id)
        if key is None or self._store[USER].rows[key].get("status") != "active":
            raise _bad_credentials()
        return self._issue(key, user_id, self._entity(entity or None))

    def refresh(self, token: str, entity_id: str | None) -> Grant:
        """A new grant for a refresh token, perhaps in another entity.

        Raises:
            OAuthError: 401 `invalid_grant`, unknown or revoked; or, by the switch for expired tokens,
            TokenError: 400 with the words by which sageintacctrestsdk tells a dead token.
        """
        session = self._refresh.get(token)
        if session is None:
            if self._store.options.expired_token_status == _BAD_REQUEST:
                raise TokenError(_BAD_REQUEST, "The token is not valid")
            raise OAuthError(_UNAUTHORIZED, "invalid_grant")
        entity_key = session.entity_key if entity_id is None else self._entity(entity_id)
        if self._store.options.rotate_refresh_token:
            del self._refresh[token]
            return self._issue(session.user_key, session.user_id, entity_key)
        return self._issue(session.user_key, session.user_id, entity_key, refresh_token=token)

    def authenticate(self, authorization: str | None) -> Session:
        """The session of an `Authorization` header.

        Raises:
            GatewayError: 401, GW-0034 without `Bearer`, GW-0031 not a JWT.
            TokenError: 401, or 400 by switch, for an unknown or expired token.
        """
        if authorization is None or not authorization.startswith("Bearer "):
            raise GatewayError(_UNAUTHORIZED, "GW-0034", "Invalid Authorization Header")
        token = authorization.removeprefix("Bearer ").strip()
        if not _decodable(token):
            raise GatewayError(_UNAUTHORIZED, "GW-0031", "Invalid Token")
        session = self._access.get(token)
        if session is not None and session.expires_at > self._now():
            return session
        status = self._store.options.expired_token_status
        raise TokenError(status, "Token is not valid" if status == _UNAUTHORIZED else "The token is not valid")

    def revoke(self, token: str) -> None:
        """Ends every token of the user the token belongs to. Source: the reference, 2.3."""
        session = self._access.get(token) or self._refresh.get(token)
        if session is not None:
            for tokens in (self._access, self._refresh, self._xml):
                for other in [text for text, held in tokens.items() if held.user_key == session.user_key]:
                    del tokens[other]

    def introspect(self, token: str) -> dict[str, object]:
        """What a token stands for; `active` false when it is unknown or over."""
        session = self._access.get(token)
        if session is None or session.expires_at <= self._now():
            return {"active": False}
        return {
            "active": True,
            "token_type": "Bearer",
            "client_id": self._client.client_id,
            "user_id": session.user_id,
            "cny_id": self._client.company_id,
            "exp": session.expires_at,
            "iat": session.expires_at - self._store.options.expires_in,
        }

    def open_xml_session(self, session: Session) -> str:
        """A session id for the XML door, bound to this REST session. Source: OpenAPI, session id."""
        session_id = self._digest(f"xml:{next(self._numbers)}")[:48]
        self._xml[session_id] = session
        return session_id

    def xml_session(self, session_id: str) -> Session | None:
        """What a session id stands for, or None when it is unknown or over."""
        session = self._xml.get(session_id)
        return session if session is not None and session.expires_at > self._now() else None

    def expire_access_tokens(self) -> None:
        """Makes every access token given out so far invalid, XML sessions opened so included; refresh tokens stay."""
        self._access.clear()
        self._xml.clear()

    def _now(self) -> int:
        return int(self._store.steady().timestamp())

    def _entity(self, entity_id: str | None) -> str | None:
        if not entity_id:
            return None
        key = self._store[ENTITY_OBJECT].by_id.get(entity_id)
        if key is None:
            raise _bad_credentials()
        return key

    def _issue(self, user_key: str, user_id: str, entity_key: str | None, refresh_token: str | None = None) -> Grant:
        life = self._store.options.expires_in
        session = Session(user_key, user_id, entity_key, self._now() + life)
        access = self._jwt(session)
        refresh = refresh_token or f"r-{self._digest(access)[:40]}"
        self._access = {text: held for text, held in self._access.items() if held.expires_at > self._now()}
        self._access[access] = session
        self._refresh[refresh] = session
        return Grant(access, refresh, life)

    def _jwt(self, session: Session) -> str:
        claims = {
            "iss": "sandbox",
            "clientId": self._client.client_id,
            "cnyId": self._client.company_id,
            "userId": session.user_id,
            "exp": session.expires_at,
            "iat": self._now(),
            "jti": str(next(self._numbers)),
        }
        body = ".".join(_encode(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "HS256"}, claims))
        return f"{body}.{_encode(bytes.fromhex(self._digest(body)))}"

    def _digest(self, text: str) -> str:
        return hmac.new(self._client.client_secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _bad_credentials() -> TokenError:
    return TokenError(_UNAUTHORIZED, "The provided credentials are invalid", code="invalidCredentials")


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _decodable(token: str) -> bool:
    """Whether the text has the form of a JWT with readable claims."""
    parts = token.split(".")
    if len(parts) != _JWT_PARTS:
        return False
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, UnicodeDecodeError):
        return False
    return isinstance(claims, dict) and "exp" in claims
