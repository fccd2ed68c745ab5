"""What the service answers: infos of jobs and batches, results and errors, in XML, JSON or CSV.

Media types are bare where public clients compare them literally (salesforce-bulk 2.2: `text/csv`, `application/xml`,
`application/json`); query results carry a charset, without which HTTP clients read them as Latin-1.
Source: Bulk API Developer Guide, Get Batch Results; simple-salesforce issue 290 (moments in JSON are milliseconds).
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

import orjson

from intacct_sf_pipeline.sandbox.salesforce.bulk_v1.model import Batch, Job, QueryResult, RowError, RowResult
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Reply
from intacct_sf_pipeline.sandbox.salesforce.soap.xml import leaf, tag
from intacct_sf_pipeline.sandbox.salesforce.times import moment_of

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
EMPTY = "Records not found for this query"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
XML, JSON, CSV = "application/xml", "application/json", "text/csv"
Info = dict[str, object]
Path = tuple[str, ...]
_INFO_TIMES = ("createdDate", "systemModstamp")


def job_info(job: Job) -> Info:
    """JobInfo."""
    batches = job.batches.values()
    optional = {"externalIdFieldName": job.external_id, "assignmentRuleId": job.assignment_rule}
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.sobject.name,
        "createdById": job.user.id,
        "createdDate": job.created,
        "systemModstamp": job.modified,
        "state": job.state,
        **{name: value for name, value in optional.items() if value},
        "concurrencyMode": job.concurrency,
        "contentType": job.content_type,
        "numberBatchesQueued": job.count("Queued"),
        "numberBatchesInProgress": job.count("InProgress"),
        "numberBatchesCompleted": job.count("Completed"),
        "numberBatchesFailed": job.count("Failed"),
        "numberBatchesTotal": len(job.batches),
        "numberRecordsProcessed": sum(batch.processed for batch in batches),
        "numberRetries": 0,
        "apiVersion": float(job.version),
        "numberRecordsFailed": sum(batch.failed for batch in batches),
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }


def batch_info(batch: Batch) -> Info:
    """BatchInfo."""
    message: Info = {"stateMessage": batch.message} if batch.message else {}
    return {
        "id": batch.id,
        "jobId": batch.job_id,
        "state": batch.state,
        **message,
        "createdDate": batch.created,
        "systemModstamp": batch.modified,
        "numberRecordsProcessed": batch.processed,
        "numberRecordsFailed": batch.failed,
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }


def info_reply(name: str, info: Info, *, as_json: bool, status: int = 200) -> Reply:
    """An answer of one info element, such as `jobInfo`."""
    return _json_reply(info, status) if as_json else _xml_reply(_xml_info(name, info, root=True), status)


def batches_reply(batches: Iterable[Batch], *, as_json: bool) -> Reply:
    """The list of batches of a job."""
    infos = [batch_info(batch) for batch in batches]
    if as_json:
        return _json_reply({"batchInfo": infos})
    return _xml_reply(_root("batchInfoList", "".join(_xml_info("batchInfo", info) for info in infos)))


def error_reply(code: str, message: str, status: int, *, as_json: bool) -> Reply:
    """A refusal."""
    if as_json:
        return _json_reply({"exceptionCode": code, "exceptionMessage": message}, status)
    return _xml_reply(_root("error", leaf("exceptionCode", code) + leaf("exceptionMessage", message)), status)


def results_reply(content_type: str, results: Sequence[RowResult]) -> Reply:
    """What became of the rows of a batch."""
    if content_type == "JSON":
        return _json_reply([_json_result(one) for one in results])
    if content_type == "XML":
        return _xml_reply(_root("results", "".join(tag("result", _xml_result(one)) for one in results)))
    rows = [(one.id or "", _boolean(one.success), _boolean(one.created), _error_text(one.error)) for one in results]
    return _raw(_csv([("Id", "Success", "Created", "Error"), *rows]), CSV)


def result_list_reply(content_type: str, ids: Iterable[str]) -> Reply:
    """The result sets of a query batch."""
    if content_type == "JSON":
        return _json_reply(list(ids))
    return _xml_reply(_root("result-list", "".join(leaf("result", one) for one in ids)))


def query_reply(content_type: str, result: QueryResult) -> Reply:
    """One result set of a query batch."""
    if content_type == "JSON":
        return _json_reply([_json_record(record, result.times) for record in result.records])
    if content_type == "XML":
        body = "".join(tag("records", _xml_record(record, result.times)) for record in result.records)
        names = f'xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        return _xml_reply(f"<queryResult {names}>{body}</queryResult>")
    if not result.records:
        return _raw(EMPTY, f"{CSV};charset=UTF-8")
    lines = [tuple(_cell(record, path, result.times) for path in result.columns) for record in result.records]
    return _raw(_csv([tuple(".".join(path) for path in result.columns), *lines]), f"{CSV};charset=UTF-8")


def request_reply(content_type: str, body: bytes) -> Reply:
    """A batch as it was sent."""
    return Reply(raw=body, headers={"Content-Type": {"CSV": CSV, "XML": XML, "JSON": JSON}[content_type]})


def _xml_info(name: str, info: Info, *, root: bool = False) -> str:
    content = "".join(leaf(key, _zulu(value) if key in _INFO_TIMES else value) for key, value in info.items())
    return _root(name, content) if root else tag(name, content)


def _zulu(moment: object) -> object:
    """Moments in CSV and XML end in Z. Source: Bulk API Developer Guide, samples."""
    return moment.replace("+0000", "Z") if isinstance(moment, str) else moment


def _json_result(one: RowResult) -> Info:
    errors = [
        {"message": error.message, "fields": list(error.fields), "statusCode": error.code, "extendedErrorDetails": None}
        for error in ([one.error] if one.error else [])
    ]
    return {"success": one.success, "created": one.created, "id": one.id, "errors": errors}


def _xml_result(one: RowResult) -> str:
    errors = ""
    if one.error is not None:
        fields = "".join(leaf("fields", name) for name in one.error.fields)
        errors = tag("errors", fields + leaf("message", one.error.message) + leaf("statusCode", one.error.code))
    shown = leaf("id", one.id) if one.id else ""
    return errors + shown + leaf("success", one.success) + leaf("created", one.created)


def _error_text(error: RowError | None) -> str:
    """`CODE:message:fields --`; `--` alone where there are no fields. Source: Bulk API Developer Guide, samples."""
    if error is None:
        return ""
    fields = f"{','.join(error.fields)} --" if error.fields else "--"
    return f"{error.code}:{error.message}:{fields}"


def _json_record(record: Mapping[str, object], times: frozenset[Path], above: Path = ()) -> dict[str, object]:
    return {
        name: value if name == "attributes" else _json_value(value, times, (*above, name))
        for name, value in record.items()
    }


def _json_value(value: object, times: frozenset[Path], path: Path) -> object:
    if isinstance(value, Mapping):
        return _json_record(value, times, path)
    if isinstance(value, str) and path in times:
        return int(moment_of(value).timestamp() * 1000)
    return value


def _xml_record(record: Mapping[str, object], times: frozenset[Path], above: Path = ()) -> str:
    attributes = record.get("attributes")
    kind = attributes.get("type") if isinstance(attributes, Mapping) else None
    parts = [leaf("type", kind)]
    for name, value in record.items():
        if name == "attributes":
            continue
        path = (*above, name)
        if value is None:
            parts.append(f'<{name} xsi:nil="true"/>')
        elif isinstance(value, Mapping):
            parts.append(tag(name, _xml_record(value, times, path)))
        else:
            parts.append(leaf(name, _zulu(value) if path in times else value))
    return "".join(parts)


def _cell(record: Mapping[str, object], path: Path, times: frozenset[Path]) -> str:
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    if value is None:
        return ""
    if isinstance(value, bool):
        return _boolean(value)
    return str(_zulu(value) if path in times else value)


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _csv(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _root(name: str, content: str) -> str:
    return f'<{name} xmlns="{NAMESPACE}">{content}</{name}>'


def _xml_reply(document: str, status: int = 200) -> Reply:
    return Reply(status, raw=(_DECLARATION + document).encode("utf-8"), headers={"Content-Type": XML})


def _json_reply(document: object, status: int = 200) -> Reply:
    return Reply(status, raw=orjson.dumps(document), headers={"Content-Type": JSON})


def _raw(text: str, media_type: str) -> Reply:
    return Reply(raw=text.encode("utf-8", "replace"), headers={"Content-Type": media_type})
