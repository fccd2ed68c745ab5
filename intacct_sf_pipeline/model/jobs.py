"""Write jobs: many records handed to a service at once, which it works off by itself.

A job outlives the process that began it. Its id is committed with the lines it holds before anything is uploaded, so
that a later run fetches its results instead of writing again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from intacct_sf_pipeline.model.errors import ServiceReply
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import WriteStatus


class JobState(StrEnum):
    """What became of a job.

    Under_way: the service is at it still. Not_begun: it never got to work, so nothing was written. Ended: results can
    be fetched. Gone: the service knows no such job any more; what it wrote has to be looked up.
    """

    UNDER_WAY = "under_way"
    NOT_BEGUN = "not_begun"
    ENDED = "ended"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class WriteJob:
    """A job of one entity and side; all its rows are of one `object`, all new (`create`) or all known.

    `job_id` is the service's own. `state` is what the service called it when it was last asked, in its own words.
    """

    job_id: str
    entity: str
    side: Side
    run_id: str
    object: str
    create: bool
    rows: int
    opened_at: datetime
    state: str = ""


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is; `word` is the service's own word for it, `message` why it failed, when it did."""

    state: JobState
    word: str = ""
    processed: int = 0
    failed: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class JobRow:
    """The result of one row: `key` is what it was entered under, `target_key` the record's id."""

    key: str
    status: WriteStatus
    target_key: str | None = None
    error: ServiceReply | None = None
    duplicate: bool = False
