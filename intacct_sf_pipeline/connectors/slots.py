"""How many requests this process has open at one service: a counted number of places, shared by all connectors that
speak for the same tenant.

Intacct counts the requests open at once per application and per company, over all that signed in with it, so the count
has to be the process's, not one connector's. Source: concurrency and scaling guide.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

CONSIDERATE: Final = 2
"""Requests at once unless a setting says otherwise: tier 1 allows an application 6 and all of a company together 8.

Source: the same guide.
"""


class Slots:
    """At most `most` holders at a time; whoever comes when all are taken waits for one."""

    def __init__(self, most: int) -> None:
        self._free = threading.BoundedSemaphore(most)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """One place while the block runs."""
        with self._free:
            yield


class SlotTable:
    """The places of every tenant, by service and tenant; both doors of a service share them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots: dict[tuple[str, str], tuple[int, Slots]] = {}

    def of(self, address: str, tenant: str, most: int) -> Slots:
        """The places of `tenant` at `address`, compared without case.

        Asked for with another number than before (the configuration was changed), new ones are given to those who ask
        from then on.
        """
        key = (urlsplit(address).netloc.casefold() or address, tenant.casefold())
        with self._lock:
            known = self._slots.get(key)
            if known is None or known[0] != most:
                known = self._slots[key] = (most, Slots(most))
            return known[1]


PROCESS_SLOTS: Final = SlotTable()
"""The one table of this process: the vendor counts processes' requests together, so connectors must share it."""
