"""Walking the points of killed runs: scenario after scenario in turn, each a few points further at every visit.

Points come in an order drawn by chance, so that a short walk samples all of a run and a long one leaves none out.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from intacct_sf_pipeline_tests.integration.kill_points import STATES, End

from .kills import SCENARIOS, Walk
from .world import running_world

_PER_VISIT = 8
"""Kills in one world, at most: making one costs about two kills."""

_SHORTEST = 4.0
"""Seconds that a visit is given however little time there is for all of them."""


@dataclass
class Way:
    """The points of one scenario with one way of numbering customers."""

    scenario: str
    new_id: str
    rng: Random
    left: list[int] = field(default_factory=list)
    rounds: int = 0

    def visit(self, until: float, tally: Tally) -> None:
        """Kill runs at some points in a world of their own: at least one, and no more once it is past `until`."""
        variant = SCENARIOS[self.scenario].variant(self.new_id, idempotency=self.rng.random() < 0.5)
        seed = self.rng.randrange(2**31)
        where = f"{self.scenario} {variant} walk {seed}"
        with tempfile.TemporaryDirectory() as folder, running_world(Path(folder), variant) as world:
            try:
                walking = Walk(world, self.scenario, Random(seed))
                if not self.left:
                    self._draw(walking)
                for number, point in enumerate(self._next()):
                    where = f"{self.scenario} {variant} walk {seed}, kill {number + 1}"
                    end = walking.kill_at(point, STATES)
                    tally.kills += end is End.KILLED
                    tally.lived += end is not End.KILLED
                    if time.monotonic() > until:
                        return
            except AssertionError as error:
                tally.findings += 1
                print(f"{where}: {error}", flush=True)

    def _draw(self, walking: Walk) -> None:
        """All points of a run of this kind, and a few more: no two runs are equally long."""
        points = walking.length(STATES)
        self.left = self.rng.sample(range(1, points + 1 + points // 20), points + points // 20)
        self.rounds += 1

    def _next(self) -> Iterator[int]:
        for _ in range(_PER_VISIT):
            if not self.left:
                return
            yield self.left.pop()


@dataclass
class Tally:
    """What came of the kills; `lived` are runs that had ended before their point."""

    kills: int = 0
    lived: int = 0
    findings: int = 0


def walk(seed: int, until: float) -> Tally:
    """Kill runs of every scenario in turn until time is up: one at least, however short the time."""
    tally = Tally()
    ways = [Way(s, new_id, Random(f"{seed} {s} {new_id}")) for s in SCENARIOS for new_id in ("derived", "auto")]
    Random(seed).shuffle(ways)
    visits, share = 0, (until - time.monotonic()) / len(ways)
    while not visits or time.monotonic() < until:
        ways[visits % len(ways)].visit(min(until, time.monotonic() + max(share, _SHORTEST)), tally)
        visits += 1
    whole = min(way.rounds - bool(way.left) for way in ways)
    print(
        f"{tally.kills} runs killed ({tally.lived} ended before), {visits} worlds, {whole} times all points", flush=True
    )
    return tally
