"""Records without a partner: why each has none, so that one that was lost is seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.planning.deletions import EVERYTHING
from intacct_sf_pipeline.engine.review.compare_pair import UNEXPLAINED, Difference, Known
from intacct_sf_pipeline.engine.review.missed import NEVER_SETTLED
from intacct_sf_pipeline.engine.values.references import References, load_references, reference_fields
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Verdict
from intacct_sf_pipeline.model.records import CanonicalRecord, Side

WAITING, HELD, OUT_OF_SCOPE, IGNORED = "waiting", "held", "out_of_scope", "ignored"
CATEGORIES = (WAITING, HELD, OUT_OF_SCOPE, IGNORED, UNEXPLAINED)
_CHUNK = 2000
_NO_PARTNER = "it should have a partner and has none"


@dataclass(frozen=True, slots=True)
class Alone:
    """A record without a partner: which category, and the difference it is if nothing explains it.

    `found` marks one that the full read has just found: it waits, but nobody knew.
    """

    record: CanonicalRecord
    category: str
    found: bool = False
    difference: Difference | None = None


def unlinked_records(ctx: SyncContext, entity: EntityMapping, side: Side, known: Known) -> Iterator[list[Alone]]:
    """The records of `side` without a partner, judged, streamed; `known` without holds and queue marks."""
    for records in ctx.store.alone(entity, side, size=_CHUNK):
        keys = [(side, record.key) for record in records]
        now = replace(
            known, held=ctx.store.open_hold_fields(entity.name, keys), waiting=ctx.store.waiting(entity, keys)
        )
        references = load_references(ctx.store, ctx.config.mapping, entity, records)
        taken = ctx.store.decisions(entity, keys)
        ignored = {record for record, ds in taken.items() if any(d.verdict is Verdict.IGNORE for d in ds)}
        yield [
            Alone(record, IGNORED) if (side, record.key) in ignored else judge(entity, side, record, now, references)
            for record in records
        ]


def judge(entity: EntityMapping, side: Side, record: CanonicalRecord, known: Known, references: References) -> Alone:
    """Why `record` has no partner."""
    at = (side, record.key)
    if entity.links or not entity.side(side).creates:
        return Alone(record, IGNORED)
    if at in known.held:
        return Alone(record, HELD)
    if not record.creatable:
        return Alone(record, OUT_OF_SCOPE)
    if at in known.waiting or at in known.open_writes:
        return Alone(record, WAITING, found=at in known.waiting and not known.waits(entity, at))
    if reference_fields(entity) and references.unresolved(entity, record):
        return Alone(record, WAITING)
    keys = (record.key, "") if side is Side.INTACCT else ("", record.key)
    return Alone(
        record,
        UNEXPLAINED,
        difference=Difference(*keys, EVERYTHING, UNEXPLAINED, _NO_PARTNER, NEVER_SETTLED),
    )


def counted(found: Counter[str]) -> dict[str, int]:
    """Every category, with its number."""
    return {category: found[category] for category in CATEGORIES}
