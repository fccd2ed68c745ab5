"""What is known of a service's clock: sightings of it beside our own, and how far it may have been behind. Pure.

Only jumps are kept: as long as a service's clock goes along with ours, the last sighting stands for all that came after
it. So the sightings of a service say which offsets its clock had, one after the other, and between two of them either
may have been in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SIGHTED_FROM = timedelta(seconds=5)
"""A difference that is no jump: replies take their time, and a `Date` header tells whole seconds only."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """A service's clock when it answered, and ours at the same moment."""

    server: datetime
    own: datetime

    @property
    def offset(self) -> timedelta:
        """How far the service's clock is ahead of ours."""
        return self.server - self.own


@dataclass(frozen=True, slots=True)
class Glance:
    """A service's clock as some reply showed it, and how many seconds ago that was."""

    server: datetime
    seconds_ago: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """The first look at a service's clock after one of the two clocks jumped; numbers grow with time."""

    number: int
    clocks: Clocks


def is_jump(sightings: Sequence[Sighting], clocks: Clocks) -> bool:
    """Whether `clocks` differ from the last of `sightings`, or are the first that anybody saw."""
    return not sightings or abs(clocks.offset - sightings[-1].clocks.offset) > SIGHTED_FROM


def lowest_offset(sightings: Sequence[Sighting], number: int, read: Clocks, overlap: timedelta) -> timedelta:
    """The lowest offset that may have been in force from `overlap` before a read until now.

    Rows of that time may still have to be read, and their stamps lie as low as the service's clock was then.

    Args:
        sightings: of that service, in order; the newest ones are enough.
        number: the last sighting before the read, or the read itself; 0 when none is known.
        read: the clocks at the read.
        overlap: how long before a read a row may have been stamped that it did not show.
    """
    offsets = [read.offset, *(sighting.clocks.offset for sighting in sightings if sighting.number > number)]
    later, ago = read, timedelta(0)
    for sighting in reversed([sighting for sighting in sightings if sighting.number <= number]):
        # Until the clock after it was seen, this one may have been in force.
        if later is not read:
            offsets.append(sighting.clocks.offset)
        ago += _elapsed(sighting.clocks, later)
        if ago >= overlap:
            return min(offsets)
        later = sighting.clocks
    # As far back as anybody looked: before that both clocks are taken to have been in step.
    return min([*offsets, timedelta(0)])


def _elapsed(before: Clocks, after: Clocks) -> timedelta:
    """The time between two looks, as the clock tells it that did not jump ahead; never below nothing."""
    return max(min(after.server - before.server, after.own - before.own), timedelta(0))
