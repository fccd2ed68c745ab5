"""The follow-up pass: what a run's own writes brought about is settled in the same run, not in the next tick.

A contact created in Salesforce now has an account, whose name its Intacct partner should carry; a new customer has
defaults. One more round of stage, reconcile and write-back, over the few records just written; rejected writes are not
tried again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.guarding.guard import guard
from intacct_sf_pipeline.engine.reconcile import reconcile_entity
from intacct_sf_pipeline.engine.stage import stage_entity
from intacct_sf_pipeline.engine.writing.write_back import write_back_entity
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import SIDES


def follow_up(ctx: SyncContext, entity: EntityMapping) -> Counter[str]:
    """Settle what this run's writes to `entity` brought about; counts of writes to both sides."""
    counts: Counter[str] = Counter()
    if ctx.options.limit is not None:
        return counts
    again = replace(ctx, round=ctx.round + 1)
    stage_entity(again, entity)
    reconcile_entity(again, entity)
    guard(again, entity)
    for side in SIDES:
        counts.update(write_back_entity(again, entity, side)[0])
    return counts
