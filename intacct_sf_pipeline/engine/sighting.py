"""Looking at a service's clock: what a reply shows of it is noted when it, or ours, has jumped."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.model.clocks import Clocks, Sighting, is_jump
from intacct_sf_pipeline.model.records import Side

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


def watching(step: Callable[Concatenate[SyncContext, P], T]) -> Callable[Concatenate[SyncContext, P], T]:
    """A step after which, however it ends, is noted what replies showed of the services' clocks."""

    @wraps(step)
    def watched(ctx: SyncContext, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return step(ctx, *args, **kwargs)
        finally:
            witness_clocks(ctx)

    return watched


def witness_clocks(ctx: SyncContext, *sides: Side) -> None:
    """Note what replies of the services (default: both) showed of their clocks: to look-ups, writes and sign-ins, too.

    Who reads one side while another thread reads the other minds the clock of its own side only.
    """
    for side in sides or tuple(ctx.connectors):
        for glance in ctx.connectors[side].glances():
            sighted(ctx, side, Clocks(glance.server, ctx.clock() - timedelta(seconds=glance.seconds_ago)))


def sighted(ctx: SyncContext, side: Side, clocks: Clocks) -> Sequence[Sighting]:
    """What is known of the clock of `side` after this look at it; stored at once, so that no crash forgets it."""
    known = ctx.store.sightings(side)
    if not is_jump(known, clocks):
        return known
    if known:
        ahead = clocks.offset.total_seconds()
        logger.info("%s: its clock is %+.0f s from ours, and was not before", side.value, ahead)
    return ctx.store.sight(side, clocks)
