"""What must hold once everything is quiet. Each check yields what is wrong, in words, and nothing when all is well.

The checks look at both sandboxes and at the tables that are meant to be read, never at what the engine thinks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .fields import CUSTOMER, FIELDS, ITEM
from .lookups import (
    active,
    alive,
    appeared,
    as_number,
    both_alive,
    in_scope,
    living_pairs,
    made_by_us,
    marks,
    note_stands,
    one_way,
    other,
    price,
    unique_columns,
    written_by_us,
)
from .tables import Tables
from .values import meaning
from .world import INTACCT, SALESFORCE, World

_UNKNOWN = object()


def violations(world: World) -> list[str]:
    """Everything that is wrong now."""
    tables = Tables(world)
    checks = (
        doubles,
        strangers,
        lost,
        excuses,
        disagreements,
        lost_edits,
        switched_off,
        notes,
        catalogue,
        unexplained,
        unjournaled,
        leftovers,
    )
    return [f"{check.__name__}: {found}" for check in checks for found in check(world, tables)]


def doubles(world: World, tables: Tables) -> Iterator[str]:
    """Nothing stands twice on one side for one record of the other."""
    for entity in ("accounts", "contacts"):
        for side in (INTACCT, SALESFORCE):
            made_there = Counter(mark for (e, s, _), mark in world.book.made.items() if (e, s) == (entity, other(side)))
            ours = Counter(
                mark for key, mark in marks(world, entity, side).items() if made_by_us(world, entity, side, key)
            )
            for mark, number in ours.items():
                if number > made_there[mark]:
                    yield f"{entity} {mark}: {number} created in {side} for {made_there[mark]} in {other(side)}"
    for name, rows in unique_columns(world):
        for value, number in Counter(rows).items():
            if number > 1:
                yield f"{name} {value} is there {number} times"


def strangers(world: World, tables: Tables) -> Iterator[str]:
    """What is linked is the same thing."""
    for entity in ("accounts", "contacts"):
        here, there = marks(world, entity, INTACCT), marks(world, entity, SALESFORCE)
        for intacct, salesforce in tables.pairs(entity, by_hand=False):
            if here.get(intacct, "?") != there.get(salesforce, here.get(intacct, "?")) and intacct in here:
                yield f"{entity} {here[intacct]} ({intacct}) is linked with {there[salesforce]} ({salesforce})"


def lost(world: World, tables: Tables) -> Iterator[str]:
    """Every record in scope has a living partner, or a hold, or both sides know that its partner is gone."""
    for entity in ("accounts", "contacts", "products"):
        partner = dict(tables.pairs(entity))
        partner |= {salesforce: intacct for intacct, salesforce in partner.items()}
        accepted = tables.accepted(entity)
        for side, keys in in_scope(world, entity, partner).items():
            for key in keys:
                other_key = partner.get(key)
                if other_key is not None and alive(world, entity, other(side), other_key):
                    continue
                pair = (key, other_key or "") if side == INTACCT else (other_key or "", key)
                if tables.pair_held(entity, pair) or tables.held(entity, side, key) is not None:
                    continue
                if {(INTACCT, pair[0]), (SALESFORCE, pair[1])} & tables.ignored(entity):
                    continue
                off = not active(world, entity, side, key) or (entity, side, key) in world.book.switched
                if "*" in accepted.get(pair[0], {}) and off:
                    continue
                what = "has no partner" if other_key is None else f"has lost its partner {other_key}"
                yield f"{entity} {side} {key} ({marks(world, entity, side).get(key)}) {what}, and nothing says why"


def excuses(world: World, tables: Tables) -> Iterator[str]:
    """No hold stands for a fault that is over: what people do here, the services take."""
    query = "select entity, record_side, record_key, reason, message from holds where closed_at is null"
    for row in tables.rows(query):
        if row["reason"] in ("rejected", "duplicate", "permission"):
            yield f"{row['entity']} {row['record_side']} {row['record_key']} is held: {row['reason']}: {row['message']}"


def disagreements(world: World, tables: Tables) -> Iterator[str]:
    """Linked pairs hold the same, apart from what waits for somebody or was accepted with a reason."""
    for entity, pair, accepted in living_pairs(world, tables):
        for spec in FIELDS[entity]:
            here, there = (
                world.value(entity, s, k, spec.name) for s, k in zip((INTACCT, SALESFORCE), pair, strict=True)
            )
            if here != there and not tables.pair_held(entity, pair, spec.name) and not accepted.get(spec.name):
                yield f"{entity} {pair} {spec.name}: Intacct has {here!r}, Salesforce {there!r}"
        for name, here, there in one_way(world, entity, pair, tables):
            if here != there and not tables.pair_held(entity, pair, name) and not accepted.get(name):
                yield f"{entity} {pair} {name}: Intacct has {here!r}, Salesforce {there!r}"


def lost_edits(world: World, tables: Tables) -> Iterator[str]:
    """A value both agree on is one that somebody typed, or the one that was there before."""
    book = world.book
    for entity, pair, accepted in living_pairs(world, tables):
        records = [(entity, side, key) for side, key in zip((INTACCT, SALESFORCE), pair, strict=True)]
        if any(record in book.unsure or appeared(world, record) for record in records):
            continue
        for spec in FIELDS[entity]:
            if tables.pair_held(entity, pair, spec.name) or accepted.get(spec.name):
                continue
            typed = [book.typed[record, spec.name] for record in records if (record, spec.name) in book.typed]
            before = [book.settled.get((record, spec.name), _UNKNOWN) for record in records]
            met_now = _UNKNOWN in before
            # What was in conflict then may be settled by typing the old value: the other side's change wins.
            was_open = met_now or not typed or before[0] != before[1]
            allowed = {
                *typed,
                *(set(before) - {_UNKNOWN} if was_open else ()),
                *((None,) if met_now else ()),
            }
            now = world.value(entity, SALESFORCE, pair[1], spec.name)
            if now not in allowed:
                yield f"{entity} {pair} {spec.name} is {now!r}; typed: {typed!r}, before: {before!r}"


def switched_off(world: World, tables: Tables) -> Iterator[str]:
    """Nothing is deactivated in Intacct whose partner was never deleted, unless a person did it."""
    for entity in ("accounts", "contacts"):
        for intacct, salesforce in tables.pairs(entity):
            record = (entity, INTACCT, intacct)
            if not alive(world, *record) or active(world, *record) or record in world.book.switched:
                continue
            approved = {(INTACCT, intacct), (SALESFORCE, salesforce)} & tables.approved(entity)
            if (entity, SALESFORCE, salesforce) not in world.book.once_deleted and not approved:
                yield f"{entity} {intacct} was deactivated; its partner {salesforce} was never deleted"


def notes(world: World, tables: Tables) -> Iterator[str]:
    """A customer's notes hold every note of its account, and none that was taken away."""
    accepted = tables.accepted("accounts")
    for intacct, salesforce in tables.pairs("accounts"):
        pair = (intacct, salesforce)
        if not all(both_alive(world, "accounts", pair)) or tables.pair_held("accounts", pair, "notes"):
            continue
        if accepted.get(intacct, {}).get("notes"):
            continue
        text = str(world.company.read(CUSTOMER, intacct, "notes")["notes"] or "")
        live = {
            note: body
            for note, (parent, body, there) in world.book.notes.items()
            if parent == salesforce and there and note_stands(world, note)
        }
        gone = {
            note: body for note, (parent, body, there) in world.book.notes.items() if parent == salesforce and not there
        }
        for note, body in live.items():
            if body not in text:
                yield f"note {note} of {salesforce} is missing from customer {intacct}"
        for note, body in gone.items():
            if body in text and live:
                yield f"note {note} of {salesforce} is gone but still stands in customer {intacct}"


def catalogue(world: World, tables: Tables) -> Iterator[str]:
    """Products carry their item's name, state, price and stock."""
    accepted = {name: tables.accepted(name) for name in ("products", "stock", "prices")}
    priced = dict(tables.pairs("prices"))
    for intacct, salesforce in tables.pairs("products"):
        row = world.org.row("Product2", salesforce) or {}
        if intacct not in world.company.store[ITEM].rows or row.get("IsDeleted"):
            continue
        item = world.company.read(
            ITEM, intacct, "id", "name", "status", "quantityOnHand", "purchasing.standardCost", "notes"
        )
        wanted = {
            "item_id": (item["id"], row["IntacctID__c"]),
            "name": (meaning("name", item["name"]), meaning("name", row["Name"])),
            "active": (item["status"] == "active", row["IsActive"]),
            "description": (meaning("notes", item["notes"]), meaning("notes", row["Description"])),
        }
        left = {**accepted["products"].get(intacct, {}), **accepted["stock"].get(intacct, {})}
        if accepted["prices"].get(f"{intacct}|standard", {}).get("unit_price"):
            left["price"] = "accepted"
        if not tables.pair_held("stock", (intacct, salesforce), "on_hand"):
            wanted["on_hand"] = (as_number(item["quantityOnHand"]), as_number(row["OnHand__c"]))
        if not tables.pair_held("prices", (line := f"{intacct}|standard", priced.get(line, "")), "unit_price"):
            wanted["price"] = (as_number(item["purchasing.standardCost"], 2), as_number(price(world, salesforce), 2))
        for name, (here, there) in wanted.items():
            if here != there and not tables.pair_held("products", (intacct, salesforce), name) and name not in left:
                yield f"product {item['id']} {name}: Intacct has {here!r}, Salesforce {there!r}"


def unexplained(world: World, tables: Tables) -> Iterator[str]:
    """Every decision and every write says by which rule and why."""
    for row in tables.rows(
        "select entity, side, field, record_key from journal where coalesce(rule, '') = '' or coalesce(reason, '') = ''"
    ):
        yield f"journal without rule or reason: {dict(row)}"
    for row in tables.rows("select line_id, operation from plan_lines where coalesce(reason, '') = ''"):
        yield f"plan line without reason: {dict(row)}"
    for row in tables.rows("select hold_id, entity, reason from holds where coalesce(message, '') = ''"):
        yield f"hold without words: {dict(row)}"


def unjournaled(world: World, tables: Tables) -> Iterator[str]:
    """Whatever the pipeline wrote stands in the journal, and the journal claims no write that nobody saw."""
    query = "select entity, record_key, field, after_value, operation from journal where side = 'intacct'"
    told = tables.rows(query)
    claimed = {(r["entity"], r["record_key"], r["field"], meaning("notes", r["after_value"])) for r in told}
    written = set(written_by_us(world))
    for entity, key, name, value in sorted(written - claimed, key=str):
        yield f"{entity} {key} {name} was set to {value!r} in Intacct, and the journal does not know"
    names = {(e, k, "name", v) for e, k, f, v in claimed if e == "accounts" and f == "name"}
    changed = {(r["entity"], r["record_key"]) for r in told if r["operation"] == "update"}
    seen = {(e, k) for e, k, *_ in written} | {("accounts", key) for key in world.customers()}
    for entity, key, *_ in names:
        if (entity, key) in changed and (entity, key) not in seen and alive(world, entity, INTACCT, key):
            yield f"the journal tells of a change of {entity} {key} that Intacct never saw"
    known = {r["record_key"] for r in tables.rows("select distinct record_key from journal where side = 'salesforce'")}
    for sobject in ("Account", "Contact", "Product2", "PricebookEntry"):
        for row in world.org.db.table(sobject).live():
            if row["LastModifiedById"] == world.org.integration_user.id and row["Id"] not in known:
                yield f"{sobject} {row['Id']} was written in Salesforce, and the journal does not know"


def leftovers(world: World, tables: Tables) -> Iterator[str]:
    """Nothing is under way any more."""
    for row in tables.rows(
        "select line_id, status, operation, side from plan_lines where status in ('planned', 'sent', 'unknown')"
    ):
        yield f"plan line under way: {dict(row)}"
    for queue in ("stage_queue", "reconcile_queue"):
        for row in tables.rows(f"select * from {queue}"):
            yield f"{queue} holds {dict(row)}"
