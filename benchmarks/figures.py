"""The values a measure returns: one figure, a table of figures, and the median of several runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One row of a table.

    `subject` is what was run ("ours", a floor, a peer), `value` its figure in `unit`, and `ratio` how often it holds
    the table's floor. `peak_mb` is the peak resident memory of its process by the operating system's account, in MiB;
    `calls` are requests at the vendors, counted by the sandbox or by the pipeline's own meter; `note` says how it was
    run, or why it was not.
    """

    subject: str
    value: float | None = None
    unit: str = "s"
    ratio: float | None = None
    peak_mb: float | None = None
    calls: int | None = None
    note: str = ""
    spread: tuple[float, float] | None = None


@dataclass(frozen=True)
class Table:
    """The figures of one measure: what was asked, what is to be reached, and what came out."""

    title: str
    asked: str
    figures: tuple[Figure, ...]
    remarks: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Spread:
    """Several runs of one thing."""

    values: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.values)

    @property
    def ends(self) -> tuple[float, float]:
        """The fastest and the slowest."""
        return min(self.values), max(self.values)


def spread(values: Sequence[float]) -> Spread:
    """The runs as one value; there is at least one."""
    return Spread(tuple(values))


def ratio(value: float | None, floor: float | None) -> float | None:
    """How often `floor` goes into `value`; None where either is unknown."""
    return value / floor if value is not None and floor else None
