"""The long mode: `python -m ...torture`, which `make torture` calls.

Episodes from a seed, kills at every point, until time is up.

`TORTURE_SEED` (default: drawn and printed) repeats a run; `TORTURE_SECONDS` (default an hour) ends it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from random import Random, SystemRandom

from intacct_sf_pipeline_tests.integration.kill_points import STATES, End

from .databases import NewUrl, postgresql
from .kills import SCENARIOS, Walk
from .machine import drawn, play, shrunk, told
from .world import Variant, running_world


def main() -> int:
    """Half of the time kills, the rest episodes, the last of them on PostgreSQL; 1 when something was found."""
    seed = int(os.environ.get("TORTURE_SEED") or SystemRandom().randrange(10**6))
    seconds = float(os.environ.get("TORTURE_SECONDS") or 3600)
    print(f"seed {seed}, {seconds:.0f} s; repeat with TORTURE_SEED={seed}", flush=True)
    began = time.monotonic()
    found = walk(seed, began + seconds / 2)
    found += wander(seed, began + seconds * 0.85)
    with postgresql() as new_url:
        found += wander(seed, began + seconds, new_url)
    print(f"{found} findings" if found else "nothing found", flush=True)
    return 1 if found else 0


def walk(seed: int, until: float) -> int:
    """Kill runs of every scenario at every point after which something outside the process has changed."""
    found = killed = 0
    ways = [(scenario, new_id) for scenario in SCENARIOS for new_id in ("derived", "auto")]
    budget = (until - time.monotonic()) / len(ways)
    for number, (scenario, new_id) in enumerate(ways):
        end = min(until, time.monotonic() + budget)
        point = 1
        while point and time.monotonic() < end:
            point, kills, failures = _stretch(scenario, new_id, f"{seed} {number} {point}", point, end)
            killed, found = killed + kills, found + failures
    print(f"{killed} runs killed", flush=True)
    return found


def _stretch(scenario: str, new_id: str, seed: str, first: int, until: float) -> tuple[int, int, int]:
    """Points from `first` on in one world; where to go on (0: all walked), how many kills, how many findings."""
    rng, kills = Random(seed), 0
    with tempfile.TemporaryDirectory() as folder:
        variant = Variant(new_id=new_id, idempotency=rng.random() < 0.5)
        with running_world(Path(folder), variant) as world:
            try:
                walking = Walk(world, scenario, rng)
                for point in range(first, first + 15):
                    if time.monotonic() > until:
                        return 0, kills, 0
                    if walking.kill_at(point, STATES) is not End.KILLED:
                        return 0, kills, 0
                    kills += 1
            except AssertionError as error:
                print(f"{scenario} {variant} seed {seed!r}: {error}", flush=True)
                return first + 15, kills, 1
    return first + 15, kills, 0


def wander(seed: int, until: float, new_url: NewUrl | None = None) -> int:
    """Episodes, one after the other; on SQLite, or on the databases that `new_url` makes."""
    found = steps = 0
    number = seed
    while time.monotonic() < until:
        episode = drawn(number, 90)
        failure = play(episode, new_url() if new_url is not None else None)
        steps += len(episode.steps) if failure is None else failure.step
        if failure is not None:
            found += 1
            print(f"seed {number}\n{told(*shrunk(episode, failure, seconds=300))}", flush=True)
        number += 1
    print(f"{number - seed} episodes, {steps} steps", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
