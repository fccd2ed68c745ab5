"""The org: everything the loopback Salesforce remembers, and what tests and seeds may do to it directly.

What belongs here: the parts put together and the operations that are not HTTP. How a request is answered is in `rest/`.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from intacct_sf_pipeline.sandbox.clock import ServiceClock
from intacct_sf_pipeline.sandbox.faults.late import LateChanges
from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.bulk.board import JobBoard
from intacct_sf_pipeline.sandbox.salesforce.cursors import Cursors
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.identity import AccessPolicy, Identity
from intacct_sf_pipeline.sandbox.salesforce.ids import IdFactory, to_long
from intacct_sf_pipeline.sandbox.salesforce.load import Load, LoadLimits
from intacct_sf_pipeline.sandbox.salesforce.loader import Loader
from intacct_sf_pipeline.sandbox.salesforce.meter import LOG_LENGTH, ApiMeter, LoggedRequest
from intacct_sf_pipeline.sandbox.salesforce.money import seed_currencies, set_currency_active
from intacct_sf_pipeline.sandbox.salesforce.open_transactions import OpenTransaction
from intacct_sf_pipeline.sandbox.salesforce.recent import RecentItems
from intacct_sf_pipeline.sandbox.salesforce.recycling import Merged, RecycleBin
from intacct_sf_pipeline.sandbox.salesforce.rules.catalog import build_rules
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures, build_schema
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, Schema, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.sessions import Sessions
from intacct_sf_pipeline.sandbox.salesforce.store.database import Database
from intacct_sf_pipeline.sandbox.salesforce.store.rows import Actor, new_row
from intacct_sf_pipeline.sandbox.salesforce.times import stamp
from intacct_sf_pipeline.sandbox.salesforce.values import Row
from intacct_sf_pipeline.sandbox.salesforce.writer import RecordWriter

INTEGRATION_USERNAME = "integration@sandbox.example"
PERSON_USERNAME = "sales.person@sandbox.example"


class SalesforceOrg:
    """One org with its rows, users, sessions and meters.

    Tests may set `page_size` to a function that shrinks the page size the server would use, to play a server that
    returns fewer rows than asked. All access from several threads goes through `lock`.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        client_id: str,
        client_secret: str,
        features: OrgFeatures | None = None,
        api_quota: int = 100_000,
        access: AccessPolicy | None = None,
        load_limits: LoadLimits | None = None,
    ) -> None:
        self.clock = ServiceClock(clock)
        self.client_id = client_id
        self.client_secret = client_secret
        self.features = features or OrgFeatures()
        self.lock = threading.RLock()
        self.ids = IdFactory()
        self.db = Database(build_schema(self.features))
        self.late: LateChanges[Row] = LateChanges(clock, self.clock)
        self._rules = build_rules(self.features)
        self.writer = RecordWriter(self.db, self.ids, self._rules)
        self.recycling = RecycleBin(self.db, self.writer)
        self.organization_id = self.ids.new("00D")
        self.users: dict[str, User] = {}
        self._seed_platform()
        self.integration_user = self.add_user("Integration", "User", INTEGRATION_USERNAME)
        self.person = self.add_user("Sales", "Person", PERSON_USERNAME)
        self.identity = Identity(access or AccessPolicy())
        self.sessions = Sessions(self.organization_id, clock, self._check_api_user)
        self.at_work = Load(load_limits or LoadLimits(), clock)
        self.meter = ApiMeter(clock, api_quota)
        self.schema_changed = self.clock()
        self.cursors = Cursors(self.ids, clock)
        self.bulk = JobBoard(self.clock)
        self.recent = RecentItems()
        self.requests: deque[LoggedRequest] = deque(maxlen=LOG_LENGTH)
        self.open_transactions: list[OpenTransaction] = []
        self.page_size: Callable[[int], int] = lambda asked: asked
        self._seed_price_book()

    # What the org is made of.

    @property
    def schema(self) -> Schema:
        """The object types as they are now."""
        return self.db.schema

    @property
    def api_calls(self) -> int:
        """API requests billed since the org was made."""
        return self.meter.total

    @property
    def standard_pricebook_id(self) -> str:
        """The id of the standard price book."""
        return next(str(row["Id"]) for row in self.db.table("Pricebook2").live() if row["IsStandard"])

    def actor(self, user: User | None = None) -> Actor:
        """A save by `user` (default: the integration user) now."""
        return Actor(user or self.integration_user, stamp(self.clock()))

    def add_user(self, first_name: str, last_name: str, username: str) -> User:
        """A further user of the org."""
        table = self.db.table("User")
        values: Row = {
            "Username": username,
            "Email": username,
            "FirstName": first_name,
            "LastName": last_name,
            "Name": f"{first_name} {last_name}",
            "Alias": last_name[:8].lower(),
        }
        user = User(self.ids.new("005", table.rows), username, f"{first_name} {last_name}")
        self.db.put("User", new_row(table, user.id, values, Actor(user, stamp(self.clock()))))
        self.users[user.id] = user
        return user

    def find_user(self, username: str) -> User | None:
        """The user of that name, compared without case, active or not."""
        wanted = username.strip().casefold()
        return next((user for user in self.users.values() if user.username.casefold() == wanted), None)

    def is_active(self, user: User) -> bool:
        """Whether an administrator lets the user in."""
        return self.db.table("User").rows[user.id].get("IsActive") is not False

    def set_active(self, user: User, active: bool) -> None:
        """An administrator activates or deactivates a user; the latter ends what sessions there are."""
        with self.lock:
            table = self.db.table("User")
            table.put({**table.rows[user.id], "IsActive": active, "SystemModstamp": stamp(self.clock())})

    def add_fields(self, sobject: str, extra: Iterable[Field]) -> None:
        """Adds custom fields to an object that is already in use."""
        with self.lock:
            self.db.add_fields(self._type(sobject).name, extra)
            self.schema_changed = self.clock()

    def add_object(self, sobject: SObjectType) -> None:
        """Adds a custom object."""
        with self.lock:
            self.db.add_object(sobject)
            self.schema_changed = self.clock()

    def set_currency_active(self, code: str, active: bool) -> None:
        """An administrator switches a currency that the org knows on or off."""
        with self.lock:
            set_currency_active(self.db, code, active)
            self.schema_changed = self.clock()

    # Seeding.

    def load(self, sobject: str, rows: Iterable[Mapping[str, object]]) -> list[str]:
        """Seeds rows of one object and returns their ids in order; raises `LoadError` and stores none on a bad row.

        Ids given are kept (15 characters become 18). System fields given are kept. Parents are named by id or by a
        dotted column (`Account.IntacctID__c`, `Account.Name`). A price book with `IsStandard` true takes the place of
        the org's own standard price book.
        """
        with self.lock:
            loader = Loader(self.db, self.ids, self._rules, self._type(sobject), self.actor())
            ids = loader.load(rows)
            if self._type(sobject).name == "Pricebook2":
                self._adopt_standard_book(ids)
            if self._type(sobject).name == "User":
                self._adopt_users(ids)
            return ids

    def count(self, sobject: str) -> int:
        """How many rows of the object are not deleted."""
        with self.lock:
            return sum(1 for _ in self.db.table(self._type(sobject).name).live())

    def row(self, sobject: str, record_id: str) -> Mapping[str, object] | None:
        """A copy of a row as stored, deleted or not."""
        with self.lock:
            found = self.db.table(self._type(sobject).name).get(to_long(record_id))
            return dict(found) if found is not None else None

    # What other people and the platform do.

    def create_as(self, user: User, sobject: str, values: Mapping[str, object]) -> str:
        """A user adds a record; returns its id."""
        with self.lock:
            return self.writer.create(self._type(sobject), values, self.actor(user))

    def write_as(self, user: User, sobject: str, record_id: str, values: Mapping[str, object]) -> None:
        """A user edits a record."""
        with self.lock:
            self.writer.update(self._type(sobject), self._id(record_id), values, self.actor(user))

    def delete_as(self, user: User, sobject: str, record_id: str) -> None:
        """A user deletes a record."""
        with self.lock:
            self.writer.delete(self._type(sobject), self._id(record_id), self.actor(user))

    def touch(self, sobject: str, record_id: str) -> None:
        """The platform changes a row without a user's save: only SystemModstamp moves. Source: salesforce.md 7.1."""
        with self.lock:
            table = self.db.table(self._type(sobject).name)
            table.put({**table.rows[self._id(record_id)], "SystemModstamp": stamp(self.clock())})

    def merge(self, winner_id: str, losers: str | Sequence[str], user: User | None = None) -> Merged:
        """A user (default: the sales person) merges one or two rows into a winner; see `RecycleBin.merge`."""
        given = [losers] if isinstance(losers, str) else losers
        with self.lock:
            ids = [self._id(loser) for loser in given]
            return self.recycling.merge(self._id(winner_id), ids, self.actor(user or self.person))

    def undelete(self, record_id: str, user: User | None = None) -> None:
        """A user (default: the sales person) brings a deleted or merged row back; see `RecycleBin.undelete`."""
        with self.lock:
            self.recycling.undelete(self._id(record_id), self.actor(user or self.person))

    def recreate(self, record_id: str, user: User | None = None) -> str:
        """A user (default: the sales person) deletes a row and enters it again; see `RecycleBin.recreate`."""
        with self.lock:
            return self.recycling.recreate(self._id(record_id), self.actor(user or self.person))

    def open_transaction(self, user: User | None = None) -> OpenTransaction:
        """Begins a transaction that commits later: its writes carry today's stamp and appear at `commit`."""
        opened = OpenTransaction(
            self.actor(user or self.person),
            lambda sobject, values, actor: self.writer.create(self._type(sobject), values, actor),
            lambda sobject, record_id, values, actor: self.writer.update(
                self._type(sobject), self._id(record_id), values, actor
            ),
            self.open_transactions.remove,
        )
        self.open_transactions.append(opened)
        return opened

    def expire_tokens(self) -> None:
        """Ends every session: the next call answers 401 INVALID_SESSION_ID."""
        with self.lock:
            self.sessions.expire_all()

    # Inside.

    def _check_api_user(self, user: User) -> None:
        """Refuses a session whose user may not use the API. Source: salesforce.md 2.4 and 4."""
        policy = self.identity.policy
        if not self.is_active(user):
            raise ApiError("INVALID_SESSION_ID", "Session expired or invalid")
        if not policy.api_scope:
            raise ApiError("INVALID_SESSION_ID", "This session is not valid for use with the REST API")
        if not policy.api:
            raise ApiError("API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.")
        if not policy.user_api and user is self.integration_user:
            raise ApiError("API_CURRENTLY_DISABLED", "API is disabled for this User")

    def _type(self, sobject: str) -> SObjectType:
        found = self.schema.find(sobject)
        if found is None:
            raise ApiError("INVALID_TYPE", f"sObject type '{sobject}' is not supported.")
        return found

    def _id(self, text: str) -> str:
        found = to_long(text)
        if found is None:
            raise ApiError("MALFORMED_ID", f"malformed id {text}")
        return found

    def _seed_platform(self) -> None:
        table = self.db.table("Organization")
        nobody = User(self.ids.new("005"), "", "")
        values: Row = {
            "Name": "Loopback Sandbox",
            "OrganizationType": "Developer Edition",
            "InstanceName": "LOOP1",
            "IsSandbox": True,
        }
        actor = Actor(nobody, stamp(self.clock()))
        self.db.put("Organization", new_row(table, self.organization_id, values, actor))
        seed_currencies(self.db, self.ids, self.features, actor)

    def _seed_price_book(self) -> None:
        table = self.db.table("Pricebook2")
        values: Row = {"Name": "Standard Price Book", "IsStandard": True, "IsActive": True}
        self._own_book = self.ids.new("01s")
        self.db.put("Pricebook2", new_row(table, self._own_book, values, self.actor()))

    def _adopt_standard_book(self, loaded: list[str]) -> None:
        table = self.db.table("Pricebook2")
        standard = [i for i in loaded if table.rows[i]["IsStandard"]]
        if (
            standard
            and self._own_book in table.rows
            and not self.db.table("PricebookEntry").find("Pricebook2Id", self._own_book)
        ):
            table.drop(self._own_book)

    def _adopt_users(self, loaded: list[str]) -> None:
        for user_id in loaded:
            row = self.db.table("User").rows[user_id]
            self.users[user_id] = User(user_id, str(row["Username"]), str(row["Name"]))
