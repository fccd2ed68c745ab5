"""Limits in runs that have no asset check to stop them: an undo, and a compare that heals."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.guarding.guard import guard
from intacct_sf_pipeline.engine.guarding.limits import bounds, counts_as, rough_counts
from intacct_sf_pipeline.model.config import LIMITED, LimitedOperation, OnExceed
from intacct_sf_pipeline.model.errors import LimitExceededError
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import Side


def stop_beyond_limits(ctx: SyncContext, entity: EntityMapping) -> None:
    """Stop when the lines planned for `entity` exceed a limit whose excess stops a run; a rehearsal is never stopped.

    Raises:
        LimitExceededError: they do, and `--force` does not name the limit.
    """
    exceeded = () if ctx.options.plan_only else excess(ctx, entity)
    if exceeded:
        raise LimitExceededError(exceeded)


def guard_strictly(ctx: SyncContext, entity: EntityMapping) -> None:
    """The guard for lines that nobody could approve one by one later: any excess stops the run.

    Raises:
        LimitExceededError: see `stop_beyond_limits`.
    """
    limits = ctx.config.limits_for(entity.name).model_copy(
        update={"on_exceed": OnExceed(create="stop", update="stop", deactivate="stop")}
    )
    config = ctx.config.model_copy(update={"limits": {**ctx.config.limits, entity.name: limits}})
    strict = replace(ctx, config=config)
    guard(strict, entity)
    stop_beyond_limits(strict, entity)


def excess(ctx: SyncContext, entity: EntityMapping) -> tuple[str, ...]:
    """In words, which limits the run's planned lines exceed, of those whose excess stops a run."""
    limits = ctx.config.limits_for(entity.name)
    most = bounds(limits, ctx.store.pair_count(entity) if limits.in_percent else 0)
    forced = ctx.options.forced_of(entity.name)
    stopping = {name for name in LIMITED if name in most and limits.action(name) == "stop" and name not in forced}
    rough = rough_counts(ctx.store.line_counts(entity, run_id=ctx.run_id))
    if not any(name in stopping and count > most[name] for (_, name), count in rough.items()):
        return ()
    counts: Counter[tuple[Side, LimitedOperation]] = Counter()
    for lines in ctx.store.planned_lines(entity, run_id=ctx.run_id):
        found = [(line.side, counts_as(entity, line)) for line in lines]
        counts.update((side, name) for side, name in found if name is not None)
    return tuple(
        f"{entity.name}: {count} to {name} in {side.value}, the limit is {most[name]}"
        for (side, name), count in sorted(counts.items())
        if name in stopping and count > most[name]
    )
