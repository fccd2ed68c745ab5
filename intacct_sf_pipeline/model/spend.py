"""What was spent at a vendor, as it is booked: who, on what, for what kind of call, and on which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from intacct_sf_pipeline.model.records import Side

if TYPE_CHECKING:
    from intacct_sf_pipeline.model.results import Quota


class CallKind(StrEnum):
    """What a call was for.

    `read` fetches a feed, `lookup` asks for named records or for the newest stamp, `write` changes records (at Intacct
    one per record, at Salesforce one per call), `login` signs in, `describe` asks about objects, the user or the
    limits.
    """

    READ = "read"
    LOOKUP = "lookup"
    WRITE = "write"
    LOGIN = "login"
    DESCRIBE = "describe"


@dataclass(frozen=True, slots=True)
class SpendEntry:
    """One booking.

    `entity` is the flow or feed it was spent on. `day` is the day in UTC, `local_day` in the company's time zone, by
    which months end. `billed` is in the vendor's unit (Intacct transactions, Salesforce calls).
    """

    run_id: str
    entity: str
    step: str
    side: Side
    kind: str
    billed: int
    requests: int
    at: datetime
    day: date
    local_day: date


@dataclass(frozen=True, slots=True)
class Spent:
    """What was billed by one vendor since the day, and since the month, began in the company's time zone.

    `quota` is what the vendor itself last said of its allowance; `usual` what a run on the flow in question costs (the
    mean of its runs of the last two days).
    """

    today: int = 0
    month: int = 0
    quota: Quota | None = None
    usual: int = 0
