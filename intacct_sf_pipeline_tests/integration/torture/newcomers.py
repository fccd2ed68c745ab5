"""New records on either side: alone, as families, and the same company typed twice."""

from __future__ import annotations

from random import Random

from . import runs
from .choices import pick
from .edits import edit
from .fields import FIELDS
from .values import respell, token
from .world import INTACCT, SALESFORCE, World, drawn_values

MOST = 9


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
    account = pick(rng, world.accounts())
    if account is not None and len(world.contacts()) < MOST:
        mark = token(rng)
        world.sf_new("contacts", drawn_values(rng, "contacts", mark), mark, AccountId=account)


def new_ia_contact(world: World, rng: Random) -> None:
    """A contact on some customer's list."""
    customer = pick(rng, world.customers())
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
