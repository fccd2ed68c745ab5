"""What people do about the pipeline itself: they decide about holds, and take runs back."""

from __future__ import annotations

import json
from random import Random

from intacct_sf_pipeline.engine.people.advice import resolutions
from intacct_sf_pipeline.model.errors import SyncError
from intacct_sf_pipeline.model.plans import Decision, HoldReason, Verdict
from intacct_sf_pipeline.model.records import Side

from . import runs
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


def take_back(world: World, rng: Random) -> None:
    """Somebody undoes one of the last runs that wrote something; a run of two in five is killed over it."""
    undoes = pick_run(world, rng)
    if undoes is None:
        return
    if rng.random() < 0.4:
        runs.dying_tick(world, rng.randrange(1, 120), act=lambda loop, run_id: runs.undo(loop, run_id, undoes))
        return
    try:
        runs.undo(world.loop, runs.next_id(world), undoes)
    except SyncError:
        return


def pick_run(world: World, rng: Random, last: int = 6) -> str | None:
    """One of the last runs that wrote something. What an undo may switch off is entered in the book."""
    query = "select run_id from journal group by run_id order by max(entry_id) desc"
    found = [str(row["run_id"]) for row in Tables(world).rows(query)][:last]
    if not found:
        return None
    run_id = rng.choice(found)
    # What that run created is switched off; what it switched off, for whatever reason, is on again.
    query = "select distinct entity, side, record_key from journal where run_id = :run"
    world.book.switched |= {(r["entity"], r["side"], r["record_key"]) for r in Tables(world).rows(query, run=run_id)}
    return run_id


def _partner(world: World, rng: Random, candidates: str | None, side: Side, entity: str) -> str | None:
    """A candidate that has no partner yet: the commands refuse any other."""
    keys = [one["key"] if isinstance(one, dict) else one for one in json.loads(candidates or "[]")]
    free = [key for key in keys if not world.loop.runtime.store.links(entity, side.other, [key])]
    return rng.choice(free) if free else None
