"""What a check learns from one cheap read of an object: that it may be read, a row to ask further about, the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Probe:
    """The answer to a query of one row: its key (None: there is no row), and the service's clock."""

    key: str | None
    at: datetime
