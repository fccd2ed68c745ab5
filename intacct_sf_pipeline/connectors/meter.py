"""What the calls cost: a thread-safe count of requests and of the unit each vendor bills, by what they were for.

What a call is for, its sender knows best on the wire (a query, a write, a sign-in). Whether a query reads a feed or
looks something up is known one level higher, where `looking_up` says so.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from intacct_sf_pipeline.model.results import Spend
from intacct_sf_pipeline.model.spend import CallKind

_LOOKING_UP: ContextVar[bool] = ContextVar("looking_up", default=False)


class Meter:
    """Counts from the connector's birth on; read it as a `Spend`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._billed: dict[CallKind, int] = {}
        self._requests: dict[CallKind, int] = {}

    def request(self, kind: CallKind = CallKind.READ) -> None:
        """One HTTP request was sent, whatever came back."""
        self._add(self._requests, kind, 1)

    def bill(self, units: int, kind: CallKind = CallKind.READ) -> None:
        """The vendor charges `units` (Intacct transactions, Salesforce API calls)."""
        self._add(self._billed, kind, units)

    def spend(self) -> Spend:
        """The counts now."""
        with self._lock:
            kinds = {
                kind: Spend(self._billed.get(kind, 0), self._requests.get(kind, 0))
                for kind in CallKind
                if self._billed.get(kind) or self._requests.get(kind)
            }
            return Spend(sum(self._billed.values()), sum(self._requests.values()), kinds)

    def _add(self, counts: dict[CallKind, int], kind: CallKind, number: int) -> None:
        meant = CallKind.LOOKUP if kind is CallKind.READ and _LOOKING_UP.get() else kind
        if number:
            with self._lock:
                counts[meant] = counts.get(meant, 0) + number


@contextmanager
def looking_up() -> Iterator[None]:
    """Queries made in the block look something up; do not yield from a generator inside it."""
    token = _LOOKING_UP.set(True)
    try:
        yield
    finally:
        _LOOKING_UP.reset(token)
