"""What the present month has cost at each vendor, what it comes to at its end, and the overage in money. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.costs import Overage, overage
from intacct_sf_pipeline.model.forecast import Daily, forecast
from intacct_sf_pipeline.model.mapping import SyncMapping
from intacct_sf_pipeline.model.records import Side

BUSINESS_HOURS_CADENCES = frozenset({"customers"})
"""Cadences that tick in business hours only; see `ScheduleConfig`."""


@dataclass(frozen=True, slots=True)
class SpendSum:
    """What was billed for one subject (flow or feed) and kind of call at one vendor on one local day."""

    side: Side
    subject: str
    kind: str
    day: date
    billed: int
    requests: int


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """One vendor's month; units are the vendor's (Intacct transactions, Salesforce calls)."""

    side: Side
    month: str
    billed: int
    requests: int
    forecast: int
    included: int | None
    over: Overage
    over_forecast: Overage
    currency: str
    entities: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)

    def document(self) -> dict[str, object]:
        """As `status --json` and `sync --json` print it; money is text, so that it stays exact."""
        return {
            "system": self.side.value,
            "month": self.month,
            "billed": self.billed,
            "requests": self.requests,
            "forecast": self.forecast,
            "included": self.included,
            "over": self.over.units,
            "over_forecast": self.over_forecast.units,
            "currency": self.currency,
            "cost": _text(self.over.amount),
            "cost_forecast": _text(self.over_forecast.amount),
            "entities": dict(self.entities),
            "kinds": dict(self.kinds),
        }


def month_figures(
    config: SyncConfig, sums: Sequence[SpendSum], now: datetime, since: Mapping[Side, datetime]
) -> list[MonthFigure]:
    """The month of `now` (in the company's time zone) at each vendor that has spent anything in it.

    Args:
        config: schedule, mapping and costs.
        sums: this month's, and those of the days the forecast looks back on.
        now: aware.
        since: when counting began, by vendor.
    """
    today = now.astimezone(config.schedule.zone).date()
    business = business_subjects(config.mapping)
    found = []
    for side in Side:
        own = [row for row in sums if row.side is side]
        month = [row for row in own if (row.day.year, row.day.month) == (today.year, today.month)]
        if not month:
            continue
        billed = sum(row.billed for row in month)
        daily = Daily(_by_day(own, business), _by_day(own, business, others=True))
        expected = forecast(config.schedule, daily, now, since.get(side))
        tariff = config.costs.of(side)
        found.append(
            MonthFigure(
                side,
                f"{today:%Y-%m}",
                billed,
                sum(row.requests for row in month),
                expected,
                tariff.included,
                overage(tariff, billed),
                overage(tariff, expected),
                config.costs.currency,
                _counted((row.subject, row.billed) for row in month),
                _counted((row.kind, row.billed) for row in month),
            )
        )
    return found


def business_subjects(mapping: SyncMapping) -> frozenset[str]:
    """Flows, and feeds read by nobody else, that are at work in business hours only."""
    names = {entity.name: entity.cadence in BUSINESS_HOURS_CADENCES for entity in mapping.enabled()}
    for feed in mapping.used_feeds():
        users = [entity.cadence in BUSINESS_HOURS_CADENCES for entity in mapping.consumers(feed)]
        names[feed.name] = names.get(feed.name, True) and all(users)
    return frozenset(name for name, only in names.items() if only)


def _by_day(rows: Iterable[SpendSum], business: Collection[str], *, others: bool = False) -> dict[date, int]:
    found: Counter[date] = Counter()
    for row in rows:
        if (row.subject in business) is not others:
            found[row.day] += row.billed
    return dict(found)


def _counted(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for name, number in pairs:
        found[name] += number
    return {name: number for name, number in sorted(found.items()) if number}


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
