"""Waiting for another run to end: asks for the leases again and again until they are free or the time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from intacct_sf_pipeline.model.errors import LeaseHeldError, LeaseLostError
from intacct_sf_pipeline.staging.grants import Elapsed, elapsed

T = TypeVar("T")
Tell = Callable[[LeaseHeldError, float], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, and how: `clock` tells seconds gone by, `sleep` passes them."""

    seconds: float = 0
    every: float = 1.0
    clock: Elapsed = elapsed
    sleep: Callable[[float], None] = time.sleep

    def wait(self, attempt: Callable[[], T], tell: Tell) -> T:
        """The result of `attempt`, once no other run is in its way.

        Args:
            attempt: raises LeaseHeldError while another run is at work.
            tell: is told who is waited for and how many seconds are left, once per run that is.

        Raises:
            LeaseHeldError: the time is up.
        """
        deadline = self.clock() + self.seconds
        told = ""
        while True:
            try:
                return attempt()
            except LeaseLostError:
                raise
            except LeaseHeldError as busy:
                left = deadline - self.clock()
                if left <= 0:
                    raise
                if busy.holder != told:
                    told = busy.holder
                    tell(busy, left)
            self.sleep(min(self.every, left))
