"""The jobs: what a client asked for, how far the org has come with it, and how both are told.

Source: salesforce.md sections 5.1 and 5.3; Bulk Guide, Get Information About a Job.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from intacct_sf_pipeline.sandbox.faults.plan import Hit
from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.times import stamp


class State(StrEnum):
    """Where a job is; the last three are the end."""

    OPEN = "Open"
    UPLOAD_COMPLETE = "UploadComplete"
    IN_PROGRESS = "InProgress"
    JOB_COMPLETE = "JobComplete"
    FAILED = "Failed"
    ABORTED = "Aborted"


AT_WORK = frozenset({State.UPLOAD_COMPLETE, State.IN_PROGRESS})
ENDED = frozenset({State.JOB_COMPLETE, State.FAILED, State.ABORTED})
DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
INGEST, QUERY = "V2Ingest", "V2Query"


@dataclass(slots=True)
class Job:
    """What all jobs have. `hits` are the faults that the request met which set the job to work."""

    id: str
    kind: str
    operation: str
    sobject: str
    user: User
    version: str
    created: datetime
    delimiter: str = "COMMA"
    line_ending: str = "LF"
    concurrency: str = "Parallel"
    state: State = State.OPEN
    changed: datetime | None = None
    began: datetime | None = None
    stepped: datetime | None = None
    error: str = ""
    hits: tuple[Hit, ...] = ()
    processed: int = 0
    failed: int = 0
    retries: int = 0
    worked_ms: int = 0

    def info(self) -> dict[str, object]:
        """What creating and closing answer."""
        changed = self.changed or self.created
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.sobject,
            "createdById": self.user.id,
            "createdDate": stamp(self.created),
            "systemModstamp": stamp(changed),
            "state": self.state.value,
            **self._own(),
            "concurrencyMode": self.concurrency,
            "contentType": "CSV",
            "apiVersion": float(self.version),
            **self._address(),
            "lineEnding": self.line_ending,
            "columnDelimiter": self.delimiter,
        }

    def full_info(self) -> dict[str, object]:
        """What polling answers."""
        counts: dict[str, object] = {
            "jobType": self.kind,
            "numberRecordsProcessed": self.processed,
            **({"numberRecordsFailed": self.failed} if self.kind == INGEST else {}),
            "retries": self.retries,
            "totalProcessingTime": self.worked_ms,
        }
        if self.kind == INGEST:
            counts.update(apiActiveProcessingTime=self.worked_ms, apexProcessingTime=0)
        else:
            counts["isPkChunkingSupported"] = True
        return {**self.info(), **counts, **({"errorMessage": self.error} if self.error else {})}

    def _own(self) -> dict[str, object]:
        return {}

    def _address(self) -> dict[str, object]:
        return {}

    @property
    def at_work(self) -> bool:
        """Whether the org still has to do something for it."""
        return self.state in AT_WORK

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED

    def turn(self, state: State, now: datetime, error: str = "") -> None:
        """Bring the job into another state."""
        self.state, self.changed, self.error = state, now, error


@dataclass(slots=True)
class IngestJob(Job):
    """A job that writes rows.

    `upload` is the file as sent, dropped once read; `rows` are its cells, with the reason a row cannot be read in
    `unreadable` by position; the three lists hold lines of the result files.
    """

    external_field: str | None = None
    upload: bytes | None = None
    header: tuple[str, ...] = ()
    rows: list[list[str]] = field(default_factory=list)
    unreadable: dict[int, str] = field(default_factory=dict)
    successful: list[tuple[str, ...]] = field(default_factory=list)
    refused: list[tuple[str, ...]] = field(default_factory=list)
    left_over: list[tuple[str, ...]] = field(default_factory=list)

    def _own(self) -> dict[str, object]:
        return {"externalIdFieldName": self.external_field} if self.external_field is not None else {}

    def _address(self) -> dict[str, object]:
        # No leading slash. Source: salesforce.md 5.1.
        address = f"services/data/v{self.version}/jobs/ingest/{self.id}/batches"
        return {"contentUrl": address} if self.state is State.OPEN else {}


@dataclass(slots=True)
class QueryJob(Job):
    """A job that reads rows: its statement, and what it found (`lines` of the file, `header` first)."""

    statement: str = ""
    header: tuple[str, ...] = ()
    lines: list[tuple[str, ...]] = field(default_factory=list)
