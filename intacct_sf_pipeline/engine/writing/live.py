"""What records hold at this moment: looked up by their keys, landed and staged, so that nothing else forgets it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.stage import stage_side
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec
from intacct_sf_pipeline.model.records import CanonicalRecord, Side


def read_live(
    ctx: SyncContext, entity: EntityMapping, side: Side, keys: Collection[str]
) -> Mapping[str, CanonicalRecord]:
    """The records `keys` of `side` as the service has them now; those that are gone there are left out.

    A call or two for all of them: the record itself, and the rows of other feeds that the entity writes to (an entry
    of a contact list). What was read counts as read: an edit found here is planned by the next run.
    """
    feed = ctx.config.mapping.feed(side, entity.side(side).feed)
    rows = ctx.connectors[side].lookup(feed, ctx.config.mapping.columns(feed), feed.key, set(keys))
    found = {row.key for row in rows if not row.deleted}
    if rows:
        ctx.store.land(feed, rows, run_id=ctx.run_id)
    for related, column in _written_along(ctx, entity, side, feed):
        theirs = ctx.connectors[side].lookup(related, ctx.config.mapping.columns(related), column, found)
        if theirs:
            ctx.store.land(related, theirs, run_id=ctx.run_id)
        ctx.store.sweep_among(related, column, found, {row.key for row in theirs}, run_id=ctx.run_id)
    # Staged anew even if unchanged: what was written a moment ago is known as a row, but not yet in canonical form.
    ctx.store.restage(entity, side, feed.key, found)
    stage_side(ctx, entity, side, Counter())
    records = ctx.store.records(entity, side, found)
    return {key: record for key, record in records.items() if not record.deleted}


def _written_along(ctx: SyncContext, entity: EntityMapping, side: Side, feed: FeedSpec) -> list[tuple[FeedSpec, str]]:
    """Feeds of related rows that the entity's own fields are written to, with the column that points to the record."""
    written = {
        column.partition(".")[0]
        for spec in entity.fields
        if spec.direction.writes(side)
        for column in spec.source(side).write_columns
        if "." in column
    }
    return [
        (ctx.config.mapping.feed(side, related.feed), related.foreign)
        for related in entity.side(side).related
        if related.alias in written and related.local == feed.key
    ]
