"""Time as the connectors see it: clock, waiting and chance in one value, so that tests need neither to sleep nor to
guess.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The local clock, aware and in UTC."""
    return datetime.now(UTC)


def spread(upper: float) -> float:
    """A random number of seconds between nothing and `upper`, so that several clients do not come back all at once."""
    return random.SystemRandom().uniform(0.0, upper)


@dataclass(frozen=True)
class Timing:
    """Where a connector gets its time from.

    Args:
        clock: aware UTC time, used only where a service does not send its own.
        monotonic: seconds that never go backwards, for budgets and token life.
        sleep: waits that many seconds.
        spread: draws the random part of a wait, given its upper bound in seconds.
    """

    clock: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    spread: Callable[[float], float] = spread
