"""The company: everything the doors (REST and XML) and the tests talk to.

It joins the tables, the writes, the queries and the tokens, and guards them with one lock; how requests look on the
wire is none of its business.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from intacct_sf_pipeline.sandbox.faults.late import LateChanges
from intacct_sf_pipeline.sandbox.intacct.errors import LoadError
from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions, CustomField
from intacct_sf_pipeline.sandbox.intacct.query.request import QueryRequest
from intacct_sf_pipeline.sandbox.intacct.query.service import Page, find_object, run_query
from intacct_sf_pipeline.sandbox.intacct.schema.catalog import Catalog, FieldPath
from intacct_sf_pipeline.sandbox.intacct.schema.company import ENTITY_OBJECT, SEQUENCE, USER
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec, Row, Value
from intacct_sf_pipeline.sandbox.intacct.state.computed import path_getter
from intacct_sf_pipeline.sandbox.intacct.state.idempotency import IdempotencyStore
from intacct_sf_pipeline.sandbox.intacct.state.meter import RequestRecord, TransactionMeter
from intacct_sf_pipeline.sandbox.intacct.state.sessions import Client, Session, Sessions
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.state.visibility import query_visibility
from intacct_sf_pipeline.sandbox.intacct.writes import stock
from intacct_sf_pipeline.sandbox.intacct.writes.actor import Actor
from intacct_sf_pipeline.sandbox.intacct.writes.loading import Loader
from intacct_sf_pipeline.sandbox.intacct.writes.numbering import CUSTOMER_SEQUENCE
from intacct_sf_pipeline.sandbox.intacct.writes.records import Records
from intacct_sf_pipeline.sandbox.intacct.writes.recreation import recreate
from intacct_sf_pipeline.sandbox.intacct.xml.xml_sessions import XmlAccess, XmlSessions

LOCATION = "company-config/location"
_REQUEST_LOG = 10_000
_PERSON = "user"

__all__ = ["CompanyOptions", "CustomField", "IntacctCompany", "LoadError"]


class IntacctCompany:
    """One tenant with its data.

    Attributes:
        options: its switches.
        store: its tables.
        late: changes that queries do not see yet.
        records: the writes of the API, billed.
        people: the writes people make, not billed.
        sessions: its tokens.
        xml_sessions: the sessions of the XML door.
        idempotency: answers kept for the `Idempotency-Key` header.
        transactions: the meter of what the vendor bills.
        requests: the last requests, oldest first.
        lock: held by every door while it works.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        client_id: str,
        client_secret: str,
        company_id: str = "acme-co",
        username: str = "sync",
        sender_id: str = "sandbox_ws",
        sender_password: str | None = None,
        user_password: str | None = None,
        options: CompanyOptions | None = None,
    ) -> None:
        """A company with its entities and users, and nothing else.

        Args:
            clock: gives aware UTC; every stamp, expiry and relative date follows it.
            client_id: the authorised application.
            client_secret: its secret.
            company_id: the tenant.
            username: user id of the web services user.
            sender_id: web services sender of the XML door.
            sender_password: its password; the application's secret when left out.
            user_password: the web services user's password; the application's secret when left out.
            options: switches; the defaults are the likeliest live behaviour.
        """
        self.options = options or CompanyOptions()
        self.store = Store(Catalog(self.options), self.options, clock)
        self.late: LateChanges[Row] = LateChanges(self.store.steady, self.store.now)
        self.transactions = TransactionMeter()
        self.requests: deque[RequestRecord] = deque(maxlen=_REQUEST_LOG)
        self.records = Records(self.store, self.transactions)
        self.people = Records(self.store, TransactionMeter())
        self.sessions = Sessions(self.store, Client(client_id, client_secret, company_id))
        access = XmlAccess(
            sender_id, sender_password or client_secret, company_id, username, user_password or client_secret
        )
        self.xml_sessions = XmlSessions(self.store, access, self.sessions)
        self.idempotency = IdempotencyStore()
        self.lock = threading.RLock()
        self._company_id = company_id
        self._user_id = username
        self._set_up()

    @property
    def username(self) -> str:
        """What a client signs in with: `user@company`."""
        return f"{self._user_id}@{self._company_id}"

    def load(self, object_name: str, rows: Iterable[Mapping[str, object]]) -> list[str]:
        """Loads rows of one object, all or none; returns their keys.

        Args:
            object_name: full (`accounts-receivable/customer`) or short (`customer`).
            rows: dotted or nested members; keys, ids and `audit.*` given are kept; references by `.id` or `.key`.

        Raises:
            LoadError: a row that does not fit; nothing is loaded then.
            KeyError: no such object.
        """
        with self.lock:
            return Loader(self.store, self._spec(object_name), self.person(_PERSON).user_key).load(rows)

    def count(self, object_name: str) -> int:
        """How many records of an object there are, private ones included."""
        return len(self.store[self._spec(object_name).name].rows)

    def create(self, object_name: str, payload: Mapping[str, object], by: str = _PERSON) -> str:
        """A person creates a record; returns its key. Members dotted or nested.

        Raises:
            ApiError: as the API would refuse it.
        """
        with self.lock:
            return self.people.create(self.person(by), self._spec(object_name), nest(payload))

    def edit(self, object_name: str, id_or_key: str, changes: Mapping[str, object], by: str = _PERSON) -> None:
        """A person edits a record in the user interface. Members dotted or nested; None clears.

        Raises:
            KeyError: no such record.
            ApiError: as the API would refuse it.
        """
        with self.lock:
            spec = self._spec(object_name)
            self.people.update(self.person(by), spec, self._key(spec, id_or_key), nest(changes))

    def delete(self, object_name: str, id_or_key: str, by: str = _PERSON) -> None:
        """A person deletes a record.

        Raises:
            KeyError: no such record.
            ApiError: others refer to it.
        """
        with self.lock:
            spec = self._spec(object_name)
            self.people.delete(self.person(by), spec, self._key(spec, id_or_key))

    def recreate(self, object_name: str, id_or_key: str, by: str = _PERSON) -> str:
        """A person deletes a record and enters it again under the same id; returns its new key.

        What referred to the old record refers to the new one, as after a person's repair.

        Raises:
            KeyError: no such record.
        """
        with self.lock:
            spec = self._spec(object_name)
            return recreate(self.store, self.person(by), spec, self._key(spec, id_or_key))

    def read(self, object_name: str, id_or_key: str, *fields: str) -> dict[str, Value]:
        """The named dotted members of a record, without any request.

        Raises:
            KeyError: no such record or member.
        """
        with self.lock:
            spec = self._spec(object_name)
            row = self.store[spec.name].rows[self._key(spec, id_or_key)]
            return {name: path_getter(self.store, self._path(spec, name))(row) for name in fields or spec.fields}

    def move_stock(
        self,
        item_id: str,
        warehouse_id: str,
        on_hand: int = 0,
        on_hold: int = 0,
        on_order: int = 0,
        *,
        in_transit: int = 0,
        reserved: int = 0,
        allocated: int = 0,
        by: str = _PERSON,
    ) -> str:
        """Books an inventory transaction: adds units to an item's quantities in a warehouse; returns the row's key.

        Raises:
            KeyError: no such item or warehouse.
        """
        deltas = {
            "onHand": on_hand,
            "onHold": on_hold,
            "onOrder": on_order,
            "inTransit": in_transit,
            "reserved": reserved,
            "allocated": allocated,
        }
        with self.lock:
            return stock.move(self.store, self.person(by), item_id, warehouse_id, deltas)

    def add_custom_field(self, object_name: str, field_name: str, custom: str | CustomField = "string") -> None:
        """Adds a custom field such as `nsp::JOB`; one already there stays."""
        with self.lock:
            name = self._spec(object_name).name
            self.store.catalog.add_field(name, field_name, custom)
            self.store.add_field(name)

    def expire_tokens(self) -> None:
        """Makes every access token and XML session given out so far invalid."""
        with self.lock:
            self.sessions.expire_access_tokens()
            self.xml_sessions.expire()

    def query(self, request: QueryRequest, entity_key: str | None = None) -> Page:
        """One page of a query as seen from an entity (None: top level); not metered here.

        Raises:
            ApiError: 400.
        """
        with self.lock, self.late.drawn():
            spec = find_object(self.store, request.object_name)
            visible = query_visibility(self.store, spec, entity_key, include_private=request.include_private)
            return run_query(self.store, request, visible)

    def actor(self, session: Session, entity_key: str | None) -> Actor:
        """The writer an API session stands for."""
        return Actor(session.user_key, session.user_id, entity_key, "api", self.sessions.client_id)

    def _spec(self, name: str) -> ObjectSpec:
        catalog = self.store.catalog
        return catalog[catalog.full_name(name)]

    def _key(self, spec: ObjectSpec, id_or_key: str) -> str:
        row = self.store[spec.name].find(id_or_key)
        if row is None:
            raise KeyError(id_or_key)
        return str(row["key"])

    def _path(self, spec: ObjectSpec, name: str) -> FieldPath:
        path = self.store.catalog.resolve(spec, name)
        if path is None:
            raise KeyError(name)
        return path

    def person(self, user_id: str = _PERSON) -> Actor:
        """A person of the company at work in the user interface."""
        return Actor(self.store[USER].by_id[user_id], user_id, None, "userInterface")

    def _set_up(self) -> None:
        """Users, entities, one location each, and the customer sequence."""
        people = [(_PERSON, "business"), ("controller", "business"), (self._user_id, "webServices")]
        users: list[Row] = [{"id": user, "userName": user, "userType": kind} for user, kind in people]
        self.store[USER].insert({"key": "1", **users[0], "status": "active"})
        Loader(self.store, self.store.catalog[USER], "1").load(users[1:])
        places = [{"id": entity, "name": name} for entity, name in self.options.entities]
        self.load(ENTITY_OBJECT, places)
        self.load(LOCATION, [{"id": "100", "name": "Main"}, *places])
        self.load(SEQUENCE, [{"id": CUSTOMER_SEQUENCE, "name": "Customers", "prefix": "CUST-"}])


def nest(members: Mapping[str, object]) -> dict[str, object]:
    """Dotted members as the nested JSON the API takes; nested ones stay."""
    nested: dict[str, object] = {}
    for path, value in members.items():
        *groups, name = path.split(".")
        place = nested
        for group in groups:
            inner = place.setdefault(group, {})
            if not isinstance(inner, dict):
                inner = place[group] = {}
            place = inner
        place[name] = dict(value) if isinstance(value, Mapping) else value
    return nested
