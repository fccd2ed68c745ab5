"""Late visibility: what some writes changed is shown to queries only after a while.

While a query runs, each table shows the records as they were before those writes; reads by key see them at once.
Source: salesforce.md section 7.2 and intacct-rest.md section 12, point 12 (why a reader may meet this).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

R = TypeVar("R")


class Keeper(Protocol[R]):
    """A table, as far as hiding goes. Neither method leaves a trace in logs or meters."""

    def look(self, key: str) -> R | None:
        """The record as stored, or None."""

    def show(self, key: str, record: R | None) -> None:
        """Puts a record, or none, in the place of what is stored."""


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """One write to one record: where, and what was there before (None: nothing)."""

    table: Keeper[R]
    key: str
    before: R | None


@dataclass(frozen=True, slots=True)
class _Curtain(Generic[R]):
    change: Change[R]
    after: R | None
    written: datetime
    until: datetime


class LateChanges(Generic[R]):
    """The changes of one service that queries do not see yet. Used under the service's lock."""

    def __init__(self, steady: Callable[[], datetime], stamps: Callable[[], datetime]) -> None:
        """Lateness goes by the clock `steady`, the time of a write by `stamps`."""
        self._steady = steady
        self._stamps = stamps
        self._curtains: dict[tuple[int, str], list[_Curtain[R]]] = {}

    def hide(self, changes: Iterable[Change[R]], seconds: float) -> None:
        """Keep changes just made from queries for so long."""
        first: dict[tuple[int, str], Change[R]] = {}
        for change in changes:
            first.setdefault((id(change.table), change.key), change)
        until = self._steady() + timedelta(seconds=seconds)
        for place, change in first.items():
            hung = self._curtains.get(place, [])
            if hung and hung[-1].after is not change.before:
                hung = []  # a visible write has overtaken what waited
            due = max([until, *(curtain.until for curtain in hung)])  # no write shows before an earlier one
            curtain = _Curtain(change, change.table.look(change.key), self._stamps(), due)
            self._curtains[place] = [*hung, curtain]

    def oldest(self) -> datetime | None:
        """When the oldest change that queries do not see yet was written."""
        self._lift()
        return min((curtain.written for hung in self._curtains.values() for curtain in hung), default=None)

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """While the block runs, the tables show what queries see."""
        self._lift()
        hidden = [hung[0].change for hung in self._curtains.values()]
        stored = [change.table.look(change.key) for change in hidden]
        for change in hidden:
            change.table.show(change.key, change.before)
        try:
            yield
        finally:
            for change, record in zip(hidden, stored, strict=True):
                change.table.show(change.key, record)

    def _lift(self) -> None:
        """Forget changes that are due, and those that a later visible write has overtaken."""
        now = self._steady()
        for place, hung in list(self._curtains.items()):
            left = [curtain for curtain in hung if curtain.until > now]
            if left and left[-1].change.table.look(left[-1].change.key) is left[-1].after:
                self._curtains[place] = left
            else:
                del self._curtains[place]
