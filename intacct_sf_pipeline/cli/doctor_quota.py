"""`doctor` on allowances: how far the org's calls are used, and whether the schedule alone fits into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from intacct_sf_pipeline.cli.findings import Finding, ok, problem, warning
from intacct_sf_pipeline.cli.fit import SYSTEM
from intacct_sf_pipeline.cli.forecast import IdleCost, idle_cost
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import Quota
from intacct_sf_pipeline.settings import Settings

MUCH: Final = 80
"""Percent of the calls of 24 hours from which on it is worth a warning."""
TOO_MUCH: Final = 95
"""Percent from which on a sync would soon be refused."""
MUCH_OF_A_SCHEDULE: Final = 50
"""Percent of an allowance that ticks without any change may take."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """One bound of units, a day's or a month's; beyond one that is not firm more is billed, not refused."""

    name: str
    units: int
    per_day: bool = False
    firm: bool = True

    def share(self, used: int) -> float:
        """Percent of it that is used."""
        return 100 * used / self.units if self.units else 100.0 if used == 0 else float("inf")


_UNIT: Final = {Side.INTACCT: "transactions", Side.SALESFORCE: "calls"}


def quota_findings(side: Side, quota: Quota | None) -> Iterator[Finding]:
    """How far the allowance is used, by all clients together, where the vendor tells."""
    if quota is None:
        if side is Side.SALESFORCE:
            yield ok(SYSTEM[side], "quota", "the service did not tell how many calls are left")
        return
    share = 100 * quota.used / quota.allowed if quota.allowed else 100.0
    told = f"{quota.used:,} of {quota.allowed:,} API calls of the last 24 hours are used, by all clients together"
    cure = (
        "Find who uses them (Setup > Company Information > API Requests, Last 24 Hours), widen the cadences in"
        " `schedule`, or buy more."
    )
    if share >= TOO_MUCH:
        yield problem(SYSTEM[side], "quota", f"{told}: a sync would soon be refused", cure)
    elif share >= MUCH:
        yield warning(SYSTEM[side], "quota", told, cure)
    else:
        yield ok(SYSTEM[side], "quota", told)


def forecast_findings(
    settings: Settings, config: SyncConfig, quotas: Mapping[Side, Quota | None], now: datetime
) -> Iterator[Finding]:
    """What the schedule costs when nothing changes, held against what is allowed."""
    from intacct_sf_pipeline.cli.doctor_database import landed_rows

    cost = idle_cost(config, landed_rows(settings, config), now)
    for side, quota in quotas.items():
        yield schedule_cost_finding(side, cost, allowed(config, side, quota))


def allowed(config: SyncConfig, side: Side, quota: Quota | None) -> tuple[Allowed, ...]:
    """All that bounds the use of one vendor's interface: its own quota, the budget, what the contract includes."""
    budget, included = config.budget.of(side), config.costs.of(side).included
    found = [
        Allowed("the org's calls a day", quota.allowed, per_day=True) if quota else None,
        Allowed("the budget of a day", budget.per_day, per_day=True) if budget.per_day is not None else None,
        Allowed("the budget of a month", budget.per_month) if budget.per_month is not None else None,
        Allowed("what is included a month", included, firm=False) if included is not None else None,
    ]
    return tuple(one for one in found if one is not None)


def schedule_cost_finding(side: Side, cost: IdleCost, bounds: Sequence[Allowed]) -> Finding:
    """What ticks without any change take of the bounds: of the one they take most of, and whether they fit."""
    day, month = cost.per_day.get(side, 0), cost.per_month.get(side, 0)
    told = f"the schedule takes up to {day:,} {_UNIT[side]} a day and {month:,} in 30 days when nothing changes"
    shares = [(bound.share(day if bound.per_day else month), bound) for bound in bounds]
    if not shares:
        return ok("schedule", SYSTEM[side], told)
    share, bound = max(shares, key=lambda pair: pair[0])
    told = f"{told}: {share:.1f} % of {bound.name} ({bound.units:,})"
    if share < MUCH_OF_A_SCHEDULE:
        return ok("schedule", SYSTEM[side], told)
    broken = any(one.firm and taken > 100 for taken, one in shares)
    cure = "Widen the cadences in `schedule` of the configuration, or raise the bound."
    return (problem if broken else warning)("schedule", SYSTEM[side], told, cure)
