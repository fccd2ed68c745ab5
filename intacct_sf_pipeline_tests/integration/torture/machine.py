"""The driver: steps drawn from a seed, quiet moments at which everything is checked, and the way back to few steps.

A step is its action's name and the seed of its own dice, so that leaving one out leaves the others as they were.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from .actions import ACTIONS, REFUSALS
from .invariants import violations
from .quiet import come_to_rest, settle_book
from .world import Variant, World, running_world

REST = "rest"


@dataclass(frozen=True)
class Step:
    """One action and the seed of its dice."""

    action: str
    seed: int


@dataclass(frozen=True)
class Episode:
    """A world from its beginning to its end."""

    variant: Variant
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Failure:
    """What went wrong at which step."""

    step: int
    what: tuple[str, ...]


def drawn(seed: int, length: int = 60, rest_every: int = 20) -> Episode:
    """The episode of a seed."""
    rng = Random(seed)
    names, weights = list(ACTIONS), [weight for weight, _ in ACTIONS.values()]
    opening = [
        Step(name, rng.randrange(2**31)) for name in ("new_account", "new_customer", "new_family", "change_item")
    ]
    steps = list(opening)
    for number in range(length - len(opening)):
        if number and number % rest_every == 0:
            steps.append(Step(REST, rng.randrange(2**31)))
        steps.append(Step(rng.choices(names, weights)[0], rng.randrange(2**31)))
    return Episode(Variant.drawn(rng), (*steps, Step(REST, 0)))


def play(episode: Episode, url: str | None = None) -> Failure | None:
    """Live through an episode; what went wrong, if anything did. `url` names an empty database instead of a file."""
    with tempfile.TemporaryDirectory() as folder, running_world(Path(folder), episode.variant, url) as world:
        for number, step in enumerate(episode.steps):
            found = _take(world, step)
            if found:
                return Failure(number, tuple(found))
    return None


def _take(world: World, step: Step) -> list[str]:
    rng = Random(step.seed)
    if step.action == REST:
        found = [*come_to_rest(world), *violations(world)]
        settle_book(world)
        return found
    try:
        ACTIONS[step.action][1](world, rng)
    except REFUSALS:
        return []
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        return [f"{step.action}: {type(error).__name__}: {error}"]
    world.clock.advance(rng.choice((0, 0.3, 1, 2, 10)))
    return []


def shrunk(episode: Episode, failure: Failure, seconds: float) -> tuple[Episode, Failure]:
    """A shorter episode that fails in the same way, as far as `seconds` of trying go (delta debugging)."""
    until = time.monotonic() + seconds
    kind = _kind(failure)
    steps = list(episode.steps[: failure.step + 1])
    best = failure
    size = max(1, len(steps) // 2)
    while size >= 1 and time.monotonic() < until:
        at, gained = 0, False
        while at < len(steps) - 1 and time.monotonic() < until:
            fewer = [*steps[:at], *steps[min(at + size, len(steps) - 1) :]]
            seen = play(Episode(episode.variant, tuple(fewer)))
            if seen is not None and _kind(seen) == kind:
                steps, best, gained = fewer[: seen.step + 1], seen, True
            else:
                at += size
        size = 1 if gained and size == 1 else size // 2
    return Episode(episode.variant, tuple(steps)), best


def told(episode: Episode, failure: Failure) -> str:
    """A failure for people: configuration, steps, findings."""
    lines = [f"variant: {episode.variant}", "steps:"]
    lines += [f"  Step({step.action!r}, {step.seed})," for step in episode.steps[: failure.step + 1]]
    return "\n".join([*lines, "found:", *(f"  {what}" for what in failure.what)])


def _kind(failure: Failure) -> str:
    words = failure.what[0].split(":")
    return words[0] if words[0] in ("echo",) else ":".join(words[:1]) + ("" if len(words) < 2 else words[1].split()[0])


def replay(steps: Sequence[Step], variant: Variant) -> Failure | None:
    """Live through given steps."""
    return play(Episode(variant, tuple(steps)))
