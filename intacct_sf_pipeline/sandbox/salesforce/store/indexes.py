"""Indexes over one table: equality on a column, and the order of modification stamps."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from intacct_sf_pipeline.sandbox.salesforce.values import Value

Key = str | bool | int | object


def key_of(value: Value, *, case_sensitive: bool) -> Value:
    """What an equality index files `value` under: text without case unless the field minds it."""
    return value if case_sensitive or not isinstance(value, str) else value.lower()


class EqualityIndex:
    """Ids by the value of one column, in order of entry. Null is not indexed, as in the service."""

    def __init__(self, field: str, *, case_sensitive: bool) -> None:
        self.field = field
        self.case_sensitive = case_sensitive
        self._ids: dict[Value, list[str]] = {}

    def find(self, value: Value) -> list[str]:
        """Ids of the rows that hold `value`."""
        return self._ids.get(key_of(value, case_sensitive=self.case_sensitive), [])

    def add(self, value: Value, record_id: str) -> None:
        """Files a row."""
        if value is not None:
            key = value if self.case_sensitive or not isinstance(value, str) else value.lower()
            filed = self._ids.get(key)
            if filed is None:
                self._ids[key] = [record_id]
            else:
                filed.append(record_id)

    def remove(self, value: Value, record_id: str) -> None:
        """Takes a row out."""
        if value is None:
            return
        key = key_of(value, case_sensitive=self.case_sensitive)
        filed = self._ids[key]
        filed.remove(record_id)
        if not filed:
            del self._ids[key]


class StampIndex:
    """Rows in order of SystemModstamp.

    Entries of earlier stamps stay until there are as many of them as live ones; readers compare with the row. New
    stamps mostly come last, so keeping the list sorted costs next to nothing.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[str, str]] = []
        self._sorted = True
        self._stale = 0

    def add(self, stamp: str, record_id: str) -> None:
        """Files a row that comes by itself."""
        if self._sorted:
            insort(self._entries, (stamp, record_id))
        else:
            self._entries.append((stamp, record_id))

    def add_later(self, stamp: str, record_id: str) -> None:
        """Files one row of many; the order is made at the next read."""
        self._entries.append((stamp, record_id))
        self._sorted = False

    def outdate(self) -> None:
        """Notes that one entry no longer holds."""
        self._stale += 1

    def between(self, start: str | None, end: str | None) -> Iterator[tuple[str, str]]:
        """Entries with `start <= stamp < end`, in order, stale ones included."""
        self._sort()
        first = 0 if start is None else bisect_left(self._entries, (start, ""))
        last = len(self._entries) if end is None else bisect_left(self._entries, (end, ""))
        return (self._entries[i] for i in range(first, last))

    def compact(self, live: Iterable[tuple[str, str]]) -> None:
        """Forgets stale entries when they outnumber the live ones."""
        if self._stale * 2 > len(self._entries):
            self._entries = sorted(live)
            self._sorted, self._stale = True, 0

    def _sort(self) -> None:
        if not self._sorted:
            self._entries.sort()
            self._sorted = True
