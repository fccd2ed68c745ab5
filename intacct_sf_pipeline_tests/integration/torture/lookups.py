"""What the checks look up: which records there are, whose they are, what must agree; as the services have it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from .fields import CONTACT, CUSTOMER, ENTRY, OBJECTS, SOBJECTS
from .tables import Pair, Tables
from .values import mark_of, meaning
from .world import INTACCT, SALESFORCE, World


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


def note_stands(world: World, note: str) -> bool:
    """Whether a note is there: faults delete notes, too."""
    row = world.org.row("Note", note) or world.org.row("ContentNote", note)
    return row is None or not row["IsDeleted"]


def active(world: World, entity: str, side: str, key: str) -> bool:
    """Whether the record is in use."""
    if side == SALESFORCE:
        return bool((world.org.row(SOBJECTS[entity], key) or {}).get("IsActive", True))
    return bool(world.company.store[OBJECTS[entity]].rows[key]["status"] == "active")


def in_scope(world: World, entity: str, partner: dict[str, str]) -> dict[str, list[str]]:
    if entity == "products":
        return {INTACCT: world.items()}
    if entity == "accounts":
        return {INTACCT: world.customers(), SALESFORCE: world.accounts(customers=True)}
    accounts = {key: other_key for pair in Tables(world).pairs("accounts") for key, other_key in (pair, pair[::-1])}
    here = [
        key
        for key in world.people()
        if has_home(world, INTACCT, accounts, str((world.entry(key) or {})["customer.key"]))
    ]
    there = [
        key for key in world.contacts()
        if has_home(world, SALESFORCE, accounts, str((world.org.row("Contact", key) or {})["AccountId"]))
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


def written_by_us(world: World) -> Iterator[tuple[str, str, str, object]]:
    """Entity, key, field and new value of every change of the pipeline that Intacct's audit trail shows."""
    people = {intacct for intacct, _ in Tables(world).pairs("contacts")}
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
            # Others belong to a customer's own address, whose changes are journaled with the customer.
            if entity != "contacts" or world.entry(str(found["key"])) is not None or str(found["key"]) in people:
                yield entity, str(found["key"]), name, meaning("notes", row["changeDetails.newValue"])


def appeared(world: World, record: tuple[str, str, str]) -> bool:
    """Whether a fault made the record, so that nobody knows what was typed."""
    return record not in world.book.made and alive(world, *record) and not made_by_us(world, *record)


def has_home(world: World, side: str, accounts: dict[str, str], key: str) -> bool:
    return key in accounts and all(
        alive(world, "accounts", s, k) for s, k in ((side, key), (other(side), accounts[key]))
    )


def living_pairs(world: World, tables: Tables) -> Iterator[tuple[str, Pair, dict[str, str]]]:
    for entity in ("accounts", "contacts"):
        accepted = tables.accepted(entity)
        for pair in tables.pairs(entity):
            if all(both_alive(world, entity, pair)) and (entity == "accounts" or at_home(world, pair)):
                yield entity, pair, accepted.get(pair[0], {})


def both_alive(world: World, entity: str, pair: Pair) -> tuple[bool, bool]:
    return alive(world, entity, INTACCT, pair[0]), alive(world, entity, SALESFORCE, pair[1])


def at_home(world: World, pair: Pair) -> bool:
    """Whether both contacts still belong to somebody: one without an account or customer is out of scope."""
    own = {row["contacts.default.key"] for row in world.company.store[CUSTOMER].rows.values()}
    account = (world.org.row("Contact", pair[1]) or {})["AccountId"]
    return world.entry(pair[0]) is not None and pair[0] not in own and bool(account)


def one_way(world: World, entity: str, pair: Pair, tables: Tables) -> Iterator[tuple[str, object, object]]:
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


def unique_columns(world: World) -> Iterator[tuple[str, list[object]]]:
    for sobject in ("Account", "Contact", "Product2"):
        rows = world.org.db.table(sobject).live()
        yield f"{sobject}.IntacctID__c", [row["IntacctID__c"] for row in rows if row["IntacctID__c"]]
    entries = world.org.db.table("PricebookEntry").live()
    yield "price of", [(row["Product2Id"], row["Pricebook2Id"]) for row in entries]
    places = world.company.store[ENTRY].rows.values()
    yield "contact list entry", [(row["customer.key"], row["contact.key"]) for row in places]


def price(world: World, product: str) -> object:
    standard = world.org.standard_pricebook_id
    rows = world.org.db.table("PricebookEntry").live()
    return next((r["UnitPrice"] for r in rows if (r["Product2Id"], r["Pricebook2Id"]) == (product, standard)), None)


def as_number(value: object, digits: int = 4) -> Decimal | None:
    return None if value in (None, "") else round(Decimal(str(value)), digits)
