"""Sessions of the XML gateway: sign-in, session ids with a sliding end, the endpoint a session belongs to.

Source: the reference, 2.2 and 2.3. Session ids opened through the REST door are taken as well (core session service).
"""

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from intacct_sf_pipeline.sandbox.intacct.schema.company import ENTITY_OBJECT, USER
from intacct_sf_pipeline.sandbox.intacct.state.sessions import Sessions
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.xml.envelope import Login
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import invalid_session, session_failed, wrong_login


@dataclass(frozen=True)
class XmlAccess:
    """The made-up secrets of the XML door: the web services sender, and the one user that may sign in here."""

    sender_id: str
    sender_password: str = field(repr=False)
    company_id: str
    user_id: str
    user_password: str = field(repr=False)


@dataclass(frozen=True)
class XmlSession:
    """A signed-in user at the top level (`entity_key` None) or in an entity.

    Attributes:
        session_id: None for a login without a session of its own.
        pod: the endpoint it belongs to; 0 is the first one.
    """

    user_key: str
    user_id: str
    entity_key: str | None
    location_id: str
    started: datetime
    ends: datetime
    pod: int
    session_id: str | None = field(default=None, repr=False)


class XmlSessions:
    """The sessions of one company. Lives go by the steady clock."""

    def __init__(self, store: Store, access: XmlAccess, rest: Sessions) -> None:
        """Args: the tables, the secrets, and the REST sessions, some of which are good here too."""
        self._store = store
        self.access = access
        self._rest = rest
        self._open: dict[str, XmlSession] = {}
        self._numbers = count(1)
        self.pod = 0

    @property
    def life(self) -> timedelta:
        """How long a session lives after its last call."""
        return timedelta(hours=self._store.options.xml.session_hours)

    def knows_sender(self, sender_id: str, password: str) -> bool:
        """Whether a web services sender and its password are right; both are case sensitive."""
        right = hmac.compare_digest(password.encode(), self.access.sender_password.encode())
        return sender_id == self.access.sender_id and right

    def sign_in(self, login: Login) -> XmlSession:
        """What a login stands for; nothing is kept of it.

        Raises:
            AuthenticationFault: wrong user, company, password or entity.
        """
        access = self.access
        right = hmac.compare_digest(login.password.encode(), access.user_password.encode())
        if not right or login.user_id != access.user_id or login.company_id != access.company_id:
            raise wrong_login(login.user_id, login.company_id)
        entity_key = None
        if login.location_id is not None:
            entity_key = self._store[ENTITY_OBJECT].by_id.get(login.location_id)
            if entity_key is None:
                raise wrong_login(login.user_id, login.company_id)
        user_key = self._store[USER].by_id[login.user_id]
        if not self._active(user_key):
            raise wrong_login(login.user_id, login.company_id)
        now = self._store.steady()
        ends = now + self.life
        return XmlSession(user_key, login.user_id, entity_key, login.location_id or "", now, ends, self.pod)

    def resume(self, session_id: str, pod: int) -> XmlSession:
        """The session of an id, its end moved on.

        Raises:
            AuthenticationFault: unknown, over, or of another endpoint.
        """
        now = self._store.steady()
        held = self._open.get(session_id)
        session = held or self._from_rest(session_id)
        if session is None or session.ends <= now or session.pod != pod or not self._active(session.user_key):
            raise invalid_session(session_id)
        session = replace(session, ends=now + self.life)
        if held is not None:
            self._open[session_id] = session
        return session

    def open(self, caller: XmlSession, location_id: str | None) -> XmlSession:
        """A new session for the caller.

        Args:
            caller: who asks.
            location_id: an entity; "" for the top level; None for where the caller is.

        Raises:
            XmlFault: no such entity.
        """
        entity_key, shown = caller.entity_key, caller.location_id
        if location_id is not None:
            entity_key, shown = self._store[ENTITY_OBJECT].by_id.get(location_id), location_id
            if location_id and entity_key is None:
                raise session_failed(f"Location {location_id} not found")
        now = self._store.steady()
        self._open = {key: held for key, held in self._open.items() if held.ends > now}
        session_id = self._new_id()
        opened = XmlSession(
            caller.user_key, caller.user_id, entity_key, shown, now, now + self.life, self.pod, session_id
        )
        self._open[session_id] = opened
        return opened

    def expire(self) -> None:
        """Ends every session given out so far."""
        self._open.clear()

    def move(self) -> None:
        """The company moves to another endpoint; sessions of the old one end."""
        self.pod += 1
        self.expire()

    def _active(self, user_key: str) -> bool:
        return self._store[USER].rows[user_key].get("status") == "active"

    def _from_rest(self, session_id: str) -> XmlSession | None:
        held = self._rest.xml_session(session_id)
        if held is None:
            return None
        entity = None if held.entity_key is None else self._store[ENTITY_OBJECT].rows.get(held.entity_key)
        location_id = "" if entity is None else str(entity["id"])
        now = self._store.steady()
        return XmlSession(
            held.user_key, held.user_id, held.entity_key, location_id, now, now + self.life, self.pod, session_id
        )

    def _new_id(self) -> str:
        number = f"xml-session:{next(self._numbers)}".encode()
        digest = hmac.new(self.access.sender_password.encode(), number, hashlib.sha256).digest()
        return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest) + "."


_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
