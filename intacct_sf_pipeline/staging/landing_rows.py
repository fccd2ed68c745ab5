"""One row of a landing table: built from what was read, and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from intacct_sf_pipeline.model.records import Scalar
from intacct_sf_pipeline.staging.codec import content_hash, decode_values, encode_values
from intacct_sf_pipeline.staging.tables import LANDING_READ, LandingTable

LATE_READ = timedelta(minutes=10)
"""How long after our own write a read that still shows the content before it is taken for a late one and ignored.

Not longer than the usual overlap of windows, so that what was ignored by mistake is read again.
"""

_WIDTH = len(LANDING_READ)
TYPES, MODIFIED, STAMP, HASH, SUPERSEDED, PREDICTED, DELETED = (index - _WIDTH for index in range(7))
"""Places from the end, the same in rows that are built, fetched whole, or fetched without values; the key is last."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One landed row; `modified` is the stamp of the last change of content, `stamp` the one last read."""

    key: str
    values: dict[str, Scalar]
    modified: datetime | None
    stamp: datetime | None
    content_hash: str
    deleted: bool

    def live_values(self) -> Mapping[str, Scalar] | None:
        """Its values, or None when it is deleted."""
        return None if self.deleted else self.values

    def order(self) -> tuple[int, int, str]:
        """Sorts by key, numbers as numbers."""
        return (0, int(self.key), "") if self.key.isascii() and self.key.isdigit() else (1, 0, self.key)


def stored_row(landing: LandingTable, row: Sequence[Any]) -> StoredRow:
    """A row fetched in the order of `landing.readable`."""
    values = decode_values(landing.columns, row[:TYPES], row[TYPES])
    values[landing.feed.key] = values.get(landing.feed.key) or row[-1]
    return StoredRow(row[-1], values, row[MODIFIED], row[STAMP], row[HASH], bool(row[DELETED]))


def built_row(
    landing: LandingTable,
    key: str,
    values: Mapping[str, Scalar],
    modified: datetime | None,
    run_id: str,
    now: datetime,
    *,
    before: StoredRow | None = None,
    predicted: bool = False,
) -> list[Any]:
    """A row in the order of `landing.writable`.

    The digest leaves out stamps, and empty columns, so that a new column without a value is no change. A `predicted`
    row is what we wrote over `before`: no stamp of ours is known yet, so it keeps those from before.
    """
    texts, types = encode_values(landing.columns, values)
    content = [
        pair
        for pair in zip(landing.columns, texts, strict=True)
        if pair[1] is not None and pair[0] not in landing.stamps
    ]
    digest = content_hash([content, types])
    stamps = (modified, modified) if before is None or modified else (before.modified, before.stamp)
    superseded = before.content_hash if predicted and before else None
    return [*texts, now, run_id, types, *stamps, digest, superseded, now if predicted else None, False, key]


def with_key(landing: LandingTable, key: str, values: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
    """`values` with the feed's key column filled in."""
    name = landing.feed.key
    return {**values, name: key} if values.get(name) is None else values


def restamped(before: Sequence[Any], stamp: datetime | None) -> list[Any] | None:
    """`modified_at`, `last_stamp` and key of a row read again with the same content; None when nothing is new.

    A stamp without a change of content was moved by an unmapped field, by the platform or by our own write: it must
    not make this side the newer one in a conflict. A row read without a stamp at first takes the next one it shows.
    """
    if stamp is None or stamp == before[STAMP]:
        return None
    unknown = before[MODIFIED] is None and before[PREDICTED] is None
    return [stamp if unknown else before[MODIFIED], stamp, before[-1]]


def is_late_read(before: Sequence[Any], built: Sequence[Any], now: datetime) -> bool:
    """Whether a read shows what was there before our own write.

    Services show a write late now and then; that is no change back.
    """
    predicted, seen, known = before[PREDICTED], built[STAMP], before[STAMP] or before[MODIFIED]
    if predicted is None or before[SUPERSEDED] != built[HASH] or now - predicted > LATE_READ:
        return False
    return seen is not None and known is not None and seen <= known
