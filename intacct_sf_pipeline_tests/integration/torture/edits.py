"""What people type into records that are there."""

from __future__ import annotations

from random import Random

from . import runs
from .choices import keys, mark_at, pick, some_pair, type_in
from .fields import FIELDS
from .values import draw, respell
from .world import INTACCT, SALESFORCE, World


def edit(world: World, rng: Random) -> None:
    """Somebody edits one to three fields of some record on some side."""
    entity, side = rng.choice(("accounts", "accounts", "contacts")), rng.choice((INTACCT, SALESFORCE))
    key = pick(rng, keys(world, entity, side))
    if key is None:
        return
    chosen = rng.sample(FIELDS[entity], rng.randrange(1, 4))
    mark = mark_at(world, entity, side, key)
    values = {spec.name: draw(rng, spec.kind, mark) for spec in chosen}
    if values.get("country") not in (None, "US"):
        values["state"] = None
    type_in(world, entity, side, key, values)


def edit_both(world: World, rng: Random) -> None:
    """The same record is edited on both sides at nearly the same time: the same field, or different ones."""
    entity = rng.choice(("accounts", "contacts"))
    pair = some_pair(world, rng, entity)
    if pair is None:
        return
    mark = mark_at(world, entity, SALESFORCE, pair[1])
    first = rng.choice(FIELDS[entity])
    second = first if rng.random() < 0.5 else rng.choice(FIELDS[entity])
    edits = [(SALESFORCE, pair[1], first), (INTACCT, pair[0], second)]
    rng.shuffle(edits)
    for side, key, spec in edits:
        type_in(world, entity, side, key, {spec.name: draw(rng, spec.kind, mark)})
        world.clock.advance(rng.choice((0, 0, 1, 5)))


def respell_some(world: World, rng: Random) -> None:
    """Somebody writes the same values differently: no change at all."""
    entity, side = rng.choice(("accounts", "contacts")), rng.choice((INTACCT, SALESFORCE))
    key = pick(rng, keys(world, entity, side))
    if key is None:
        return
    for spec in rng.sample(FIELDS[entity], 2):
        value = world.value(entity, side, key, spec.name)
        if value is not None and spec.kind != "person":
            type_in(world, entity, side, key, {spec.name: respell(rng, spec.kind, value, side)})


def too_long(world: World, rng: Random) -> None:
    """A value that the other side cannot take."""
    key = pick(rng, world.accounts(customers=True))
    if key is not None:
        mark = mark_at(world, "accounts", SALESFORCE, key)
        world.sf_edit("accounts", key, {"name": f"{mark} {'x' * rng.choice((90, 110, 200))}"})


def unmapped(world: World, rng: Random) -> None:
    """An edit that concerns nobody but moves the record's stamp."""
    account, customer = pick(rng, world.accounts()), pick(rng, world.customers())
    if account and rng.random() < 0.5:
        world.loop.as_person("Account", account, Site=f"site {rng.randrange(99)}")
    elif customer:
        world.company.edit("customer", customer, {"taxId": f"T{rng.randrange(99)}"})


def touch(world: World, rng: Random) -> None:
    """The platform moves a stamp without anybody's save."""
    account = pick(rng, world.accounts())
    if account:
        world.org.touch("Account", account)


def late_write(world: World, rng: Random) -> None:
    """An edit whose transaction commits after a run has read past its stamp."""
    account = pick(rng, world.accounts())
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
