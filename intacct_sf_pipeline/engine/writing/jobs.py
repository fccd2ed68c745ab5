"""Writing by jobs: lines enough for one are handed over at once, followed, and their results committed.

The promise is the outbox's: the job's id and its lines, marked `sent`, are committed before anything is uploaded;
outcomes after. A job that is under way when this run must end, or that a dead run left, is not repeated: the next run
follows it. While there is one, nothing else is written to that side of the entity, so that no older value overtakes a
newer one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.writing.job_ports import JobDraft, WriteJobs
from intacct_sf_pipeline.engine.writing.outcomes import Outcomes
from intacct_sf_pipeline.engine.writing.settle import plan_anew, settle_lines
from intacct_sf_pipeline.engine.writing.tally import Tally
from intacct_sf_pipeline.model.errors import PermissionDeniedError, RecordNotFoundError, ValidationFailedError
from intacct_sf_pipeline.model.jobs import JobProgress, JobRow, JobState, WriteJob
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Operation, PlanLine
from intacct_sf_pipeline.model.records import SIDES
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest

logger = logging.getLogger(__name__)
PAGE = 1000
"""Lines taken from the database at once."""

Prepare = Callable[[Sequence[PlanLine]], list[tuple[PlanLine, WriteRequest]]]
"""From lines to what is asked of the service; lines that turn out to be void are left out."""


def resume_jobs(ctx: SyncContext, entity: EntityMapping) -> int:
    """Follow the jobs that earlier runs left, and commit their results; how many lines were settled."""
    settled = 0
    for side in SIDES:
        for job in ctx.store.open_jobs(entity, side):
            jobs = ctx.connectors[side].jobs()
            if jobs is not None:
                tally = Tally(ctx, entity, side)
                _bring_in(tally, jobs, job)
                tally.read_back()
                settled += tally.counts.total()
    return settled


def write_by_jobs(tally: Tally, prepare: Prepare, *, most: int | None) -> tuple[int, bool]:
    """Write what is worth a job; how many lines went by one, and whether a job is left under way.

    New records go before changes, a job at a time. `most` is how many lines may be written at all.
    """
    jobs = tally.ctx.connectors[tally.side].jobs()
    done = 0
    if jobs is None:
        return done, False
    for create in (True, False):
        while True:
            job = _hand_over(tally, jobs, prepare, create=create, most=None if most is None else most - done)
            if job is None:
                break
            done += job.rows
            if not _bring_in(tally, jobs, job):
                return done, True
    return done, False


def _hand_over(tally: Tally, jobs: WriteJobs, prepare: Prepare, *, create: bool, most: int | None) -> WriteJob | None:
    """Make one job of the lines that wait, commit it, upload; None when there is nothing worth one."""
    ctx, entity, side = tally.ctx, tally.entity, tally.side
    object_name = entity.side(side).object
    waiting = ctx.store.waiting_lines(entity, side, run_id=ctx.run_id, create=create)
    size = jobs.wanted(object_name, create=create, waiting=waiting if most is None else min(waiting, most))
    if size <= 0:
        return None
    with jobs.draft(object_name, create=create) as draft:
        keys = _fill(tally, draft, prepare, create=create, size=size)
        if not keys or jobs.wanted(object_name, create=create, waiting=len(keys)) < len(keys):
            return None
        ctx.store.may_write(entity)
        try:
            job_id = draft.open()
        except (ValidationFailedError, PermissionDeniedError, RecordNotFoundError) as error:
            logger.warning("%s %s: jobs are refused, so single calls it is: %s", side.value, entity.name, error)
            return None
        job = WriteJob(job_id, entity.name, side, ctx.run_id, object_name, create, len(keys), ctx.clock())
        ctx.store.open_job(entity, job, keys)
        ctx.store.may_write(entity)
        draft.send()
    ctx.progress(f"job {side.value} {entity.name}", 0, job.rows)
    return job


def _fill(tally: Tally, draft: JobDraft, prepare: Prepare, *, create: bool, size: int) -> dict[str, str]:
    """Enter the lines that wait until the job is full; line id -> key of its row."""
    store, run_id = tally.ctx.store, tally.ctx.run_id
    keys: dict[str, str] = {}
    after = -1
    while len(keys) < size and not draft.full:
        most = min(PAGE, size - len(keys))
        page = store.planned_after(tally.entity, tally.side, run_id=run_id, create=create, after=after, limit=most)
        if not page:
            break
        after = page[-1][0]
        for line, request in prepare([line for _, line in page]):
            key = None if draft.full else draft.add(request)
            if key is not None:
                keys[line.line_id] = key
    return keys


def _bring_in(tally: Tally, jobs: WriteJobs, job: WriteJob) -> bool:
    """Follow a job and commit what came of it; false when it is under way still."""
    ctx, entity, side = tally.ctx, tally.entity, tally.side
    progress = jobs.follow(job)
    ctx.store.note_job(job, progress)
    if progress.state is JobState.UNDER_WAY:
        left = "is under way still; the next run takes it up"
        logger.warning("%s %s: job %s (%d rows) %s", side.value, entity.name, job.job_id, job.rows, left)
        tally.counts["unknown"] += job.rows
        return False
    if progress.state is JobState.NOT_BEGUN:
        jobs.abandon(job)
        _give_back(tally, job)
    elif progress.state is JobState.ENDED:
        for rows in jobs.results(job, progress):
            _commit(tally, job, rows)
            tally.read_back(all_of_it=False)
            ctx.progress(f"job {side.value} {entity.name}", sum(tally.counts.values()), None)
    ctx.store.close_job(entity, job, progress)
    _report(job, progress)
    return True


def _commit(tally: Tally, job: WriteJob, rows: Sequence[JobRow]) -> None:
    """Commit a part of the results; rows whose line is settled already were committed by a run that died."""
    ctx, entity, side = tally.ctx, tally.entity, tally.side
    lines = ctx.store.job_lines(job, [row.key for row in rows])
    pairs = [(lines[row.key], _outcome(lines[row.key], row)) for row in rows if row.key in lines]
    settled = [(line, outcome) for line, outcome in pairs if not is_double(line, outcome)]
    tally.took(Outcomes(ctx, entity, side).commit(settled), settled)
    doubles = [line for line, outcome in pairs if is_double(line, outcome)]
    if doubles:
        tally.counts["failed"] += settle_lines(ctx, entity, side, doubles, refused=True)


def _outcome(line: PlanLine, row: JobRow) -> WriteOutcome:
    key = row.target_key or line.target_key
    return WriteOutcome(line.line_id, row.status, key, line.natural_id, row.error, row.duplicate)


def is_double(line: PlanLine, outcome: WriteOutcome) -> bool:
    """A create refused because the record exists: it is looked up and adopted, never created under another name."""
    return outcome.duplicate and line.operation is Operation.CREATE


def _give_back(tally: Tally, job: WriteJob) -> None:
    """Nothing of the job was written: its lines are planned anew."""
    while lines := tally.ctx.store.lines_left(job, limit=PAGE):
        plan_anew(tally.ctx, tally.entity, tally.side, lines)
        tally.counts["failed"] += len(lines)


def _report(job: WriteJob, progress: JobProgress) -> None:
    level = logging.WARNING if progress.message else logging.INFO
    word = progress.word or progress.state.value
    told = f"{progress.processed} of {job.rows} rows processed, {progress.failed} refused {progress.message}".rstrip()
    logger.log(level, "%s %s: job %s ended as %s: %s", job.side.value, job.entity, job.job_id, word, told)
