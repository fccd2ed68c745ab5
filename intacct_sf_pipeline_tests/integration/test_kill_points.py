"""A run that is killed with SIGKILL at any point loses nothing and doubles nothing: the next runs settle what it left.

Each scenario prepares work for one run; the run is forked off and killed at its n-th point; two ordinary runs later
everything has to agree. A seeded sample of points runs here; `make torture` walks all of them.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from intacct_sf_pipeline_tests.effort import thorough

from .kill_points import STATEMENT, STATES, End
from .torture.kills import SCENARIOS, Walk
from .torture.world import running_world

SEED = int(os.environ.get("TORTURE_SEED", "2026"))
PER_SCENARIO = 5 if thorough() else 2


@pytest.mark.parametrize("new_id", ["derived", "auto"])
@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_a_run_killed_anywhere_is_taken_up_by_the_next(tmp_path: Path, scenario: str, new_id: str) -> None:
    rng = Random(f"{SEED} {scenario} {new_id}")
    variant = SCENARIOS[scenario].variant(new_id, idempotency=rng.random() < 0.5)
    with running_world(tmp_path, variant) as world:
        walk = Walk(world, scenario, rng)
        points = walk.length(STATES)
        ends = [walk.kill_at(rng.randrange(1, points + 1), STATES) for _ in range(PER_SCENARIO)]
        ends.append(walk.kill_at(rng.randrange(1, 1500), (STATEMENT,)))
    assert points > 50
    assert End.KILLED in ends
