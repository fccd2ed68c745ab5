"""What an undo did, or would do, from its own plan lines: the document that `undo --json` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from intacct_sf_pipeline.model.plans import LineStatus
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.staging.codec import loads
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.queries import Json, plain_value
from intacct_sf_pipeline.staging.schema import plan_lines, runs

SHOWN = 1000
"""So many fields the document lists; its counts are of all, and the table `plan_lines` has every one."""

PUT_BACK, LEFT, ALREADY, OPEN = "put_back", "left", "already", "open"
_VERDICTS = (PUT_BACK, LEFT, ALREADY, OPEN)
_ORDER = (LEFT, OPEN, PUT_BACK, ALREADY)
_KEPT = {"undo: left": LEFT, "undo: nothing left": ALREADY}
_DONE = (LineStatus.WRITTEN.value, LineStatus.PREVIEW.value)
_OPEN = (LineStatus.SENT.value, LineStatus.UNKNOWN.value)
_WHY_NOT = {
    LineStatus.REJECTED.value: "the service refused it; `intacct-sf holds list` says why",
    LineStatus.HELD.value: "a limit keeps it back",
}
_NOT_SENT = "it could not be sent; run the undo again"
_NO_ANSWER = "no answer came; run the undo again, it looks first"
_PAGE = 2000


def undo_report(database: Database, run_id: str) -> Json:
    """The report of the undo `run_id`: counts by verdict, in all and by flow, and the first fields.

    `put_back` was written (or would be, in a plan), `left` was not and says why, `already` needed nothing any more,
    `open` got no answer.
    """
    entities: dict[str, Counter[str]] = {}
    shown: dict[str, list[Json]] = {verdict: [] for verdict in _ORDER}
    with database.read() as connection:
        run = connection.execute(select(runs).where(runs.c.run_id == run_id)).one_or_none()
        for field in _fields(connection, run_id):
            entities.setdefault(field["entity"], Counter())[field["verdict"]] += 1
            if len(shown[field["verdict"]]) < SHOWN:
                shown[field["verdict"]].append(field)
    total = Counter[str]()
    for counts in entities.values():
        total.update(counts)
    detail = (loads(run.detail) or {}) if run is not None else {}
    stored = run.status if run is not None else "failed"
    return {
        "run_id": run_id,
        "undoes": detail.get("undoes", {}).get("run_id"),
        "plan": run is not None and run.kind == "plan",
        "status": _status(stored, total),
        **{verdict: total[verdict] for verdict in _VERDICTS},
        "entities": {name: {verdict: counts[verdict] for verdict in _VERDICTS} for name, counts in entities.items()},
        "fields": [field for verdict in _ORDER for field in shown[verdict]][:SHOWN],
    }


def _status(stored: str, total: Mapping[str, int]) -> str:
    if stored not in ("done", "held"):
        return stored
    return "failed" if total.get(OPEN) else "held" if total.get(LEFT) else "done"


def _fields(connection: Connection, run_id: str) -> Iterator[Json]:
    at = plan_lines.c
    after = 0
    while True:
        page = select(plan_lines).where(at.run_id == run_id, at.seq > after).order_by(at.seq).limit(_PAGE)
        rows = connection.execute(page).all()
        if not rows:
            return
        for row in rows:
            for change in loads(row.changes) or ():
                yield _field(row, change)
        after = rows[-1].seq


def _field(row: Any, change: Mapping[str, Any]) -> Json:
    verdict, reason = _verdict(row.status, change)
    keys = {row.side: row.target_key, Side(row.side).other.value: row.source_key}
    after = change["after"]
    return {
        "entity": row.entity,
        "side": row.side,
        "key": row.target_key,
        "intacct_key": keys[Side.INTACCT.value],
        "salesforce_id": keys[Side.SALESFORCE.value],
        "operation": row.operation,
        "field": change["field"],
        "verdict": verdict,
        "reason": reason,
        "from": plain_value(change["before"]),
        "to": [plain_value(part) for part in after] if isinstance(after, list) else plain_value(after),
    }


def _verdict(status: str, change: Mapping[str, Any]) -> tuple[str, str]:
    if change["rule"] in _KEPT:
        return _KEPT[change["rule"]], change["reason"]
    if status in _DONE:
        return PUT_BACK, change["reason"]
    if status in _OPEN:
        return OPEN, _NO_ANSWER
    return LEFT, _WHY_NOT.get(status, _NOT_SENT)
