"""The resources of `/services/async/<version>/`: from a request to an answer.

Whether an answer is JSON or XML: that of a job follows the request, that of batches and results the job's content type.
Source: Bulk API Developer Guide, Reference; tap-salesforce 2.8 and simple-salesforce 1.12 (which of the two they read).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.faults.records import OPEN, RecordGate
from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.bulk_v1 import printing
from intacct_sf_pipeline.sandbox.salesforce.bulk_v1.jobs import Jobs
from intacct_sf_pipeline.sandbox.salesforce.bulk_v1.model import AsyncError, Batch, Job
from intacct_sf_pipeline.sandbox.salesforce.bulk_v1.reading import read_members
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Reply
from intacct_sf_pipeline.sandbox.salesforce.rest.versions import read_version

_MEDIA_TYPES = {"CSV": ("text/csv",), "JSON": ("application/json",), "XML": ("application/xml", "text/xml")}


@dataclass(frozen=True, slots=True)
class AsyncCall:
    """One request; header names are in lower case, `segments` those of the path after the version."""

    method: str
    version: str
    segments: tuple[str, ...]
    headers: Mapping[str, str]
    body: bytes
    gate: RecordGate = OPEN

    @property
    def media_type(self) -> str:
        """The media type of the request without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def as_json(self) -> bool:
        """Whether the client speaks JSON of jobs."""
        return "json" in self.media_type


def answer(org: SalesforceOrg, jobs: Jobs, call: AsyncCall) -> Reply:
    """The answer to one request; refusals are answers too."""
    try:
        version = _version(call.version)
        user = _user(org, call)
        org.meter.charge(1)
        return _dispatch(jobs, call, user, version)
    except AsyncError as error:
        return printing.error_reply(error.code, error.message, error.status, as_json=call.as_json)
    except ApiError as error:
        code = "ExceededQuota" if error.code == "REQUEST_LIMIT_EXCEEDED" else error.code
        return printing.error_reply(code, error.message, error.status, as_json=call.as_json)


def about(jobs: Jobs, segments: tuple[str, ...], raw: bytes) -> tuple[str, ...]:
    """The REST path of the object a request is about, for the faults that act on data; empty when it is about none."""
    if len(segments) > 1:
        name = jobs.object_of(segments[1])
    else:
        try:
            name = read_members("application/json" if raw.lstrip()[:1] == b"{" else "", raw).get("object")
        except AsyncError:
            name = None
    return ("sobjects", name) if name else ()


def _dispatch(jobs: Jobs, call: AsyncCall, user: User, version: str) -> Reply:
    method = "GET" if call.method == "HEAD" else call.method
    match (method, *(segment if place % 2 else segment.lower() for place, segment in enumerate(call.segments))):
        case ("POST", "job"):
            return _open(jobs, call, user, version)
        case ("GET", "job", job_id):
            job = jobs.find(job_id, user)
            return _job_reply(job, as_json=call.as_json or (not call.media_type and job.content_type == "JSON"))
        case ("POST", "job", job_id):
            job = jobs.find(job_id, user)
            jobs.change_state(job, read_members(call.media_type, call.body).get("state", ""))
            return _job_reply(job, as_json=call.as_json)
        case ("POST", "job", job_id, "batch"):
            job = jobs.find(job_id, user)
            _check_media_type(job, call)
            return _batch_reply(job, jobs.add(job, call.body, call.gate), created=True)
        case ("GET", "job", job_id, "batch"):
            job = jobs.find(job_id, user)
            for batch in list(job.batches.values()):
                jobs.look(job, batch, call.gate)
            return printing.batches_reply(job.batches.values(), as_json=job.content_type == "JSON")
        case ("GET", "job", job_id, "batch", batch_id, *rest):
            job = jobs.find(job_id, user)
            return _batch(jobs, call, job, jobs.batch(job, batch_id), [one for one in rest if one])
        case ("POST", "job", job_id, "spec"):
            jobs.find(job_id, user)
            return Reply(201)
        case _:
            raise AsyncError("InvalidUrl", f"Unknown resource: {call.method} /{'/'.join(call.segments)}")


def _open(jobs: Jobs, call: AsyncCall, user: User, version: str) -> Reply:
    members = read_members(call.media_type, call.body)
    job = jobs.open(members, user, version, call.headers.get("sforce-enable-pkchunking"))
    return _job_reply(job, as_json=call.as_json, created=True)


def _batch(jobs: Jobs, call: AsyncCall, job: Job, batch: Batch, rest: list[str]) -> Reply:
    if not rest:
        jobs.look(job, batch, call.gate)
        return _batch_reply(job, batch)
    if rest == ["request"]:
        return printing.request_reply(job.content_type, batch.body)
    if rest[0].lower() != "result" or len(rest) > 2:
        raise AsyncError("InvalidUrl", f"Unknown resource: {'/'.join(rest)}")
    if batch.state != "Completed" and not batch.results:
        raise AsyncError("InvalidBatch", f"Batch not completed: {batch.state}")
    if not job.is_query:
        return printing.results_reply(job.content_type, batch.results)
    if len(rest) == 1:
        return printing.result_list_reply(job.content_type, batch.queries)
    result = batch.queries.get(rest[1])
    if result is None:
        raise AsyncError("InvalidBatch", f"Unable to find result with id: {rest[1]}")
    return printing.query_reply(job.content_type, result)


def _job_reply(job: Job, *, as_json: bool, created: bool = False) -> Reply:
    return printing.info_reply("jobInfo", printing.job_info(job), as_json=as_json, status=201 if created else 200)


def _batch_reply(job: Job, batch: Batch, *, created: bool = False) -> Reply:
    """A batch; the answer to its creation says Queued whatever has become of it since."""
    info = printing.batch_info(batch)
    if created:
        info = {**info, "state": "Queued", "numberRecordsProcessed": 0, "numberRecordsFailed": 0}
        info.pop("stateMessage", None)
    return printing.info_reply("batchInfo", info, as_json=job.content_type == "JSON", status=201 if created else 200)


def _check_media_type(job: Job, call: AsyncCall) -> None:
    if call.media_type and call.media_type not in _MEDIA_TYPES[job.content_type]:
        wanted = _MEDIA_TYPES[job.content_type][0]
        message = f"Content-Type {call.media_type} does not match the content type of the job; {wanted} is expected"
        raise AsyncError("ClientInputError", message)


def _version(text: str) -> str:
    try:
        return read_version(f"v{text}")
    except ApiError as error:
        raise AsyncError("InvalidVersion", f"Unknown API version: {text}", error.status) from None


def _user(org: SalesforceOrg, call: AsyncCall) -> User:
    scheme, _, bearer = call.headers.get("authorization", "").partition(" ")
    token = call.headers.get("x-sfdc-session") or (bearer if scheme.lower() in ("bearer", "oauth") else "")
    if not token.strip():
        raise AsyncError("InvalidSessionId", "Unable to find X-SFDC-Session header")
    try:
        return org.sessions.user_of(token.strip())
    except ApiError:
        raise AsyncError("InvalidSessionId", "Invalid session id") from None
