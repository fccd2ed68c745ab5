"""Read models for people and for the command line: status, open holds, previews of tables.

All values are plain JSON types.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, func, select

from intacct_sf_pipeline.engine.people.advice import advice, resolutions
from intacct_sf_pipeline.engine.spending.gate import WAITING
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping import SyncMapping
from intacct_sf_pipeline.model.plans import HoldReason
from intacct_sf_pipeline.model.records import Scalar, Side
from intacct_sf_pipeline.staging.codec import encode_scalar, loads
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.holds import candidates_of
from intacct_sf_pipeline.staging.job_report import jobs_under_way
from intacct_sf_pipeline.staging.schema import decisions, holds, runs, watermarks
from intacct_sf_pipeline.staging.spend_report import month_of
from intacct_sf_pipeline.staging.tables import MappingTables
from intacct_sf_pipeline.staging.types import plain

Json = dict[str, Any]
_Answered = tuple[str, str, str, str, str | None]
_PREVIEW_LENGTH = 200


def status(database: Database, config: SyncConfig, *, last: int = 10) -> Json:
    """How things stand.

    `watermarks` (side, feed, value, full_at, lag_seconds), `holds` (entity, reason, count, oldest), `runs` (the last
    ones: run_id, kind, status, started_at, finished_at, seconds, entities, and the flows that were `waiting` for the
    budget), `spend` (this month by system, see `MonthFigure.document`), `jobs` (see `jobs_under_way`).
    """
    now = database.clock()
    with database.read() as connection:
        return {
            "watermarks": _watermarks(connection, config.mapping, now),
            "holds": _hold_counts(connection),
            "runs": _last_runs(connection, last),
            "spend": [figure.document() for figure in month_of(connection, config, now)],
            "jobs": jobs_under_way(connection),
        }


def open_holds(database: Database, entity: str | None = None) -> list[Json]:
    """Open holds in the order of their numbers, as `holds list --json` prints them.

    `candidates` are possible partners (`key`, `score` where known), `resolutions` the verdicts that fit, `decision` the
    one a person has given already and the next run carries out.
    """
    tests = [holds.c.closed_at.is_(None)] + ([] if entity is None else [holds.c.entity == entity])
    now = database.clock()
    with database.read() as connection:
        rows = connection.execute(select(holds).where(*tests).order_by(holds.c.hold_id)).all()
        taken = _decisions_by_hold(connection) if rows else {}
    return [_hold(row, now, taken) for row in rows]


def decisions_taken(database: Database, *, everything: bool = False) -> list[Json]:
    """Decisions in force in the order of their numbers; with `everything` the closed ones too."""
    query = select(decisions).order_by(decisions.c.decision_id)
    with database.read() as connection:
        rows = connection.execute(query if everything else query.where(decisions.c.closed_at.is_(None))).all()
    return [
        {
            "id": row.decision_id,
            "entity": row.entity,
            "side": row.record_side,
            "key": row.record_key,
            "reason": row.reason,
            "fields": loads(row.fields) or [],
            "verdict": row.verdict,
            "partner": row.partner_key,
            "by": row.decided_by,
            "note": row.note,
            "at": iso(row.decided_at),
            "closed_at": iso(row.closed_at),
            "run_id": row.run_id,
        }
        for row in rows
    ]


def closed_at(database: Database, hold_id: int) -> str | None:
    """When a hold went away; None when it is open or there is none of that number."""
    with database.read() as connection:
        return iso(connection.execute(select(holds.c.closed_at).where(holds.c.hold_id == hold_id)).scalar())


def open_hold_counts(database: Database) -> Mapping[str, int]:
    """Open holds by entity."""
    query = select(holds.c.entity, func.count()).where(holds.c.closed_at.is_(None)).group_by(holds.c.entity)
    with database.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def table_preview(database: Database, tables: MappingTables, name: str, *, limit: int = 20) -> list[dict[str, Scalar]]:
    """The first rows of a landing, canonical or baseline table by key; long texts are cut.

    Raises:
        KeyError: the mapping has no such table.
    """
    table = tables.metadata.tables[name]
    key = next(iter(table.primary_key.columns))
    with database.read() as connection:
        rows = connection.execute(select(table).order_by(key).limit(limit)).mappings().all()
    return [{column: _short(value) for column, value in row.items()} for row in rows]


def _hold(row: Row[Any], now: datetime, taken: Mapping[_Answered, str]) -> Json:
    reason = HoldReason(row.reason)
    told = advice(reason, Side(row.record_side))
    return {
        "id": row.hold_id,
        "entity": row.entity,
        "key": row.record_key,
        "side": row.record_side,
        "reason": row.reason,
        "message": row.message,
        "who": row.who or told.who.value,
        "cure": row.cure or told.cure,
        "since": iso(row.since),
        "age_seconds": int((now - row.since).total_seconds()),
        "fields": loads(row.fields) or [],
        "target": row.target,
        "candidates": candidates_of(row.candidates),
        "attempts": row.attempts,
        "retry_at": iso(row.retry_at),
        "state": row.state,
        "resolutions": [verdict.value for verdict in resolutions(reason)],
        "decision": taken.get((row.entity, row.record_side, row.record_key, row.reason, row.fields)),
    }


def _decisions_by_hold(connection: Connection) -> Mapping[_Answered, str]:
    at = decisions.c
    columns = (at.entity, at.record_side, at.record_key, at.reason, at.fields, at.verdict)
    query = select(*columns).where(at.closed_at.is_(None)).order_by(at.decision_id)
    return {(row[0], row[1], row[2], row[3], row[4]): row[5] for row in connection.execute(query)}


def iso(moment: datetime | None) -> str | None:
    """A date-time as JSON has it."""
    return None if moment is None else encode_scalar(moment)[1]


def plain_value(value: object) -> object:
    """A stored value as JSON has it: numbers that must be exact, and date-times, as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        return iso(value)
    return plain(value) if isinstance(value, Decimal) else str(value)


def _short(value: object) -> Scalar:
    shown = plain_value(value)
    if isinstance(shown, str):
        return shown if len(shown) <= _PREVIEW_LENGTH else shown[: _PREVIEW_LENGTH - 1] + "…"
    return shown if isinstance(shown, bool | int | float) else None


def _watermarks(connection: Connection, mapping: SyncMapping, now: datetime) -> list[Json]:
    known = {(row.side, row.feed): row for row in connection.execute(select(watermarks))}
    found = []
    for feed in mapping.used_feeds():
        row = known.get((feed.side.value, feed.name))
        value = row.value if row else None
        found.append(
            {
                "side": feed.side.value,
                "feed": feed.name,
                "value": iso(value),
                "full_at": iso(row.full_at if row else None),
                "lag_seconds": None if value is None else (now - value).total_seconds(),
            }
        )
    return found


def _hold_counts(connection: Connection) -> list[Json]:
    query = (
        select(holds.c.entity, holds.c.reason, func.count().label("count"), func.min(holds.c.since).label("oldest"))
        .where(holds.c.closed_at.is_(None))
        .group_by(holds.c.entity, holds.c.reason)
        .order_by(holds.c.entity, holds.c.reason)
    )
    return [
        {"entity": row.entity, "reason": row.reason, "count": row[2], "oldest": iso(row.oldest)}
        for row in connection.execute(query)
    ]


def _last_runs(connection: Connection, last: int) -> list[Json]:
    query = select(runs).order_by(runs.c.started_at.desc(), runs.c.run_id).limit(last)
    return [
        {
            "run_id": row.run_id,
            "kind": row.kind,
            "status": row.status,
            "started_at": iso(row.started_at),
            "finished_at": iso(row.finished_at),
            "seconds": None if row.finished_at is None else (row.finished_at - row.started_at).total_seconds(),
            "entities": loads(row.entities) or [],
            "waiting": sorted((loads(row.detail) or {}).get(WAITING, {})) if row.detail else [],
        }
        for row in connection.execute(query)
    ]
