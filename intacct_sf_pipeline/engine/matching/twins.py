"""Records that carry the id of a linked record of their own side: in a service where ids are unique, the linked one
must be gone. It is looked up; if it is, the next batch moves its link to the new record (`successors.py`).

An incremental read shows a record that was created again at once, but the deletion of the earlier one only in a full
read; without this the new one would wait on hold until then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.stage import stage_entity
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Side
from intacct_sf_pipeline.model.results import Case, MatchGroup

_EXTERNAL_ID = "external-id"


def confirm_twins(ctx: SyncContext, entity: EntityMapping, cases: Sequence[Case]) -> list[Case]:
    """Look up the records whose id another record of their side carries too; those that are gone are staged as such.

    They and their namesakes are enqueued again; the cases that are left are given back.
    """
    if entity.links or not any(rule.name == _EXTERNAL_ID for rule in entity.match_rules):
        return list(cases)
    again: set[tuple[Side, str]] = set()
    for side in SIDES:
        loose = [r for case in cases if case.link is None and (r := case.record(side)) and not r.deleted]
        by_id = _by_id(loose)
        groups = ctx.store.match_groups(entity, _EXTERNAL_ID, by_id) if by_id else {}
        _wake_widowed(ctx, entity, side, groups.values())
        doubted = _twins(side, by_id, groups)
        gone = _gone(ctx, entity, side, doubted)
        if gone:
            stage_entity(ctx, entity)
            later = gone | {doubted[key] for key in gone}
            ctx.store.requeue(entity, side, later)
            again |= {(side, key) for key in later}
    if not again:
        return list(cases)
    return [case for case in cases if case.link is not None or not any(_is_in(case, side, again) for side in SIDES)]


def _is_in(case: Case, side: Side, records: set[tuple[Side, str]]) -> bool:
    record = case.record(side)
    return record is not None and (side, record.key) in records


def _by_id(loose: Sequence[CanonicalRecord]) -> dict[str, str]:
    """Keys of the loose records by the id they carry; of two with one id the later."""
    by_id: dict[str, str] = {}
    for record in loose:
        key = record.match_keys.get(_EXTERNAL_ID)
        if key:
            by_id[key] = max(by_id[key], record.key, key=_order) if key in by_id else record.key
    return by_id


def _twins(side: Side, by_id: Mapping[str, str], groups: Mapping[str, MatchGroup]) -> dict[str, str]:
    """Records that share their id with a loose one: key -> key of the loose one; of two loose ones the later is it."""
    found: dict[str, str] = {}
    for match_key, group in groups.items():
        own = group.intacct if side is Side.INTACCT else group.salesforce
        found.update({key: by_id[match_key] for key in own if key != by_id[match_key]})
    return found


def _order(key: str) -> tuple[int, str]:
    return len(key), key


def _wake_widowed(ctx: SyncContext, entity: EntityMapping, side: Side, groups: Collection[MatchGroup]) -> None:
    """Enqueue pairs whose record on `side` went earlier, when a loose record carries the id of the one that stayed.

    `groups` are the records that share the loose ones' ids.
    """
    others = {key for g in groups for key in (g.salesforce if side is Side.INTACCT else g.intacct) if key in g.linked}
    if not others:
        return
    links = ctx.store.links(entity.link_entity, side.other, others)
    former = ctx.store.records(entity, side, [link.key(side) for link in links.values()])
    widowed = {
        key for key, link in links.items() if (record := former.get(link.key(side))) is not None and record.deleted
    }
    ctx.store.requeue(entity, side.other, widowed)


def _gone(ctx: SyncContext, entity: EntityMapping, side: Side, doubted: Mapping[str, str]) -> set[str]:
    """Those of the linked records that a look-up does not find while it finds their namesakes, which bear witness."""
    if not doubted:
        return set()
    feed = ctx.config.mapping.feed(side, entity.side(side).feed)
    asked = {*doubted, *doubted.values()}
    rows = ctx.connectors[side].lookup(feed, ctx.config.mapping.columns(feed), feed.key, asked)
    ctx.store.land(feed, rows, run_id=ctx.run_id)
    alive = {row.key for row in rows if not row.deleted}
    gone = {key for key, namesake in doubted.items() if key not in alive and namesake in alive}
    if gone:
        ctx.store.sweep_among(feed, feed.key, gone, alive, run_id=ctx.run_id)
    return gone
