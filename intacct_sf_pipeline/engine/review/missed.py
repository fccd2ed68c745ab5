"""Why polling had not seen what a full read then found: told from stamps and watermarks, as far as they tell. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Side

NEVER_SETTLED = "read before, but never settled"
NO_STAMP = "the record has no modification stamp"
LATE = "shown late: its stamp lies before what had been read"
NOT_POLLED = "changed since the last poll"


@dataclass(frozen=True, slots=True)
class Seen:
    """How things stood before a full read: by entity the mark of its queue, by feed (side, name) its watermark."""

    marks: Mapping[str, int] = field(default_factory=dict)
    watermarks: Mapping[tuple[Side, str], datetime | None] = field(default_factory=dict)
    overlap_seconds: int = 0

    def known(self, entity: EntityMapping) -> bool:
        """Whether both sides of the entity had been read by an earlier run."""
        return all((side, entity.side(side).feed) in self.watermarks for side in SIDES)

    def waited(self, entity: EntityMapping, token: int | None) -> bool:
        """Whether a record waited for its decision already; `token` is its mark in the queue, None when it is not."""
        return token is not None and token <= self.marks.get(entity.name, 0)

    def why_missed(self, entity: EntityMapping, side: Side, record: CanonicalRecord | None, token: int | None) -> str:
        """Why a record of `side` that differs (or has no partner) had not been dealt with."""
        if token is None or record is None:
            return NEVER_SETTLED
        if record.modified is None:
            return NO_STAMP
        watermark = self.watermarks.get((side, entity.side(side).feed))
        if watermark is not None and record.modified < watermark - timedelta(seconds=self.overlap_seconds):
            return LATE
        return NOT_POLLED
