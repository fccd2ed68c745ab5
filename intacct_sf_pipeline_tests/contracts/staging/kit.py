"""A store on a fresh database with a small mapping, a clock that is moved by hand, and short ways to put things in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Engine, text

from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec, SyncMapping
from intacct_sf_pipeline.model.plans import Baseline, FieldChange, Hold, HoldReason, Operation, PlanLine, Settlement
from intacct_sf_pipeline.model.records import CanonicalRecord, Link, Side, SourceRow
from intacct_sf_pipeline.staging.store import SqlStagingStore

START = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
RUN = "run-1"


class ManualClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> datetime:
        self.now += timedelta(**parts)
        return self.now


def small_mapping(*, extra_fields: tuple[dict[str, Any], ...] = ()) -> SyncMapping:
    """The mapping of `small_mapping.yaml`, its accounts with further fields."""
    content = yaml.safe_load((Path(__file__).parent / "small_mapping.yaml").read_text(encoding="utf-8"))
    content["entities"][0]["fields"] += extra_fields
    return SyncMapping.model_validate(content)


@dataclass
class Kit:
    """A store on a fresh database, and short ways to put things into it."""

    engine: Engine
    mapping: SyncMapping
    clock: ManualClock
    store: SqlStagingStore
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def feed(self, name: str, side: Side = Side.INTACCT) -> FeedSpec:
        return self.mapping.feed(side, name)

    def entity(self, name: str) -> EntityMapping:
        return self.mapping.entity(name)

    def land(self, feed: FeedSpec, *rows: SourceRow, **more: Any) -> Any:
        return self.store.land(feed, rows, run_id=RUN, **more)

    def customer(self, key: str, modified: datetime | None = START, **values: Any) -> SourceRow:
        return SourceRow(key, {"id": f"C{key}", "name": f"Company {key}", **values}, modified)

    def staged_keys(self, entity: str, side: Side = Side.INTACCT) -> list[str]:
        """Take and drop everything in a stage queue; the records' keys, as often as they came."""
        keys: list[str] = []
        while batch := self.store.stage_batch(self.entity(entity), side, 100):
            keys += [item.key for item in batch.items]
            records = [CanonicalRecord(item.key, {"name": item.key}) for item in batch.items]
            self.store.commit_stage(self.entity(entity), side, batch, records, run_id=RUN)
        return keys

    def stage(self, entity: str, side: Side, *records: CanonicalRecord) -> int:
        """Land and stage records given in canonical form."""
        spec = self.entity(entity)
        feed = self.mapping.feed(side, spec.side(side).feed)
        stamp = str(next(self.numbers))
        column = (
            self.mapping.columns(feed)[0]
            if self.mapping.columns(feed)[0] != feed.key
            else self.mapping.columns(feed)[1]
        )
        self.land(feed, *(SourceRow(record.key, {column: stamp}, START) for record in records))
        changed = 0
        while batch := self.store.stage_batch(spec, side, 1000):
            keys = {item.key for item in batch.items}
            mine = [record for record in records if record.key in keys]
            changed += self.store.commit_stage(spec, side, batch, mine, run_id=RUN)
        return changed

    def link(self, entity: str, intacct_key: str, salesforce_id: str) -> Link:
        return Link(entity, intacct_key, salesforce_id, "test", self.clock(), RUN)

    def reconcile(self, entity: str, *settlements: Settlement, run_id: str = RUN) -> None:
        """Take the whole queue and commit `settlements` for it."""
        batch = self.store.reconcile_batch(self.entity(entity), 1000)
        self.store.commit_reconcile(self.entity(entity), batch, settlements, run_id=run_id)

    def linked(self, entity: str, intacct_key: str, salesforce_id: str, **baseline: Any) -> None:
        """A linked pair with both records staged and nothing waiting."""
        self.stage(entity, Side.INTACCT, CanonicalRecord(intacct_key, baseline))
        self.stage(entity, Side.SALESFORCE, CanonicalRecord(salesforce_id, baseline))
        settlement = Settlement(
            entity,
            intacct_key,
            salesforce_id,
            link=self.link(entity, intacct_key, salesforce_id),
            baseline=Baseline(baseline),
        )
        self.reconcile(entity, settlement)

    def waiting(self, entity: str) -> list[tuple[str | None, str | None]]:
        """Cases in the reconcile queue as (Intacct key, Salesforce id)."""
        batch = self.store.reconcile_batch(self.entity(entity), 1000)
        return [(c.intacct.key if c.intacct else None, c.salesforce.key if c.salesforce else None) for c in batch.items]

    def rows(self, query: str) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(query)).mappings()]


def hold(
    key: str = "1",
    *fields: str,
    entity: str = "accounts",
    reason: HoldReason = HoldReason.CONFLICT,
    message: str = "why",
    state: str = "s",
) -> Hold:
    return Hold(entity, Side.INTACCT, key, Side.SALESFORCE, reason, message, fields, state)


def line(
    line_id: str,
    *,
    operation: Operation = Operation.UPDATE,
    side: Side = Side.SALESFORCE,
    run_id: str = RUN,
    **more: Any,
) -> PlanLine:
    defaults = {"target_key": "001A", "source_key": "1"}
    change = FieldChange(
        "credit", Decimal("1.50"), ("a", None), Decimal("2.5"), "newest", "changed", ("Credit__c", "X")
    )
    return PlanLine(
        line_id, run_id, more.pop("entity", "accounts"), side, operation, **(defaults | more), changes=(change,)
    )
