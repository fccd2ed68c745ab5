"""How much chance a test run tries: `TEST_EFFORT` is `quick` (the suite, minutes) or `thorough` (`make thorough`).

Both keep every promise under test. `thorough` draws more examples, walks more episodes and kills more runs.
"""

from __future__ import annotations

import os
from typing import Final

VARIABLE: Final = "TEST_EFFORT"
_QUICK, _THOROUGH = "quick", "thorough"


def thorough() -> bool:
    """Whether this run takes its time.

    Raises:
        ValueError: the variable says neither.
    """
    chosen = os.environ.get(VARIABLE, _QUICK)
    if chosen not in (_QUICK, _THOROUGH):
        raise ValueError(f"{VARIABLE}={chosen}: {_QUICK} or {_THOROUGH}")
    return chosen == _THOROUGH


def tries(most: int, *, least: int = 25) -> int:
    """How often chance is tried: `most` where the run is thorough, a fifth of it otherwise, but not under `least`."""
    return most if thorough() else min(most, max(least, most // 5))
