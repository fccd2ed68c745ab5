"""Jobs and batches: what the service remembers of them, and how their states advance.

Source: Bulk API Developer Guide, JobInfo and BatchInfo.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete", "query", "queryAll")
QUERIES = ("query", "queryAll")
CONTENT_TYPES = ("CSV", "XML", "JSON")
DONE = ("Completed", "Failed", "NotProcessed")


class AsyncError(Exception):
    """A refusal of this API: an exception code and a message, HTTP 400 unless said.

    Source: Bulk API Developer Guide, Errors; salesforce.md section 2.4 (InvalidSessionId).
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class RowError:
    """Why one row failed."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row of a batch, in the order of the batch."""

    id: str | None
    created: bool
    error: RowError | None = None

    @property
    def success(self) -> bool:
        """Whether the row was written."""
        return self.error is None


@dataclass(frozen=True, slots=True)
class QueryResult:
    """One result set of a query batch: column paths, those that hold moments, and the records as REST prints them."""

    columns: tuple[tuple[str, ...], ...]
    times: frozenset[tuple[str, ...]]
    records: tuple[Mapping[str, object], ...]


@dataclass(slots=True)
class Batch:
    """A batch. `polls` is how often it is still looked at before it is worked on."""

    id: str
    job_id: str
    body: bytes
    created: str
    modified: str
    polls: int
    state: str = "Queued"
    message: str = ""
    results: tuple[RowResult, ...] = ()
    queries: dict[str, QueryResult] = field(default_factory=dict)
    processed: int = 0

    @property
    def failed(self) -> int:
        """How many rows failed."""
        return sum(1 for result in self.results if not result.success)

    @property
    def done(self) -> bool:
        """Whether the state is a last one."""
        return self.state in DONE

    def fail(self, message: str) -> None:
        """Ends the batch without a row written."""
        self.state, self.message = "Failed", message


@dataclass(slots=True)
class Job:
    """A job and its batches. `chunk_size` is set when the client asked for PK chunking."""

    id: str
    operation: str
    sobject: SObjectType
    content_type: str
    user: User
    version: str
    created: str
    modified: str
    external_id: str | None = None
    concurrency: str = "Parallel"
    assignment_rule: str | None = None
    chunk_size: int | None = None
    state: str = "Open"
    batches: dict[str, Batch] = field(default_factory=dict)

    @property
    def is_query(self) -> bool:
        """Whether batches hold statements instead of rows."""
        return self.operation in QUERIES

    def count(self, *states: str) -> int:
        """How many batches are in one of the states."""
        return sum(1 for batch in self.batches.values() if batch.state in states)

    def abort(self) -> None:
        """Ends the job; batches not begun are not processed any more."""
        self.state = "Aborted"
        for batch in self.batches.values():
            if not batch.done:
                batch.state = "NotProcessed"
