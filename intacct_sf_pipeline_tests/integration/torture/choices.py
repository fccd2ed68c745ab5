"""What an action may be done to: keys drawn from what is there."""

from __future__ import annotations

from random import Random

from .lookups import alive, made_by_us, marks
from .tables import Tables
from .world import INTACCT, SALESFORCE, World


def pick(rng: Random, keys: list[str]) -> str | None:
    """One of the keys, if there is any."""
    return rng.choice(keys) if keys else None


def keys(world: World, entity: str, side: str) -> list[str]:
    """Keys of what people may touch."""
    if side == SALESFORCE:
        return world.accounts() if entity == "accounts" else world.contacts()
    if entity == "contacts":
        return world.people()
    return [key for key in world.customers() if not _is_unknown_to_us(world, key)]


def _is_unknown_to_us(world: World, customer: str) -> bool:
    """Whether the pipeline made a customer and does not know it: it carries nothing of ours, nor was its key kept.

    Edited before it is looked for, nobody could tell it from a stranger.
    """
    if world.variant.new_id != "auto" or world.variant.idempotency:
        return False
    linked = {intacct for intacct, _ in Tables(world).pairs("accounts")}
    return customer not in linked and made_by_us(world, "accounts", INTACCT, customer)


def type_in(world: World, entity: str, side: str, key: str, values: dict[str, str | None]) -> None:
    """A person types values."""
    (world.sf_edit if side == SALESFORCE else world.ia_edit)(entity, key, values)


def mark_at(world: World, entity: str, side: str, key: str) -> str:
    """The token a record carries."""
    return marks(world, entity, side)[key]


def some_pair(world: World, rng: Random, entity: str) -> tuple[str, str] | None:
    """A linked pair of which both sides are there."""
    pairs = [
        p
        for p in Tables(world).pairs(entity)
        if alive(world, entity, INTACCT, p[0]) and alive(world, entity, SALESFORCE, p[1])
    ]
    return rng.choice(pairs) if pairs else None
