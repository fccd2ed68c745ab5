"""A run whose process has died is closed once and holds nobody up; a run whose process lives is never touched."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.launcher.base import WorkerStatus
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from intacct_sf_pipeline.orchestration.alerts import Channels
from intacct_sf_pipeline.orchestration.build import build_definitions
from intacct_sf_pipeline.orchestration.dead_runs import (
    GONE,
    PROCESS_TAG,
    SIGNED_WITHIN,
    UNFINISHED,
    living_runs,
    sign,
    signature,
)
from intacct_sf_pipeline.orchestration.jobs import CADENCE_TAG
from intacct_sf_pipeline.orchestration.launcher import WatchfulRunLauncher
from intacct_sf_pipeline.orchestration.pipeline import OPTION_TAG
from intacct_sf_pipeline.orchestration.sensors import failure_sensor
from intacct_sf_pipeline.orchestration.ticks import at_work
from intacct_sf_pipeline.staging.workers import Worker, start_of, this_worker
from intacct_sf_pipeline_tests.orchestration.jobs import failures, run

EVENTS = {
    dg.DagsterRunStatus.QUEUED: [dg.DagsterEventType.PIPELINE_ENQUEUED],
    dg.DagsterRunStatus.NOT_STARTED: [],
    dg.DagsterRunStatus.STARTING: [dg.DagsterEventType.PIPELINE_STARTING],
    dg.DagsterRunStatus.STARTED: [dg.DagsterEventType.PIPELINE_START],
    dg.DagsterRunStatus.CANCELING: [dg.DagsterEventType.PIPELINE_START, dg.DagsterEventType.PIPELINE_CANCELING],
}
STATUSES = dg.DagsterRunStatus


@pytest.fixture(scope="module")
def defs(config):
    return build_definitions(config)


@pytest.fixture(scope="module")
def died() -> Worker:
    """A process of this machine that was killed."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        me = this_worker()
        worker = Worker(me.host, process.pid, me.machine, start_of(process.pid) or "")
        process.kill()
    return worker


LOCATION = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("intacct_sf_pipeline"), "__repository__")
CODE = RepositoryPythonOrigin("python", ModuleCodePointer("intacct_sf_pipeline.definitions", "defs"))
ELSEWHERE = Worker("web-2", 7, "web-2/0123456789ab", "99")


@pytest.fixture
def leave(instance, defs):
    """Leaves an unfinished run behind, as the process `worker` would have (None: it never said which it is)."""

    def left(status, worker, job="sync_customers", cadence="customers", **tags):
        found = instance.create_run_for_job(
            defs.resolve_job_def(job),
            tags={CADENCE_TAG: cadence, **tags},
            remote_job_origin=RemoteJobOrigin(LOCATION, job),
            job_code_origin=JobPythonOrigin(job, CODE),
        )
        for kind in EVENTS[status]:
            instance.report_dagster_event(dg.DagsterEvent(kind.value, job), found.run_id)
        if worker is not None:
            instance.add_run_tags(found.run_id, signature(found.run_id, worker))
        assert instance.get_run_by_id(found.run_id).status is status
        return found.run_id

    return left


def status(instance, run_id):
    return instance.get_run_by_id(run_id).status


def told(instance, run_id):
    kinds = {dg.DagsterEventType.PIPELINE_FAILURE, dg.DagsterEventType.PIPELINE_CANCELED}
    return [record.event_log_entry.message for record in instance.get_records_for_run(run_id, of_type=kinds).records]


def now():
    return datetime.now(UTC)


@pytest.mark.parametrize("before", [STATUSES.NOT_STARTED, STATUSES.STARTING, STATUSES.STARTED, STATUSES.CANCELING])
def test_a_run_of_a_killed_process_is_closed_once_and_says_why(instance, leave, died, before):
    run_id = leave(before, died)
    for _ in range(2):
        assert living_runs(instance, now()) == []
    assert status(instance, run_id) is (STATUSES.CANCELED if before is STATUSES.CANCELING else STATUSES.FAILURE)
    (message,) = told(instance, run_id)
    assert message.startswith(GONE)
    assert str(died.pid) in message


@pytest.mark.parametrize("before", [STATUSES.NOT_STARTED, STATUSES.STARTING, STATUSES.STARTED, STATUSES.CANCELING])
@pytest.mark.parametrize("worker", [this_worker(), ELSEWHERE])
def test_a_run_that_lives_or_of_which_nothing_is_known_is_left_alone(instance, leave, before, worker):
    run_id = leave(before, worker)
    (record,) = living_runs(instance, now() + timedelta(days=1))
    assert record.dagster_run.run_id == run_id
    assert status(instance, run_id) is before


def test_a_number_that_was_given_to_a_later_process_does_not_deceive(instance, leave):
    me = this_worker()
    run_id = leave(STATUSES.STARTED, Worker(me.host, os.getpid(), me.machine, "1"))
    assert living_runs(instance, now()) == []
    assert status(instance, run_id) is STATUSES.FAILURE


def test_of_a_run_on_another_machine_the_ledger_knows(instance, leave, died):
    lost, lives = leave(STATUSES.STARTED, ELSEWHERE), leave(STATUSES.STARTED, ELSEWHERE)
    leave(STATUSES.STARTED, died)
    asked = []

    def crashed(run_ids):
        asked.append(set(run_ids))
        return [lost]

    assert [r.dagster_run.run_id for r in living_runs(instance, now(), crashed=crashed)] == [lives]
    assert asked == [{lost, lives}]
    assert status(instance, lost) is STATUSES.FAILURE


def test_the_ledger_is_not_asked_without_need(instance, leave, died):
    def crashed(run_ids):
        raise AssertionError(run_ids)

    leave(STATUSES.STARTED, died)
    leave(STATUSES.STARTED, this_worker())
    leave(STATUSES.QUEUED, None)
    assert len(living_runs(instance, now(), crashed=crashed)) == 2


@pytest.mark.parametrize("before", [STATUSES.NOT_STARTED, STATUSES.STARTING, STATUSES.STARTED])
def test_a_run_that_never_came_to_say_who_it_is_is_given_up_after_a_while(instance, leave, before):
    run_id = leave(before, None)
    assert len(living_runs(instance, now() + SIGNED_WITHIN - timedelta(seconds=30))) == 1
    assert living_runs(instance, now() + SIGNED_WITHIN + timedelta(seconds=30)) == []
    assert status(instance, run_id) is STATUSES.FAILURE


def test_a_queued_run_waits_as_long_as_it_takes(instance, leave):
    run_id = leave(STATUSES.QUEUED, None)
    assert len(living_runs(instance, now() + timedelta(days=3))) == 1
    assert status(instance, run_id) is STATUSES.QUEUED


def test_a_run_that_is_executed_again_is_not_taken_for_the_first_one(instance, leave, died):
    first = leave(STATUSES.STARTED, died)
    inherited = instance.get_run_by_id(first).tags[PROCESS_TAG]
    again = leave(STATUSES.QUEUED, None, **{PROCESS_TAG: inherited})
    assert [record.dagster_run.run_id for record in living_runs(instance, now())] == [again]


def test_runs_of_other_projects_are_none_of_ours(instance):
    @dg.job
    def theirs():
        pass

    run_id = instance.create_run_for_job(theirs).run_id
    assert living_runs(instance, now() + timedelta(days=1)) == []
    assert status(instance, run_id) is STATUSES.NOT_STARTED


def test_a_dead_run_holds_up_no_tick_and_a_living_one_does(instance, leave, died):
    dead = leave(STATUSES.STARTED, died)
    assert at_work(instance, "customers", now()) is None
    assert status(instance, dead) is STATUSES.FAILURE
    busy = leave(STATUSES.STARTED, this_worker(), job="sync_all", cadence="all")
    assert busy in at_work(instance, "customers", now())


def test_a_rehearsal_holds_up_no_tick(instance, leave):
    leave(STATUSES.STARTED, this_worker(), job="plan_only", cadence="all", **{OPTION_TAG: "plan_only"})
    assert at_work(instance, "customers", now()) is None


def test_a_dead_run_gives_its_pool_slots_back(instance, leave, died):
    storage = instance.event_log_storage
    run_id = leave(STATUSES.STARTED, died)
    storage.set_concurrency_slots("intacct_api", 1)
    assert storage.claim_concurrency_slot("intacct_api", run_id, "intacct__customers").is_claimed
    assert storage.get_concurrency_info("intacct_api").active_slot_count == 1
    living_runs(instance, now())
    assert storage.get_concurrency_info("intacct_api").active_slot_count == 0


@pytest.mark.parametrize(
    ("worker", "found"),
    [("died", WorkerStatus.NOT_FOUND), (this_worker(), WorkerStatus.RUNNING), (ELSEWHERE, WorkerStatus.RUNNING)],
)
def test_run_monitoring_learns_of_a_dead_process_from_the_launcher(instance, leave, died, worker, found):
    launcher = WatchfulRunLauncher()
    launcher.register_instance(instance)
    run_id = leave(STATUSES.STARTED, died if worker == "died" else worker)
    assert launcher.supports_check_run_worker_health
    assert launcher.check_run_worker_health(instance.get_run_by_id(run_id)).status is found


def test_people_are_told_once_what_became_of_the_run(instance, leave, died):
    run_id = leave(STATUSES.STARTED, died)
    living_runs(instance, now())
    living_runs(instance, now())
    (record,) = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.PIPELINE_FAILURE).records
    context = dg.build_run_status_sensor_context(
        sensor_name="alert_on_failure",
        dagster_event=record.event_log_entry.dagster_event,
        dagster_instance=instance,
        dagster_run=instance.get_run_by_id(run_id),
    ).for_run_failure()
    texts = []
    failure_sensor(lambda text, _: texts.append(text) or ["webhook"])(
        context, alerts=Channels("https://hooks.example/T0")
    )
    (text,) = texts
    assert run_id in text
    assert GONE in text
    assert "Nothing is lost" in text


def test_every_run_says_which_process_it_is_before_it_reads_anything(world, config):
    done = run(world.instance, config, "sync_customers")
    assert done.success, failures(done)
    found = world.instance.get_run_by_id(done.run_id)
    assert found.tags[PROCESS_TAG] == signature(done.run_id)[PROCESS_TAG]
    sign(world.instance, found)
    (entry,) = world.rows("select host, pid, process, status from runs where run_id = :id", id=done.run_id)
    me = this_worker()
    assert (entry.host, entry.pid, entry.process) == (me.host, me.pid, me.process)


def test_maintenance_closes_what_died_and_is_no_victim_of_its_own(instance, leave, defs, died):
    run_id = leave(STATUSES.STARTED, died)
    result = defs.resolve_job_def("maintenance").execute_in_process(instance=instance)
    assert result.success
    assert status(instance, run_id) is STATUSES.FAILURE
    assert PROCESS_TAG in instance.get_run_by_id(result.run_id).tags
    assert instance.get_run_records(dg.RunsFilter(statuses=UNFINISHED)) == []


def test_a_crashed_run_is_started_again_from_the_beginning(defs):
    for name in ("sync_customers", "sync_stock", "sync_all", "retry_holds"):
        assert defs.resolve_job_def(name).tags["dagster/retry_strategy"] == "ALL_STEPS"


def test_a_loser_reads_nothing_and_a_rehearsal_does_not_care(world, config):
    first = run(world.instance, config, "sync_all")
    assert first.success, failures(first)
    busy = (
        "update leases set holder = 'somebody', host = 'web-2', pid = 7, process = :process, "
        "acquired_at = '2026-03-02 12:00:00.000000', expires_at = '2999-01-01 00:00:00.000000' where entity = :entity"
    )
    world.rows(busy, entity="prices", process=ELSEWHERE.process)
    before = reads(world)
    for job in ("sync_all", "sync_catalogue", "compare_all"):
        result = run(world.instance, config, job)
        assert not result.success
        assert "another run (somebody, since 2026-03-02 12:00:00 UTC, on web-2, process 7) is at work" in failures(
            result
        )
    assert reads(world) == before
    assert run(world.instance, config, "sync_customers").success
    planned = run(world.instance, config, "plan_only")
    assert planned.success, failures(planned)
    assert world.rows("select holder from leases where holder is not null") == [("somebody",)]


def reads(world) -> int:
    """Reads that the run ledger knows of."""
    return world.rows("select count(*) from run_steps")[0][0]
