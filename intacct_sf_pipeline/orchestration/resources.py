"""Dagster resources: configuration, both connectors, staging database, the pipeline built on them, run options, alerts.

None holds a secret: credentials come from the environment (`settings.py`) when a run starts, never from run
configuration, so they cannot appear in the Launchpad or in a stored run. Only what a person may want to change for one
run is configurable. Each gives out the plain object behind it, so that assets and tests deal in nothing of Dagster's.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field, SecretStr

from intacct_sf_pipeline.engine.context import RunOptions, utc_now
from intacct_sf_pipeline.engine.guarding.limits import require_forceable
from intacct_sf_pipeline.engine.ports import Connector
from intacct_sf_pipeline.engine.review.plan_file import PlanFile, require_applicable
from intacct_sf_pipeline.engine.review.plan_io import read_plan
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.config_file import config_in
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.orchestration import dead_runs
from intacct_sf_pipeline.orchestration.alerts import Channels
from intacct_sf_pipeline.orchestration.pipeline import Pipeline
from intacct_sf_pipeline.runtime import Runtime, build_connectors
from intacct_sf_pipeline.settings import load_settings
from intacct_sf_pipeline.staging.glance import Glance, StagingUnavailableError
from intacct_sf_pipeline.staging.setup import open_staging
from intacct_sf_pipeline.staging.store import SqlStagingStore


class ConfigurationResource(dg.ConfigurableResource[SyncConfig]):
    """The mapping, policies, schedule and limits that `SYNC_CONFIG` names."""

    def create_resource(self, _: dg.InitResourceContext) -> SyncConfig:
        """The file as it is now, or the packaged default."""
        return configuration()


class IntacctResource(dg.ConfigurableResource[Connector]):
    """The Sage Intacct company that the `INTACCT_` variables name."""

    def create_resource(self, _: dg.InitResourceContext) -> Connector:
        """A connector; nothing is called yet."""
        return build_connectors(load_settings())[Side.INTACCT]


class SalesforceResource(dg.ConfigurableResource[Connector]):
    """The Salesforce org that the `SALESFORCE_` variables name."""

    def create_resource(self, _: dg.InitResourceContext) -> Connector:
        """A connector; nothing is called yet."""
        return build_connectors(load_settings())[Side.SALESFORCE]


class StagingResource(dg.ConfigurableResource[SqlStagingStore]):
    """The staging database that `STAGING_DATABASE_URL` names, brought up to date when it is opened."""

    configuration: dg.ResourceDependency[SyncConfig]

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[SqlStagingStore]:
        """The store; its connections are given back at the end of the run.

        The run says first which process it is: from here on its death can be told from its silence.
        """
        if context.instance is not None and context.run is not None:
            dead_runs.sign(context.instance, context.run)
        with staging_store(self.configuration) as store:
            yield store


class RunOptionsResource(dg.ConfigurableResource[RunOptions]):
    """How this run differs from an ordinary tick; every option may be set in the Launchpad."""

    plan_only: bool = Field(default=False, description="Plan and show, write nothing to either system.")
    full: bool = Field(default=False, description="Read every row again, also what the watermarks have passed.")
    since: str = Field(default="", description="Read again what was modified from this moment on (ISO 8601, UTC).")
    until: str = Field(default="", description="With `since`: only what was modified before this moment.")
    limit: int = Field(default=0, ge=0, description="Write at most so many records per entity and side; 0: all.")
    retry_holds: bool = Field(default=False, description="Try held records again, whether their retry is due or not.")
    wait: int = Field(default=0, ge=0, description="Wait so many seconds for another run on the same records to end.")
    force: list[str] = Field(
        default=[],
        description="Limits and breakers to override (`accounts.deactivate`, `prices.unit_price`), or the `budget`.",
    )
    apply_plan: str = Field(
        default="", description="Path of a plan's file: write nothing but the lines of that plan which still hold."
    )
    max_plan_age_days: int = Field(default=7, ge=0, description="With `apply_plan`: refuse a plan older than that.")

    def create_resource(self, _: dg.InitResourceContext) -> RunOptions:
        """The options as the engine takes them.

        Raises:
            ConfigurationError: a moment is not understood, there is no such limit or breaker, or the plan cannot be
                applied.
        """
        return RunOptions(
            plan_only=self.plan_only,
            full=self.full,
            since=_moment("since", self.since),
            until=_moment("until", self.until),
            limit=self.limit or None,
            retry_holds=self.retry_holds,
            wait=self.wait,
            force=require_forceable(self.force, configuration()) if self.force else frozenset(),
            plan=approved_plan(Path(self.apply_plan), self.max_plan_age_days) if self.apply_plan else None,
        )


class PipelineResource(dg.ConfigurableResource[Pipeline]):
    """All of the above as the engine's steps take it; opens the run's ledger entry and closes it at the end."""

    configuration: dg.ResourceDependency[SyncConfig]
    intacct: dg.ResourceDependency[Connector]
    salesforce: dg.ResourceDependency[Connector]
    staging: dg.ResourceDependency[SqlStagingStore]
    run_options: dg.ResourceDependency[RunOptions]

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Pipeline]:
        """One run's pipeline, shared by all its steps in this process."""
        connectors = {Side.INTACCT: self.intacct, Side.SALESFORCE: self.salesforce}
        runtime = Runtime(load_settings(), self.configuration, self.staging, connectors)
        instance, run = context.instance, context.run
        part = instance is not None and run is not None and dead_runs.is_led(instance, run)
        pipeline = Pipeline(runtime, self.run_options, part=part)
        try:
            yield pipeline
        finally:
            pipeline.finish()


class AlertsResource(dg.ConfigurableResource[Channels]):
    """Whom `ALERT_WEBHOOK_URL`, `SMTP_URL` and `ALERT_EMAIL_TO` name."""

    def create_resource(self, _: dg.InitResourceContext) -> Channels:
        """The channels; empty ones are not used."""
        settings = load_settings()
        return Channels(
            webhook_url=_shown(settings.alert_webhook_url),
            smtp_url=_shown(settings.smtp_url),
            email_to=settings.alert_email_to or "",
        )


@contextmanager
def staging_store(config: SyncConfig) -> Iterator[SqlStagingStore]:
    """The store on the staging database that `STAGING_DATABASE_URL` names, until the block ends."""
    store = _opened(config)
    try:
        yield store
    finally:
        store.database.engine.dispose()


@contextmanager
def staging_glance(config: SyncConfig) -> Iterator[Glance]:
    """The staging database as a sensor looks at it: never changed, never waited for long; see `Glance`."""
    glance = Glance(lambda: _opened(config, upgrade=False))
    try:
        yield glance
    finally:
        glance.close()


def crashed_runs(run_ids: Collection[str]) -> frozenset[str]:
    """Those of these runs that the ledger knows to have crashed, after it was brought up to date.

    Empty when it cannot be asked now: a run of which nothing is known counts as alive.
    """
    with staging_glance(configuration()) as ledger:
        try:
            return ledger.crashed(run_ids)
        except StagingUnavailableError:
            return frozenset()


def approved_plan(path: Path, max_age_days: int) -> PlanFile:
    """The plan in `path`, fit to be applied now.

    Raises:
        ConfigurationError: it was changed, is too old, or was made with another mapping or version.
    """
    plan = read_plan(path)
    limit = timedelta(days=max_age_days)
    require_applicable(plan, configuration(), now=utc_now(), max_age=limit, name=str(path))
    return plan


def configuration() -> SyncConfig:
    """The configuration that `SYNC_CONFIG` names; a process parses a file once, until it is saved again.

    Raises:
        ConfigurationError: the file is missing or broken; it says where and what would be right.
    """
    return config_in(load_settings().sync_config)


def build_resources() -> dict[str, object]:
    """Every resource by the name under which assets, checks, sensors and the Launchpad know it."""
    sync_config = ConfigurationResource()
    # Typed by Dagster as the resource, not as what it gives; `at launch`, or the pipeline would see the defaults only.
    run_options: Any = RunOptionsResource.configure_at_launch()
    intacct, salesforce = IntacctResource(), SalesforceResource()
    staging = StagingResource(configuration=sync_config)
    return {
        "configuration": sync_config,
        "intacct": intacct,
        "salesforce": salesforce,
        "staging": staging,
        "run_options": run_options,
        "pipeline": PipelineResource(
            configuration=sync_config,
            intacct=intacct,
            salesforce=salesforce,
            staging=staging,
            run_options=run_options,
        ),
        "alerts": AlertsResource(),
    }


def _opened(config: SyncConfig, *, upgrade: bool = True) -> SqlStagingStore:
    url, retries = load_settings().database_url, config.policies.hold_retry_minutes
    return open_staging(url, config.mapping, utc_now, hold_retry_minutes=retries, upgrade=upgrade)


def _shown(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""


def _moment(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        cure = "write 2026-01-31 or 2026-01-31T08:00:00Z"
        raise ConfigurationError(f"{text!r} is not a moment", where=f"run option {name}", cure=cure) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
