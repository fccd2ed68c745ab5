"""The model-based test: random people, faults, kills, overlapping runs; nothing doubled, lost, echoed or unexplained.

`TORTURE_SEED` begins elsewhere, `TORTURE_STEPS` makes it longer; `make torture` goes on for an hour.
"""

from __future__ import annotations

import os

import pytest

from .torture.machine import drawn, play, shrunk, told

SEED = int(os.environ.get("TORTURE_SEED", "1000"))
STEPS = int(os.environ.get("TORTURE_STEPS", "2000"))
LENGTH = 60
OPEN = {1009: "a customer is created again after the run that made its account was killed: two links are wanted"}
"""Seeds that show a defect which is not mended yet; docs/torture.md tells of each."""


def episodes() -> list[object]:
    """The seeds to play; those with an open defect are named and not played."""
    seeds = range(SEED, SEED + -(-STEPS // LENGTH) + len(OPEN))
    return [
        pytest.param(seed, marks=pytest.mark.xfail(run=False, reason=OPEN[seed])) if seed in OPEN else seed
        for seed in seeds
    ]


@pytest.mark.parametrize("seed", episodes())
def test_whatever_happens_both_sides_agree_once_it_is_quiet(seed: int) -> None:
    episode = drawn(seed, LENGTH)
    failure = play(episode)
    if failure is not None:
        pytest.fail(f"seed {seed}\n" + told(*shrunk(episode, failure, seconds=60)), pytrace=False)
