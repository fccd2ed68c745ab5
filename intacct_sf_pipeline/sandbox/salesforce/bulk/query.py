"""The resources of query jobs. Source: salesforce.md section 5.3; Bulk Guide, Bulk API 2.0 Query."""

from intacct_sf_pipeline.sandbox.salesforce.bulk import requests
from intacct_sf_pipeline.sandbox.salesforce.bulk.board import PREFIX
from intacct_sf_pipeline.sandbox.salesforce.bulk.csv_files import written
from intacct_sf_pipeline.sandbox.salesforce.bulk.jobs import DELIMITERS, LINE_ENDINGS, QUERY, QueryJob, State
from intacct_sf_pipeline.sandbox.salesforce.bulk.query_work import check
from intacct_sf_pipeline.sandbox.salesforce.bulk.work import catch_up
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply

SINCE, PAGES_SINCE = 47.0, 58.0
_MEMBERS = ("columnDelimiter", "concurrencyMode", "contentType", "lineEnding", "operation", "query")
_URLS = 5
_OTHER_VERSION = (
    "The request could not be completed due to a conflict with the current state of the resource: the API version "
    "differs from the one the job was created with"
)


def create(call: Call) -> Reply:
    """POST: a job; there is nothing to upload, so it is set to work at once."""
    requests.available(call, SINCE)
    body = requests.members(call.body, _MEMBERS)
    operation = requests.choice(body, "operation", ("query", "queryAll"), requests.required(body, "operation"))
    requests.choice(body, "contentType", ("CSV",), "CSV")
    statement = requests.required(body, "query")
    delimiter = requests.choice(body, "columnDelimiter", tuple(DELIMITERS), "COMMA")
    line_ending = requests.choice(body, "lineEnding", tuple(LINE_ENDINGS), "LF")
    name = check(call.org, call.user, statement, call.version)
    if not call.org.bulk.query_jobs.take(1):
        raise ApiError("EXCEEDEDQUOTA", "ExceededQuota : the allowance of query jobs in 24 hours is used up")
    now = call.org.clock()
    job_id = call.org.ids.new(PREFIX)
    job = QueryJob(
        job_id, QUERY, operation, name, call.user, call.version, now, delimiter, line_ending, statement=statement
    )
    job.hits, job.began = call.hits, now
    job.turn(State.UPLOAD_COMPLETE, now)
    call.org.bulk.add(job)
    return Reply(body=job.info())


def information(call: Call, job_id: str) -> Reply:
    """GET: how far the job is. Each poll finds it one step further."""
    job = call.org.bulk.query(job_id)
    catch_up(call.org, polled=job)
    return Reply(body=job.full_info())


def change(call: Call, job_id: str) -> Reply:
    """PATCH: aborts a job."""
    job = call.org.bulk.query(job_id)
    body = requests.members(call.body, ("state",))
    requests.choice(body, "state", ("Aborted",), "")
    catch_up(call.org)
    if job.ended:
        raise ApiError(requests.WRONG_STATE, "Aborting already Completed Job not allowed")
    job.turn(State.ABORTED, call.org.clock())
    return Reply(body=job.info())


def delete(call: Call, job_id: str) -> Reply:
    """DELETE: the job and its results."""
    job = call.org.bulk.query(job_id)
    catch_up(call.org)
    if not job.ended:
        raise ApiError("API_ERROR", "Error encountered when deleting the job because the job is not terminated")
    call.org.bulk.remove(job)
    return Reply(204)


def listing(call: Call) -> Reply:
    """GET: all query jobs, page by page."""
    requests.available(call, SINCE)
    catch_up(call.org)
    return requests.page_of_jobs(call, "query", call.org.bulk.listed(QUERY))


def results(call: Call, job_id: str) -> Reply:
    """GET …/results: a page of the rows, each with the header; `Sforce-Locator: null` says that it is the last."""
    job = _complete(call, job_id)
    start = requests.offset_of(call.query.get("locator"), len(job.lines))
    end = start + _page_rows(call)
    lines = job.lines[start:end]
    headers = {
        "Sforce-NumberOfRecords": str(len(lines)),
        "Sforce-Locator": requests.locator(end) if end < len(job.lines) else "null",
    }
    return requests.file_reply(written([job.header, *lines], job.delimiter, job.line_ending), **headers)


def result_pages(call: Call, job_id: str) -> Reply:
    """GET …/resultPages: addresses of five pages at a time, to be fetched side by side."""
    requests.available(call, PAGES_SINCE)
    job = _complete(call, job_id)
    size = _page_rows(call)
    start = requests.offset_of(call.query.get("locator"), len(job.lines))
    offsets = list(range(start, max(len(job.lines), 1), size))
    path = f"{call.base}/jobs/query/{job.id}"
    pages = [
        {"resultUrl": f"{path}/results?maxRecords={size}&locator={requests.locator(offset)}"}
        for offset in offsets[:_URLS]
    ]
    more = len(offsets) > _URLS
    following = f"{path}/resultPages?locator={requests.locator(offsets[_URLS])}" if more else None
    return Reply(body={"resultPages": pages, "nextRecordsUrl": following, "done": not more})


def _page_rows(call: Call) -> int:
    text = call.query.get("maxRecords", "")
    if not text:
        return call.org.bulk.options.result_rows
    if not text.isdecimal() or int(text) < 1:
        raise ApiError("INVALID_PARAMETER", f"maxRecords must be a positive number, not {text}")
    return min(int(text), call.org.bulk.options.result_rows)


def _complete(call: Call, job_id: str) -> QueryJob:
    job = call.org.bulk.query(job_id)
    catch_up(call.org)
    if job.version != call.version:
        raise ApiError("API_ERROR", _OTHER_VERSION, status=409)
    if job.state is not State.JOB_COMPLETE:
        raise ApiError("API_ERROR", f"Results are not available: the state of the job is {job.state.value}")
    return job
