"""What the calls cost: a thread-safe count of requests and of the unit each vendor bills."""

from __future__ import annotations

import threading

from intacct_sf_pipeline.model.results import Spend


class Meter:
    """Counts from the connector's birth on; read it as a `Spend`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._billed = 0
        self._requests = 0

    def request(self) -> None:
        """One HTTP request was sent, whatever came back."""
        with self._lock:
            self._requests += 1

    def bill(self, units: int) -> None:
        """The vendor charges `units` (Intacct transactions, Salesforce API calls)."""
        with self._lock:
            self._billed += units

    def spend(self) -> Spend:
        """The counts now."""
        with self._lock:
            return Spend(billed=self._billed, requests=self._requests)
