"""What one run did, per entity, from the ledger and its plan lines: the document that `sync --json` prints."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, func, select

from intacct_sf_pipeline.engine.guarding.guard import GUARD_STEP
from intacct_sf_pipeline.engine.spending.gate import WAITING
from intacct_sf_pipeline.model.mapping import EntityMapping, SyncMapping
from intacct_sf_pipeline.model.plans import LineStatus, Operation
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.staging.codec import loads
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.guard_queries import exceeded_in
from intacct_sf_pipeline.staging.ledger import BILLED
from intacct_sf_pipeline.staging.queries import Json
from intacct_sf_pipeline.staging.schema import api_spend, holds, plan_lines, run_steps, runs

_PLANNED = (Operation.CREATE, Operation.UPDATE, Operation.LINK, Operation.DEACTIVATE)
_WRITTEN = {
    Operation.CREATE.value: "created",
    Operation.UPDATE.value: "updated",
    Operation.LINK.value: "updated",
    Operation.DEACTIVATE.value: "deactivated",
}
HOLDS_STEP = "holds"
"""The step of a plan that says how many records it would hold; a run's own are in the table of holds."""
_UNANSWERED = (LineStatus.SENT.value, LineStatus.UNKNOWN.value)
_OPEN = (LineStatus.FAILED.value, *_UNANSWERED)
_KEPT_BACK = (LineStatus.HELD.value, LineStatus.REFUSED.value)
_FAILED = (LineStatus.REJECTED.value, *_OPEN)


def run_report(database: Database, mapping: SyncMapping, run_id: str, entities: Sequence[str] | None = None) -> Json:
    """The report of a run about `entities` (default: those it was started for).

    Feeds that several entities use are counted as read by each whose records they hold, and paid by the first of them.
    `open` counts the writes that had no answer when the run was over, those of earlier runs too that it could not
    settle. `waiting` names the flows that the budget kept back.
    """
    with database.read() as connection:
        run = connection.execute(select(runs).where(runs.c.run_id == run_id)).one_or_none()
        names = list(entities) if entities is not None else list(loads(run.entities) if run else [])
        chosen = [entity for entity in mapping.enabled() if entity.name in names]
        report = {entity.name: _empty() for entity in chosen}
        _add_steps(connection, run_id, chosen, report)
        _add_lines(connection, run_id, report)
        detail: Json = loads(run.detail) if run is not None and run.detail else {}
        if run is not None and run.kind == "plan":
            _add_planned_holds(connection, run_id, report)
        else:
            _add_left_open(connection, run_id, report, kept_back=detail.get(WAITING, ()))
            _add_holds(connection, report)
        _add_spend(connection, run_id, chosen, report)
        told = _guarded(connection, run_id) | _detail(detail)
    status = _status(run.status if run else "failed", report, refused=bool(told.get("refused")))
    return {"run_id": run_id, "status": status, "entities": report, **told}


def _empty() -> Json:
    return {
        "read": dict.fromkeys((side.value for side in SIDES), 0),
        "planned": dict.fromkeys((operation.value for operation in _PLANNED), 0),
        "written": {side.value: dict.fromkeys(("created", "updated", "deactivated", "failed"), 0) for side in SIDES},
        "held": 0,
        "open": 0,
        "api": dict.fromkeys(BILLED.values(), 0),
        "seconds": 0.0,
    }


def _detail(detail: Json) -> Json:
    """What a run says besides its counts: overrides that were used, and what became of the plan it applied."""
    told: Json = {"forced": detail["forced"]} if detail.get("forced") else {}
    if detail.get(WAITING):
        told["waiting"] = [
            {"entity": flow, "reason": reason, "until": until} for flow, (reason, until) in detail[WAITING].items()
        ]
    if "apply" in detail:
        found = list(detail["apply"].values())
        told["applied"] = sum(entity["applied"] for entity in found)
        told["refused"] = [refusal for entity in found for refusal in entity["refused"]]
    return told


def _guarded(connection: Connection, run_id: str) -> Json:
    """The limits that the run exceeded, each with what was done about it."""
    steps = select(run_steps).where(run_steps.c.run_id == run_id, run_steps.c.step == GUARD_STEP)
    rows = connection.execute(steps.order_by(run_steps.c.step_id)).all()
    found = [{"entity": row.entity, **asdict(exceeded_in(row.subject, loads(row.counts)))} for row in rows]
    return {"exceeded": found} if found else {}


def _status(stored: str, report: Json, *, refused: bool) -> str:
    if stored in ("done", "held") and any(entity["open"] for entity in report.values()):
        return "failed"
    if stored == "done" and (refused or any(entity["held"] for entity in report.values())):
        return "held"
    return stored


def _readers(chosen: Sequence[EntityMapping], side: Side, feed: str) -> list[EntityMapping]:
    """Entities whose own records the feed holds; for a feed of related rows only, the first that uses it."""
    own = [entity for entity in chosen if entity.side(side).feed == feed]
    return own or [entity for entity in chosen if feed in entity.feeds(side)][:1]


def _add_steps(connection: Connection, run_id: str, chosen: Sequence[EntityMapping], report: Json) -> None:
    for step in connection.execute(select(run_steps).where(run_steps.c.run_id == run_id)):
        side, _, feed = step.subject.partition("/")
        if step.step == "extract" and feed and side in set(Side):
            readers = _readers(chosen, Side(side), feed)
            for entity in readers:
                report[entity.name]["read"][side] += loads(step.counts).get("read", 0)
            if readers:
                report[readers[0].name]["seconds"] += step.seconds
        elif step.entity in report:
            report[step.entity]["seconds"] += step.seconds
    for entity in report.values():
        entity["seconds"] = round(entity["seconds"], 3)


def _add_lines(connection: Connection, run_id: str, report: Json) -> None:
    at = plan_lines.c
    counted = (
        select(at.entity, at.side, at.operation, at.status, func.count())
        .where(at.run_id == run_id, at.operation != Operation.NONE.value, at.status.not_in(_KEPT_BACK))
        .group_by(at.entity, at.side, at.operation, at.status)
    )
    for entity, side, operation, status, count in connection.execute(counted):
        if entity not in report:
            continue
        report[entity]["planned"][operation] += count
        written: dict[str, Any] = report[entity]["written"][side]
        if status == LineStatus.WRITTEN.value:
            written[_WRITTEN[operation]] += count
        elif status in _FAILED:
            written["failed"] += count
            report[entity]["open"] += count if status in _OPEN else 0


def _add_left_open(connection: Connection, run_id: str, report: Json, *, kept_back: Collection[str]) -> None:
    """Count the writes of earlier runs that are still without an answer; flows in `kept_back` did not ask for one.

    The conditions are the beginning of the index `ix_plan_lines_next`: only such lines are read.
    """
    at = plan_lines.c
    for entity in report.keys() - set(kept_back):
        left = select(func.count()).where(
            at.entity == entity,
            at.side.in_([side.value for side in SIDES]),
            at.status.in_(_UNANSWERED),
            at.run_id != run_id,
        )
        report[entity]["open"] += connection.execute(left).scalar_one()


def _add_holds(connection: Connection, report: Json) -> None:
    counted = select(holds.c.entity, func.count()).where(holds.c.closed_at.is_(None)).group_by(holds.c.entity)
    for entity, count in connection.execute(counted):
        if entity in report:
            report[entity]["held"] = count


def _add_planned_holds(connection: Connection, run_id: str, report: Json) -> None:
    steps = select(run_steps).where(run_steps.c.run_id == run_id, run_steps.c.step == HOLDS_STEP)
    for step in connection.execute(steps):
        if step.entity in report:
            report[step.entity]["held"] = loads(step.counts).get("held", 0)


def _add_spend(connection: Connection, run_id: str, chosen: Sequence[EntityMapping], report: Json) -> None:
    spent = select(api_spend.c.entity, api_spend.c.system, func.sum(api_spend.c.billed)).where(
        api_spend.c.run_id == run_id
    )
    for subject, system, billed in connection.execute(spent.group_by(api_spend.c.entity, api_spend.c.system)):
        side = Side(system)
        payers = [subject] if subject in report else [entity.name for entity in _readers(chosen, side, subject)]
        if payers:
            report[payers[0]]["api"][BILLED[side]] += int(billed)
