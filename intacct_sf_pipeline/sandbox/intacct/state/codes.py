"""Authorization codes: given out when a user allows an application, redeemed once for tokens.

Source: the reference, 2.2 and 2.3 (`offline_access`, PKCE S256); RFC 6749 and RFC 7636 for what the vendor leaves open:
how long a code lives, and that it serves once.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

LIFE = timedelta(minutes=10)
OFFLINE = "offline_access"


@dataclass(frozen=True)
class Allowed:
    """What a user allowed an application.

    Attributes:
        user_key, user_id: who.
        redirect_uri: where the code was sent; the application must name it again.
        challenge: of PKCE; None without.
        offline: a refresh token was asked for.
        until: end of the code's life.
    """

    user_key: str
    user_id: str
    redirect_uri: str
    challenge: str | None
    offline: bool
    until: datetime


class AuthorizationCodes:
    """The codes of one company that are not redeemed yet."""

    def __init__(self) -> None:
        """Starts without any."""
        self._open: dict[str, Allowed] = {}

    def give(self, allowed: Allowed) -> str:
        """A new code."""
        code = token_urlsafe(24)
        self._open[code] = allowed
        return code

    def redeem(self, code: str, redirect_uri: str, verifier: str | None, now: datetime) -> Allowed | None:
        """What a code stands for, once; None when code, address or verifier are wrong, or it is over."""
        allowed = self._open.pop(code, None)
        if allowed is None or allowed.until <= now or allowed.redirect_uri != redirect_uri:
            return None
        return allowed if _proven(allowed.challenge, verifier) else None


def _proven(challenge: str | None, verifier: str | None) -> bool:
    if challenge is None:
        return True
    digest = hashlib.sha256((verifier or "").encode()).digest()
    return hmac.compare_digest(urlsafe_b64encode(digest).rstrip(b"="), challenge.encode())
