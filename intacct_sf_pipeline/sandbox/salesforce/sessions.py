"""Access tokens: issued to a user, expiring when unused, revocable. Source: salesforce.md sections 2.2 and 2.4."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError

# UNCONFIRMED (salesforce.md 2.2): the default session policy.
LIFETIME = timedelta(hours=2)


@dataclass(slots=True)
class Session:
    """One token's owner, its last use and its issue."""

    user: User
    last_used: datetime
    issued: datetime

    @property
    def ends(self) -> datetime:
        """When it expires unless it is used again."""
        return self.last_used + LIFETIME


class Sessions:
    """All live sessions of the org."""

    def __init__(self, org_id: str, clock: Callable[[], datetime], check: Callable[[User], None]) -> None:
        """Args: whose sessions, the clock, and what refuses users who may not use the API (any more)."""
        self._prefix = f"{org_id[:15]}!AQ."
        self._clock = clock
        self._check = check
        self._live: dict[str, Session] = {}

    def issue(self, user: User) -> str:
        """A new token for `user`."""
        token = self._prefix + secrets.token_urlsafe(48)
        now = self._clock()
        self._live[token] = Session(user, now, now)
        return token

    def user_of(self, token: str) -> User:
        """The user of a live token; raises INVALID_SESSION_ID, or API_DISABLED_FOR_ORG and the like."""
        session = self._live.get(token)
        now = self._clock()
        if session is None or now > session.ends:
            self._live.pop(token, None)
            raise ApiError("INVALID_SESSION_ID", "Session expired or invalid")
        self._check(session.user)
        session.last_used = now
        return session.user

    def look(self, token: str) -> Session | None:
        """A live session, which this does not count as a use."""
        session = self._live.get(token)
        return None if session is None or self._clock() > session.ends else session

    def revoke(self, token: str) -> bool:
        """Ends one session; false when there was none."""
        return self._live.pop(token, None) is not None

    def expire_all(self) -> None:
        """Ends every session."""
        self._live.clear()
