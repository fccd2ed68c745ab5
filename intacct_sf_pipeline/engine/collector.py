"""Rest for Python's cycle collector while a batch is worked on.

A batch is hundreds of thousands of small values that hold no cycles and go when the batch is done. Each time some
thousands more are made, the collector looks through all of them, and now and then through everything that the process
ever imported: about a fifth of the time of staging, to find nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_resting() -> Iterator[None]:
    """No search for cycles in this block; keep blocks to a batch, so that what cycles there are go between batches.

    The collector is one for all threads: while blocks of several overlap, it may be at work in one of them.
    """
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()
