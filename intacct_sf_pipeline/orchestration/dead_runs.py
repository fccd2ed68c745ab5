"""Dagster runs whose process has died: how a run tells which process it is, and how a dead one is closed.

Dagster learns of a killed process only from the code server that started it. A run of the command line, or one whose
code server died with it, would say "started" for hours: it would hold up the ticks of its flow, the queue's limits and
its pool slots. So each run carries the identity of its process as a tag, and whoever is about to be held up looks
first. A run whose process lives is never touched, nor one of which nothing can be known.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

import dagster as dg

from intacct_sf_pipeline.staging.workers import Fate, StartOf, Worker, fate, start_of, this_worker

PROCESS_TAG = "intacct_sf/process"
LED_TAG = "intacct_sf/led"
"""On a run whose steps are processes of their own; its value is the run, like that of the tag above."""
_OUR_TAGS = "intacct_sf/"
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
GONE = "The process of this run is gone"
"""How the message begins that closes a dead run."""
SIGNED_WITHIN = timedelta(minutes=3)
"""A run signs before it does anything else; one that has not, this long after its last sign of life, never began."""

Crashed = Callable[[Collection[str]], Collection[str]]


def signature(run_id: str, worker: Worker | None = None) -> dict[str, str]:
    """The tag that says which process a run is.

    It names the run too: a run that is executed again inherits the tags of the first, but not its process.
    """
    return {PROCESS_TAG: f"{run_id} {(worker or this_worker()).process}"}


def sign(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Write this process on `run`, which it executes; nothing happens if that was done when the run was made, or if
    another process leads the run and this one is a step of it.
    """
    tag = signature(run.run_id)
    if run.tags.get(PROCESS_TAG) != tag[PROCESS_TAG] and not is_led(instance, run):
        instance.add_run_tags(run.run_id, tag)


def is_led(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether the steps of `run` are processes of their own. Asks the instance: a step may hold the run as it was
    before it was led.
    """
    now = instance.get_run_by_id(run.run_id)
    return now is not None and now.tags.get(LED_TAG) == run.run_id


def fate_of(instance: dg.DagsterInstance, record: dg.RunRecord, now: datetime, started_at: StartOf = start_of) -> Fate:
    """What is known from here of the process of an unfinished run."""
    process = _process(record.dagster_run)
    if process:
        return fate(process, this_worker(), started_at)
    return Fate.DEAD if _never_began(instance, record, now) else Fate.UNKNOWN


def living_runs(
    instance: dg.DagsterInstance, now: datetime, *, crashed: Crashed = lambda _: (), started_at: StartOf = start_of
) -> list[dg.RunRecord]:
    """The unfinished runs of this project, after the dead ones among them were reported as failed.

    Args:
        instance: where the runs are.
        now: the moment, for runs that never told which process they are.
        crashed: of the runs on other machines, those that the ledger knows to have crashed; asked only when there are
            such runs.
        started_at: looks at processes of this machine.
    """
    unfinished = [record for record in instance.get_run_records(dg.RunsFilter(statuses=UNFINISHED)) if _is_ours(record)]
    fates = {record.dagster_run.run_id: fate_of(instance, record, now, started_at) for record in unfinished}
    elsewhere = [r.dagster_run.run_id for r in unfinished if _is_elsewhere(r, fates[r.dagster_run.run_id])]
    lost = set(crashed(elsewhere)) if elsewhere else set[str]()
    living = []
    for record in unfinished:
        run_id = record.dagster_run.run_id
        if fates[run_id] is Fate.DEAD or run_id in lost:
            close(instance, run_id)
        else:
            living.append(record)
    return living


def close(instance: dg.DagsterInstance, run_id: str) -> None:
    """Report a dead run as failed (as canceled, if it was being canceled) and give its pool slots back, unless
    somebody else did so meanwhile: people are told of it once.
    """
    run = instance.get_run_by_id(run_id)
    if run is None or run.is_finished:
        return
    message = f"{GONE}{_where(run)}. Nothing is lost: the next run settles what it was writing and takes up the rest."
    if run.status is dg.DagsterRunStatus.CANCELING:
        instance.report_run_canceled(run, message)
    else:
        instance.report_run_failed(run, message)
    free_slots(instance, run_id)


def free_slots(instance: dg.DagsterInstance, run_id: str) -> None:
    """Give back the pool slots of a run's steps that died: Dagster itself keeps them for as long as nobody says so."""
    if instance.event_log_storage.supports_global_concurrency_limits:
        instance.event_log_storage.free_concurrency_slots_for_run(run_id)


def free_slots_of_ended_runs(instance: dg.DagsterInstance) -> None:
    """Give back the pool slots that runs left behind which have ended: a step whose worker died gives nothing back, and
    whoever comes next would wait for its place for good.
    """
    storage = instance.event_log_storage
    if not storage.supports_global_concurrency_limits:
        return
    holders = {
        slot.run_id
        for key in storage.get_concurrency_keys()
        for slot in storage.get_concurrency_info(key).claimed_slots
    }
    for run_id in holders:
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            free_slots(instance, run_id)


def _process(run: dg.DagsterRun) -> str:
    run_id, _, process = run.tags.get(PROCESS_TAG, "").partition(" ")
    return process if run_id == run.run_id else ""


def _where(run: dg.DagsterRun) -> str:
    host, _, rest = _process(run).partition("/")
    return f" ({host}, process {rest.split(':')[1]})" if rest.count(":") == 2 else ", if it ever began"


def _is_ours(record: dg.RunRecord) -> bool:
    return any(tag.startswith(_OUR_TAGS) for tag in record.dagster_run.tags)


def _is_elsewhere(record: dg.RunRecord, known: Fate) -> bool:
    return known is Fate.UNKNOWN and bool(_process(record.dagster_run))


def _never_began(instance: dg.DagsterInstance, record: dg.RunRecord, now: datetime) -> bool:
    """Was started, never told which process it is, and has been silent since."""
    run = record.dagster_run
    if run.status is dg.DagsterRunStatus.QUEUED:
        return False
    newest = instance.get_records_for_run(run.run_id, limit=1, ascending=False).records
    seen = max([record.create_timestamp.timestamp(), *(entry.timestamp for entry in newest)])
    return now - datetime.fromtimestamp(seen, UTC) > SIGNED_WITHIN
