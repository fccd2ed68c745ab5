"""The store behind the `Idempotency-Key` header.

Source: the reference, 6.6: the result, failures included, is kept 48 hours and replayed; the key is remembered 60
days and refused after that cache is gone; another body, or a key still at work, is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from intacct_sf_pipeline.sandbox.intacct.errors import conflict, invalid_request

RESULT_LIFE = timedelta(hours=48)
KEY_LIFE = timedelta(days=60)
MAX_LENGTH = 256


@dataclass(frozen=True)
class StoredReply:
    """A kept answer: HTTP status, JSON body, when it was made."""

    status: int
    body: object
    at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Entry:
    fingerprint: str
    started: datetime
    reply: StoredReply | None = None


class IdempotencyStore:
    """Keys and their answers, for one application in one company."""

    def __init__(self) -> None:
        """Nothing remembered yet."""
        self._entries: dict[str, _Entry] = {}

    def begin(self, key: str, fingerprint: str, now: datetime, *, forgotten: bool = False) -> StoredReply | None:
        """Takes the key for a request, or returns the answer it already has.

        Args:
            key: the header, at most 256 characters.
            fingerprint: digest of method, path and body.
            now: aware UTC.
            forgotten: play a key whose result is gone, however young it is.

        Raises:
            ApiError: 409 for another request under the same key, one still running, or a key past its 48 hours; 400 for
                a key that is too long.
        """
        if not key or len(key) > MAX_LENGTH:
            message = f"Idempotency-Key must have 1 to {MAX_LENGTH} characters"
            raise invalid_request(message)
        entry = self._entries.get(key)
        if entry is None or now - entry.started >= KEY_LIFE:
            self._entries[key] = _Entry(fingerprint, now)
            return None
        if entry.fingerprint != fingerprint:
            message = "The idempotency key was used for a different request"
            raise conflict(message)
        if entry.reply is None:
            message = "A request with the same idempotency key is still being processed"
            raise conflict(message)
        if forgotten or now - entry.reply.at >= RESULT_LIFE:
            message = "The idempotency key has already been used"
            raise conflict(message)
        return entry.reply

    def finish(self, key: str, reply: StoredReply) -> None:
        """Keeps the answer of the request that took the key."""
        self._entries[key].reply = reply

    def abandon(self, key: str) -> None:
        """Frees a key whose request never came to an answer."""
        self._entries.pop(key, None)
