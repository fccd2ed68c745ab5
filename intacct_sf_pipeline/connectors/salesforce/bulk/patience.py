"""How often a job is asked after, and for how long. Pauses grow, so that a long job costs few calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from intacct_sf_pipeline.connectors.timing import Timing


@dataclass(frozen=True)
class Patience:
    """Seconds: the first pause, by what each pause grows, the longest one, and how long is waited in all."""

    first: float = 2.0
    factor: float = 2.0
    longest: float = 60.0
    budget: float = 1_800.0

    def pauses(self, timing: Timing) -> Iterator[float]:
        """Pauses, one before each question, until the time is over; the last one ends with it."""
        began = timing.monotonic()
        pause = self.first
        while True:
            left = self.budget - (timing.monotonic() - began)
            if left <= 0:
                return
            yield min(pause, left)
            pause = min(self.longest, pause * self.factor)


def until(timing: Timing, patience: Patience, done: Callable[[], bool], *, at_once: bool = False) -> bool:
    """Ask until `done`, after each pause and, if wanted, at once; whether it came to that.

    It is asked at least once.
    """
    if at_once and done():
        return True
    for pause in patience.pauses(timing):
        timing.sleep(pause)
        if done():
            return True
    return False
