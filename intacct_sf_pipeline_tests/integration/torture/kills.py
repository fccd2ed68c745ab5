"""Scenarios for killed runs: work for one run, a kill at its n-th point, ordinary runs until quiet, and the checks.

One world serves many kills: each begins with fresh work and ends at rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from intacct_sf_pipeline.engine.context import RunOptions
from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline_tests.integration.kill_points import POINTS, End
from intacct_sf_pipeline_tests.integration.loop import Loop

from . import people, runs
from .actions import ACTIONS, REFUSALS
from .invariants import violations
from .quiet import come_to_rest, settle_book
from .values import token
from .world import INTACCT, SALESFORCE, Variant, World, drawn_values

Prepare = Callable[[World, Random], None]
Choose = Callable[[World, Random], runs.Act]


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
        world.loop.fault(FaultRule(service=service, fault=fault, method=("POST", "PATCH"), path="objects|sobjects"))
    runs.tick(world)
    world.sandbox.faults.clear()


def mixture(world: World, rng: Random) -> None:
    """Everything at once."""
    for prepare in (newcomers, changes, farewells):
        prepare(world, rng)


def decided(world: World, rng: Random) -> None:
    """Conflicts, look-alikes and deletions above the limit, and what people decided about them."""
    for name in ("look_alike", "edit_both", "edit_both", "edit_both", "delete_in_salesforce", "delete_in_salesforce"):
        ACTIONS[name][1](world, rng)
    runs.tick(world)
    for _ in range(8):
        people.decide(world, rng)


def written(world: World, rng: Random) -> None:
    """A run that wrote, for the run at hand to undo."""
    for prepare in (newcomers, changes):
        prepare(world, rng)
    runs.tick(world)
    world.clock.advance(30)
    ACTIONS["edit"][1](world, rng)


def a_sync(_world: World, _rng: Random) -> runs.Act:
    """An ordinary run."""
    return runs.run


def a_backfill(world: World, _rng: Random) -> runs.Act:
    """A run over the last days: `sync --since`."""
    options = RunOptions(since=world.clock() - timedelta(days=2))

    def act(loop: Loop, run_id: str) -> None:
        runs.run(loop, run_id, options)

    return act


def an_undo(world: World, rng: Random) -> runs.Act:
    """The undo of the last run that wrote."""
    undoes = people.pick_run(world, rng, last=1)

    def act(loop: Loop, run_id: str) -> None:
        if undoes is not None:
            runs.undo(loop, run_id, undoes)

    return act


@dataclass(frozen=True)
class Scenario:
    """What there is to do, what the run that is killed does about it, and in what a world it needs to live."""

    prepare: Prepare
    choose: Choose = a_sync
    conflict: str = "newest"
    deactivate_limit: int = 50

    def variant(self, new_id: str, *, idempotency: bool) -> Variant:
        """Its world."""
        return replace(Variant(new_id, idempotency), conflict=self.conflict, deactivate_limit=self.deactivate_limit)


SCENARIOS = {
    "newcomers": Scenario(newcomers),
    "changes": Scenario(changes),
    "farewells": Scenario(farewells),
    "unanswered": Scenario(unanswered),
    "mixture": Scenario(mixture),
    "decided": Scenario(decided, conflict="hold", deactivate_limit=1),
    "backfill": Scenario(mixture, a_backfill),
    "undo": Scenario(written, an_undo),
}


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
        points = runs.counted_tick(self.world, kinds, self._act())
        self._rest("a run that lived")
        return points

    def kill_at(self, nth: int, kinds: tuple[str, ...] = POINTS) -> End:
        """Prepare, kill a run at its `nth` point, come to rest, check.

        Raises:
            AssertionError: something is lost, doubled, or not explained.
        """
        self._prepare()
        end = runs.dying_tick(self.world, nth, kinds, self._act())
        assert end is not End.RAISED, f"the run raised at point {nth}"
        self._rest(f"{self.scenario}: killed at {nth}")
        return end

    def _act(self) -> runs.Act:
        return SCENARIOS[self.scenario].choose(self.world, self.rng)

    def _prepare(self) -> None:
        try:
            SCENARIOS[self.scenario].prepare(self.world, self.rng)
        except REFUSALS:
            return

    def _rest(self, when: str) -> None:
        found = [*come_to_rest(self.world), *violations(self.world)]
        settle_book(self.world)
        assert not found, f"after {when}: " + "\n".join(found)
