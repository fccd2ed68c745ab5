"""The resources of ingest jobs. Source: salesforce.md section 5.1; Bulk Guide, Bulk API 2.0 Ingest."""

from collections.abc import Mapping, Sequence

from intacct_sf_pipeline.sandbox.salesforce.bulk import requests
from intacct_sf_pipeline.sandbox.salesforce.bulk.board import PREFIX
from intacct_sf_pipeline.sandbox.salesforce.bulk.csv_files import written
from intacct_sf_pipeline.sandbox.salesforce.bulk.ingest_work import end, result_columns
from intacct_sf_pipeline.sandbox.salesforce.bulk.jobs import DELIMITERS, INGEST, LINE_ENDINGS, IngestJob, State
from intacct_sf_pipeline.sandbox.salesforce.bulk.multipart import parts
from intacct_sf_pipeline.sandbox.salesforce.bulk.work import catch_up
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply

SINCE = 41.0
_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
_MEMBERS = (
    "assignmentRuleId", "columnDelimiter", "concurrencyMode", "contentType", "externalIdFieldName", "lineEnding",
    "object", "operation",
)  # fmt: skip
_ENDED_WORDS = {State.JOB_COMPLETE: "Completed", State.FAILED: "Failed", State.ABORTED: "Aborted"}


def create(call: Call) -> Reply:
    """POST: a job, or with `multipart/form-data` a job with its data."""
    requests.available(call, SINCE)
    content_type = call.headers.get("content-type", "")
    if not content_type.lower().startswith("multipart/form-data"):
        return Reply(body=_new(call, call.body).info())
    given = parts(content_type, call.raw)
    content = given.get("content", b"")
    if len(content.decode("utf-8", "replace")) > call.org.bulk.options.multipart_characters:
        raise ApiError("INVALIDJOB", "The data of a multipart request is limited to 100,000 characters")
    job = _new(call, requests.parsed(given.get("job", b"")))
    job.upload = content
    _close(call, job)
    return Reply(body=job.info())


def upload(call: Call, job_id: str) -> Reply:
    """PUT …/batches: the data, once."""
    job = call.org.bulk.ingest(job_id)
    if call.headers.get("content-type", "text/csv").partition(";")[0].strip().lower() != "text/csv":
        raise ApiError("UNSUPPORTED_MEDIA_TYPE", "Content-Type header must be text/csv")
    if job.state is not State.OPEN:
        raise ApiError(requests.WRONG_STATE, f"Job is not open: its state is {job.state.value}")
    if job.upload is not None:
        message = f"Found multiple contents for job: <{job.id}>: only one PUT is allowed on a job"
        raise ApiError("API_ERROR", message)
    if -(-len(call.raw) // 3) * 4 > call.org.bulk.options.base64_bytes:
        raise ApiError("API_ERROR", "The request content exceeds the maximum size of 150 MB", status=413)
    job.upload = call.raw
    job.changed = call.org.clock()
    return Reply(201)


def change(call: Call, job_id: str) -> Reply:
    """PATCH: closes (`UploadComplete`) or aborts a job."""
    job = call.org.bulk.ingest(job_id)
    body = requests.members(call.body, ("state", *_MEMBERS))
    wanted = requests.choice(body, "state", ("UploadComplete", "Aborted"), "")
    catch_up(call.org)
    if job.ended:
        verb = "Aborting" if wanted == "Aborted" else "Closing"
        raise ApiError(requests.WRONG_STATE, f"{verb} already {_ENDED_WORDS[job.state]} Job not allowed")
    if wanted == "Aborted":
        end(call.org, job, State.ABORTED)
    elif job.state is State.OPEN:
        _close(call, job)
    else:
        raise ApiError(requests.WRONG_STATE, "Closing already Completed Job not allowed")
    return Reply(body=job.info())


def information(call: Call, job_id: str) -> Reply:
    """GET: how far the job is. Each poll finds it one step further."""
    job = call.org.bulk.ingest(job_id)
    catch_up(call.org, polled=job)
    return Reply(body=job.full_info())


def delete(call: Call, job_id: str) -> Reply:
    """DELETE: the job and its files."""
    job = call.org.bulk.ingest(job_id)
    catch_up(call.org)
    if job.state in (State.OPEN, State.IN_PROGRESS):
        raise ApiError("API_ERROR", "Error encountered when deleting the job because the job is not terminated")
    call.org.bulk.remove(job)
    return Reply(204)


def listing(call: Call) -> Reply:
    """GET: all ingest jobs, page by page."""
    requests.available(call, SINCE)
    catch_up(call.org)
    return requests.page_of_jobs(call, "ingest", call.org.bulk.listed(INGEST))


def successful(call: Call, job_id: str) -> Reply:
    """GET …/successfulResults."""
    job = _ended(call, job_id)
    return _results(job, ("sf__Id", "sf__Created"), job.successful)


def failed(call: Call, job_id: str) -> Reply:
    """GET …/failedResults."""
    job = _ended(call, job_id)
    return _results(job, ("sf__Id", "sf__Error"), job.refused)


def unprocessed(call: Call, job_id: str) -> Reply:
    """GET …/unprocessedrecords: rows that were not reached, as they were sent."""
    job = _ended(call, job_id)
    lines = [job.header, *job.left_over] if job.header else []
    return requests.file_reply(written(lines, job.delimiter, job.line_ending))


def _new(call: Call, given: object) -> IngestJob:
    body = requests.members(given, _MEMBERS)
    operation = requests.choice(body, "operation", _OPERATIONS, requests.required(body, "operation"))
    requests.choice(body, "contentType", ("CSV",), "CSV")
    name = requests.required(body, "object")
    sobject = call.org.schema.find(name)
    if sobject is None or not call.user.may_see(sobject):
        raise ApiError("INVALIDJOB", f"InvalidJob : Unable to find object: {name}")
    if operation == "hardDelete" and not call.org.bulk.options.hard_delete:
        raise ApiError("FEATURENOTENABLED", "FeatureNotEnabled : hardDelete needs the permission Bulk API Hard Delete")
    job = IngestJob(
        call.org.ids.new(PREFIX),
        INGEST,
        operation,
        sobject.name,
        call.user,
        call.version,
        call.org.clock(),
        delimiter=requests.choice(body, "columnDelimiter", tuple(DELIMITERS), "COMMA"),
        line_ending=requests.choice(body, "lineEnding", tuple(LINE_ENDINGS), "LF"),
        concurrency=requests.choice(body, "concurrencyMode", ("Parallel", "Serial"), "Parallel"),
        external_field=_external(call, body, sobject.name) if operation == "upsert" else None,
    )
    call.org.bulk.add(job)
    return job


def _external(call: Call, body: Mapping[str, object], object_name: str) -> str:
    name = body.get("externalIdFieldName")
    if not isinstance(name, str) or not name:
        message = f"InvalidJob : External ID was blank for {object_name}. An External ID must be specified for upsert."
        raise ApiError("INVALIDJOB", message)
    sobject = call.sobject(object_name)
    field = call.user.find(sobject, name)
    if field is None or not (field.key_field or field.type == "id"):
        message = f"InvalidJob : Field name provided, {name}, does not match an External ID for {object_name}"
        raise ApiError("INVALIDJOB", message)
    return field.name


def _close(call: Call, job: IngestJob) -> None:
    job.hits = call.hits
    job.turn(State.UPLOAD_COMPLETE, call.org.clock())
    job.began = call.org.clock()
    if job.upload is None:
        end(call.org, job, State.FAILED, "ClientInputError : Unable to find any data to create batch")


def _ended(call: Call, job_id: str) -> IngestJob:
    job = call.org.bulk.ingest(job_id)
    catch_up(call.org)
    if not job.ended:
        raise ApiError(requests.WRONG_STATE, f"Results are not available: the state of the job is {job.state.value}")
    return job


def _results(job: IngestJob, own: tuple[str, str], lines: Sequence[tuple[str, ...]]) -> Reply:
    order = result_columns(job)
    width = len(job.header)
    shown = [(*own, *(job.header[place] for place in order))]
    for line in lines:
        cells = (line[2:] + ("",) * width)[:width]
        shown.append((*line[:2], *(cells[place] for place in order)))
    return requests.file_reply(written(shown, job.delimiter, job.line_ending))
