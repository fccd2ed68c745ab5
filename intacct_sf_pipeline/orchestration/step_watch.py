"""Whether a step that was handed to a worker is still worked on: a queue never says that its worker was killed.

A step takes a place in the staging database while it is at work (`staging/crew.py`). One whose process has died, which
has left its place without a result, or which nobody began for long, is lost, and its run with it: the next run settles
what it was writing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from intacct_sf_pipeline.model.errors import SyncError

LOOK_EVERY = timedelta(seconds=5)
RESULT_WITHIN = timedelta(seconds=60)
"""How long a result may take to arrive after the step has left its place."""


class StepLostError(SyncError):
    """A step that was handed out is worked on by nobody."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(f"{step}: {why}; nothing is lost, the next run settles what it was writing")


class Places(Protocol):
    """Where steps are seen at work."""

    def look(self) -> None:
        """See which steps are at work now."""
        ...

    def lives(self, step: str) -> bool | None:
        """Whether the process of `step` lived at the last look; None: it has no place."""
        ...


@dataclass
class StepWatch:
    """Minds the steps of one run.

    Args:
        places: where steps are seen.
        start_within: how long a step may wait for a worker.
        clock: seconds that go by.
    """

    places: Places
    start_within: timedelta
    clock: Callable[[], float]
    _looked_at: float | None = None
    _handed_out: dict[str, float] = field(default_factory=dict)
    _seen: dict[str, float] = field(default_factory=dict)

    def hand_out(self, step: str) -> None:
        """`step` waits for a worker from now on."""
        self._handed_out[step] = self.clock()
        self._seen.pop(step, None)

    def require(self, step: str) -> None:
        """Make sure that `step`, whose result has not come, is worked on or may still be begun.

        Raises:
            StepLostError: it is not.
        """
        now = self.clock()
        if self._looked_at is None or now - self._looked_at >= LOOK_EVERY.total_seconds():
            self.places.look()
            self._looked_at = now
        lives = self.places.lives(step)
        if lives:
            self._seen[step] = now
        elif lives is False:
            raise StepLostError(step, "its worker died, or is cut off from the staging database")
        elif step in self._seen:
            if now - self._seen[step] > RESULT_WITHIN.total_seconds():
                raise StepLostError(step, "its worker left without a result")
        elif now - self._handed_out[step] > self.start_within.total_seconds():
            minutes = self.start_within.total_seconds() / 60
            raise StepLostError(step, f"no worker began it within {minutes:.0f} minutes; see that workers are up")
