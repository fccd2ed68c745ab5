"""Read models of spend: the month's figures, and how the budget stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from intacct_sf_pipeline.engine.spending.gate import subjects
from intacct_sf_pipeline.model.budget import COMPARE, bounds, judge
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.forecast import TREND_DAYS
from intacct_sf_pipeline.model.month import MonthFigure, SpendSum, month_figures
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.staging.schema import api_spend
from intacct_sf_pipeline.staging.spend import SpendParts, told_quotas

Json = dict[str, Any]


def month_of(connection: Connection, config: SyncConfig, now: datetime) -> list[MonthFigure]:
    """The present month at each vendor."""
    today = now.astimezone(config.schedule.zone).date()
    first = min(today.replace(day=1), today - timedelta(days=TREND_DAYS - 1))
    return month_figures(config, _sums(connection, first), now, _since(connection, first))


def budget_status(store: SpendParts, config: SyncConfig, now: datetime) -> Json:
    """How the budget stands now: each bound, and which flows would have to wait, with the reason.

    `bounds` (system, window, allowed, used, left, reserve, until), `waiting` (entity, priority, reason, until); `quota`
    is what Salesforce last said of the org's own allowance, whether the budget minds it or not.
    """
    zone, budget = config.schedule.zone, config.budget
    today = now.astimezone(zone).date()
    with store.database.read() as connection:
        quotas = {
            side.value: {"used": quota.used, "allowed": quota.allowed, "at": quota.at.isoformat()}
            for side, quota in told_quotas(connection).items()
        }
    if budget.off:
        return {"bounds": [], "waiting": [], "quota": quotas}
    flows = {entity.name: subjects(config, entity) for entity in config.mapping.enabled()}
    waiting = []
    for flow, spent_on in {**flows, COMPARE: None}.items():
        wait = judge(budget, flow, store.spent(spent_on, today=today, now=now), now, zone)
        if wait is not None:
            told = {"entity": flow, "priority": budget.priority_of(flow), "reason": wait.reason}
            waiting.append({**told, "until": wait.until.isoformat()})
    spent = store.spent((), today=today, now=now)
    found = [
        {
            "system": bound.side.value,
            "window": bound.window,
            "allowed": bound.allowed,
            "used": bound.used,
            "left": bound.left,
            "reserve": bound.reserve,
            "until": bound.until.isoformat(),
        }
        for bound in bounds(budget, spent, now, zone)
    ]
    return {"bounds": found, "waiting": waiting, "quota": quotas}


def _sums(connection: Connection, first: date) -> list[SpendSum]:
    at = api_spend.c
    keys = (at.system, at.entity, at.kind, at.local_day)
    query = select(*keys, func.sum(at.billed), func.sum(at.requests)).where(at.local_day >= first.isoformat())
    return [
        SpendSum(Side(system), entity, kind or "other", date.fromisoformat(day), int(billed), int(requests))
        for system, entity, kind, day, billed, requests in connection.execute(query.group_by(*keys))
    ]


def _since(connection: Connection, first: date) -> Mapping[Side, datetime]:
    """When counting began, if that was not before `first`: what is older is not looked back on."""
    at, found = api_spend.c, {}
    for side in Side:
        older = select(at.spend_id).where(at.local_day < first.isoformat(), at.system == side.value).limit(1)
        if connection.execute(older).first() is None:
            began = connection.execute(select(func.min(at.at)).where(at.system == side.value)).scalar()
            if began is not None:
                found[side] = began
    return found
