"""Applying a plan that was made before: the run reads and plans as always, and writes only the lines that are the same
as in the plan's file.

A line is the same when record, operation, fields, values before and values after are. Everything else is refused and
left to the next ordinary run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.review.plan_book import MOVED, NEEDLESS, UNPLANNED, PlanBook
from intacct_sf_pipeline.engine.review.plan_file import PlanFile, PlannedLine, is_placeholder, planned_line
from intacct_sf_pipeline.engine.vanished import sweep_vanished
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec, ReadMode
from intacct_sf_pipeline.model.plans import LineStatus, Operation, PlanLine
from intacct_sf_pipeline.model.records import SIDES, Side

HELD = "held: a limit keeps it back"
GONE = "the record is gone"
_ABSENT = "absent"
_WITNESSES = 3


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line of the plan, or of the run that applies it, that was not written; `field` None: the whole line."""

    entity: str
    side: str
    key: str
    field: str | None
    reason: str


def look_at_live(ctx: SyncContext, entity: EntityMapping) -> None:
    """Read every record that the plan names, on both sides, so that what is there now is known before it is planned.

    Raises:
        ConfigurationError: writes of an earlier run have no known outcome yet; settling them might write.
    """
    plan = ctx.options.plan
    if plan is None:
        return
    if any(ctx.store.unsettled(entity, side, run_id=ctx.run_id) for side in SIDES):
        what = f"{entity.name}: writes of an earlier run have no known outcome yet"
        raise ConfigurationError(what, where="--apply", cure="run `intacct-sf sync` first, and make a new plan")
    for side in SIDES:
        feed = ctx.config.mapping.feed(side, entity.side(side).feed)
        named = {key for line in plan.of(entity.name) if (key := line.keys.get(side.value)) and not is_placeholder(key)}
        if named and feed.read is not ReadMode.ALL:
            _read(ctx, entity, feed, {key.partition("|")[0] for key in named})


def keep_to_plan(ctx: SyncContext, entity: EntityMapping) -> Counter[Operation]:
    """Refuse every planned line that is not in the plan being applied; how many, by operation."""
    refused: Counter[Operation] = Counter()
    plan = ctx.options.plan
    if plan is None:
        return refused
    book = PlanBook(ctx.store, ctx.config.mapping, plan.of(entity.name))
    absent = _absent(ctx, entity)
    for lines in ctx.store.planned_lines(entity, run_id=ctx.run_id):
        others = [line for line in lines if _touches(line, absent) or not book.holds(planned_line(line))]
        ctx.store.keep_back(entity, others, LineStatus.REFUSED, (), run_id=ctx.run_id)
        refused.update(line.operation for line in others)
    return refused


def report_on_plan(ctx: SyncContext, entity: EntityMapping) -> None:
    """Put on record what became of the plan's lines of `entity`, once both sides are written."""
    if ctx.options.plan is None:
        return
    applied, refusals = _outcome(ctx, entity, ctx.options.plan)
    found = {"applied": applied, "refused": [asdict(refusal) for refusal in refusals]}
    ctx.store.note(ctx.run_id, "apply", {entity.name: found})


def _read(ctx: SyncContext, entity: EntityMapping, feed: FeedSpec, keys: set[str]) -> None:
    """Land the records `keys` and the single rows that belong to them; those that are gone are marked so."""
    connector, columns = ctx.connectors[feed.side], ctx.config.mapping.columns
    rows = connector.lookup(feed, columns(feed), feed.key, keys)
    if rows:
        ctx.store.land(feed, rows, run_id=ctx.run_id)
    shown = {row.key for row in rows}
    absent = sorted(keys - shown)
    if absent:
        ctx.store.note(ctx.run_id, _ABSENT, {f"{entity.name}/{feed.side.value}": absent})
        sweep_vanished(ctx, feed, absent, len(shown), sorted(shown)[:_WITNESSES])
    for related in entity.side(feed.side).related:
        other = ctx.config.mapping.feed(feed.side, related.feed)
        if related.local != feed.key or other.read is ReadMode.ALL or not shown:
            continue
        found = connector.lookup(other, columns(other), related.foreign, shown)
        if found:
            ctx.store.land(other, found, run_id=ctx.run_id)


def _absent(ctx: SyncContext, entity: EntityMapping) -> Mapping[Side, frozenset[str]]:
    """Records named in the plan that the services do not show any more."""
    noted = ctx.store.noted(ctx.run_id, _ABSENT)
    return {side: frozenset(noted.get(f"{entity.name}/{side.value}", ())) for side in SIDES}


def _touches(line: PlanLine, absent: Mapping[Side, frozenset[str]]) -> bool:
    """Whether a record that has to be there is not; that its source is gone is why a record is deactivated."""
    keys = {line.side: line.target_key}
    if line.operation is not Operation.DEACTIVATE:
        keys[line.side.other] = line.source_key
    return any(key is not None and key.partition("|")[0] in absent[side] for side, key in keys.items())


def _outcome(ctx: SyncContext, entity: EntityMapping, plan: PlanFile) -> tuple[int, list[Refusal]]:
    applied, unplanned, met = 0, dict[str, Refusal](), dict[int, tuple[LineStatus, PlannedLine]]()
    book = PlanBook(ctx.store, ctx.config.mapping, plan.of(entity.name))
    for lines in ctx.store.lines_of_run(entity, run_id=ctx.run_id):
        for line in lines:
            now = planned_line(line)
            applied += line.status is LineStatus.WRITTEN
            at = book.place_of(now)
            if at is None and line.status is LineStatus.REFUSED:
                reason = MOVED if book.knows(now) else UNPLANNED
                unplanned[f"{now.side} {now.operation} {now.keys}"] = _refusal(now, None, reason)
            elif at is not None and (at not in met or line.status is LineStatus.WRITTEN):
                met[at] = (line.status, now)
    refusals: list[Refusal] = []
    absent = _absent(ctx, entity)
    told = {(refusal.side, refusal.key) for refusal in unplanned.values() if refusal.reason == MOVED}
    for at, wanted in enumerate(book.lines):
        status, now = met.get(at, (LineStatus.NOTHING, wanted))
        if status is LineStatus.REFUSED:
            moved = set(book.moved(entity, wanted))
            differing = [
                _refusal(now, name, MOVED if name in moved else reason)
                for name, reason in book.differences(wanted, now)
            ]
            refusals.extend(differing or [_refusal(now, None, GONE)])
        elif status in (LineStatus.NOTHING, LineStatus.SUPERSEDED):
            named = [_refusal(wanted, name, MOVED) for name in book.moved(entity, wanted)]
            known = bool(told & book.real_keys(wanted))
            refusals.extend(named or ([] if known else [_refusal(wanted, None, _needless(book, wanted, absent))]))
        elif status is LineStatus.HELD:
            refusals.append(_refusal(wanted, None, HELD))
    fields = {(refusal.side, refusal.key) for refusal in refusals if refusal.field and refusal.reason == MOVED}
    others = [found for found in unplanned.values() if found.reason != MOVED or (found.side, found.key) not in fields]
    return applied, [*refusals, *others]


def _needless(book: PlanBook, wanted: PlannedLine, absent: Mapping[Side, frozenset[str]]) -> str:
    """Why nothing is planned any more for a line whose target nobody changed."""
    keys = [(Side(side), key.partition("|")[0]) for side, key in book.real_keys(wanted)]
    return GONE if any(key in absent[side] for side, key in keys) else NEEDLESS


def _refusal(line: PlannedLine, field: str | None, reason: str) -> Refusal:
    key = line.keys.get(line.side) or next(iter(line.keys.values()), "")
    return Refusal(line.entity, line.side, key, field, reason)
