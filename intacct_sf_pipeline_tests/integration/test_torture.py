"""The model-based test: random people, faults, kills, overlapping runs; nothing doubled, lost, echoed or unexplained.

`TORTURE_SEED` begins elsewhere, `TORTURE_STEPS` makes it longer; `make torture` goes on for an hour. The first episode
lives on PostgreSQL too.
"""

from __future__ import annotations

import logging
import os

import pytest

from intacct_sf_pipeline_tests.effort import thorough

from .torture.databases import postgresql
from .torture.machine import drawn, play, shrunk, told

SEED = int(os.environ.get("TORTURE_SEED", "1000"))
STEPS = int(os.environ.get("TORTURE_STEPS", "2000" if thorough() else "300"))
LENGTH = 60


@pytest.mark.parametrize("seed", range(SEED, SEED + -(-STEPS // LENGTH)))
def test_whatever_happens_both_sides_agree_once_it_is_quiet(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="intacct_sf_pipeline")
    episode = drawn(seed, LENGTH)
    failure = play(episode)
    assert failure is None, f"seed {seed}\n" + told(*shrunk(episode, failure, seconds=60))


def test_so_it_is_on_postgresql(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="intacct_sf_pipeline")
    episode = drawn(SEED, LENGTH)
    with postgresql() as new_url:
        failure = play(episode, new_url())
    assert failure is None, f"seed {SEED}\n" + told(episode, failure)
