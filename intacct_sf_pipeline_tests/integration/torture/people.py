"""What people do about the pipeline itself: they decide about holds, and take runs back."""

from __future__ import annotations

import json
from random import Random

from intacct_sf_pipeline.engine.people.advice import resolutions
from intacct_sf_pipeline.model.plans import Decision, HoldReason, Verdict
from intacct_sf_pipeline.model.records import Side

from .tables import Tables
from .world import World


def decide(world: World, rng: Random) -> None:
    """Somebody answers an open hold with one of the verdicts it offers."""
    query = "select * from holds where closed_at is null order by hold_id"
    holds = [row for row in Tables(world).rows(query) if resolutions(HoldReason(row["reason"]))]
    if not holds:
        return
    hold = rng.choice(holds)
    verdict = rng.choice(resolutions(HoldReason(hold["reason"])))
    partner = _partner(world, rng, hold["candidates"], Side(hold["record_side"]), hold["entity"])
    if verdict is Verdict.LINK and partner is None:
        return
    decision = Decision(
        hold["entity"],
        Side(hold["record_side"]),
        hold["record_key"],
        HoldReason(hold["reason"]),
        verdict,
        world.clock(),
        tuple(json.loads(hold["fields"] or "[]")),
        partner_key=partner if verdict is Verdict.LINK else None,
        state=hold["state"] or "",
        decided_by="a tester",
        note="by chance",
    )
    world.loop.runtime.store.decide([decision])


def _partner(world: World, rng: Random, candidates: str | None, side: Side, entity: str) -> str | None:
    """A candidate that has no partner yet: the commands refuse any other."""
    keys = [one["key"] if isinstance(one, dict) else one for one in json.loads(candidates or "[]")]
    free = [key for key in keys if not world.loop.runtime.store.links(entity, side.other, [key])]
    return rng.choice(free) if free else None
