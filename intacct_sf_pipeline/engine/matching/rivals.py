"""Two links wanted for one record: whoever asks for a record that has a partner is held, all others go on.

The unique keys of the staging database find it out when a batch is stored, so it costs nothing where it does not
happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.people import messages
from intacct_sf_pipeline.engine.people.holds import new_hold
from intacct_sf_pipeline.engine.planning.lines import LineMaker
from intacct_sf_pipeline.model.errors import LinkConflictError
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import HoldReason, Settlement
from intacct_sf_pipeline.model.records import SIDES
from intacct_sf_pipeline.model.results import Batch, Case


def commit_without_rivals(
    ctx: SyncContext, entity: EntityMapping, batch: Batch[Case], settlements: Sequence[Settlement]
) -> list[Settlement]:
    """Store what was concluded about a batch; what was stored: holds instead of links that were contested.

    Raises:
        LinkConflictError: about a pair that nobody asked for.
    """
    wanted = list(settlements)
    while True:
        try:
            ctx.store.commit_reconcile(entity, batch, wanted, run_id=ctx.run_id)
        except LinkConflictError as conflict:
            kept = [_held(ctx, entity, one) if _asks(one, conflict) else one for one in wanted]
            if kept == wanted:
                raise
            wanted = kept
        else:
            return wanted


def _asks(settlement: Settlement, conflict: LinkConflictError) -> bool:
    link = settlement.link
    return link is not None and conflict.concerns(link.intacct_key, link.salesforce_id)


def _held(ctx: SyncContext, entity: EntityMapping, settlement: Settlement) -> Settlement:
    """Both records of a pair are held, neither link nor values change."""
    link = settlement.link
    if link is None:
        return settlement
    message = messages.contested(entity)
    holds = tuple(
        new_hold(
            entity,
            side,
            link.key(side),
            side.other,
            HoldReason.AMBIGUOUS_MATCH,
            message,
            (),
            link.key(side.other),
            (link.key(side.other),),
        )
        for side in SIDES
    )
    lines = LineMaker(entity, ctx.run_id, ctx.round)
    return replace(lines.nothing(link, message, holds), closed_decisions=settlement.closed_decisions)
