"""What a hold has to say on the Salesforce record it concerns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """A hold that is open, or closed while its Salesforce record still says that it is held.

    `salesforce_id` is the Salesforce record it concerns now (None: there is none yet). `shown` remembers which record
    was last told what: `id:digest`, None when nothing was.
    """

    hold_id: int
    salesforce_id: str | None
    text: str
    is_open: bool
    shown: str | None
