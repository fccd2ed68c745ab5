"""Unique control ids of functions that have completed, and what they answered.

Source: the XML reference, 2.4: the key is sender and the function's control id; a function that failed may be sent
again. How long ids are remembered is UNCONFIRMED (switch `control_id_hours`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from intacct_sf_pipeline.sandbox.intacct.xml.results import FunctionResult


@dataclass(frozen=True)
class _Entry:
    result: FunctionResult
    at: datetime


class CompletedFunctions:
    """What has completed, for one company."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._entries: dict[tuple[str, str], _Entry] = {}

    def find(self, sender_id: str, control_id: str, now: datetime, hours: float | None) -> FunctionResult | None:
        """What the function of that sender and control id answered, unless it is forgotten.

        Args:
            sender_id: the web services sender.
            control_id: of the function.
            now: aware UTC.
            hours: how long answers are remembered; None: for good.
        """
        entry = self._entries.get((sender_id, control_id))
        if entry is None or (hours is not None and now - entry.at >= timedelta(hours=hours)):
            return None
        return entry.result

    def keep(self, sender_id: str, result: FunctionResult, now: datetime) -> None:
        """Remembers a function that succeeded."""
        self._entries[sender_id, result.control_id] = _Entry(result, now)
