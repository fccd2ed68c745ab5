"""What must hold once everything is quiet. Each check yields what is wrong, in words, and nothing when all is well.

The checks look at both sandboxes and at the tables that are meant to be read, never at what the engine thinks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from .fields import CONTACT, CUSTOMER, ENTRY, FIELDS, ITEM, OBJECTS, SOBJECTS
from .tables import Pair, Tables
from .values import mark_of, meaning
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
    for name, rows in _unique_columns(world):
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
        for side, keys in _in_scope(world, entity, partner).items():
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
    for entity, pair, accepted in _living_pairs(world, tables):
        for spec in FIELDS[entity]:
            here, there = (
                world.value(entity, s, k, spec.name) for s, k in zip((INTACCT, SALESFORCE), pair, strict=True)
            )
            if here != there and not tables.pair_held(entity, pair, spec.name) and not accepted.get(spec.name):
                yield f"{entity} {pair} {spec.name}: Intacct has {here!r}, Salesforce {there!r}"
        for name, here, there in _one_way(world, entity, pair, tables):
            if here != there and not tables.pair_held(entity, pair, name) and not accepted.get(name):
                yield f"{entity} {pair} {name}: Intacct has {here!r}, Salesforce {there!r}"


def lost_edits(world: World, tables: Tables) -> Iterator[str]:
    """A value both agree on is one that somebody typed, or the one that was there before."""
    book = world.book
    for entity, pair, accepted in _living_pairs(world, tables):
        records = [(entity, side, key) for side, key in zip((INTACCT, SALESFORCE), pair, strict=True)]
        if any(record in book.unsure or _appeared(world, record) for record in records):
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
    for intacct, salesforce in tables.pairs("accounts"):
        pair = (intacct, salesforce)
        if not all(_both_alive(world, "accounts", pair)) or tables.pair_held("accounts", pair, "notes"):
            continue
        text = str(world.company.read(CUSTOMER, intacct, "notes")["notes"] or "")
        live = {
            note: body for note, (parent, body, there) in world.book.notes.items() if parent == salesforce and there
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
    accepted = tables.accepted("products")
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
        if not tables.pair_held("stock", (intacct, salesforce), "on_hand"):
            wanted["on_hand"] = (_number(item["quantityOnHand"]), _number(row["OnHand__c"]))
        if not tables.pair_held("prices", (price := f"{intacct}|standard", priced.get(price, "")), "unit_price"):
            wanted["price"] = (_number(item["purchasing.standardCost"], 2), _number(_price(world, salesforce), 2))
        for name, (here, there) in wanted.items():
            if (
                here != there
                and not tables.pair_held("products", (intacct, salesforce), name)
                and not accepted.get(intacct, {}).get(name)
            ):
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
    written = set(_written_by_us(world))
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


# --- helpers ---------------------------------------------------------------------------------------------------------
def other(side: str) -> str:
    """The other side."""
    return SALESFORCE if side == INTACCT else INTACCT


def marks(world: World, entity: str, side: str) -> dict[str, str]:
    """The token of every record that was ever there and still can be seen, by key."""
    if entity == "products":
        return {}
    if side == SALESFORCE:
        column = "Name" if entity == "accounts" else "LastName"
        return {row["Id"]: mark_of(row[column]) for row in world.org.db.table(SOBJECTS[entity]).rows.values()}
    if entity == "accounts":
        return {key: mark_of(row["name"]) for key, row in world.company.store[CUSTOMER].rows.items()}
    own = {row["contacts.default.key"] for row in world.company.store[CUSTOMER].rows.values()}
    rows = world.company.store[CONTACT].rows
    return {key: mark_of(row["lastName"]) for key, row in rows.items() if key not in own and row.get("lastName")}


def made_by_us(world: World, entity: str, side: str, key: str) -> bool:
    """Whether the pipeline created the record."""
    if side == SALESFORCE:
        return bool((world.org.row(SOBJECTS[entity], key) or {})["CreatedById"] == world.org.integration_user.id)
    return str(world.company.store[OBJECTS[entity]].rows[key]["audit.createdByUser.key"]) != "1"


def alive(world: World, entity: str, side: str, key: str) -> bool:
    """Whether the record is there."""
    if side == SALESFORCE:
        row = world.org.row(SOBJECTS[entity], key)
        return row is not None and not row["IsDeleted"]
    return key in world.company.store[OBJECTS[entity]].rows


def active(world: World, entity: str, side: str, key: str) -> bool:
    """Whether the record is in use."""
    if side == SALESFORCE:
        return bool((world.org.row(SOBJECTS[entity], key) or {}).get("IsActive", True))
    return bool(world.company.store[OBJECTS[entity]].rows[key]["status"] == "active")


def _in_scope(world: World, entity: str, partner: dict[str, str]) -> dict[str, list[str]]:
    if entity == "products":
        return {INTACCT: world.items()}
    if entity == "accounts":
        return {INTACCT: world.customers(), SALESFORCE: world.accounts(customers=True)}
    accounts = {key: other_key for pair in Tables(world).pairs("accounts") for key, other_key in (pair, pair[::-1])}
    here = [
        key
        for key in world.people()
        if _has_home(world, INTACCT, accounts, str((world.entry(key) or {})["customer.key"]))
    ]
    there = [
        key for key in world.contacts()
        if _has_home(world, SALESFORCE, accounts, str((world.org.row("Contact", key) or {})["AccountId"]))
    ]  # fmt: skip
    return {INTACCT: here, SALESFORCE: there}


_AUDITED = {
    "accounts": {"name": "name", "notes": "notes"},
    "contacts": {
        "firstName": "first_name",
        "lastName": "last_name",
        "phone1": "phone",
        "email1": "email",
        "prefix": "salutation",
    },
}


def _written_by_us(world: World) -> Iterator[tuple[str, str, str, object]]:
    """Entity, key, field and new value of every change of the pipeline that Intacct's audit trail shows."""
    for row in world.company.store["company-config/audit-history"].rows.values():
        if row["changeSource.completedBy"] != "sync" or row["changeSource.actionPerformed"] != "modify":
            continue
        for entity, columns in _AUDITED.items():
            name = columns.get(str(row["changeDetails.fieldName"]))
            if name is None or row["changeDetails.objectName"] != OBJECTS[entity]:
                continue
            found = world.company.store[OBJECTS[entity]].find(str(row["changeDetails.objectId"]))
            if found is None or row["changeSource.accessDateTime"] <= found["audit.createdDateTime"]:
                continue  # it was another record of that id
            if entity != "contacts" or world.entry(str(found["key"])) is not None:  # else out of scope, by now
                yield entity, str(found["key"]), name, meaning("notes", row["changeDetails.newValue"])


def _appeared(world: World, record: tuple[str, str, str]) -> bool:
    """Whether a fault made the record, so that nobody knows what was typed."""
    return record not in world.book.made and alive(world, *record) and not made_by_us(world, *record)


def _has_home(world: World, side: str, accounts: dict[str, str], key: str) -> bool:
    return key in accounts and all(
        alive(world, "accounts", s, k) for s, k in ((side, key), (other(side), accounts[key]))
    )


def _living_pairs(world: World, tables: Tables) -> Iterator[tuple[str, Pair, dict[str, str]]]:
    for entity in ("accounts", "contacts"):
        accepted = tables.accepted(entity)
        for pair in tables.pairs(entity):
            if all(_both_alive(world, entity, pair)) and (entity == "accounts" or _at_home(world, pair)):
                yield entity, pair, accepted.get(pair[0], {})


def _both_alive(world: World, entity: str, pair: Pair) -> tuple[bool, bool]:
    return alive(world, entity, INTACCT, pair[0]), alive(world, entity, SALESFORCE, pair[1])


def _at_home(world: World, pair: Pair) -> bool:
    """Whether both contacts still belong to somebody: one without an account or customer is out of scope."""
    own = {row["contacts.default.key"] for row in world.company.store[CUSTOMER].rows.values()}
    account = (world.org.row("Contact", pair[1]) or {})["AccountId"]
    return world.entry(pair[0]) is not None and pair[0] not in own and bool(account)


def _one_way(world: World, entity: str, pair: Pair, tables: Tables) -> Iterator[tuple[str, object, object]]:
    intacct, salesforce = pair
    row = world.org.row(SOBJECTS[entity], salesforce) or {}
    record_id = world.company.read(OBJECTS[entity], intacct, "id")["id"]
    yield ("customer_id" if entity == "accounts" else "contact_id"), record_id, row["IntacctID__c"]
    if entity == "accounts":
        yield "account_number", record_id, row["AccountNumber"]
        return
    account = world.org.row("Account", row["AccountId"]) or {}
    name = world.company.read(CONTACT, intacct, "companyName")["companyName"]
    yield "company_name", meaning("name", name), meaning("name", account.get("Name"))
    homes = dict(tables.pairs("accounts"))
    yield "account", homes.get(str((world.entry(intacct) or {})["customer.key"])), row["AccountId"]


def _unique_columns(world: World) -> Iterator[tuple[str, list[object]]]:
    for sobject in ("Account", "Contact", "Product2"):
        rows = world.org.db.table(sobject).live()
        yield f"{sobject}.IntacctID__c", [row["IntacctID__c"] for row in rows if row["IntacctID__c"]]
    entries = world.org.db.table("PricebookEntry").live()
    yield "price of", [(row["Product2Id"], row["Pricebook2Id"]) for row in entries]
    places = world.company.store[ENTRY].rows.values()
    yield "contact list entry", [(row["customer.key"], row["contact.key"]) for row in places]


def _price(world: World, product: str) -> object:
    standard = world.org.standard_pricebook_id
    rows = world.org.db.table("PricebookEntry").live()
    return next((r["UnitPrice"] for r in rows if (r["Product2Id"], r["Pricebook2Id"]) == (product, standard)), None)


def _number(value: object, digits: int = 4) -> Decimal | None:
    return None if value in (None, "") else round(Decimal(str(value)), digits)
