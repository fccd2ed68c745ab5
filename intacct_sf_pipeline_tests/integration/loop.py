"""The whole loop without Dagster.

A loopback sandbox over HTTP, a real database (`databases`), the engine's steps in their order.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from intacct_sf_pipeline.connectors.http import HttpOptions
from intacct_sf_pipeline.connectors.intacct import IntacctConnector, IntacctOptions
from intacct_sf_pipeline.connectors.intacct.xml import IntacctXmlConnector, IntacctXmlOptions
from intacct_sf_pipeline.connectors.salesforce import SalesforceConnector, SalesforceOptions
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.engine import steps
from intacct_sf_pipeline.engine.context import RunOptions, SyncContext
from intacct_sf_pipeline.engine.ports import Connector
from intacct_sf_pipeline.engine.review.compare import CompareReport, compare_entities
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.runtime import Runtime, open_runtime
from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline.sandbox.server import Sandbox, SandboxOptions, running_sandbox
from intacct_sf_pipeline.settings import Settings

from .databases import staging_url
from .doors import intacct_api, through

WRITES = ("created", "updated", "deactivated", "failed", "unknown")
STANDARD = SandboxOptions(accounts=30, contacts=50, items=16)
"""The companies of a test that does not mind which."""


@dataclass
class Tick:
    """What one run did, by entity."""

    planned: dict[str, Counter[str]] = field(default_factory=dict)
    written: dict[str, Counter[str]] = field(default_factory=dict)

    def total(self, *names: str) -> int:
        """Writes of these kinds over all entities (default: all kinds)."""
        return sum(counts[name] for counts in self.written.values() for name in names or WRITES)


@dataclass
class Loop:
    """A sandbox and a pipeline on it."""

    sandbox: Sandbox
    runtime: Runtime
    clock: OffsetClock
    runs: Iterator[int] = field(default_factory=lambda: count(1))

    def sync(self, **options: Any) -> Tick:
        """One tick over all entities; time passes before it, so that nothing happens in the same second."""
        self.clock.advance(60)
        run_id = f"run-{next(self.runs)}"
        kind = "plan" if options.get("plan_only") else "sync"
        rehearsed = self.runtime.rehearsal(run_id) if options.get("plan_only") else nullcontext(self.runtime)
        with rehearsed as runtime:
            tick = self._run(runtime.context(run_id, RunOptions(**options)), kind)
        self.clock.advance(60)
        return tick

    def _run(self, ctx: SyncContext, kind: str) -> Tick:
        mapping = self.runtime.config.mapping
        tick = Tick()
        ctx.store.start_run(
            ctx.run_id, kind=kind, entities=[entity.name for entity in mapping.enabled()], at=self.clock()
        )
        for feed in mapping.used_feeds():
            steps.extract(ctx, feed)
        for entity in mapping.enabled():
            steps.stage(ctx, entity)
            tick.planned[entity.name] = Counter(steps.reconcile(ctx, entity).counts)
            reports = [steps.write_back(ctx, entity, side) for side in SIDES]
            tick.written[entity.name] = Counter({k: sum(r.counts[k] for r in reports) for k in WRITES})
        ctx.store.finish_run(ctx.run_id, status="done", at=self.clock())
        return tick

    def compare(self) -> dict[str, CompareReport]:
        """Both sides read afresh."""
        ctx = self.runtime.context(f"compare-{next(self.runs)}")
        return compare_entities(ctx, self.runtime.config.mapping.enabled())

    def disagreements(self) -> dict[str, Any]:
        """Entities with unexplained differences, and these."""
        return {
            name: [d for d in report.differences if d.verdict == "unexplained"]
            for name, report in self.compare().items()
            if report.unexplained
        }

    def fault(self, rule: FaultRule) -> None:
        """Tell the sandbox to misbehave; a rule about Intacct's REST paths is said for the interface in use."""
        self.sandbox.faults.add(through(rule, self.sandbox.intacct_api))

    def account(self, record_id: str) -> Mapping[str, Any]:
        """A Salesforce account as it is."""
        return self.sandbox.org.row("Account", record_id) or {}

    def customer(self, key: str, *fields: str) -> dict[str, Any]:
        """An Intacct customer's members as they are."""
        return self.sandbox.company.read("accounts-receivable/customer", key, *fields)

    def partner(self, entity: str, side: str, key: str) -> str:
        """The key on the other side of the record `key` of `side`."""
        here = Side(side)
        return self.runtime.store.links(entity, here, [key])[key].key(here.other)

    def as_person(self, sobject: str, record_id: str, **values: Any) -> None:
        """A person edits a Salesforce record."""
        self.sandbox.org.write_as(self.sandbox.org.person, sobject, record_id, values)

    def new(self, sobject: str, **values: Any) -> str:
        """A person creates a Salesforce record."""
        return self.sandbox.org.create_as(self.sandbox.org.person, sobject, values)


@contextmanager
def running_loop(
    folder: Path, options: SandboxOptions | None = None, config: SyncConfig | None = None
) -> Iterator[Loop]:
    """A loop on a sandbox of its own, through the interface of `intacct_api`; waits before retries are skipped."""
    clock = OffsetClock()
    options = options or STANDARD
    with running_sandbox(replace(options, intacct_api=intacct_api()), clock=clock) as sandbox:
        url = staging_url(folder)
        settings = Settings.model_construct(staging_database_url=SecretStr(url), sync_config=None)
        with open_runtime(settings, config=config, connectors=connectors(sandbox), clock=clock) as runtime:
            yield Loop(sandbox, runtime, clock)


def bulk_from_rows() -> int | None:
    """From how many records on bulk jobs are used: TEST_BULK_FROM_ROWS, so that any test can run on jobs."""
    given = os.environ.get("TEST_BULK_FROM_ROWS")
    return int(given) if given else None


def connectors(
    sandbox: Sandbox,
    *,
    write_batch: int = 20,
    page_size: int = 4000,
    by_job: int | None = None,
    job_wait: float = 1800.0,
    timing: Timing | None = None,
    read_timeout: float = 5,
    entity: str | None = None,
    at_once: int | None = None,
) -> dict[Side, Connector]:
    """Connectors to the sandbox that wait for nothing and give up soon; `page_size` is that of Intacct's queries.

    The sandbox says through which interface Intacct is spoken to; `entity` is the Intacct entity to work in. `by_job`
    is from how many records on bulk jobs are used (default: `bulk_from_rows`), `job_wait` how long one is waited for,
    `at_once` how many requests may be open at each service (default: what each connector allows itself).
    """
    env = sandbox.env | ({"INTACCT_ENTITY_ID": entity} if entity else {})
    timing, http = timing or Timing(sleep=lambda _seconds: None), HttpOptions(read_timeout=read_timeout)
    through = _intacct_xml if env["INTACCT_API"] == "xml" else _intacct_rest
    return {
        Side.INTACCT: through(env, timing, http, page_size, write_batch, at_once),
        Side.SALESFORCE: SalesforceConnector(
            SalesforceOptions(
                env["SALESFORCE_LOGIN_URL"],
                env["SALESFORCE_CLIENT_ID"],
                SecretStr(env["SALESFORCE_CLIENT_SECRET"]),
                write_batch=write_batch,
                bulk_from_rows=bulk_from_rows() if by_job is None else by_job,
                bulk_wait=job_wait,
                concurrency=at_once or 4,
                http=http,
            ),
            timing,
        ),
    }


def _intacct_rest(
    env: Mapping[str, str], timing: Timing, http: HttpOptions, page_size: int, write_batch: int, at_once: int | None
) -> IntacctConnector:
    options = IntacctOptions(
        env["INTACCT_BASE_URL"],
        env["INTACCT_CLIENT_ID"],
        SecretStr(env["INTACCT_CLIENT_SECRET"]),
        env["INTACCT_USERNAME"],
        entity_id=env.get("INTACCT_ENTITY_ID"),
        page_size=page_size,
        write_batch=write_batch,
        concurrency=at_once or 6,
        http=http,
    )
    return IntacctConnector(options, timing)


def _intacct_xml(
    env: Mapping[str, str], timing: Timing, http: HttpOptions, page_size: int, write_batch: int, at_once: int | None
) -> IntacctXmlConnector:
    options = IntacctXmlOptions(
        env["INTACCT_XML_URL"],
        env["INTACCT_SENDER_ID"],
        SecretStr(env["INTACCT_SENDER_PASSWORD"]),
        env["INTACCT_COMPANY_ID"],
        env["INTACCT_USER_ID"],
        SecretStr(env["INTACCT_USER_PASSWORD"]),
        entity_id=env.get("INTACCT_ENTITY_ID"),
        page_size=min(page_size, 2000),
        write_batch=write_batch,
        concurrency=min(at_once or 1, 2),
        http=http,
    )
    return IntacctXmlConnector(options, timing)
