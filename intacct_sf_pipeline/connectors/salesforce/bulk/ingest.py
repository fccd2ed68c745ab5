"""Write jobs of Salesforce: drafts filled with rows, jobs followed, results turned into outcomes.

Which records go by a job: new ones with an external id (upserts on it), changes by id, and new entries of the standard
price book, which are known by product. Entries of other books go by single calls, after the standard ones; so do rows
that a cell cannot hold. Each row is known by a key of ours, never by its place. Source: Bulk Guide; salesforce.md 5.1,
8.4 and 12.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import BinaryIO, Final

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.salesforce.bulk import api
from intacct_sf_pipeline.connectors.salesforce.bulk.api import BulkApi, JobInfo
from intacct_sf_pipeline.connectors.salesforce.bulk.cost import Costs
from intacct_sf_pipeline.connectors.salesforce.bulk.kinds import EntryKinds
from intacct_sf_pipeline.connectors.salesforce.bulk.patience import Patience, until
from intacct_sf_pipeline.connectors.salesforce.bulk.rows import BY_JOB, Entry
from intacct_sf_pipeline.connectors.salesforce.bulk.spool import RowSpool, read_rows, temporary_file
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.model.errors import (
    OutcomeUnknownError,
    PermissionDeniedError,
    RecordNotFoundError,
    ServiceError,
    TransientError,
    ValidationFailedError,
)
from intacct_sf_pipeline.model.jobs import JobProgress, JobRow, JobState, WriteJob
from intacct_sf_pipeline.model.results import WriteRequest

logger = logging.getLogger(__name__)
MOST_ROWS: Final = 100_000
"""Rows of one job: ten of the service's internal batches; more keep many lines waiting for one answer."""
_PART: Final = 2_000


class IngestDraft:
    """One job being made; see `JobDraft`."""

    def __init__(self, jobs: SalesforceJobs, file: BinaryIO, upload: BinaryIO, *, create: bool) -> None:
        self._jobs, self._create, self._upload = jobs, create, upload
        self._spool = RowSpool(file)
        self._keys: set[str] = set()
        self._entry: Entry | None = None
        self._job_id = ""

    @property
    def full(self) -> bool:
        """See `JobDraft.full`."""
        return self._spool.full or len(self._keys) >= MOST_ROWS

    def add(self, request: WriteRequest) -> str | None:
        """See `JobDraft.add`; a second row of one key stays out, since results could not be told apart."""
        entry = self._entry or self._jobs.entry_of(request)
        named = self._jobs.resolved(request)
        row = entry.row(named) if entry is not None and named is not None and request.create is self._create else None
        if row is None or row.key.casefold() in self._keys:
            return None
        self._entry = entry
        self._keys.add(row.key.casefold())
        self._spool.add(row.cells, row.parent)
        return row.key

    def open(self) -> str:
        """See `JobDraft.open`.

        Raises:
            ValidationFailedError: no row was entered, or the service does not want such a job.
        """
        if self._entry is None:
            raise ValidationFailedError(Call("salesforce", "create job").reply(code="empty", message="no rows"))
        self._job_id = self._jobs.make(self._entry)
        return self._job_id

    def send(self) -> None:
        """See `JobDraft.send`."""
        self._spool.write(self._upload)
        self._jobs.hand_over(self._job_id, self._upload)


class SalesforceJobs:
    """Write jobs of one org; implements `WriteJobs`.

    Once the org has refused a job as a whole, no further one is made: single calls tell what is wrong with each record.
    """

    def __init__(self, bulk: BulkApi, kinds: EntryKinds, costs: Costs, timing: Timing, patience: Patience) -> None:
        self._bulk, self._kinds, self._costs = bulk, kinds, costs
        self._timing, self._patience = timing, patience
        self._begun: set[str] = set()
        self._external: dict[str, str | None] = {}
        self._refused = False

    def wanted(self, object_name: str, *, create: bool, waiting: int) -> int:  # noqa: ARG002 - both cost the same
        """See `WriteJobs.wanted`."""
        if self._refused or object_name not in BY_JOB or not self._costs.job_writes(waiting):
            return 0
        return min(waiting, MOST_ROWS)

    @contextmanager
    def draft(self, object_name: str, *, create: bool) -> Iterator[IngestDraft]:  # noqa: ARG002 - told by the requests
        """See `WriteJobs.draft`."""
        with ExitStack() as stack:
            file, upload = stack.enter_context(temporary_file()), stack.enter_context(temporary_file())
            yield IngestDraft(self, file, upload, create=create)

    def entry_of(self, request: WriteRequest) -> Entry | None:
        """How records such as this one are entered; None when they go by single calls."""
        return self._kinds.of_request(request)

    def resolved(self, request: WriteRequest) -> WriteRequest | None:
        """A request with ids instead of names; None when it goes by a single call."""
        return self._kinds.resolved(request)

    def make(self, entry: Entry) -> str:
        """A new, empty job."""
        try:
            info = self._bulk.create_ingest(entry.sobject, entry.operation, entry.external_field)
        except (ValidationFailedError, PermissionDeniedError, RecordNotFoundError):
            self._refused = True
            raise
        return info.id

    def hand_over(self, job_id: str, upload: BinaryIO) -> None:
        """Upload and close. Where the upload's answer is lost nothing was begun, and following finds that out; an
        unanswered close is found out by following as well.
        """
        self._begun.add(job_id)
        try:
            self._bulk.upload(job_id, upload)
            self._bulk.set_state(job_id, "UploadComplete")
        except (OutcomeUnknownError, TransientError) as error:
            logger.warning("salesforce job %s: %s", job_id, error)
        except ValidationFailedError as error:
            logger.warning("salesforce job %s is refused: %s", job_id, error)
            self._refused = True

    def follow(self, job: WriteJob) -> JobProgress:
        """See `WriteJobs.follow`."""
        found: list[JobInfo] = []

        def over() -> bool:
            found[:] = [self._bulk.ingest(job.job_id)]
            return found[0].ended or found[0].state == api.OPEN

        try:
            until(self._timing, self._patience, over, at_once=job.job_id not in self._begun)
        except (RecordNotFoundError, ValidationFailedError) as error:
            return JobProgress(JobState.GONE, message=error.reply.message)
        info = found[0]
        self._external[job.job_id] = info.external_field
        self._refused = self._refused or (info.state == api.FAILED and info.processed == 0)
        return _progress(info)

    def results(self, job: WriteJob, progress: JobProgress) -> Iterator[list[JobRow]]:
        """See `WriteJobs.results`; each file is fetched whole before its first row is given."""
        entry = self._kinds.of_job(job.object, create=job.create, external_field=self._external.get(job.job_id))
        kinds: dict[str, Callable[[Mapping[str, str]], JobRow]] = {}
        if progress.processed > progress.failed:
            kinds["successfulResults"] = entry.written
        if progress.failed:
            kinds["failedResults"] = entry.refused
        if progress.word != api.COMPLETE or progress.processed < job.rows:
            kinds["unprocessedrecords"] = entry.unreached
        for kind, understood in kinds.items():
            with temporary_file() as file:
                self._bulk.ingest_results(job.job_id, kind, file)
                yield from _parts(file, understood)

    def abandon(self, job: WriteJob) -> None:
        """See `WriteJobs.abandon`; a job that cannot be aborted is forgotten by the service after seven days."""
        try:
            self._bulk.set_state(job.job_id, "Aborted")
        except ServiceError as error:
            logger.info("salesforce job %s could not be aborted: %s", job.job_id, error)


def _progress(info: JobInfo) -> JobProgress:
    state = JobState.ENDED if info.ended else JobState.UNDER_WAY
    state = JobState.NOT_BEGUN if info.state == api.OPEN else state
    return JobProgress(state, info.state, info.processed, info.failed, info.message)


def _parts(file: BinaryIO, understood: Callable[[Mapping[str, str]], JobRow]) -> Iterator[list[JobRow]]:
    part: list[JobRow] = []
    for header, row in read_rows(file):
        part.append(understood(dict(zip(header, row, strict=False))))
        if len(part) >= _PART:
            yield part
            part = []
    if part:
        yield part
