"""What people, time and misfortune do between and during runs. Each action takes the world and its own dice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from intacct_sf_pipeline.sandbox.errors import SandboxError
from intacct_sf_pipeline.sandbox.intacct.errors import ApiError as IntacctError
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError as SalesforceError
from intacct_sf_pipeline_tests.integration.kill_points import ANSWER, REQUEST

from . import edits, lives, misfortune, newcomers, people, runs
from .world import World

Action = Callable[[World, Random], None]
REFUSALS = (IntacctError, SalesforceError, SandboxError)
"""What the services tell a person who asks for something impossible; the person shrugs."""


def wait(world: World, rng: Random) -> None:
    """Time passes."""
    world.clock.advance(rng.choice((0.4, 1, 5, 30, 300, 900, 4000, 90_000)))


def tick(world: World, rng: Random) -> None:
    """A run, with whatever faults are about."""
    runs.tick(world)


def odd_tick(world: World, rng: Random) -> None:
    """A run with options."""
    since = world.clock() - timedelta(seconds=rng.choice((60, 4000, 100_000)))
    odd: tuple[dict[str, object], ...] = (
        {"full": True},
        {"retry_holds": True},
        {"limit": 2},
        {"since": since},
        {"since": since, "until": world.clock() - timedelta(seconds=30)},
    )
    runs.tick(world, **rng.choice(odd))


def stall(world: World, rng: Random) -> None:
    """A service that keeps a run waiting until its patience is over: it may do what it was asked, or do it later."""
    misfortune.silence(world, rng, runs.HASTE)
    runs.hasty_tick(world)


def plan(world: World, rng: Random) -> None:
    """A plan, which changes nothing anywhere."""
    runs.plan(world)


def die(world: World, rng: Random) -> None:
    """A run that is killed somewhere: at any point, or (more often) near a request, most of them behind the reads."""
    if rng.random() < 0.4:
        runs.dying_tick(world, rng.choice((rng.randrange(1, 500), rng.randrange(1, 1500))))
    else:
        runs.dying_tick(world, rng.randrange(15, 60), (REQUEST, ANSWER))


def meet(world: World, rng: Random) -> None:
    """Two runs meet."""
    runs.met_tick(world, rng, expired=rng.random() < 0.5)


ACTIONS: dict[str, tuple[float, Action]] = {
    "edit": (12, edits.edit),
    "edit_both": (5, edits.edit_both),
    "respell_some": (3, edits.respell_some),
    "too_long": (0.7, edits.too_long),
    "unmapped": (1, edits.unmapped),
    "touch": (0.5, edits.touch),
    "late_write": (1, edits.late_write),
    "new_account": (3, newcomers.new_account),
    "new_customer": (2, newcomers.new_customer),
    "look_alike": (1, newcomers.look_alike),
    "new_sf_contact": (3, newcomers.new_sf_contact),
    "new_ia_contact": (2, newcomers.new_ia_contact),
    "new_family": (1.5, newcomers.new_family),
    "change_type": (1.5, lives.change_type),
    "move_contact": (1.5, lives.move_contact),
    "delete_in_salesforce": (1, lives.delete_in_salesforce),
    "undelete": (1, lives.undelete),
    "merge": (0.7, lives.merge),
    "delete_in_intacct": (0.7, lives.delete_in_intacct),
    "recreate": (0.5, lives.recreate),
    "switch_status": (1, lives.switch_status),
    "write_note": (1.5, lives.write_note),
    "drop_note": (0.7, lives.drop_note),
    "change_item": (3, lives.change_item),
    "edit_product": (0.7, lives.edit_product),
    "decide": (2, people.decide),
    "wait": (5, wait),
    "fault": (6, misfortune.fault),
    "calm": (2, misfortune.calm),
    "tick": (9, tick),
    "odd_tick": (2, odd_tick),
    "stall": (0.6, stall),
    "take_back": (1, people.take_back),
    "plan": (1, plan),
    "die": (6, die),
    "meet": (2, meet),
}
