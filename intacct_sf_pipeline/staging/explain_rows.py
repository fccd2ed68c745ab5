"""Everything the database knows about one record.

Link, both sides as compared, baseline, journal, holds, last plan lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.schema import Column

from intacct_sf_pipeline.engine.values.normalise import salesforce_id
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import SIDES, Link, Side
from intacct_sf_pipeline.staging.codec import decode_scalar, loads
from intacct_sf_pipeline.staging.queries import Json, iso, plain_value
from intacct_sf_pipeline.staging.schema import holds, journal, plan_lines
from intacct_sf_pipeline.staging.store import SqlStagingStore

Keys = Mapping[Side, str | None]


def find_record(store: SqlStagingStore, entity: EntityMapping, key: str) -> Keys:
    """Both sides' keys of the record that `key` names; no keys when there is none.

    `key` is an Intacct key or id, or a Salesforce id of 15 or 18 characters.
    """
    key = salesforce_id(key)
    for side in SIDES:
        if link := store.links(entity.link_entity, side, [key]).get(key):
            return {Side.INTACCT: link.intacct_key, Side.SALESFORCE: link.salesforce_id}
        if key in store.records(entity, side, [key]):
            return {side: key, side.other: None}
    by_id = next((found for side in SIDES if (found := _key_of_id(store, entity, side, key)) is not None), None)
    return find_record(store, entity, by_id) if by_id is not None and by_id != key else {}


def explain_rows(store: SqlStagingStore, entity: EntityMapping, key: str, *, last: int = 50) -> Json:
    """What is known, as plain JSON types, newest first.

    Keys: `link`, `intacct` and `salesforce` (records), `baseline`, `journal`, `holds`, `lines`.
    """
    keys = find_record(store, entity, key)
    link = _link(store, entity, keys)
    intacct_key = keys.get(Side.INTACCT)
    baseline = store.baselines(entity, [intacct_key]).get(intacct_key) if intacct_key else None
    with store.database.read() as connection:
        found = {
            "journal": _journal(connection, entity, keys, last),
            "holds": _holds(connection, entity, keys),
            "lines": _lines(connection, entity, keys, last),
        }
    return {
        "link": None if link is None else _as_json(link),
        **{side.value: _record(store, entity, side, keys.get(side)) for side in SIDES},
        "baseline": None if baseline is None else {name: plain_value(value) for name, value in baseline.values.items()},
        **found,
    }


def record_key(store: SqlStagingStore, entity: EntityMapping, side: Side, text: str) -> str | None:
    """The key of the record of `side` that `text` names: its key, its id there, or a 15-character Salesforce id."""
    key = salesforce_id(text) if side is Side.SALESFORCE else text
    return key if key in store.records(entity, side, [key]) else _key_of_id(store, entity, side, text)


def _key_of_id(store: SqlStagingStore, entity: EntityMapping, side: Side, text: str) -> str | None:
    """The key of the landed record that carries `text` as its id (a customer id, an item id)."""
    landing = store.tables.primary(entity, side)
    if not landing.feed.id or landing.feed.id not in landing.names:
        return None
    query = select(landing.table.c.record_key).where(landing.column(landing.feed.id) == text).limit(1)
    with store.database.read() as connection:
        key = connection.execute(query).scalar()
    return None if key is None else str(key)


def _link(store: SqlStagingStore, entity: EntityMapping, keys: Keys) -> Link | None:
    intacct_key = keys.get(Side.INTACCT)
    return store.links(entity.link_entity, Side.INTACCT, [intacct_key]).get(intacct_key) if intacct_key else None


def _as_json(link: Link) -> Json:
    return {
        "intacct_key": link.intacct_key,
        "salesforce_id": link.salesforce_id,
        "method": link.method,
        "created_at": iso(link.created_at),
        "run_id": link.run_id,
    }


def _record(store: SqlStagingStore, entity: EntityMapping, side: Side, key: str | None) -> Json | None:
    record = store.records(entity, side, [key]).get(key) if key else None
    if record is None:
        return None
    return {
        "key": record.key,
        "values": {name: plain_value(value) for name, value in record.values.items()},
        "raw": {name: plain_value(value) for name, value in record.raw.items()},
        "modified": iso(record.modified),
        "deleted": record.deleted,
        "creatable": record.creatable,
        "scope_reason": record.scope_reason,
        "problems": dict(record.problems),
    }


def _about(side: Column[Any], key: Column[Any], keys: Keys) -> ColumnElement[bool]:
    return or_(*(and_(side == s.value, key == k) for s, k in keys.items() if k is not None))


def _journal(connection: Connection, entity: EntityMapping, keys: Keys, last: int) -> list[Json]:
    if not keys:
        return []
    at = journal.c
    query = select(journal).where(at.entity == entity.name, _about(at.side, at.record_key, keys))
    return [
        {
            "at": iso(row.at),
            "run_id": row.run_id,
            "side": row.side,
            "key": row.record_key,
            "operation": row.operation,
            "field": row.field,
            "before": _as_written(row.before_type, row.before_value),
            "after": _as_written(row.after_type, row.after_value),
            "rule": row.rule,
            "reason": row.reason,
            **({} if row.dropped_at is None else {"values": "dropped"}),
        }
        for row in connection.execute(query.order_by(at.entry_id.desc()).limit(last))
    ]


def _as_written(kind: str | None, text: str | None) -> object:
    """A journal value as the service had it: flags as flags, numbers in their own spelling."""
    return decode_scalar(kind, text) if kind in ("boolean", "escaped") else text


def _holds(connection: Connection, entity: EntityMapping, keys: Keys) -> list[Json]:
    if not keys:
        return []
    at = holds.c
    query = select(holds).where(
        at.entity == entity.name, at.closed_at.is_(None), _about(at.record_side, at.record_key, keys)
    )
    return [
        {
            "id": row.hold_id,
            "side": row.record_side,
            "key": row.record_key,
            "target": row.target,
            "reason": row.reason,
            "message": row.message,
            "fields": loads(row.fields) or [],
            "since": iso(row.since),
            "attempts": row.attempts,
            "retry_at": iso(row.retry_at),
        }
        for row in connection.execute(query.order_by(at.hold_id))
    ]


def _lines(connection: Connection, entity: EntityMapping, keys: Keys, last: int) -> list[Json]:
    if not keys:
        return []
    at = plan_lines.c
    about = [and_(at.side == side.value, at.target_key == key) for side, key in keys.items() if key is not None] + [
        and_(at.side == side.other.value, at.source_key == key) for side, key in keys.items() if key is not None
    ]
    query = select(plan_lines).where(at.entity == entity.name, or_(*about)).order_by(at.seq.desc()).limit(last)
    return [
        {
            "line_id": row.line_id,
            "run_id": row.run_id,
            "side": row.side,
            "operation": row.operation,
            "status": row.status,
            "reason": row.reason,
            "fields": [change["field"] for change in loads(row.changes) or ()],
            "at": iso(row.updated_at),
        }
        for row in connection.execute(query)
    ]
