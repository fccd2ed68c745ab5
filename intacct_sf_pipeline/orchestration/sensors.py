"""The sensors: stock that moved in Intacct, records that changed in Salesforce, and runs that failed.

The change sensors ask each object for its newest stamp, one call each, and compare it with how far that object has
been read. They hasten what the schedules would find anyway; what they miss (an object whose stamp does not move) the
schedule reads. They also run outside business hours: switch them off where that is not wanted. All start switched
off. None waits for a staging database that is busy: the tick is skipped, or what it spent is booked by a later one.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import dagster as dg

from intacct_sf_pipeline.engine.context import utc_now
from intacct_sf_pipeline.engine.ports import Connector
from intacct_sf_pipeline.engine.spending.till import Till
from intacct_sf_pipeline.model.config import Cadence, SyncConfig
from intacct_sf_pipeline.model.errors import ServiceError, SyncError
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.windows import Watermark
from intacct_sf_pipeline.orchestration import cadences, dead_runs, ticks
from intacct_sf_pipeline.orchestration.alerts import Channels, Failure, failure_text, send
from intacct_sf_pipeline.orchestration.jobs import sync_job
from intacct_sf_pipeline.orchestration.purse import UNBOOKED, Books, Purse, parsed
from intacct_sf_pipeline.orchestration.resources import staging_glance
from intacct_sf_pipeline.staging.glance import StagingUnavailableError

STOCK_EVERY_SECONDS = 300
CHANGES_EVERY_SECONDS = 120


class Ledger(Books, Protocol):
    """The staging database as a sensor needs it: what was read, and where looking is paid."""

    def watermark(self, feed: FeedSpec) -> Watermark | None:
        """See `StagingStore.watermark`; raises StagingUnavailableError when it cannot be read now."""
        ...


OpenLedger = Callable[[SyncConfig], AbstractContextManager[Ledger]]


def build_sensors(config: SyncConfig) -> list[dg.SensorDefinition]:
    """Every sensor the configuration has entities for."""
    used = cadences.used(config)
    sensors: list[dg.SensorDefinition] = [failure_sensor()]
    if "stock" in used:
        sensors.append(stock_sensor(config))
    if "customers" in used:
        sensors.append(salesforce_sensor(config))
    return sensors


def stock_sensor(config: SyncConfig, ledger: OpenLedger = staging_glance) -> dg.SensorDefinition:
    """Asks Intacct for the newest stamp of the stock rows; a service that does not stamp them leaves stock to the
    schedule.
    """
    rows = {related.feed for entity in cadences.entities(config, "stock") for related in entity.intacct.related}
    feeds = [feed for feed in _feeds(config, "stock", Side.INTACCT) if feed.name in rows]

    @dg.sensor(
        name="stock_moved",
        job_name=sync_job("stock"),
        minimum_interval_seconds=STOCK_EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Requests a stock sync when stock rows in Intacct are newer than the last read, by one query.",
    )
    def stock_moved(context: dg.SensorEvaluationContext, intacct: dg.ResourceParam[Connector]) -> dg.SensorResult:
        with ledger(config) as staging:
            return _look(context, "stock", feeds, intacct, staging, config.schedule.zone)

    return stock_moved


def salesforce_sensor(config: SyncConfig, ledger: OpenLedger = staging_glance) -> dg.SensorDefinition:
    """Asks Salesforce for the newest stamp of each object of the customer flows."""
    feeds = [feed for feed in _feeds(config, "customers", Side.SALESFORCE) if feed.modified is not None]

    @dg.sensor(
        name="salesforce_changed",
        job_name=sync_job("customers"),
        minimum_interval_seconds=CHANGES_EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description=f"Requests a sync of customers when something changed in Salesforce, by {len(feeds)} API calls.",
    )
    def salesforce_changed(
        context: dg.SensorEvaluationContext, salesforce: dg.ResourceParam[Connector]
    ) -> dg.SensorResult:
        with ledger(config) as staging:
            return _look(context, "customers", feeds, salesforce, staging, config.schedule.zone)

    return salesforce_changed


def failure_sensor(tell: Callable[[str, Channels], Sequence[str]] = send) -> dg.SensorDefinition:
    """Tells people by webhook and e-mail that a run failed; says where the channels are set when there are none."""

    @dg.run_failure_sensor(
        name="alert_on_failure",
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Tells Slack or Teams (ALERT_WEBHOOK_URL) and a mailbox (SMTP_URL, ALERT_EMAIL_TO) of failed runs.",
    )
    def alert_on_failure(
        context: dg.RunFailureSensorContext, alerts: dg.ResourceParam[Channels]
    ) -> dg.SkipReason | None:
        if not alerts:
            return dg.SkipReason("nobody to tell: set ALERT_WEBHOOK_URL, or SMTP_URL and ALERT_EMAIL_TO")
        run = context.dagster_run
        told = tell(failure_text(run.job_name, run.run_id, _failures(context)), alerts)
        context.log.info("told %s of failed run %s", ", ".join(told), run.run_id)
        return None

    return alert_on_failure


def _look(
    context: dg.SensorEvaluationContext,
    cadence: Cadence,
    feeds: Sequence[FeedSpec],
    connector: Connector,
    staging: Ledger,
    zone: ZoneInfo,
) -> dg.SensorResult:
    now = utc_now()
    busy = ticks.at_work(context.instance, cadence, now)
    if busy:
        return dg.SensorResult(skip_reason=busy)
    asked = parsed(context.cursor)
    purse = Purse(staging, context.sensor_name, asked, zone)
    try:
        watermarks = {feed.name: staging.watermark(feed) for feed in feeds}
    except StagingUnavailableError as error:
        return dg.SensorResult(skip_reason=f"{error}; nobody was asked")
    meters, quotas = {connector.side: connector.spend}, {connector.side: connector.quota}
    till = Till(context.sensor_name, purse, meters, quotas, utc_now, zone)
    try:
        with till.at_work(context.sensor_name, "sensor"):
            newest = {feed.name: connector.newest(feed) for feed in feeds}
    except ServiceError as error:
        return dg.SensorResult(skip_reason=f"could not look: {error}", cursor=_cursor(asked, {}, purse))
    moved = {
        name: at.isoformat()
        for name, at in newest.items()
        if at is not None and _is_news(at, asked.get(name), watermarks[name])
    }
    if not moved:
        return dg.SensorResult(skip_reason=_nothing(newest), cursor=_cursor(asked, {}, purse))
    stamps = json.dumps(_stamps(asked) | moved, sort_keys=True)
    request = ticks.run_request(context.instance, cadence, now, run_key=f"{context.sensor_name}:{stamps}")
    return dg.SensorResult(run_requests=[request], cursor=_cursor(asked, moved, purse))


def _cursor(asked: Mapping[str, Any], moved: Mapping[str, str], purse: Purse) -> str | None:
    """The new cursor; None when it stays as it is. The last thing a tick does: what is booked here must not stay."""
    left = purse.left()
    found = {**_stamps(asked), **moved, **({UNBOOKED: left} if left else {})}
    return None if found == asked else json.dumps(found, sort_keys=True)


def _stamps(asked: Mapping[str, Any]) -> dict[str, str]:
    return {name: stamp for name, stamp in asked.items() if name != UNBOOKED}


def _is_news(at: datetime, asked: str | None, watermark: Watermark | None) -> bool:
    """Newer than what was asked for already, and not older than the last complete read (stamps have whole seconds)."""
    if asked is not None and at <= datetime.fromisoformat(asked):
        return False
    return watermark is None or watermark.value is None or at >= watermark.value.replace(microsecond=0)


def _nothing(newest: Mapping[str, datetime | None]) -> str:
    bare = sorted(name for name, at in newest.items() if at is None)
    told = f"nothing newer than the last read of {', '.join(sorted(newest))}"
    return f"{told}; no stamps on {', '.join(bare)}, which the schedule reads in full" if bare else told


def _feeds(config: SyncConfig, cadence: Cadence, side: Side) -> list[FeedSpec]:
    return [feed for feed in config.mapping.used_feeds(*cadences.entities(config, cadence)) if feed.side is side]


def _failures(context: dg.RunFailureSensorContext) -> list[Failure]:
    found = []
    for event in context.get_step_failure_events():
        error = event.step_failure_data.error
        root = error.cause if error is not None and error.cause is not None else error
        found.append(
            Failure(event.step_key or "run", (root.cls_name or "") if root else "", root.message if root else "")
        )
    said = context.failure_event.message or ""
    if not found and said.startswith(dead_runs.GONE):
        found.append(Failure("run", SyncError.__name__, said))
    return found
