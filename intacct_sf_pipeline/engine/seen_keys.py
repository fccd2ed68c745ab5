"""The keys that a full read has shown, in eight bytes each, so that a million of them are no matter of memory.

Kept as 64-bit digests. That a vanished row is mistaken for one of a million that were shown has a chance of less than
one in ten million millions, and the next run, with other digests, finds it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

_BUCKETS = 4096


class SeenKeys:
    """A set of keys to which may be added, and which may be asked whether it holds a key."""

    def __init__(self) -> None:
        self._buckets: list[array[int] | None] = [None] * _BUCKETS
        self._count = 0

    def update(self, keys: Iterable[str]) -> None:
        """Add keys; those that are there already count once."""
        for key in keys:
            self._add(hash(key))

    def merge(self, other: SeenKeys) -> None:
        """Add the keys of another one."""
        for bucket in other._buckets:
            for digest in bucket or ():
                self._add(digest)

    def __contains__(self, key: object) -> bool:
        """Whether the key was added."""
        digest = hash(key)
        bucket = self._buckets[digest % _BUCKETS]
        return bucket is not None and digest in bucket

    def __len__(self) -> int:
        """How many different keys there are."""
        return self._count

    def _add(self, digest: int) -> None:
        bucket = self._buckets[digest % _BUCKETS]
        if bucket is None:
            bucket = self._buckets[digest % _BUCKETS] = array("q")
        if digest not in bucket:
            bucket.append(digest)
            self._count += 1
