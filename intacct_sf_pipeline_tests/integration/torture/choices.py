"""What an action may be done to: keys drawn from what is there."""

from __future__ import annotations

from random import Random

from .lookups import alive, marks
from .tables import Tables
from .world import INTACCT, SALESFORCE, World


def pick(rng: Random, keys: list[str]) -> str | None:
    """One of the keys, if there is any."""
    return rng.choice(keys) if keys else None


def keys(world: World, entity: str, side: str) -> list[str]:
    """Keys of what people may touch."""
    if side == SALESFORCE:
        return world.accounts() if entity == "accounts" else world.contacts()
    return world.customers() if entity == "accounts" else world.people()


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
