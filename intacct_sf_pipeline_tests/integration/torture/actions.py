"""What people, time and misfortune do between and during runs. Each action takes the world and its own dice."""

from __future__ import annotations

import base64
from collections.abc import Callable
from random import Random

from intacct_sf_pipeline.sandbox.errors import SandboxError
from intacct_sf_pipeline.sandbox.intacct.errors import ApiError as IntacctError
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError as SalesforceError
from intacct_sf_pipeline_tests.integration.kill_points import ANSWER, REQUEST

from . import misfortune, people, runs
from .fields import FIELDS, ITEM
from .values import draw, respell, token
from .world import INTACCT, SALESFORCE, World, drawn_values

Action = Callable[[World, Random], None]
MOST = 9
REFUSALS = (IntacctError, SalesforceError, SandboxError)
"""What the services tell a person who asks for something impossible; the person shrugs."""


def _pick(rng: Random, keys: list[str]) -> str | None:
    return rng.choice(keys) if keys else None


def _keys(world: World, entity: str, side: str) -> list[str]:
    if side == SALESFORCE:
        return world.accounts() if entity == "accounts" else world.contacts()
    return world.customers() if entity == "accounts" else world.people()


def _edit(world: World, entity: str, side: str, key: str, values: dict[str, str | None]) -> None:
    (world.sf_edit if side == SALESFORCE else world.ia_edit)(entity, key, values)


def _mark(world: World, entity: str, side: str, key: str) -> str:
    from .invariants import marks

    return marks(world, entity, side)[key]


# --- edits -----------------------------------------------------------------------------------------------------------
def edit(world: World, rng: Random) -> None:
    """Somebody edits one to three fields of some record on some side."""
    entity, side = rng.choice(("accounts", "accounts", "contacts")), rng.choice((INTACCT, SALESFORCE))
    key = _pick(rng, _keys(world, entity, side))
    if key is None:
        return
    chosen = rng.sample(FIELDS[entity], rng.randrange(1, 4))
    mark = _mark(world, entity, side, key)
    values = {spec.name: draw(rng, spec.kind, mark) for spec in chosen}
    if values.get("country") not in (None, "US"):
        values["state"] = None
    _edit(world, entity, side, key, values)


def edit_both(world: World, rng: Random) -> None:
    """The same record is edited on both sides at nearly the same time: the same field, or different ones."""
    entity = rng.choice(("accounts", "contacts"))
    pair = _some_pair(world, rng, entity)
    if pair is None:
        return
    mark = _mark(world, entity, SALESFORCE, pair[1])
    first = rng.choice(FIELDS[entity])
    second = first if rng.random() < 0.5 else rng.choice(FIELDS[entity])
    edits = [(SALESFORCE, pair[1], first), (INTACCT, pair[0], second)]
    rng.shuffle(edits)
    for side, key, spec in edits:
        _edit(world, entity, side, key, {spec.name: draw(rng, spec.kind, mark)})
        world.clock.advance(rng.choice((0, 0, 1, 5)))


def respell_some(world: World, rng: Random) -> None:
    """Somebody writes the same values differently: no change at all."""
    entity, side = rng.choice(("accounts", "contacts")), rng.choice((INTACCT, SALESFORCE))
    key = _pick(rng, _keys(world, entity, side))
    if key is None:
        return
    for spec in rng.sample(FIELDS[entity], 2):
        value = world.value(entity, side, key, spec.name)
        if value is not None and spec.kind != "person":
            _edit(world, entity, side, key, {spec.name: respell(rng, spec.kind, value, side)})


def too_long(world: World, rng: Random) -> None:
    """A value that the other side cannot take."""
    key = _pick(rng, world.accounts(customers=True))
    if key is not None:
        mark = _mark(world, "accounts", SALESFORCE, key)
        world.sf_edit("accounts", key, {"name": f"{mark} {'x' * rng.choice((90, 110, 200))}"})


def unmapped(world: World, rng: Random) -> None:
    """An edit that concerns nobody but moves the record's stamp."""
    account, customer = _pick(rng, world.accounts()), _pick(rng, world.customers())
    if account and rng.random() < 0.5:
        world.loop.as_person("Account", account, Site=f"site {rng.randrange(99)}")
    elif customer:
        world.company.edit("customer", customer, {"taxId": f"T{rng.randrange(99)}"})


def touch(world: World, rng: Random) -> None:
    """The platform moves a stamp without anybody's save."""
    account = _pick(rng, world.accounts())
    if account:
        world.org.touch("Account", account)


def late_write(world: World, rng: Random) -> None:
    """An edit whose transaction commits after a run has read past its stamp."""
    account = _pick(rng, world.accounts())
    if account is None:
        return
    spec = rng.choice([f for f in FIELDS["accounts"] if f.kind != "name"])
    value = draw(rng, spec.kind)
    opened = world.org.open_transaction()
    opened.update("Account", account, {spec.salesforce: value})
    world.clock.advance(rng.choice((1, 60)))
    runs.tick(world)
    world.clock.advance(rng.choice((1, 60, 300)))
    opened.commit()
    world.typed("accounts", account, {spec.name: value})


# --- new records -----------------------------------------------------------------------------------------------------
def new_account(world: World, rng: Random) -> None:
    """An account, often a customer."""
    if len(world.accounts()) >= MOST:
        return edit(world, rng)
    mark = token(rng)
    kind = rng.choice(("Customer - Direct", "Customer - Channel", "Prospect"))
    world.sf_new("accounts", drawn_values(rng, "accounts", mark), mark, Type=kind)
    return None


def new_customer(world: World, rng: Random) -> None:
    """A customer in Intacct."""
    if len(world.customers()) >= MOST:
        return edit(world, rng)
    mark = token(rng)
    world.ia_new_customer(drawn_values(rng, "accounts", mark), mark)
    return None


def look_alike(world: World, rng: Random) -> None:
    """The same company is typed in both systems, or twice in one."""
    if len(world.accounts()) + len(world.customers()) >= 2 * MOST:
        return
    mark = token(rng)
    values = drawn_values(rng, "accounts", mark)
    values["phone"] = values["phone"] or "+1 212-555-0101"
    values["postal_code"] = values["postal_code"] or "10001"
    kinds = rng.choice(("sf ia", "sf ia", "sf sf ia", "sf ia ia", "sf sf")).split()
    for side in kinds:
        system = SALESFORCE if side == "sf" else INTACCT
        spelled = {f.name: v and respell(rng, f.kind, v, system) for f in FIELDS["accounts"] if (v := values[f.name])}
        if side == "sf":
            world.sf_new("accounts", spelled, mark, Type=rng.choice(("Customer - Direct", "Prospect")))
        else:
            world.ia_new_customer(spelled, mark)
        if rng.random() < 0.3:
            runs.tick(world)


def new_sf_contact(world: World, rng: Random) -> None:
    """A contact of some account."""
    account = _pick(rng, world.accounts())
    if account is not None and len(world.contacts()) < MOST:
        mark = token(rng)
        world.sf_new("contacts", drawn_values(rng, "contacts", mark), mark, AccountId=account)


def new_ia_contact(world: World, rng: Random) -> None:
    """A contact on some customer's list."""
    customer = _pick(rng, world.customers())
    if customer is not None and len(world.people()) < MOST:
        mark = token(rng)
        world.ia_new_contact(customer, drawn_values(rng, "contacts", mark), mark)


def new_family(world: World, rng: Random) -> None:
    """A new customer account with its contacts, all at once."""
    if len(world.accounts()) < MOST:
        mark = token(rng)
        account = world.sf_new("accounts", drawn_values(rng, "accounts", mark), mark, Type="Customer - Direct")
        for _ in range(rng.randrange(1, 3)):
            person = token(rng)
            world.sf_new("contacts", drawn_values(rng, "contacts", person), person, AccountId=account)


# --- life of a record ------------------------------------------------------------------------------------------------
def change_type(world: World, rng: Random) -> None:
    """A prospect becomes a customer, or a customer something else."""
    account = _pick(rng, world.accounts())
    if account is not None:
        world.loop.as_person("Account", account, Type=rng.choice(("Customer - Direct", "Prospect", None, "Other")))


def move_contact(world: World, rng: Random) -> None:
    """A contact moves to another account, or to none."""
    contact, account = _pick(rng, world.contacts()), _pick(rng, world.accounts())
    if contact is not None:
        home = account if rng.random() < 0.9 else None
        world.loop.as_person("Contact", contact, AccountId=home)
        world.book.unsure.add(("contacts", SALESFORCE, contact))


def delete_in_salesforce(world: World, rng: Random) -> None:
    """Somebody deletes an account (its contacts go with it) or a contact."""
    sobject, keys = rng.choice((("Account", world.accounts()), ("Contact", world.contacts())))
    key = _pick(rng, keys)
    if key is not None and len(keys) > 2:
        world.org.delete_as(world.org.person, sobject, key)


def undelete(world: World, rng: Random) -> None:
    """Somebody brings a deleted record back from the bin."""
    sobject = rng.choice(("Account", "Contact"))
    gone = sorted(r["Id"] for r in world.org.db.table(sobject).rows.values() if r["IsDeleted"])
    key = _pick(rng, gone)
    if key is not None:
        record = ("accounts" if sobject == "Account" else "contacts", SALESFORCE, key)
        world.book.unsure.add(record)
        world.book.once_deleted |= world.picture().deleted
        world.org.undelete(key)


def merge(world: World, rng: Random) -> None:
    """Somebody merges two accounts."""
    accounts = world.accounts()
    if len(accounts) >= 4:
        winner, loser = rng.sample(accounts, 2)
        for key in (winner, loser):
            world.book.unsure.add(("accounts", SALESFORCE, key))
        for row in world.org.db.table("Contact").live():
            if row["AccountId"] == loser:
                world.book.unsure.add(("contacts", SALESFORCE, str(row["Id"])))
        world.org.merge(winner, loser)


def delete_in_intacct(world: World, rng: Random) -> None:
    """Somebody deletes a customer or a contact that nobody refers to."""
    name, keys = rng.choice((("customer", world.customers()), ("contact", world.people())))
    key = _pick(rng, keys)
    if key is not None and len(keys) > 3:
        if name == "contact" and (place := world.entry(key)) is not None:
            element = {"key": place["key"], "ia::operation": "delete"}
            world.company.edit("customer", str(place["customer.key"]), {"contactList": [element]})
        world.company.delete(name, key)


def recreate(world: World, rng: Random) -> None:
    """A customer is deleted and typed anew under the same id."""
    key = _pick(rng, world.customers())
    if key is not None:
        row = world.company.read("customer", key, "id", "name", "contacts.default.key")
        mark = _mark(world, "accounts", INTACCT, key)
        world.company.delete("customer", key)
        world.company.delete("contact", str(row["contacts.default.key"]))
        fresh = world.ia_new_customer({"name": str(row["name"])}, mark, customer_id=str(row["id"]))
        world.book.unsure.add(("accounts", INTACCT, fresh))


def switch_status(world: World, rng: Random) -> None:
    """Finance switches a customer or contact off, or on again."""
    name, keys = rng.choice((("customer", world.customers()), ("contact", world.people())))
    key = _pick(rng, keys)
    if key is not None:
        world.company.edit(name, key, {"status": rng.choice(("active", "inactive"))})
        world.book.switched.add(("accounts" if name == "customer" else "contacts", INTACCT, key))


def write_note(world: World, rng: Random) -> None:
    """A note of either kind on an account, or the description."""
    account = _pick(rng, world.accounts(customers=True))
    if account is None:
        return
    body = f"note{rng.randrange(10**9)}"
    kind = rng.choice(("Note", "ContentNote", "Description"))
    if kind == "Description":
        world.loop.as_person("Account", account, Description=body)
        name = f"Description of {account}"
    elif kind == "Note":
        name = world.loop.new("Note", ParentId=account, Title=f"T {rng.randrange(99)}", Body=body)
    else:
        content = base64.b64encode(f"<p>{body}</p>".encode()).decode()
        name = world.loop.new("ContentNote", Title="Visit", Content=content)
        world.loop.new("ContentDocumentLink", ContentDocumentId=name, LinkedEntityId=account, ShareType="V")
    world.book.notes[name] = (account, body, True)


def drop_note(world: World, rng: Random) -> None:
    """A note is deleted."""
    live = sorted(n for n, (_, _, there) in world.book.notes.items() if there and not n.startswith("Description"))
    note = _pick(rng, live)
    if note is not None:
        sobject = "Note" if world.org.row("Note", note) else "ContentNote"
        world.org.delete_as(world.org.person, sobject, note)
        account, body, _ = world.book.notes[note]
        world.book.notes[note] = (account, body, False)


# --- catalogue -------------------------------------------------------------------------------------------------------
def change_item(world: World, rng: Random) -> None:
    """An item is made, renamed, priced, switched off or moved between shelves."""
    items = world.items()
    if len(items) < 3:
        world.new_item(rng)
        return
    key = rng.choice(items)
    item = world.company.read(ITEM, key, "id", "name")
    mark = str(item["name"]).split()[0]
    what = rng.randrange(4)
    if what == 0:
        world.company.edit("item", key, {"name": f"{mark} valve {rng.randrange(1000)}"})
    elif what == 1:
        world.company.edit("item", key, {"purchasing.standardCost": f"{rng.randrange(100, 9999) / 100:.2f}"})
    elif what == 2:
        world.company.edit("item", key, {"status": rng.choice(("active", "inactive"))})
    else:
        world.company.move_stock(str(item["id"]), "WH-1", on_hand=rng.randrange(1, 9), on_hold=rng.randrange(2))


def edit_product(world: World, rng: Random) -> None:
    """Sales changes a product that finance owns."""
    product = _pick(rng, sorted(str(row["Id"]) for row in world.org.db.table("Product2").live()))
    if product is not None:
        world.loop.as_person("Product2", product, Name=f"Renamed {rng.randrange(99)}", Description=None)


# --- time and runs ---------------------------------------------------------------------------------------------------
def wait(world: World, rng: Random) -> None:
    """Time passes."""
    world.clock.advance(rng.choice((0.4, 1, 5, 30, 300, 900, 4000, 90_000)))


def tick(world: World, rng: Random) -> None:
    """A run, with whatever faults are about."""
    runs.tick(world)


def odd_tick(world: World, rng: Random) -> None:
    """A run with options."""
    options: dict[str, object] = rng.choice(({"full": True}, {"retry_holds": True}, {"limit": 2}))
    runs.tick(world, **options)


def plan(world: World, rng: Random) -> None:
    """A plan, which changes nothing anywhere."""
    runs.plan(world)


def die(world: World, rng: Random) -> None:
    """A run that is killed somewhere: at any point, or (more often) near a request, most of them behind the reads."""
    if rng.random() < 0.4:
        runs.dying_tick(world, rng.choice((rng.randrange(1, 500), rng.randrange(1, 1500))))
    else:
        runs.dying_tick(world, rng.randrange(15, 60), (REQUEST, ANSWER))


def meet(world: World, rng: Random) -> None:
    """Two runs meet."""
    runs.met_tick(world, rng, expired=rng.random() < 0.5)


def _some_pair(world: World, rng: Random, entity: str) -> tuple[str, str] | None:
    from .invariants import alive
    from .tables import Tables

    pairs = [
        p
        for p in Tables(world).pairs(entity)
        if alive(world, entity, INTACCT, p[0]) and alive(world, entity, SALESFORCE, p[1])
    ]
    return rng.choice(pairs) if pairs else None


ACTIONS: dict[str, tuple[float, Action]] = {
    "edit": (12, edit),
    "edit_both": (5, edit_both),
    "respell_some": (3, respell_some),
    "too_long": (0.7, too_long),
    "unmapped": (1, unmapped),
    "touch": (0.5, touch),
    "late_write": (1, late_write),
    "new_account": (3, new_account),
    "new_customer": (2, new_customer),
    "look_alike": (1, look_alike),
    "new_sf_contact": (3, new_sf_contact),
    "new_ia_contact": (2, new_ia_contact),
    "new_family": (1.5, new_family),
    "change_type": (1.5, change_type),
    "move_contact": (1.5, move_contact),
    "delete_in_salesforce": (1, delete_in_salesforce),
    "undelete": (1, undelete),
    "merge": (0.7, merge),
    "delete_in_intacct": (0.7, delete_in_intacct),
    "recreate": (0.5, recreate),
    "switch_status": (1, switch_status),
    "write_note": (1.5, write_note),
    "drop_note": (0.7, drop_note),
    "change_item": (3, change_item),
    "edit_product": (0.7, edit_product),
    "decide": (2, people.decide),
    "wait": (5, wait),
    "fault": (6, misfortune.fault),
    "calm": (2, misfortune.calm),
    "tick": (9, tick),
    "odd_tick": (1.5, odd_tick),
    "plan": (1, plan),
    "die": (6, die),
    "meet": (2, meet),
}
