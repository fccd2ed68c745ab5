"""Spend in the staging database: booked row by row, asked for by day and month, and pruned to daily sums."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, distinct, func, insert, select

from intacct_sf_pipeline.model.plans import JournalEntry
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import Quota
from intacct_sf_pipeline.model.spend import SpendEntry, Spent
from intacct_sf_pipeline.staging.parts import StoreParts
from intacct_sf_pipeline.staging.schema import api_quotas, api_spend, runs

PRUNED = ""
"""The run of a daily sum."""

_USUAL = timedelta(days=2)
_USUAL_COMPARE = timedelta(days=8)


class SpendParts(StoreParts):
    """`engine.spending.spend_ports.SpendStore` on SQLAlchemy Core; none of it is fenced: what was spent was spent."""

    def book(self, entries: Sequence[SpendEntry], quotas: Mapping[Side, Quota]) -> None:
        """See `SpendStore.book`."""
        rows = [_row(entry) for entry in entries]

        def work(connection: Connection) -> None:
            if rows:
                connection.execute(insert(api_spend), rows)
            for side, quota in quotas.items():
                connection.execute(delete(api_quotas).where(api_quotas.c.system == side.value))
                told = {"system": side.value, "used": quota.used, "allowed": quota.allowed, "at": quota.at}
                connection.execute(insert(api_quotas).values(told))

        self.database.write(work)

    def spent(self, subjects: Collection[str] | None, *, today: date, now: datetime) -> Mapping[Side, Spent]:
        """See `SpendStore.spent`."""
        with self.database.read() as connection:
            sums = _sums(connection, today)
            quotas = told_quotas(connection)
            usual = _usual(connection, subjects, now)
        return {side: Spent(*sums.get(side, (0, 0)), quota=quotas.get(side), usual=usual.get(side, 0)) for side in Side}

    def override(self, entry: JournalEntry) -> None:
        """See `RunBook.override`."""
        self.database.write(lambda connection: self._outbox.journal(connection, [entry]))

    def prune_spend(self, before: date, *, dry_run: bool = False) -> int:
        """Fold the bookings of days (in UTC) before `before` into one row per day, system, subject and kind; how many
        rows go away.
        """
        with self.database.read() as connection:
            days = _unfolded(connection, before.isoformat())
        if dry_run:
            return sum(rows - sums for _, rows, sums in days)
        return sum(self.database.write(partial(_fold, day=day)) for day, _, _ in days)


def told_quotas(connection: Connection) -> dict[Side, Quota]:
    """What vendors last said of their own allowance."""
    rows = connection.execute(select(api_quotas)).all()
    return {Side(row.system): Quota(row.used, row.allowed, row.at) for row in rows}


def _row(entry: SpendEntry) -> dict[str, Any]:
    return {
        "run_id": entry.run_id, "entity": entry.entity, "system": entry.side.value, "billed": entry.billed,
        "requests": entry.requests, "at": entry.at, "step": entry.step, "kind": entry.kind,
        "day": entry.day.isoformat(), "local_day": entry.local_day.isoformat(),
    }  # fmt: skip


def _sums(connection: Connection, today: date) -> dict[Side, tuple[int, int]]:
    """Billed today and in the month of `today`, by system."""
    at = api_spend.c
    of_today: ColumnElement[int] = func.sum(case((at.local_day == today.isoformat(), at.billed), else_=0))
    query = select(at.system, of_today, func.sum(at.billed)).where(at.local_day >= today.replace(day=1).isoformat())
    return {Side(row[0]): (int(row[1]), int(row[2])) for row in connection.execute(query.group_by(at.system))}


def _usual(connection: Connection, subjects: Collection[str] | None, now: datetime) -> dict[Side, int]:
    """What a run on `subjects` (None: a comparison) billed of late, by system: the mean, rounded up."""
    at = api_spend.c
    query = select(at.system, func.sum(at.billed), func.count(distinct(at.run_id))).where(at.run_id != PRUNED)
    if subjects is None:
        compares = select(runs.c.run_id).where(runs.c.kind == "compare", runs.c.started_at >= now - _USUAL_COMPARE)
        query = query.where(at.run_id.in_(compares))
    else:
        query = query.where(at.at >= now - _USUAL, at.entity.in_(sorted(subjects)))
    rows = connection.execute(query.group_by(at.system)).all()
    return {Side(row[0]): -(-int(row[1]) // int(row[2])) for row in rows}


def _unfolded(connection: Connection, before: str) -> list[tuple[str, int, int]]:
    """Days before `before` with single bookings: how many, and how many daily sums they make."""
    at = api_spend.c
    old = (at.day < before, at.run_id != PRUNED)
    groups = select(at.day, func.count().label("rows")).where(*old).group_by(*_sum_keys()).subquery()
    query = select(groups.c.day, func.sum(groups.c.rows), func.count()).group_by(groups.c.day).order_by(groups.c.day)
    return [(row[0], int(row[1]), int(row[2])) for row in connection.execute(query)]


def _sum_keys() -> tuple[ColumnElement[Any], ...]:
    at = api_spend.c
    return at.day, at.local_day, at.system, at.entity, at.kind


def _fold(connection: Connection, *, day: str) -> int:
    """Sum up one day; how many rows fewer there are."""
    at, keys = api_spend.c, _sum_keys()
    old = (at.day == day) & (at.run_id != PRUNED)
    query = select(*keys, func.sum(at.billed), func.sum(at.requests), func.min(at.at), func.count())
    folded = connection.execute(query.where(old).group_by(*keys)).all()
    connection.execute(delete(api_spend).where(old))
    names = ("day", "local_day", "system", "entity", "kind", "billed", "requests", "at")
    rows = [dict(zip(names, row[:8], strict=True)) | {"run_id": PRUNED} for row in folded]
    for start in range(0, len(rows), 100):
        connection.execute(insert(api_spend), rows[start : start + 100])
    return sum(int(row[8]) for row in folded) - len(folded)
