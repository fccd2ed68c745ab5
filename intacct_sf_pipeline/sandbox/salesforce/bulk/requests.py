"""What every resource of the jobs asks of a request: the members of its JSON body, its file, its page.

Source: salesforce.md sections 5.1 and 5.3.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence

from intacct_sf_pipeline.sandbox.salesforce.bulk.jobs import Job
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError, not_found
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply

CSV_TYPE = "text/csv; charset=UTF-8"
# UNCONFIRMED (salesforce.md 5): the codes of jobs in the wrong state.
WRONG_STATE = "INVALIDJOBSTATE"


def members(body: object, allowed: Sequence[str]) -> Mapping[str, object]:
    """A JSON object whose members the resource knows."""
    if not isinstance(body, Mapping):
        raise ApiError("JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body.")
    for name in body:
        if name not in allowed:
            raise ApiError("JSON_PARSER_ERROR", f'Unrecognized field "{name}" at [line:1, column:2]')
    return body


def parsed(content: bytes) -> object:
    """The JSON of a part."""
    try:
        return json.loads(content.decode("utf-8"))
    except ValueError:
        raise ApiError("JSON_PARSER_ERROR", "The job is not valid JSON") from None


def choice(body: Mapping[str, object], name: str, allowed: Sequence[str], default: str) -> str:
    """An enumerated member."""
    value = body.get(name) or default
    if value not in allowed:
        raise ApiError("JSON_PARSER_ERROR", f"Value '{value}' is not valid for {name}: {', '.join(allowed)}")
    return str(value)


def required(body: Mapping[str, object], name: str) -> str:
    """A text member that must be there."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ApiError("INVALIDJOB", f"Missing required value: {name}")
    return value


def available(call: Call, since: float) -> None:
    """Refuses API versions that do not have the resource yet."""
    if call.number < since:
        raise not_found()


def file_reply(content: bytes, **headers: str) -> Reply:
    """A CSV file."""
    return Reply(raw=content, headers={"Content-Type": CSV_TYPE, **headers})


def locator(offset: int) -> str:
    """An offset as a locator; opaque to clients."""
    return base64.b64encode(str(offset).encode()).decode().rstrip("=")


def offset_of(text: str | None, size: int) -> int:
    """The offset of a locator; 0 without one."""
    if not text:
        return 0
    try:
        number = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("ascii")
        offset = int(number)
    except (binascii.Error, ValueError):
        offset = -1
    if not 0 <= offset <= size:
        raise ApiError("INVALIDLOCATOR", f"invalid locator: {text}")
    return offset


def page_of_jobs(call: Call, path: str, jobs: Sequence[Job]) -> Reply:
    """A page of the list of jobs."""
    concurrency = call.query.get("concurrencyMode", "").lower()
    wanted = [job for job in jobs if concurrency in ("", job.concurrency.lower())]
    kind = call.query.get("jobType", "").lower()
    wanted = [job for job in wanted if kind in ("", "all", job.kind.lower())]
    if call.flag("isPkChunkingEnabled"):
        wanted = []
    start = offset_of(call.query.get("queryLocator"), len(wanted))
    end = start + call.org.bulk.options.list_page
    more = end < len(wanted)
    following = f"{call.base}/jobs/{path}?queryLocator={locator(end)}" if more else None
    shown = [{**job.info(), "jobType": job.kind} for job in wanted[start:end]]
    return Reply(body={"done": not more, "records": shown, "nextRecordsUrl": following})
