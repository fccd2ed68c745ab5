"""What a run of the suite is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.install import Peers


@dataclass(frozen=True)
class Options:
    """Sizes and repetitions; `folder` is for everything that is written on the way, `peers` the other tools.

    `small` and `large` are linked records (a third of them accounts, the others contacts), `changed` the records of the
    reconciliation, `rows` the accounts that are extracted and compared, `customers` those of the first load (with two
    contacts each), `pairs` the linked accounts of the largest staging database. `tell` gets a line of progress.
    """

    folder: Path
    peers: Peers
    repeats: int
    small: int
    large: int
    changed: int
    rows: int
    customers: int
    pairs: int
    tell: Callable[[str], None] = print
