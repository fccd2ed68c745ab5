"""The run ledger: runs and their steps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import Row

from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import StepReport
from intacct_sf_pipeline.staging.codec import dumps, loads
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.leases import LeaseBook
from intacct_sf_pipeline.staging.schema import leases, run_steps, runs
from intacct_sf_pipeline.staging.workers import Fate

RUNNING = "running"
CRASHED = "crashed"
BILLED = {Side.INTACCT: "intacct_transactions", Side.SALESFORCE: "salesforce_calls"}
"""The vendor's unit of billing, as steps count it."""


class Ledger:
    """Writes the ledger; works inside the caller's transaction."""

    def __init__(self, database: Database, leases: LeaseBook) -> None:
        self._database, self._leases = database, leases

    def start(
        self,
        connection: Connection,
        run_id: str,
        kind: str,
        entities: Sequence[str],
        at: datetime,
        *,
        shared: bool = False,
    ) -> None:
        """Begin a run, or join one that began: its entities are added.

        With `shared` the run is the work of several processes, and none is noted whose death would be the run's.
        """
        known = connection.execute(select(runs.c.entities).where(runs.c.run_id == run_id)).one_or_none()
        if known is None:
            me = self._leases.worker
            row = {
                "run_id": run_id, "kind": kind, "entities": dumps(entities), "status": RUNNING, "started_at": at,
                "host": me.host, "pid": me.pid, "process": None if shared else me.process,
            }  # fmt: skip
            connection.execute(insert(runs).values(row))
            return
        before = loads(known[0])
        joined = list(dict.fromkeys([*before, *entities]))
        if joined != before:
            connection.execute(update(runs).where(runs.c.run_id == run_id).values(entities=dumps(joined)))

    def step(self, connection: Connection, run_id: str, entity: str, report: StepReport) -> None:
        """Add a step; what it spent was booked while it spent it (`spend.py`)."""
        spend = report.spend
        row = {
            "run_id": run_id, "entity": entity, "step": report.step, "subject": report.subject,
            "counts": dumps(report.counts), "billed": spend.billed, "requests": spend.requests,
            "seconds": report.seconds, "lag_seconds": report.lag_seconds,
        }  # fmt: skip
        connection.execute(insert(run_steps).values(row))

    def finish(self, connection: Connection, run_id: str, status: str, at: datetime) -> None:
        """Close a run."""
        connection.execute(update(runs).where(runs.c.run_id == run_id).values(status=status, finished_at=at))

    def dead(self, connection: Connection) -> list[str]:
        """Runs that are entered as running and have died.

        Of a process of this machine that is known; any other run has died when it holds no lease that is in force and
        began longer ago than a lease lasts.
        """
        now = self._database.clock()
        at_work = connection.execute(select(runs).where(runs.c.status == RUNNING)).all()
        if not at_work:
            return []
        in_force = select(leases.c.holder).where(leases.c.holder.is_not(None), leases.c.expires_at > now)
        holders = set(connection.execute(in_force).scalars())

        def died(run: Row[tuple[object, ...]]) -> bool:
            known = self._leases.fate(run.process)
            silent = run.run_id not in holders and run.started_at + self._leases.ttl < now
            return known is Fate.DEAD or (known is Fate.UNKNOWN and silent)

        return [run.run_id for run in at_work if died(run)]

    def crash(self, connection: Connection, run_ids: Collection[str]) -> None:
        """Close runs that have died; `finished_at` is when that was found."""
        at_work = (runs.c.status == RUNNING) & runs.c.run_id.in_(list(run_ids))
        connection.execute(update(runs).where(at_work).values(status=CRASHED, finished_at=self._database.clock()))

    def crashed(self, connection: Connection, run_ids: Collection[str]) -> frozenset[str]:
        """Those of `run_ids` that are entered as crashed."""
        query = select(runs.c.run_id).where(runs.c.status == CRASHED, runs.c.run_id.in_(list(run_ids)))
        return frozenset(connection.execute(query).scalars())
