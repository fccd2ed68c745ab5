"""What becomes of records: moves, deletions, merges, notes; and the catalogue."""

from __future__ import annotations

import base64
from random import Random

from .choices import mark_at, pick
from .fields import ITEM
from .world import INTACCT, SALESFORCE, World


def change_type(world: World, rng: Random) -> None:
    """A prospect becomes a customer, or a customer something else."""
    account = pick(rng, world.accounts())
    if account is not None:
        world.loop.as_person("Account", account, Type=rng.choice(("Customer - Direct", "Prospect", None, "Other")))


def move_contact(world: World, rng: Random) -> None:
    """A contact moves to another account, or to none."""
    contact, account = pick(rng, world.contacts()), pick(rng, world.accounts())
    if contact is not None:
        home = account if rng.random() < 0.9 else None
        world.loop.as_person("Contact", contact, AccountId=home)
        world.book.unsure.add(("contacts", SALESFORCE, contact))


def delete_in_salesforce(world: World, rng: Random) -> None:
    """Somebody deletes an account (its contacts go with it) or a contact."""
    sobject, keys = rng.choice((("Account", world.accounts()), ("Contact", world.contacts())))
    key = pick(rng, keys)
    if key is not None and len(keys) > 2:
        world.org.delete_as(world.org.person, sobject, key)


def undelete(world: World, rng: Random) -> None:
    """Somebody brings a deleted record back from the bin."""
    sobject = rng.choice(("Account", "Contact"))
    gone = sorted(r["Id"] for r in world.org.db.table(sobject).rows.values() if r["IsDeleted"])
    key = pick(rng, gone)
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
    key = pick(rng, keys)
    if key is not None and len(keys) > 3:
        if name == "contact" and (place := world.entry(key)) is not None:
            element = {"key": place["key"], "ia::operation": "delete"}
            world.company.edit("customer", str(place["customer.key"]), {"contactList": [element]})
        world.company.delete(name, key)


def recreate(world: World, rng: Random) -> None:
    """A customer is deleted and typed anew under the same id."""
    key = pick(rng, world.customers())
    if key is not None:
        row = world.company.read("customer", key, "id", "name", "contacts.default.key")
        mark = mark_at(world, "accounts", INTACCT, key)
        world.company.delete("customer", key)
        world.company.delete("contact", str(row["contacts.default.key"]))
        fresh = world.ia_new_customer({"name": str(row["name"])}, mark, customer_id=str(row["id"]))
        world.book.unsure.add(("accounts", INTACCT, fresh))


def switch_status(world: World, rng: Random) -> None:
    """Finance switches a customer or contact off, or on again."""
    name, keys = rng.choice((("customer", world.customers()), ("contact", world.people())))
    key = pick(rng, keys)
    if key is not None:
        world.company.edit(name, key, {"status": rng.choice(("active", "inactive"))})
        world.book.switched.add(("accounts" if name == "customer" else "contacts", INTACCT, key))


def write_note(world: World, rng: Random) -> None:
    """A note of either kind on an account, or the description."""
    account = pick(rng, world.accounts(customers=True))
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
    note = pick(rng, live)
    if note is not None:
        sobject = "Note" if world.org.row("Note", note) else "ContentNote"
        world.org.delete_as(world.org.person, sobject, note)
        account, body, _ = world.book.notes[note]
        world.book.notes[note] = (account, body, False)


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
    product = pick(rng, sorted(str(row["Id"]) for row in world.org.db.table("Product2").live()))
    if product is not None:
        world.loop.as_person("Product2", product, Name=f"Renamed {rng.randrange(99)}", Description=None)
