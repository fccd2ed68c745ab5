"""What spending needs of the staging database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import Quota
from intacct_sf_pipeline.model.spend import SpendEntry, Spent


class Bookings(Protocol):
    """Where spend is booked."""

    def book(self, entries: Sequence[SpendEntry], quotas: Mapping[Side, Quota]) -> None:
        """Add bookings, and what vendors last said of their own allowance; one transaction."""
        ...


class SpendStore(Bookings, Protocol):
    """Where spend is booked and asked for."""

    def spent(self, subjects: Collection[str] | None, *, today: date, now: datetime) -> Mapping[Side, Spent]:
        """What each vendor billed on the local day `today` and in its month, and its own word, if there is one.

        `subjects` are the names a flow's spend is booked under, for what a run of it usually costs; None: that of a
        comparison.
        """
        ...
