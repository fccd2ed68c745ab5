"""All jobs of an org: opening, feeding, closing and aborting them, and letting time pass in them.

Source: Bulk API Developer Guide, Work with Jobs, Work with Batches.
"""

import re
from collections.abc import Mapping

from intacct_sf_pipeline.sandbox.faults.records import RecordGate
from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.bulk_v1 import ingest, queries
from intacct_sf_pipeline.sandbox.salesforce.bulk_v1.model import CONTENT_TYPES, OPERATIONS, AsyncError, Batch, Job
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType
from intacct_sf_pipeline.sandbox.salesforce.times import stamp

JOB_PREFIX = "750"
MOST_BYTES = 10_000_000
DEFAULT_CHUNK, LARGEST_CHUNK = 100_000, 250_000
_MODES = {"0": "Parallel", "1": "Serial", "parallel": "Parallel", "serial": "Serial", "": "Parallel"}
_UNSUPPORTED = frozenset({"organization", "contentdocument"})
_CHUNK_SIZE = re.compile(r"chunkSize\s*=\s*(\d+)", re.IGNORECASE)


class Jobs:
    """The jobs of one org; allowances and paces are those of the org's `bulk.options`."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org
        self._jobs: dict[str, Job] = {}

    def open(self, members: Mapping[str, str], user: User, version: str, chunking: str | None) -> Job:
        """A new job; raises `AsyncError` for what the service does not offer."""
        operation = _operation(members.get("operation", ""))
        if operation == "hardDelete" and not self._org.bulk.options.hard_delete:
            raise AsyncError("FeatureNotEnabled", "hardDelete needs the permission Bulk API Hard Delete")
        sobject = self._sobject(members.get("object", ""), user)
        now = self._now()
        job = Job(
            self._org.ids.new(JOB_PREFIX),
            operation,
            sobject,
            _content_type(members.get("contentType", "XML")),
            user,
            version,
            now,
            now,
            external_id=members.get("externalIdFieldName"),
            concurrency=_MODES.get(members.get("concurrencyMode", "").lower(), "Parallel"),
            assignment_rule=members.get("assignmentRuleId"),
            chunk_size=_chunk_size(chunking) if operation in ("query", "queryAll") else None,
        )
        if operation == "upsert":
            if not job.external_id:
                raise AsyncError("InvalidJob", "External ID was blank for upsert")
            job.external_id = ingest.key_of(job).name
        self._jobs[job.id] = job
        return job

    def find(self, job_id: str, user: User) -> Job:
        """A job; raises `AsyncError` InvalidJob."""
        job = self._jobs.get(job_id) or next((job for key, job in self._jobs.items() if key[:15] == job_id), None)
        if job is None or job.user.id != user.id:
            raise AsyncError("InvalidJob", f"Unable to find object with id: {job_id}")
        return job

    def object_of(self, job_id: str) -> str | None:
        """The object of a job, None for an unknown one."""
        job = self._jobs.get(job_id)
        return job.sobject.name if job is not None else None

    def change_state(self, job: Job, state: str) -> None:
        """Closes or aborts a job."""
        if state not in ("Closed", "Aborted"):
            raise AsyncError("InvalidJobState", f"Job state cannot be changed to {state or 'nothing'}")
        if job.state in ("Aborted", "Failed") or (job.state == "Closed" and state == "Closed"):
            raise AsyncError("InvalidJobState", f"{job.state} job cannot be changed to {state}")
        if state == "Aborted":
            job.abort()
        job.state, job.modified = state, self._now()

    def add(self, job: Job, body: bytes, gate: RecordGate) -> Batch:
        """A new batch; it is worked on at once, or when it has been looked at often enough."""
        if job.state != "Open":
            raise AsyncError("InvalidJobState", "Closed job or job in invalid state: batches cannot be added")
        if len(body) > MOST_BYTES:
            raise AsyncError("ClientInputError", f"Batch exceeds the maximum size of {MOST_BYTES} bytes")
        if not self._org.bulk.batches.take(1):
            raise AsyncError("ExceededQuota", "ApiBatchItems Limit exceeded.")
        now = self._now()
        batch = Batch(
            self._org.ids.new(queries.BATCH_PREFIX), job.id, body, now, now, self._org.bulk.options.batch_polls
        )
        job.batches[batch.id] = batch
        if not batch.polls:
            self._work(job, batch, gate)
        return batch

    def batch(self, job: Job, batch_id: str) -> Batch:
        """A batch of a job; raises `AsyncError` InvalidBatch."""
        found = job.batches.get(batch_id) or next((b for key, b in job.batches.items() if key[:15] == batch_id), None)
        if found is None:
            raise AsyncError("InvalidBatch", f"Unable to find object with id: {batch_id}")
        return found

    def look(self, job: Job, batch: Batch, gate: RecordGate) -> None:
        """Lets a batch go on: each look brings it one step nearer to its end."""
        if batch.done:
            return
        batch.polls -= 1
        if batch.polls > 0:
            batch.state = "InProgress"
        else:
            self._work(job, batch, gate)

    def _work(self, job: Job, batch: Batch, gate: RecordGate) -> None:
        if job.is_query:
            queries.work(self._org, job, batch)
        else:
            ingest.work(self._org, job, batch, gate)
        batch.modified = job.modified = self._now()

    def _sobject(self, name: str, user: User) -> SObjectType:
        found = self._org.schema.find(name)
        if found is None or not user.may_see(found):
            raise AsyncError("InvalidJob", f"Unable to find object: {name}")
        if found.name.lower() in _UNSUPPORTED:
            raise AsyncError("InvalidEntity", f"Entity '{found.name}' is not supported by the Bulk API.")
        return found

    def _now(self) -> str:
        return stamp(self._org.clock())


def _operation(name: str) -> str:
    found = next((one for one in OPERATIONS if one == name or (one.lower() == name and one.islower())), None)
    if found is None:
        raise AsyncError("InvalidJob", f"Unable to parse Job: operation '{name}' is not valid")
    return found


def _content_type(name: str) -> str:
    if name.upper() not in CONTENT_TYPES:
        raise AsyncError("InvalidJob", f"Unable to parse Job: content type '{name}' is not supported")
    return name.upper()


def _chunk_size(header: str | None) -> int | None:
    """The size asked for by Sforce-Enable-PKChunking, None when it is off."""
    if header is None or header.strip().lower() == "false":
        return None
    match = _CHUNK_SIZE.search(header)
    size = int(match[1]) if match is not None else DEFAULT_CHUNK
    if not 0 < size <= LARGEST_CHUNK:
        raise AsyncError("InvalidJob", f"chunkSize must be between 1 and {LARGEST_CHUNK}")
    return size
