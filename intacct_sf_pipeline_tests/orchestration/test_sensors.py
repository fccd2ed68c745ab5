"""The sensors ask cheaply, ask once per change, and tell people of failures without telling them secrets."""

import sqlite3
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial

import dagster as dg
import pytest

from intacct_sf_pipeline.model.errors import ServiceReply, TransientError
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import Spend
from intacct_sf_pipeline.model.windows import Watermark
from intacct_sf_pipeline.orchestration.alerts import Channels
from intacct_sf_pipeline.orchestration.build import build_definitions
from intacct_sf_pipeline.orchestration.jobs import CADENCE_TAG
from intacct_sf_pipeline.orchestration.partitions import TICK_TAG
from intacct_sf_pipeline.orchestration.sensors import failure_sensor, salesforce_sensor, stock_sensor
from intacct_sf_pipeline.staging.glance import Glance, StagingUnavailableError
from intacct_sf_pipeline.staging.setup import open_staging
from intacct_sf_pipeline_tests.orchestration.jobs import failures, population, run, written

READ_AT = datetime(2026, 3, 2, 12, 0, 30, 500000, tzinfo=UTC)


class Service:
    """A service whose objects have a newest stamp; counts how often it is asked."""

    side = Side.SALESFORCE

    def __init__(self, **stamps: datetime | None) -> None:
        self.stamps, self.asked = stamps, []

    def newest(self, feed):
        self.asked.append(feed.name)
        return self.stamps.get(feed.name)

    def spend(self):
        return Spend(len(self.asked), len(self.asked))

    def quota(self):
        return None


class Down(Service):
    """A service in trouble."""

    def newest(self, feed):
        self.asked.append(feed.name)
        raise TransientError(ServiceReply("salesforce", f"query {feed.object}", 503, message="unavailable"))


class Staging:
    """A staging database in which every feed has been read up to one moment (None: never).

    One that is `busy` cannot be written, one that is `gone` not even read.
    """

    def __init__(self, read_at: datetime | None, *, busy: bool = False, gone: bool = False) -> None:
        self.read_at, self.busy, self.gone, self.booked = read_at, busy, gone, []

    def book(self, entries, quotas):
        if self.busy:
            raise StagingUnavailableError("is busy")
        self.booked += entries

    def watermark(self, feed):
        if self.gone:
            raise StagingUnavailableError("cannot be used now")
        return None if self.read_at is None else Watermark(feed.name, self.read_at)


@pytest.fixture(scope="module")
def defs(config):
    return build_definitions(config)


@pytest.fixture
def look(config, instance, defs):
    """Evaluates the Salesforce sensor."""

    def evaluate(service, staging=None, cursor=None, sensor=salesforce_sensor):
        with dg.build_sensor_context(
            instance=instance, cursor=cursor, repository_def=defs.get_repository_def(), sensor_name="salesforce_changed"
        ) as context:
            resource = "salesforce" if sensor is salesforce_sensor else "intacct"
            looks = sensor(config, lambda _: nullcontext(staging or Staging(READ_AT)))
            return looks(context, **{resource: service})

    return evaluate


def test_one_call_per_object_and_no_run_when_nothing_is_newer(look):
    service = Service(accounts=READ_AT - timedelta(hours=1), contacts=READ_AT - timedelta(days=1))
    result = look(service)
    assert sorted(service.asked) == ["accounts", "contacts", "content_notes", "notes"]
    assert not result.run_requests
    assert "nothing newer" in result.skip_reason.skip_message


def test_a_change_asks_for_one_run_and_is_not_asked_for_twice(look):
    service = Service(contacts=READ_AT + timedelta(minutes=1))
    first = look(service)
    (request,) = first.run_requests
    assert request.tags[TICK_TAG] == "true"
    again = look(service, cursor=first.cursor)
    assert not again.run_requests
    later = look(Service(contacts=READ_AT + timedelta(minutes=2)), cursor=first.cursor)
    assert later.run_requests[0].run_key != request.run_key


def test_a_change_in_the_second_of_the_last_read_is_not_missed(look):
    assert look(Service(accounts=READ_AT.replace(microsecond=0))).run_requests


def test_what_was_never_read_is_news(look):
    assert look(Service(accounts=datetime(2001, 1, 1, tzinfo=UTC)), staging=Staging(None)).run_requests


def test_a_service_in_trouble_is_a_reason_to_skip_and_nothing_is_forgotten(look):
    result = look(Down(), cursor='{"accounts": "2026-03-01T00:00:00+00:00"}')
    assert "could not look" in result.skip_reason.skip_message
    assert result.cursor is None, "the cursor stays as it was"


def test_no_run_is_asked_for_while_one_is_at_work_and_nobody_is_called(look, instance, defs):
    instance.create_run_for_job(defs.resolve_job_def("sync_customers"), tags={CADENCE_TAG: "customers"})
    service = Service(contacts=datetime.now(UTC))
    result = look(service)
    assert "still at work" in result.skip_reason.skip_message
    assert service.asked == []
    assert result.cursor is None


def test_stock_rows_without_stamps_are_left_to_the_schedule(look):
    result = look(Service(stock=None), sensor=stock_sensor)
    assert "no stamps on stock" in result.skip_reason.skip_message


def test_moved_stock_is_seen_and_edited_items_are_not_asked_about(look):
    service = Service(stock=READ_AT + timedelta(minutes=3))
    assert look(service, sensor=stock_sensor).run_requests
    assert service.asked == ["stock"]


def evaluated(definitions, instance, sensor, service, cursor):
    """What a sensor that asks `service` finds, evaluated as the daemon does."""
    with dg.build_sensor_context(
        instance=instance,
        cursor=cursor,
        repository_def=definitions.get_repository_def(),
        sensor_name=sensor,
        resources={service: definitions.resources[service]},
    ) as context:
        return definitions.resolve_sensor_def(sensor).evaluate_tick(context)


def test_in_the_sandbox_an_edit_is_seen_synced_and_then_forgotten(world, config):
    """The whole way: first sync, silence, a person's edit, one request, one sync, silence again."""
    definitions = build_definitions(config)

    seen = partial(evaluated, definitions, world.instance, "salesforce_changed", "salesforce")

    assert seen(None).run_requests, "nothing has been read yet"
    for _ in range(2):
        done = run(world.instance, config, "sync_customers")
        assert done.success, failures(done)
    cursor = None
    before = population(world.sandbox)
    pair = next(pair for pair in world.sandbox.truth if pair.entity == "accounts")
    world.sandbox.org.write_as(world.sandbox.org.person, "Account", pair.salesforce_id, {"Phone": "+1 415-555-0142"})
    ticked = seen(cursor)
    assert len(ticked.run_requests) == 1
    synced = run(world.instance, config, "sync_customers")
    assert written(synced)["updated"] == 1
    assert population(world.sandbox) == before
    assert not seen(ticked.cursor).run_requests


def failed_run(instance):
    @dg.op
    def breaks():
        raise ValueError("Key (email)=(jo@acme.example) already exists")

    @dg.job(name="sync_customers", executor_def=dg.in_process_executor)
    def job():
        breaks()

    return job.execute_in_process(instance=instance, raise_on_error=False)


@pytest.mark.parametrize("channels", [Channels(webhook_url="https://hooks.example/T0"), Channels()])
def test_a_failed_run_is_told_once_and_without_values(instance, channels):
    told = []

    def tell(text, where):
        told.append((text, where))
        return ["webhook"]

    result = failed_run(instance)
    context = dg.build_run_status_sensor_context(
        sensor_name="alert_on_failure",
        dagster_event=result.get_run_failure_event(),
        dagster_instance=instance,
        dagster_run=result.dagster_run,
    ).for_run_failure()
    reply = failure_sensor(tell)(context, alerts=channels)
    if not channels:
        assert told == []
        assert "ALERT_WEBHOOK_URL" in reply.skip_message
        return
    ((text, where),) = told
    assert where is channels
    assert "sync_customers" in text
    assert result.run_id in text
    assert "breaks: ValueError" in text
    assert "acme.example" not in text


@pytest.mark.parametrize("service", [Service(accounts=READ_AT), Down()])
def test_looking_is_booked_under_the_sensor_also_when_it_fails(look, service):
    staging = Staging(READ_AT)
    look(service, staging=staging)
    assert sum(entry.billed for entry in staging.booked) == len(service.asked) > 0
    assert {(entry.run_id, entry.step, entry.side) for entry in staging.booked} == {
        ("salesforce_changed", "sensor", Side.SALESFORCE)
    }


@pytest.mark.parametrize("stamp", [READ_AT + timedelta(minutes=1), READ_AT - timedelta(days=1)])
def test_a_busy_database_fails_no_tick_and_what_was_spent_is_booked_once_by_a_later_one(look, stamp):
    service, staging, cursor = Service(contacts=stamp), Staging(READ_AT, busy=True), None
    requested = []
    for _ in range(3):
        result = look(service, staging=staging, cursor=cursor)
        requested += result.run_requests or []
        cursor = result.cursor or cursor
    assert staging.booked == []
    assert len(cursor) < 400, "the cursor does not grow with the number of ticks"
    staging.busy = False
    for _ in range(2):
        result = look(service, staging=staging, cursor=cursor)
        requested += result.run_requests or []
        cursor = result.cursor or cursor
    assert sum(entry.billed for entry in staging.booked) == len(service.asked) == 5 * 4
    assert {entry.run_id for entry in staging.booked} == {"salesforce_changed"}
    assert len(requested) == (stamp > READ_AT)
    assert look(service, staging=staging, cursor=cursor).cursor is None, "nothing is left to be remembered"


def test_nobody_is_asked_when_the_database_cannot_be_read(look):
    service = Service(contacts=READ_AT + timedelta(minutes=1))
    result = look(service, staging=Staging(READ_AT, gone=True), cursor='{"accounts": "2026-03-01T00:00:00+00:00"}')
    assert "the staging database cannot be used now" in result.skip_reason.skip_message
    assert (service.asked, result.cursor) == ([], None)


def test_a_write_transaction_of_somebody_else_fails_no_tick(world, config, look):
    """The real database, locked as by a run that is storing what it read."""
    url = f"sqlite:///{world.folder / 'staging.db'}"

    @contextmanager
    def hasty(_config):
        opened = open_staging(url, config.mapping, lambda: READ_AT, upgrade=False)
        glance = Glance(lambda: opened, busy_seconds=0.01)
        yield glance
        glance.close()

    open_staging(url, config.mapping, lambda: READ_AT).database.engine.dispose()
    service = Service(contacts=READ_AT)
    with closing(sqlite3.connect(world.folder / "staging.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with hasty(config) as ledger:
            result = look(service, staging=ledger)
        other.execute("ROLLBACK")
    assert len(result.run_requests) == 1
    assert world.rows("select * from api_spend") == []
    with hasty(config) as ledger:
        again = look(service, staging=ledger, cursor=result.cursor)
    assert not again.run_requests
    assert world.rows("select sum(billed) from api_spend where run_id = 'salesforce_changed'") == [(8,)]


def test_a_database_that_no_run_has_made_yet_is_not_made_by_a_sensor(world, config):
    definitions = build_definitions(config)

    tick = partial(evaluated, definitions, world.instance, "stock_moved", "intacct")

    first = tick(None)
    assert world.rows("select name from sqlite_master where name = 'api_spend'") == []
    open_staging(f"sqlite:///{world.folder / 'staging.db'}", config.mapping, lambda: READ_AT).database.engine.dispose()
    tick(first.cursor)
    booked = world.rows("select sum(billed), count(distinct at) from api_spend where run_id = 'stock_moved'")
    assert booked == [(2, 2)], "both looks are paid, the first one when that became possible"
