"""The calls of Bulk API 2.0, each a function of its own. Source: salesforce.md sections 5.1 and 5.3; Bulk Guide.

Creating, closing and aborting a job may be repeated: a job that is made twice holds nothing, one that is closed twice
says so. So these calls count as reads when they fail, and are tried again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.salesforce.client import SalesforceClient
from intacct_sf_pipeline.connectors.salesforce.faults import unreadable
from intacct_sf_pipeline.model.errors import TransientError

COMPLETE: Final = "JobComplete"
FAILED: Final = "Failed"
ENDED: Final = frozenset({COMPLETE, FAILED, "Aborted"})
OPEN: Final = "Open"
_LAST_PAGE: Final = "null"


@dataclass(frozen=True)
class JobInfo:
    """What the service says about a job."""

    id: str
    state: str
    processed: int = 0
    failed: int = 0
    message: str = ""
    external_field: str | None = None

    @property
    def ended(self) -> bool:
        """Whether it is over, well or not."""
        return self.state in ENDED


@dataclass(frozen=True)
class ResultPage:
    """A page of a query's rows, fetched into a file; `following` is the next page's locator, None for the last."""

    rows: int
    following: str | None


class BulkApi:
    """Jobs of one org."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client

    def create_ingest(self, sobject: str, operation: str, external_field: str | None) -> JobInfo:
        """A new, empty job; `operation` is insert, update or upsert."""
        key = {"externalIdFieldName": external_field} if external_field else {}
        body = {"object": sobject, "operation": operation, "contentType": "CSV", "lineEnding": "LF", **key}
        call = Call("salesforce", f"create {operation} job {sobject}")
        return _info(call, self._client.send(call, "POST", "jobs/ingest", body))

    def upload(self, job_id: str, content: BinaryIO) -> None:
        """The job's rows, once; not repeated when the answer is lost."""
        call = Call("salesforce", "upload job data", write=True)
        headers = {"Content-Type": "text/csv; charset=UTF-8"}
        self._client.exchange(call, "PUT", f"jobs/ingest/{job_id}/batches", content=content, headers=headers)

    def set_state(self, job_id: str, state: str) -> JobInfo:
        """Close (`UploadComplete`) or abort (`Aborted`) an ingest job."""
        call = Call("salesforce", f"set job {state}")
        return _info(call, self._client.send(call, "PATCH", f"jobs/ingest/{job_id}", {"state": state}))

    def ingest(self, job_id: str) -> JobInfo:
        """How far an ingest job is."""
        call = Call("salesforce", "poll ingest job")
        return _info(call, self._client.get(call, f"jobs/ingest/{job_id}"))

    def ingest_results(self, job_id: str, kind: str, into: BinaryIO) -> None:
        """Fetch `successfulResults`, `failedResults` or `unprocessedrecords` into a file."""
        call = Call("salesforce", f"fetch job {kind}")
        self._client.exchange(call, "GET", f"jobs/ingest/{job_id}/{kind}/", into=into)

    def create_query(self, soql: str, *, deleted: bool) -> JobInfo:
        """A new query job; `deleted` includes deleted rows."""
        operation = "queryAll" if deleted else "query"
        body = {"operation": operation, "query": soql, "contentType": "CSV", "lineEnding": "LF"}
        call = Call("salesforce", f"create {operation} job")
        return _info(call, self._client.send(call, "POST", "jobs/query", body))

    def query(self, job_id: str) -> JobInfo:
        """How far a query job is."""
        call = Call("salesforce", "poll query job")
        return _info(call, self._client.get(call, f"jobs/query/{job_id}"))

    def query_results(self, job_id: str, locator: str | None, rows: int, into: BinaryIO) -> ResultPage:
        """Fetch a page of a query's rows into a file."""
        call = Call("salesforce", "fetch query job results")
        params = {"maxRecords": str(rows), **({"locator": locator} if locator else {})}
        headers = self._client.exchange(call, "GET", f"jobs/query/{job_id}/results", params=params, into=into)
        count, following = headers.get("Sforce-NumberOfRecords", ""), headers.get("Sforce-Locator", "")
        if not count.isdecimal() or not following:
            raise TransientError(call.reply(200, "unreadable", "the page does not say how many rows it holds"))
        return ResultPage(int(count), None if following == _LAST_PAGE else following)


def _info(call: Call, body: object) -> JobInfo:
    if not isinstance(body, Mapping) or not isinstance(body.get("id"), str) or not isinstance(body.get("state"), str):
        raise unreadable(call, 200)
    return JobInfo(
        body["id"],
        body["state"],
        _count(body, "numberRecordsProcessed"),
        _count(body, "numberRecordsFailed"),
        str(body.get("errorMessage") or ""),
        str(body["externalIdFieldName"]) if body.get("externalIdFieldName") else None,
    )


def _count(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    return value if isinstance(value, int) else 0
