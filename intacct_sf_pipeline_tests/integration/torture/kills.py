"""Scenarios for killed runs: work for one run, a kill at its n-th point, ordinary runs until quiet, and the checks.

One world serves many kills: each begins with fresh work and ends at rest.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline_tests.integration.kill_points import POINTS, End

from . import runs
from .actions import ACTIONS, REFUSALS
from .invariants import violations
from .quiet import come_to_rest, settle_book
from .tables import Tables
from .values import token
from .world import INTACCT, SALESFORCE, World, drawn_values

Prepare = Callable[[World, Random], None]


def _customer(world: World, rng: Random) -> str:
    mark = token(rng)
    return world.sf_new("accounts", drawn_values(rng, "accounts", mark), mark, Type="Customer - Direct")


def _person(world: World, rng: Random, account: str) -> str:
    mark = token(rng)
    return world.sf_new("contacts", drawn_values(rng, "contacts", mark), mark, AccountId=account)


def newcomers(world: World, rng: Random) -> None:
    """New customers and contacts on both sides, and a new item with price and stock."""
    for _ in range(2):
        _person(world, rng, _customer(world, rng))
    mark = token(rng)
    customer = world.ia_new_customer(drawn_values(rng, "accounts", mark), mark)
    mark = token(rng)
    world.ia_new_contact(customer, drawn_values(rng, "contacts", mark), mark)
    world.new_item(rng)


def changes(world: World, rng: Random) -> None:
    """Edits on both sides, a moved contact, a new title, a price, stock, notes."""
    for name in ("edit", "edit", "edit_both", "edit_both", "write_note", "change_item", "change_item", "move_contact"):
        ACTIONS[name][1](world, rng)


def farewells(world: World, rng: Random) -> None:
    """Deletions and merges in Salesforce, deletions in Intacct."""
    for name in ("delete_in_salesforce", "delete_in_salesforce", "merge", "delete_in_intacct"):
        ACTIONS[name][1](world, rng)


def unanswered(world: World, rng: Random) -> None:
    """New records whose creation got no answer: the run at hand begins by looking what became of them."""
    newcomers(world, rng)
    for service in (INTACCT, SALESFORCE):
        after = rng.random() < 0.7
        fault = "reset_after" if after else "reset_before"
        world.sandbox.faults.add(
            FaultRule(service=service, fault=fault, method=("POST", "PATCH"), path="objects|sobjects")
        )
    runs.tick(world)
    world.sandbox.faults.clear()


def mixture(world: World, rng: Random) -> None:
    """Everything at once."""
    for prepare in (newcomers, changes, farewells):
        prepare(world, rng)


SCENARIOS: dict[str, Prepare] = {s.__name__: s for s in (newcomers, changes, farewells, unanswered, mixture)}


class Walk:
    """Kills of one scenario in one world."""

    def __init__(self, world: World, scenario: str, rng: Random) -> None:
        self.world, self.scenario, self.rng = world, scenario, rng
        for _ in range(2):
            newcomers(world, rng)
        self._rest("the beginning")

    def length(self, kinds: tuple[str, ...] = POINTS) -> int:
        """How many points of these kinds a run of this scenario has; one is run and lives."""
        self._prepare()
        points = runs.counted_tick(self.world, kinds)
        self._rest("a run that lived")
        return points

    def kill_at(self, nth: int, kinds: tuple[str, ...] = POINTS) -> End:
        """Prepare, kill a run at its `nth` point, come to rest, check.

        Raises:
            AssertionError: something is lost, doubled, or not explained.
        """
        self._prepare()
        end = runs.dying_tick(self.world, nth, kinds)
        assert end is not End.RAISED, f"the run raised at point {nth}"
        self._rest(f"{self.scenario}: killed at {nth}")
        return end

    def _prepare(self) -> None:
        try:
            SCENARIOS[self.scenario](self.world, self.rng)
        except REFUSALS:
            return

    def _rest(self, when: str) -> None:
        found = [*come_to_rest(self.world), *violations(self.world)]
        settle_book(self.world)
        assert not found, f"after {when}: " + "\n".join(found)


def summary(world: World) -> dict[str, int]:
    """How much there is, for the long mode's report."""
    tables = Tables(world)
    return {entity: len(tables.pairs(entity)) for entity in ("accounts", "contacts", "products")} | {
        "salesforce": world.org.count("Account"),
        "open holds": tables.number("select count(*) from holds where closed_at is null"),
    }


__all__ = ["SALESFORCE", "SCENARIOS", "Walk", "summary"]
