"""`doctor` on clocks: ours against what each service's `Date` header said, and the two services against each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from intacct_sf_pipeline.cli.findings import Finding, ok, problem, warning
from intacct_sf_pipeline.cli.fit import SYSTEM
from intacct_sf_pipeline.model.records import SIDES, Side

TOLERATED: Final = timedelta(seconds=30)
"""Below this nothing is said: reads reach back further, and edits on both sides within it are rare."""
HARMFUL: Final = timedelta(minutes=3)
"""From here JWT logins are refused (an assertion lives for three minutes) and leases of other machines look expired."""
_SECOND: Final = timedelta(seconds=1)
"""A `Date` header has whole seconds."""
_NONE: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Glance:
    """What a service's clock showed between two moments of ours."""

    side: Side
    at: datetime
    before: datetime
    after: datetime

    @property
    def ahead(self) -> timedelta:
        """How far the service is ahead of us at least (negative: behind); nothing when both may be the same."""
        if self.at > self.after:
            return self.at - self.after
        return min(_NONE, self.at + _SECOND - self.before)


def clock_findings(glances: Sequence[Glance]) -> Iterator[Finding]:
    """One finding per service, and one when the two disagree with each other."""
    ahead: dict[Side, timedelta] = {}
    for side in SIDES:
        seen = [glance.ahead for glance in glances if glance.side is side]
        if seen:
            ahead[side] = min(seen, key=abs)
            yield _of_service(side, ahead[side])
    if len(ahead) == len(SIDES):
        apart = abs(ahead[Side.INTACCT] - ahead[Side.SALESFORCE])
        if apart > TOLERATED:
            found = f"Intacct and Salesforce are {_words(apart)} apart: `newest` may choose the older of two edits"
            yield warning("clock", "both services", found, "Set conflict: intacct or salesforce on fields that matter.")


def _of_service(side: Side, ahead: timedelta) -> Finding:
    name = SYSTEM[side]
    if abs(ahead) <= TOLERATED:
        return ok("clock", name, f"this machine and {name} agree within {TOLERATED.seconds} seconds")
    found = f"this machine's clock is {_words(abs(ahead))} {'behind' if ahead > _NONE else 'ahead of'} {name}'s"
    cure = "Set this machine's clock by NTP (timedatectl set-ntp true); compare https://time.is."
    return (problem if abs(ahead) >= HARMFUL else warning)("clock", name, found, cure)


def _words(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds} seconds"
