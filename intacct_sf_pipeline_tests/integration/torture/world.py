"""Two small companies with people at work in both, and the book of what those people did.

The book is the reference model: it knows nothing of links, baselines or plans, only which records people made, which
token each carries, and what was last typed into which field on which side since everything was last quiet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from pydantic import SecretStr

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.runtime import Runtime, open_runtime
from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.intacct.company import CompanyOptions
from intacct_sf_pipeline.sandbox.server import Sandbox, SandboxOptions, running_sandbox
from intacct_sf_pipeline.settings import Settings
from intacct_sf_pipeline_tests.integration.doors import intacct_api
from intacct_sf_pipeline_tests.integration.loop import Loop, connectors

from .fields import CUSTOMER, ENTRY, FIELDS, ITEM, OBJECTS, SOBJECTS, STOCK, intacct_values
from .values import draw, meaning, token

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
INTACCT, SALESFORCE = "intacct", "salesforce"
Record = tuple[str, str, str]
"""Entity, side, key."""


@dataclass(frozen=True)
class Variant:
    """How this world is configured."""

    new_id: str = "derived"
    idempotency: bool = True
    conflict: str = "newest"
    deactivate_limit: int = 50
    write_batch: int = 3
    page_size: int = 4000

    @staticmethod
    def drawn(rng: Random) -> Variant:
        """Any of them."""
        conflicts = ("newest", "newest", "intacct", "salesforce", "hold")
        return Variant(
            rng.choice(("derived", "auto")),
            rng.random() < 0.6,
            rng.choice(conflicts),
            rng.choice((50, 50, 50, 1)),
            rng.choice((1, 2, 3, 20)),
            rng.choice((2, 3, 4000, 4000)),
        )

    def yaml(self) -> str:
        """The configuration file that makes the pipeline so."""
        lines = ["version: 1", "entities:", "  accounts:", f"    intacct: {{new_id: {self.new_id}}}"]
        for entity in ("accounts", "contacts"):
            lines += [] if entity == "accounts" else [f"  {entity}:"]
            lines += ["    fields:"] + [f"      {f.name}: {{conflict: {self.conflict}}}" for f in FIELDS[entity]]
        lines += ["limits:"] + [f"  {e}: {{deactivate: {self.deactivate_limit}}}" for e in ("accounts", "contacts")]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Picture:
    """What was there at a moment: how much Intacct had deleted, what Salesforce had, who was merged into whom."""

    vanished: int
    deleted: frozenset[Record]
    merged: frozenset[tuple[Record, str]]


@dataclass
class Book:
    """What people did."""

    made: dict[Record, str] = field(default_factory=dict)
    typed: dict[tuple[Record, str], str | None] = field(default_factory=dict)
    settled: dict[tuple[Record, str], str | None] = field(default_factory=dict)
    unsure: set[Record] = field(default_factory=set)
    before: Picture = Picture(0, frozenset(), frozenset())
    switched: set[Record] = field(default_factory=set)
    once_deleted: set[Record] = field(default_factory=set)
    notes: dict[str, tuple[str, str, bool]] = field(default_factory=dict)

    def typing(self, record: Record, name: str, value: str | None) -> None:
        """Somebody typed a value."""
        self.typed[record, name] = value


class World:
    """The loop, the book, and what people can do on either side."""

    def __init__(self, loop: Loop, variant: Variant, url: str) -> None:
        self.loop, self.variant, self.url = loop, variant, url
        self.book = Book()
        self.numbers = iter(range(1, 100_000))
        self.company.create("warehouse", {"id": "WH-1", "name": "Depot", "location": {"id": "E100"}})

    @property
    def sandbox(self) -> Sandbox:
        """Both services."""
        return self.loop.sandbox

    @property
    def company(self):  # type: ignore[no-untyped-def] # the sandbox's own type
        """Intacct."""
        return self.loop.sandbox.company

    @property
    def org(self):  # type: ignore[no-untyped-def] # the sandbox's own type
        """Salesforce."""
        return self.loop.sandbox.org

    @property
    def clock(self) -> OffsetClock:
        """The one clock of all."""
        return self.loop.clock

    # --- looking -----------------------------------------------------------------------------------------------------
    def accounts(self, *, customers: bool = False) -> list[str]:
        """Ids of live Salesforce accounts."""
        rows = sorted(self.org.db.table("Account").live(), key=lambda row: row["Id"])
        return [str(r["Id"]) for r in rows if not customers or str(r["Type"] or "").lower().startswith("customer")]

    def contacts(self) -> list[str]:
        """Ids of live Salesforce contacts."""
        return sorted(str(row["Id"]) for row in self.org.db.table("Contact").live())

    def customers(self) -> list[str]:
        """Keys of Intacct customers."""
        return sorted(self.company.store[CUSTOMER].rows)

    def people(self) -> list[str]:
        """Keys of Intacct contacts that stand on a customer's list and are nobody's own address."""
        own = {row["contacts.default.key"] for row in self.company.store[CUSTOMER].rows.values()}
        return sorted({str(row["contact.key"]) for row in self.company.store[ENTRY].rows.values()} - own)

    def items(self) -> list[str]:
        """Keys of Intacct items."""
        return sorted(self.company.store[ITEM].rows)

    def entry(self, contact: str) -> Mapping[str, object] | None:
        """The oldest place of a contact on a customer's list."""
        entries = [row for row in self.company.store[ENTRY].rows.values() if row["contact.key"] == contact]
        return min(entries, key=lambda row: int(row["key"]), default=None)

    # --- people in Salesforce ----------------------------------------------------------------------------------------
    def sf_new(self, entity: str, values: Mapping[str, str | None], mark: str, **plain: object) -> str:
        """A record typed in Salesforce; `values` by the model's field names."""
        columns = {f.salesforce: values[f.name] for f in FIELDS[entity] if f.name in values}
        record_id = self.loop.new(SOBJECTS[entity], **columns, **plain)
        self._made((entity, SALESFORCE, record_id), mark, values)
        return record_id

    def sf_edit(self, entity: str, record_id: str, values: Mapping[str, str | None]) -> None:
        """A person edits fields of a Salesforce record."""
        columns = {f.salesforce: values[f.name] for f in FIELDS[entity] if f.name in values}
        self.loop.as_person(SOBJECTS[entity], record_id, **columns)
        self._typed((entity, SALESFORCE, record_id), values)

    def typed(self, entity: str, record_id: str, values: Mapping[str, str | None]) -> None:
        """Enter values that were typed into a Salesforce record by other means."""
        self._typed((entity, SALESFORCE, record_id), values)

    # --- people in Intacct -------------------------------------------------------------------------------------------
    def ia_new_customer(self, values: Mapping[str, str | None], mark: str, customer_id: str | None = None) -> str:
        """A customer typed in Intacct."""
        columns = {"id": customer_id or f"C-{next(self.numbers)}"}
        for spec in FIELDS["accounts"]:
            if values.get(spec.name):
                columns |= {k: v for k, v in intacct_values(spec, values[spec.name]).items() if v}
        key = self.company.create("customer", columns)
        self._made(("accounts", INTACCT, key), mark, values)
        return str(key)

    def ia_new_contact(self, customer: str, values: Mapping[str, str | None], mark: str) -> str:
        """A contact typed in Intacct, on a customer's list."""
        columns: dict[str, object] = {"id": f"{mark} {next(self.numbers)}", "printAs": mark}
        for spec in FIELDS["contacts"]:
            if values.get(spec.name) and not spec.on_the_list:
                columns |= intacct_values(spec, values[spec.name])
        key = self.company.create("contact", columns)
        self.put_on_list(customer, key, values.get("title"))
        self._made(("contacts", INTACCT, key), mark, values)
        return str(key)

    def put_on_list(self, customer: str, contact: str, title: str | None) -> None:
        """A contact gets a place on a customer's list."""
        element = {"contact": {"key": contact}} | ({"categoryName": title} if title else {})
        self.company.edit("customer", customer, {"contactList": [element]})

    def ia_edit(self, entity: str, key: str, values: Mapping[str, str | None]) -> None:
        """A person edits fields of an Intacct record."""
        columns: dict[str, object] = {}
        for spec in FIELDS[entity]:
            if spec.name not in values:
                continue
            if spec.on_the_list:
                place = self.entry(key)
                if place is not None:
                    element = {"key": place["key"], "categoryName": values[spec.name]}
                    self.company.edit("customer", str(place["customer.key"]), {"contactList": [element]})
            else:
                columns |= intacct_values(spec, values[spec.name])
        if columns:
            self.company.edit(OBJECTS[entity], key, columns)
        self._typed((entity, INTACCT, key), values)

    def new_item(self, rng: Random) -> str:
        """An item with a price and stock."""
        mark = token(rng)
        item_id = f"I-{next(self.numbers)}"
        members = {
            "id": item_id, "name": f"{mark} pump", "itemType": "inventory", "costMethod": "standard",
            "purchasing.standardCost": f"{rng.randrange(100, 9999) / 100:.2f}", "notes": draw(rng, "notes"),
        }  # fmt: skip
        key = str(self.company.create("item", {k: v for k, v in members.items() if v is not None}))
        self.company.create(STOCK, {"item": {"id": item_id}, "warehouse": {"id": "WH-1"}})
        self.company.move_stock(item_id, "WH-1", on_hand=rng.randrange(50), on_hold=rng.randrange(5))
        self.book.made["products", INTACCT, key] = mark
        return key

    def picture(self) -> Picture:
        """What is there now."""
        trail = self.company.store["company-config/audit-history"].rows.values()
        rows = [
            ((e, SALESFORCE, str(r["Id"])), r)
            for e, name in SOBJECTS.items()
            for r in self.org.db.table(name).rows.values()
        ]
        gone = {record for record, row in rows if row["IsDeleted"]}
        merged = {(record, str(row["MasterRecordId"])) for record, row in rows if row.get("MasterRecordId")}
        vanished = sum(1 for row in trail if row["changeSource.actionPerformed"] == "delete")
        return Picture(vanished, frozenset(gone), frozenset(merged))

    def value(self, entity: str, side: str, key: str, name: str) -> str | None:
        """What a field says now."""
        spec = next(f for f in FIELDS[entity] if f.name == name)
        if side == SALESFORCE:
            return meaning(spec.kind, (self.org.row(SOBJECTS[entity], key) or {}).get(spec.salesforce))
        if spec.on_the_list:
            return meaning(spec.kind, (self.entry(key) or {}).get("categoryName"))
        found = self.company.read(OBJECTS[entity], key, *spec.intacct)
        return meaning(spec.kind, [found[column] for column in spec.intacct])

    def _made(self, record: Record, mark: str, values: Mapping[str, str | None]) -> None:
        self.book.made[record] = mark
        self._typed(record, {name: value for name, value in values.items() if value})
        country = self.value(*record, "country") if record[0] == "accounts" else None
        if country is not None:  # Intacct fills in its own where nobody named one
            self.book.typing(record, "country", country)

    def _typed(self, record: Record, values: Mapping[str, str | None]) -> None:
        kinds = {f.name: f.kind for f in FIELDS[record[0]]}
        for name, value in values.items():
            self.book.typing(record, name, meaning(kinds[name], value))


def drawn_values(rng: Random, entity: str, mark: str) -> dict[str, str | None]:
    """A whole record; a state goes with its own country only, as people pick both from a list."""
    values = {f.name: draw(rng, f.kind, mark) for f in FIELDS[entity]}
    if entity == "accounts" and values["country"] not in (None, "US"):
        values["state"] = None
    return values


NOBODY = SandboxOptions(accounts=0, contacts=0, items=0)


@contextmanager
def running_world(folder: Path, variant: Variant, url: str | None = None) -> Iterator[World]:
    """A world without records, on a clock that stands still unless somebody moves it.

    Its staging database is at `url`, or in a file in `folder`.
    """
    clock = OffsetClock.frozen_at(START)
    path = folder / "sync.yaml"
    path.write_text(variant.yaml(), encoding="utf-8")
    config, url = load_config(path), url or f"sqlite:///{folder / 'staging.db'}"
    company = CompanyOptions(auto_number_customers=variant.new_id == "auto", idempotency_supported=variant.idempotency)
    with (
        running_sandbox(replace(NOBODY, company=company, intacct_api=intacct_api()), clock=clock) as sandbox,
        opened(url, config, sandbox, clock, variant) as runtime,
    ):
        sandbox.org.page_size = lambda asked: min(asked, variant.page_size)
        yield World(Loop(sandbox, runtime, clock), variant, url)


@contextmanager
def opened(
    url: str,
    config: SyncConfig,
    sandbox: Sandbox,
    clock: OffsetClock,
    variant: Variant,
    *,
    read_timeout: float = 5,
    at_once: int | None = None,
) -> Iterator[Runtime]:
    """A runtime on the world's database, with connections of its own: another process, or another machine."""
    wires = connectors(
        sandbox,
        write_batch=variant.write_batch,
        page_size=variant.page_size,
        read_timeout=read_timeout,
        at_once=at_once,
    )
    settings = Settings.model_construct(staging_database_url=SecretStr(url), sync_config=None)
    with open_runtime(settings, config=config, connectors=wires, clock=clock) as runtime:
        yield runtime
