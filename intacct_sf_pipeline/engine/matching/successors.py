"""Records that took the place of a linked one: merged into another (Salesforce), or created again under the same id.

The link moves to them with its baseline, so that the pair goes on as if nothing had happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.planning.deletions import missing_side
from intacct_sf_pipeline.engine.stage import stage_side
from intacct_sf_pipeline.engine.writing.read_back import read_again
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Link, Side
from intacct_sf_pipeline.model.results import Case

MERGED, RECREATED = "merged", "created again"
_EXTERNAL_ID = "external-id"


@dataclass(frozen=True, slots=True)
class Successions:
    """For cases by their link's Intacct key: the new link and its records; for merged ones that cannot move, the
    survivor's key.
    """

    moves: Mapping[str, tuple[Link, dict[Side, CanonicalRecord]]] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)

    def taken(self, side: Side) -> set[str]:
        """Keys of the records of `side` that get a link by moving."""
        return {records[side].key for _, records in self.moves.values()}


def find_successions(ctx: SyncContext, entity: EntityMapping, cases: Sequence[Case]) -> Successions:
    """Who took the place of the records that are gone in `cases`; asks Salesforce only when one of its own is gone."""
    moves: dict[str, tuple[Link, dict[Side, CanonicalRecord]]] = {}
    held: dict[str, str] = {}
    cases = [case for case in cases if case.link and (_is_deleted(case.intacct) or _is_deleted(case.salesforce))]
    for side in SIDES if cases else ():
        gone = {case.link.key(side): case for case in cases if case.link and _is_missing(case, side)}
        if not gone or entity.links:
            continue
        survivors = _survivors(ctx, entity, side, gone)
        _read_attachments(ctx, entity, side, survivors)
        heirs = {key: (survivor, MERGED) for key, survivor in survivors.items()}
        for key, heir in _same_id(ctx, entity, side, [c for k, c in gone.items() if k not in survivors]).items():
            heirs[key] = (heir, RECREATED)
        free = _free(ctx, entity, side, {heir for heir, _ in heirs.values()})
        for key, (heir, method) in heirs.items():
            case, record = gone[key], free.pop(heir, None)
            partner = case.record(side.other)
            if case.link is None or partner is None:
                continue
            if record is None:
                if method == MERGED:
                    held[case.link.intacct_key] = heir
                continue
            keys = {side: heir, side.other: partner.key}
            link = Link(entity.link_entity, keys[Side.INTACCT], keys[Side.SALESFORCE], method, ctx.clock(), ctx.run_id)
            moves[case.link.intacct_key] = (link, {side: record, side.other: partner})
    return Successions(moves, held)


def _is_deleted(record: CanonicalRecord | None) -> bool:
    return record is not None and record.deleted


def _is_missing(case: Case, side: Side) -> bool:
    return missing_side({each: case.record(each) for each in SIDES}) is side


def _survivors(ctx: SyncContext, entity: EntityMapping, side: Side, gone: Mapping[str, Case]) -> Mapping[str, str]:
    feed = ctx.config.mapping.feed(side, entity.side(side).feed)
    return ctx.connectors[side].merged_into(feed, list(gone))


def _read_attachments(ctx: SyncContext, entity: EntityMapping, side: Side, survivors: Mapping[str, str]) -> None:
    """Notes change hands in a merge without a new stamp: read those of the survivors, when the merge is first seen."""
    told = ctx.store.open_hold_fields(entity.name, [(side, key) for key in survivors])
    fresh = {survivor for key, survivor in survivors.items() if (side, key) not in told}
    if fresh:
        read_again(ctx, entity, ctx.config.mapping.feed(side, entity.side(side).feed), fresh)
        stage_side(ctx, entity, side, Counter())


def _same_id(ctx: SyncContext, entity: EntityMapping, side: Side, cases: Iterable[Case]) -> dict[str, str]:
    """For records gone on `side`: the one live record of that side that carries the id by which the pair is known."""
    wanted: dict[str, str] = {}
    for case in cases:
        partner = case.record(side.other)
        key = partner.match_keys.get(_EXTERNAL_ID) if partner else None
        if key and case.link is not None:
            wanted[case.link.key(side)] = key
    groups = ctx.store.match_groups(entity, _EXTERNAL_ID, set(wanted.values())) if wanted else {}
    found: dict[str, str] = {}
    for record, key in wanted.items():
        group = groups[key]
        same = group.intacct if side is Side.INTACCT else group.salesforce
        if len(same) == 1:
            found[record] = same[0]
    return found


def _free(ctx: SyncContext, entity: EntityMapping, side: Side, keys: set[str]) -> dict[str, CanonicalRecord]:
    """Those of the records `keys` that are staged, live and without a partner."""
    if not keys:
        return {}
    linked = ctx.store.links(entity.link_entity, side, keys)
    records = ctx.store.records(entity, side, keys - set(linked))
    return {key: record for key, record in records.items() if not record.deleted}
