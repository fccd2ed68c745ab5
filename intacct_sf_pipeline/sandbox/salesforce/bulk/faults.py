"""Faults in the life of a job: what met the request that set it to work goes on with it.

`partial` and `row_lock` refuse rows, `late` hides what was saved, `job_failed` ends the job in the middle, `job_slow`
keeps it in progress. Which requests are met is in the fault file, see `docs/sandbox.md`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from intacct_sf_pipeline.sandbox.faults.plan import of_kind
from intacct_sf_pipeline.sandbox.faults.records import Refusal
from intacct_sf_pipeline.sandbox.salesforce.bulk.jobs import Job
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

LATE_SECONDS = 30.0
SLOW_SECONDS = 600.0
LOCKED = "unable to obtain exclusive access to this record"


@dataclass(frozen=True, slots=True)
class Death:
    """A job that fails once so many of its rows are done; `message` is its `errorMessage`."""

    after: int
    message: str


def struck(job: Job, rows: int) -> Death | None:
    """Whether, when and with which words the job fails."""
    for hit in of_kind(job.hits, "job_failed"):
        done = hit.rule.records if isinstance(hit.rule.records, int) else rows // 2
        code = hit.rule.code or "TooManyLockFailure"
        text = hit.rule.message or "Too many lock failure. Trying again later."
        return Death(min(done, rows), f"{code} : {text}")
    return None


def stuck(org: SalesforceOrg, job: Job) -> bool:
    """Whether the job stays in progress for now."""
    seconds = [SLOW_SECONDS if hit.rule.seconds is None else hit.rule.seconds for hit in of_kind(job.hits, "job_slow")]
    return bool(seconds) and org.clock() < (job.began or job.created) + timedelta(seconds=max(seconds))


def refusal_at(refused: Sequence[Refusal | None], place: int) -> ApiError | None:
    """Why the row at a place is refused, if it is."""
    why = refused[place] if place < len(refused) else None
    return None if why is None else ApiError(why.code or "UNABLE_TO_LOCK_ROW", why.message or LOCKED)


@contextmanager
def hidden(org: SalesforceOrg, job: Job) -> Iterator[None]:
    """Hides from queries, for a while, what the block saves, where a fault says so."""
    late = of_kind(job.hits, "late")
    if not late:
        yield
        return
    with org.db.recorded() as changes:
        yield
    org.late.hide(changes, max(LATE_SECONDS if hit.rule.seconds is None else hit.rule.seconds for hit in late))
