"""The long mode: `python -m ...torture`, which `make torture` calls.

Episodes from a seed, kills at every point, until time is up.

`TORTURE_SEED` (default: drawn and printed) repeats a run; `TORTURE_SECONDS` (default an hour) ends it.
"""

from __future__ import annotations

import os
import sys
import time
from random import SystemRandom

from .databases import NewUrl, postgresql
from .machine import drawn, play, shrunk, told
from .walks import walk


def main() -> int:
    """Half of the time kills, the rest episodes, the last of them on PostgreSQL; 1 when something was found."""
    seed = int(os.environ.get("TORTURE_SEED") or SystemRandom().randrange(10**6))
    seconds = float(os.environ.get("TORTURE_SECONDS") or 3600)
    print(f"seed {seed}, {seconds:.0f} s; repeat with TORTURE_SEED={seed}", flush=True)
    began = time.monotonic()
    found = walk(seed, began + seconds / 2).findings
    found += wander(seed, began + seconds * 0.85)
    with postgresql() as new_url:
        found += wander(seed, began + seconds, new_url)
    print(f"{found} findings" if found else "nothing found", flush=True)
    return 1 if found else 0


def wander(seed: int, until: float, new_url: NewUrl | None = None) -> int:
    """Episodes, one after the other; on SQLite, or on the databases that `new_url` makes."""
    found = steps = 0
    number = seed
    while number == seed or time.monotonic() < until:
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
