"""What the engine needs of a service that takes write jobs, and of the staging database to remember them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from intacct_sf_pipeline.model.jobs import JobProgress, JobRow, WriteJob
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import PlanLine
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import WriteRequest


class JobDraft(Protocol):
    """A job about to be made; rows are kept outside of memory."""

    @property
    def full(self) -> bool:
        """Whether it takes no more rows."""
        ...

    def add(self, request: WriteRequest) -> str | None:
        """Enter a request and return the key its result will carry; None: it cannot go by this job."""
        ...

    def open(self) -> str:
        """Make the job at the service, empty, and return its id. Nothing is written by that."""
        ...

    def send(self) -> None:
        """Hand the rows over and let the service begin. What goes wrong here is found by following the job."""
        ...


class WriteJobs(Protocol):
    """The jobs of one service."""

    def wanted(self, object_name: str, *, create: bool, waiting: int) -> int:
        """How many of `waiting` records one job should take; 0 when ordinary calls cost less."""
        ...

    def draft(self, object_name: str, *, create: bool) -> AbstractContextManager[JobDraft]:
        """A new job for records of one object; what it keeps is thrown away when the block ends."""
        ...

    def follow(self, job: WriteJob) -> JobProgress:
        """Ask after a job until it is over, or until the time allowed for waiting has passed."""
        ...

    def results(self, job: WriteJob, progress: JobProgress) -> Iterator[list[JobRow]]:
        """The results of a job that has ended, in parts, in no order; rows that were never reached among them."""
        ...

    def abandon(self, job: WriteJob) -> None:
        """Tell the service that a job which never began is not wanted any more."""
        ...


class JobStore(Protocol):
    """What the staging database remembers of jobs."""

    def waiting_lines(self, entity: EntityMapping, side: Side, *, run_id: str, create: bool) -> int:
        """How many of the run's lines with status `planned` create records, or change them."""
        ...

    def planned_after(
        self, entity: EntityMapping, side: Side, *, run_id: str, create: bool, after: int, limit: int
    ) -> list[tuple[int, PlanLine]]:
        """The run's next such lines behind a place, each with its own place."""
        ...

    def open_job(self, entity: EntityMapping, job: WriteJob, lines: Mapping[str, str]) -> None:
        """Remember a job and, in the same transaction, mark its lines (id -> key of the row) as `sent`."""
        ...

    def note_job(self, job: WriteJob, progress: JobProgress) -> None:
        """Remember how far a job is."""
        ...

    def close_job(self, entity: EntityMapping, job: WriteJob, progress: JobProgress) -> None:
        """A job's results are all committed: lines of it that are still `sent` are to be looked up from now on."""
        ...

    def open_jobs(self, entity: EntityMapping, side: Side) -> Sequence[WriteJob]:
        """Jobs whose results are not all committed, oldest first."""
        ...

    def job_lines(self, job: WriteJob, keys: Collection[str]) -> Mapping[str, PlanLine]:
        """Lines of the job that are still `sent`, by the key of their row."""
        ...

    def lines_left(self, job: WriteJob, *, limit: int) -> list[PlanLine]:
        """Lines of the job that are still `sent`, the first ones."""
        ...
