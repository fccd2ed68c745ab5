"""All bulk jobs of an org: found, listed, worked off, forgotten; and the counters of 24 hours.

Work is done while somebody asks: each poll of a job takes it one step further, and every request to the jobs'
resources does the steps that are due by the clock. So a job goes on when its client has gone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from intacct_sf_pipeline.sandbox.salesforce.bulk.jobs import IngestJob, Job, QueryJob
from intacct_sf_pipeline.sandbox.salesforce.bulk.options import BulkOptions
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError, not_found
from intacct_sf_pipeline.sandbox.salesforce.ids import to_long

PREFIX = "750"
_DAY = timedelta(hours=24)


class Step(Protocol):
    """Takes a job one step further."""

    def __call__(self, job: Job) -> None:
        """Do the step."""
        ...


@dataclass(slots=True)
class Allowance:
    """What may be used of something in a rolling window of 24 hours."""

    clock: Callable[[], datetime]
    most: int
    _uses: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def used(self) -> int:
        """What was used in the last 24 hours."""
        oldest = self.clock() - _DAY
        self._uses = [use for use in self._uses if use[0] > oldest]
        return sum(amount for _, amount in self._uses)

    @property
    def remaining(self) -> int:
        """What is left."""
        return max(0, self.most - self.used)

    def take(self, amount: int) -> bool:
        """Use some; false, and nothing taken, when that is more than there is."""
        if amount > self.remaining:
            return False
        self._uses.append((self.clock(), amount))
        return True


class JobBoard:
    """The jobs of one org. Used under the org's lock."""

    def __init__(self, clock: Callable[[], datetime], options: BulkOptions | None = None) -> None:
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self.configure(options or BulkOptions())

    def configure(self, options: BulkOptions) -> None:
        """Other sizes and paces from now on; the counters begin anew."""
        self.options = options
        self.batches = Allowance(self._clock, options.batches)
        self.query_jobs = Allowance(self._clock, options.query_jobs)
        self.storage_mb = Allowance(self._clock, options.storage_mb)

    def add(self, job: Job) -> None:
        """Take a new job up."""
        self._jobs[job.id] = job

    def ingest(self, text: str) -> IngestJob:
        """The ingest job of that id.

        Raises:
            ApiError: INVALIDJOB for what is no id of a job, NOT_FOUND when there is none.
        """
        job = self._find(text)
        if not isinstance(job, IngestJob):
            raise not_found()
        return job

    def query(self, text: str) -> QueryJob:
        """The query job of that id; raises as `ingest`."""
        job = self._find(text)
        if not isinstance(job, QueryJob):
            raise not_found()
        return job

    def object_of(self, text: str) -> str | None:
        """The object of the job of that id; None when there is no such job."""
        job = self._jobs.get(to_long(text) or "")
        return job.sobject if job is not None else None

    def listed(self, kind: str) -> list[Job]:
        """All jobs of a kind, oldest first."""
        self._forget()
        return [job for job in self._jobs.values() if job.kind == kind]

    def remove(self, job: Job) -> None:
        """Forget a job and its files."""
        self._jobs.pop(job.id, None)

    def limits(self) -> dict[str, tuple[int, int]]:
        """Allowances as `/limits` tells them: most and remaining."""
        counters = {
            "DailyBulkApiBatches": self.batches,
            "DailyBulkV2QueryJobs": self.query_jobs,
            "DailyBulkV2QueryFileStorageMB": self.storage_mb,
        }
        return {name: (allowance.most, allowance.remaining) for name, allowance in counters.items()}

    def catch_up(self, step: Step, *, polled: Job | None = None) -> None:
        """Do the steps that are due by the clock, and at least one of the job that is polled."""
        self._forget()
        now = self._clock()
        for job in [job for job in self._jobs.values() if job.at_work]:
            steps = max(self._due(job, now), int(job is polled))
            while steps > 0 and job.at_work:
                steps -= 1
                job.stepped = now
                step(job)

    def _due(self, job: Job, now: datetime) -> int:
        since = job.stepped or job.began or job.created
        return int((now - since).total_seconds() / self.options.step_seconds) if self.options.step_seconds > 0 else 0

    def _find(self, text: str) -> Job:
        self._forget()
        job_id = to_long(text)
        if job_id is None or not job_id.startswith(PREFIX):
            raise ApiError("INVALIDJOB", f"Invalid job id: {text}")
        job = self._jobs.get(job_id)
        if job is None:
            raise not_found()
        return job

    def _forget(self) -> None:
        """Jobs that ended long ago are gone. Source: salesforce.md 5.4 (seven days)."""
        oldest = self._clock() - timedelta(days=self.options.kept_days)
        old = [job.id for job in self._jobs.values() if job.ended and (job.changed or job.created) < oldest]
        for job_id in old:
            del self._jobs[job_id]
