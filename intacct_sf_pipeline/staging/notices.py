"""Which holds have to be told on Salesforce records, and what was told last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.sql.elements import ColumnElement

from intacct_sf_pipeline.engine.people.advice import advice
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.notices import Notice
from intacct_sf_pipeline.model.plans import HoldReason
from intacct_sf_pipeline.model.records import Link, Side
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.links import LinkBook
from intacct_sf_pipeline.staging.schema import holds

_COLUMNS = [holds.c[name] for name in ("hold_id", "record_side", "record_key", "reason", "message", "cure", "shown")]


class NoticeBook:
    """Works inside the caller's transaction."""

    def __init__(self, database: Database, links: LinkBook) -> None:
        self._database = database
        self._links = links

    def of(self, connection: Connection, entity: EntityMapping) -> list[Notice]:
        """Open holds of the entity, and closed ones that are still shown, in the order of their numbers."""
        rows = self._rows(connection, entity, holds.c.closed_at.is_(None))
        # Any text is at least the empty one; unlike `IS NOT NULL` this is found by index on every server.
        gone = self._rows(connection, entity, holds.c.shown >= "", holds.c.closed_at.is_not(None))
        of_intacct = [row.record_key for row in (*rows, *gone) if row.record_side == Side.INTACCT.value]
        links = self._links.by_key(connection, entity.link_entity, Side.INTACCT, of_intacct) if of_intacct else {}

        found = [_notice(row, links, is_open=True) for row in rows]
        found += [_notice(row, links, is_open=False) for row in gone]
        return sorted(found, key=lambda notice: notice.hold_id)

    def remember(self, connection: Connection, shown: Mapping[int, str | None]) -> None:
        """Note by hold what its Salesforce record now says (None: nothing about it any more)."""
        rows = [(told, hold_id) for hold_id, told in shown.items()]
        self._database.bulk.update(connection, [holds.c.shown, holds.c.hold_id], rows)

    def _rows(self, connection: Connection, entity: EntityMapping, *tests: ColumnElement[bool]) -> Sequence[Row[Any]]:
        return connection.execute(select(*_COLUMNS).where(holds.c.entity == entity.name, *tests)).all()


def _notice(row: Row[Any], links: Mapping[str, Link], *, is_open: bool) -> Notice:
    side = Side(row.record_side)
    link = links.get(row.record_key) if side is Side.INTACCT else None
    salesforce_id = row.record_key if side is Side.SALESFORCE else link.salesforce_id if link else None
    cure = row.cure or advice(HoldReason(row.reason), side).cure
    return Notice(row.hold_id, salesforce_id, f"{row.message} {cure}", is_open, row.shown)
