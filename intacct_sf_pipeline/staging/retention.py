"""What is history in the staging database, and when each kind of it goes; how it goes is in `sweeping`.

Never taken: watermarks, links, baselines, canonical records, queues, leases, open holds, decisions, plan lines whose
outcome is open, whatever belongs to a run at work, and the sums of the current month.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select

from intacct_sf_pipeline.model.plans import LineStatus
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.retention import RetentionConfig, kept_from
from intacct_sf_pipeline.staging import sweeping
from intacct_sf_pipeline.staging.ledger import RUNNING
from intacct_sf_pipeline.staging.schema import (
    api_spend,
    holds,
    journal,
    links,
    plan_lines,
    reconcile_queue,
    run_steps,
    runs,
    stage_queue,
    write_jobs,
)
from intacct_sf_pipeline.staging.space import Space, give_back, space_of
from intacct_sf_pipeline.staging.spend import PRUNED
from intacct_sf_pipeline.staging.store import SqlStagingStore
from intacct_sf_pipeline.staging.sweeping import Sweep
from intacct_sf_pipeline.staging.tables import LandingTable

LAST_RUNS = 20
"""So many of the last runs stay whatever their age: `status` shows them."""

SETTLED = (
    LineStatus.WRITTEN, LineStatus.REJECTED, LineStatus.FAILED, LineStatus.SUPERSEDED, LineStatus.HELD,
    LineStatus.REFUSED, LineStatus.NOTHING,
)  # fmt: skip
_BLANK = {"before_value": None, "after_value": None, "before_type": None, "after_type": None}


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """Rows taken (or, rehearsed, that would be) by kind, and the room the database took before and takes after."""

    rows: Mapping[str, int]
    before: Space
    after: Space

    def as_dict(self) -> dict[str, int]:
        """Names and figures, for JSON and metadata."""
        sizes = {"staging_bytes": self.after.bytes, "staging_bytes_free": self.after.free}
        return {f"{name}_rows": number for name, number in self.rows.items()} | sizes


def prune_history(
    store: SqlStagingStore, retention: RetentionConfig, *, now: datetime, dry_run: bool = False
) -> HistoryReport:
    """Drop the history that `retention` does not keep at `now`, and give the room back to the disk where that is ours
    to do (SQLite).
    """
    take = sweeping.count if dry_run else sweeping.run
    database, before = store.database, space_of(store.database)
    taken = {"api_spend": store.prune_spend(kept_from(now, retention.api_spend).date(), dry_run=dry_run)}
    for sweep in sweeps(store, retention, now):
        taken[sweep.name] = taken.get(sweep.name, 0) + take(database, sweep)
    return HistoryReport(taken, before, before if dry_run else give_back(database))


def sweeps(store: SqlStagingStore, retention: RetentionConfig, now: datetime) -> Iterator[Sweep]:
    """Every sweep, in an order in which none takes what a later one would still have to look at."""
    yield from _journal(retention, now)
    yield from _lines(retention, now)
    yield from _runs(store, kept_from(now, retention.runs))
    yield _closed_holds(kept_from(now, retention.closed_holds))
    jobs = write_jobs.c.closed_at
    yield Sweep(
        "write_jobs", write_jobs, write_jobs.c.job_id, jobs.is_not(None), jobs < kept_from(now, retention.write_jobs)
    )
    first = kept_from(now, retention.daily_spend).date().isoformat()
    yield Sweep(
        "daily_spend", api_spend, api_spend.c.spend_id, api_spend.c.run_id == PRUNED, api_spend.c.local_day < first
    )
    for landing in store.tables.landing.values():
        yield _deleted(store, landing, kept_from(now, retention.deleted_records))


def _journal(retention: RetentionConfig, now: datetime) -> Iterator[Sweep]:
    at = journal.c
    gone = at.at < kept_from(now, retention.journal)
    yield Sweep("journal", journal, at.entry_id, at.run_id != "", gone, in_order=True)
    old = at.at < kept_from(now, retention.journal_values)
    blank = _BLANK | {"dropped_at": now}
    yield Sweep("journal_values", journal, at.entry_id, at.dropped_at.is_(None), old, blank, in_order=True)


def _lines(retention: RetentionConfig, now: datetime) -> Iterator[Sweep]:
    at = plan_lines.c
    for name, statuses, days in (
        ("previews", (LineStatus.PREVIEW,), retention.previews),
        ("plan_lines", SETTLED, retention.plan_lines),
    ):
        settled = and_(at.status.in_([status.value for status in statuses]), ~_at_work(at.run_id))
        yield Sweep(name, plan_lines, at.seq, settled, at.created_at < kept_from(now, days), in_order=True)


def _runs(store: SqlStagingStore, horizon: datetime) -> Iterator[Sweep]:
    """Steps go with age; a run only when nothing it wrote is in the journal."""
    newest = select(runs.c.started_at).order_by(runs.c.started_at.desc()).offset(LAST_RUNS - 1).limit(1)
    with store.database.read() as connection:
        last = connection.execute(newest).scalar()
    if last is None:
        return
    kept = min(horizon, last)
    young = exists().where(
        runs.c.run_id == run_steps.c.run_id, or_(runs.c.started_at >= kept, runs.c.status == RUNNING)
    )
    yield Sweep("run_steps", run_steps, run_steps.c.step_id, run_steps.c.run_id != "", ~young, in_order=True)
    wrote = exists().where(journal.c.run_id == runs.c.run_id)
    idle = and_(runs.c.status != RUNNING, ~wrote)
    yield Sweep("runs", runs, runs.c.run_id, idle, runs.c.started_at < kept)


def _closed_holds(horizon: datetime) -> Sweep:
    """Not those that a Salesforce record still shows: they have to be taken down there first."""
    at = holds.c
    return Sweep(
        "closed_holds", holds, at.hold_id, and_(at.closed_at.is_not(None), at.shown.is_(None)), at.closed_at < horizon
    )


def _deleted(store: SqlStagingStore, landing: LandingTable, horizon: datetime) -> Sweep:
    """Landed rows of deleted records that nothing rests on: never linked, nothing waiting, nothing on hold."""
    at, side = landing.table.c, landing.feed.side
    free: list[ColumnElement[bool]] = [at.is_deleted]
    for role in (role for role in landing.roles if not role.alias):
        entity = store.mapping.entity(role.entity)
        partnered = links.c.intacct_key if side is Side.INTACCT else links.c.salesforce_id
        free.append(~exists().where(links.c.entity == entity.link_entity, partnered == at.record_key))
        for table, key in ((stage_queue, stage_queue.c.value), (reconcile_queue, reconcile_queue.c.record_key)):
            free.append(
                ~exists().where(table.c.entity == entity.name, table.c.side == side.value, key == at.record_key)
            )
        waits = (holds.c.entity == entity.name, holds.c.record_side == side.value, holds.c.closed_at.is_(None))
        free.append(~exists().where(*waits, holds.c.record_key == at.record_key))
    return Sweep("deleted_records", landing.table, at.record_key, and_(*free), at.read_at < horizon)


def _at_work(run_id: ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(runs.c.run_id == run_id, runs.c.status == RUNNING)
