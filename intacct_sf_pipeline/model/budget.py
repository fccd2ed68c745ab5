"""The budget: how much of each vendor's allowance may be spent, what is kept back for what matters, and the decision.

Pure: the figures come from the ledger (`engine.spending.gate` asks for them), the decision is made here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.spend import Spent

Priority = Literal["high", "middle", "low"]
COMPARE = "compare"
"""The name under which the nightly comparison has a priority."""

BUDGET = "budget"
"""How `--force` names the budget."""

QUOTA_BELIEVED = timedelta(hours=1)
"""How long the last word of a vendor about its own allowance counts; the figure is of 24 rolling hours."""

_UNIT = {Side.INTACCT: "transactions", Side.SALESFORCE: "calls"}
_SHARE: Mapping[Priority, Decimal] = {"high": Decimal(0), "middle": Decimal("0.5"), "low": Decimal(1)}
"""The share of the reserve that a priority leaves to those above it."""


class Allowance(BaseModel):
    """What may be spent at one vendor; `null`: no bound.

    `reserve` is the share (in percent) of each bound that is kept for what has a higher priority.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_day: int | None = Field(default=None, ge=0)
    per_month: int | None = Field(default=None, ge=0)
    reserve: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(10)


class SalesforceAllowance(Allowance):
    """The same for Salesforce; `org_quota` also minds the org's own allowance, which all its clients share."""

    org_quota: bool = False


class BudgetConfig(BaseModel):
    """The bounds, and the priority of each flow and of the nightly comparison."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    intacct: Allowance = Allowance()
    salesforce: SalesforceAllowance = SalesforceAllowance()
    priority: Mapping[str, Priority] = Field(default_factory=dict)

    @property
    def off(self) -> bool:
        """Whether there is no bound at all."""
        bounds = (self.intacct, self.salesforce)
        return not self.salesforce.org_quota and all(a.per_day is None and a.per_month is None for a in bounds)

    def of(self, side: Side) -> Allowance:
        """The bounds at one vendor."""
        return self.intacct if side is Side.INTACCT else self.salesforce

    def priority_of(self, flow: str) -> Priority:
        """The priority of a flow; `middle` when the file names none."""
        return self.priority.get(flow, "middle")


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound and how far it is used up; `until` is when there is room again, as far as that is known."""

    side: Side
    window: Literal["day", "month", "24 hours"]
    allowed: int
    used: int
    reserve: int
    until: datetime

    @property
    def left(self) -> int:
        """Units that may still be spent."""
        return max(0, self.allowed - self.used)


@dataclass(frozen=True, slots=True)
class Wait:
    """A flow has to wait: why, and until when at the latest (UTC)."""

    flow: str
    reason: str
    until: datetime
    side: Side = Side.INTACCT

    def told(self) -> str:
        """One line for people."""
        return f"{self.flow} waits for the budget: {self.reason} (until {self.until:%Y-%m-%d %H:%M} UTC at the latest)"


def judge(budget: BudgetConfig, flow: str, spent: Mapping[Side, Spent], now: datetime, zone: ZoneInfo) -> Wait | None:
    """Whether `flow` has to wait; None: it may go.

    It may when, after what such a run usually costs, each bound still holds the share of the reserve that is kept for
    what matters more: all of it from a low priority, half of it from a middle one, nothing from a high one. What
    matters most spends the reserve and stops when nothing is left.
    """
    priority = budget.priority_of(flow)
    found: list[Wait] = []
    for bound in bounds(budget, spent, now, zone):
        keep = _kept(bound.reserve, priority)
        usual = spent.get(bound.side, Spent()).usual if keep else 0
        if bound.left <= 0 or bound.left - usual < keep:
            found.append(Wait(flow, _reason(bound, priority, keep, usual), bound.until, bound.side))
    return max(found, key=lambda wait: wait.until, default=None)


def bounds(budget: BudgetConfig, spent: Mapping[Side, Spent], now: datetime, zone: ZoneInfo) -> Iterator[Bound]:
    """Every bound there is, with what is used of it; days and months are those of `zone`."""
    for side in Side:
        allowance, used = budget.of(side), spent.get(side, Spent())
        if allowance.per_day is not None:
            yield _bound(side, "day", allowance.per_day, used.today, allowance, next_day(now, zone))
        if allowance.per_month is not None:
            yield _bound(side, "month", allowance.per_month, used.month, allowance, next_month(now, zone))
        quota = used.quota if isinstance(allowance, SalesforceAllowance) and allowance.org_quota else None
        if quota is not None and now - quota.at < QUOTA_BELIEVED:
            until = quota.at + timedelta(days=1)
            yield _bound(side, "24 hours", quota.allowed, quota.used, allowance, until)


def next_day(now: datetime, zone: ZoneInfo) -> datetime:
    """The next midnight in `zone`, in the zone of `now`."""
    day = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(now.tzinfo)


def next_month(now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of the next month in `zone`, in the zone of `now`."""
    day = (now.astimezone(zone).date().replace(day=28) + timedelta(days=4)).replace(day=1)
    return datetime.combine(day, time(), zone).astimezone(now.tzinfo)


def _bound(
    side: Side,
    window: Literal["day", "month", "24 hours"],
    allowed: int,
    used: int,
    allowance: Allowance,
    until: datetime,
) -> Bound:
    return Bound(side, window, allowed, used, -int(-allowed * allowance.reserve // 100), until)


def _kept(reserve: int, priority: Priority) -> int:
    return -int(-reserve * _SHARE[priority] // 1)


def _reason(bound: Bound, priority: Priority, keep: int, usual: int) -> str:
    what = f"{bound.left} of {bound.allowed} {_UNIT[bound.side]} are left of the {bound.window} at {bound.side.value}"
    if bound.left <= 0 or not keep:
        return what
    cost = f", a run of it takes about {usual}" if usual else ""
    return f"{what}{cost}, and {keep} are kept for what matters more than {priority} priority"
