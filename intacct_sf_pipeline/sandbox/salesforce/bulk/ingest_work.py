"""Working an ingest job off: the file read, its rows saved one internal batch after the other, the results noted.

Source: salesforce.md sections 5.1 and 5.2; Bulk Guide, How Requests Are Processed.
"""

from collections.abc import Callable, Sequence
from random import Random

from intacct_sf_pipeline.sandbox.faults.plan import of_kind
from intacct_sf_pipeline.sandbox.faults.records import RecordGate
from intacct_sf_pipeline.sandbox.salesforce.bodies import convert
from intacct_sf_pipeline.sandbox.salesforce.bulk.columns import NULL, Column, bind, require
from intacct_sf_pipeline.sandbox.salesforce.bulk.csv_files import WRONG_COUNT, FileRefusedError, records
from intacct_sf_pipeline.sandbox.salesforce.bulk.faults import hidden, refusal_at, struck, stuck
from intacct_sf_pipeline.sandbox.salesforce.bulk.jobs import IngestJob, State
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.ids import to_long
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.values import as_text
from intacct_sf_pipeline.sandbox.salesforce.writer import MoreThanOneError

CHUNK = 200
"""Rows saved together: one external id may stand in such a chunk once. Source: Bulk Guide (chunks of 200)."""
# UNCONFIRMED (salesforce.md 5.2): the code of a row whose cells cannot be told apart.
UNREADABLE_ROW = "INVALID_INPUT"

Save = Callable[[dict[str, object], str], tuple[str, bool]]


def step(org: SalesforceOrg, job: IngestJob) -> None:
    """Take a job one step further: begin, or save the next internal batch."""
    if job.state is State.UPLOAD_COMPLETE:
        job.turn(State.IN_PROGRESS, org.clock())
        return
    if stuck(org, job):
        return
    try:
        sobject, columns = _opened(org, job)
        _save_batch(org, job, sobject, columns)
    except FileRefusedError as error:
        end(org, job, State.FAILED, str(error))


def end(org: SalesforceOrg, job: IngestJob, state: State, error: str = "") -> None:
    """End a job; rows that were not reached are left over. Rows of the results stand in no order of the client's."""
    if job.upload is not None:
        _read_for_the_record(job)
    left = job.rows[job.processed :]
    job.left_over = [tuple(row) for row in left]
    job.rows, job.upload = [], None
    chance = Random(job.id)  # noqa: S311 - an order that is nobody's and repeats
    chance.shuffle(job.successful)
    chance.shuffle(job.refused)
    job.turn(state, org.clock(), error)


def result_columns(job: IngestJob) -> list[int]:
    """The places of the columns in the order in which results show them: the service's own, not the file's."""
    order = sorted(range(len(job.header)), key=lambda place: job.header[place].lower())
    return order[::-1] if order == list(range(len(job.header))) else order


def _opened(org: SalesforceOrg, job: IngestJob) -> tuple[SObjectType, tuple[Column, ...]]:
    """The object and the columns of the file; with the first step the file is read and its batches are counted."""
    sobject = org.schema.find(job.sobject)
    if sobject is None:
        raise FileRefusedError(f"InvalidBatch : Unable to find object: {job.sobject}")
    if job.upload is not None:
        _read(org, job)
    columns = bind(org.schema, job.user, sobject, job.header)
    for name in _needed(job):
        require(columns, name)
    if job.operation in ("delete", "hardDelete") and len(columns) > 1:
        raise FileRefusedError(f"InvalidBatch : Field name not found : {columns[1].name}")
    return sobject, columns


def _needed(job: IngestJob) -> list[str]:
    if job.operation == "upsert":
        return [job.external_field or "Id"]
    return [] if job.operation == "insert" else ["Id"]


def _read(org: SalesforceOrg, job: IngestJob) -> None:
    found = records(job.upload or b"", job.delimiter, job.line_ending)
    head = next(found, None)
    if head is None:
        job.upload = None
        raise FileRefusedError("ClientInputError : Unable to find any data to create batch")
    longest = org.bulk.options.header_characters
    if sum(map(len, head.cells)) + len(head.cells) - 1 > longest:
        raise FileRefusedError(f"ClientInputError : the header row is longer than {longest} characters")
    rows, unreadable = [], {}
    for place, record in enumerate(found):
        fault = record.fault or (WRONG_COUNT if len(record.cells) != len(head.cells) else "")
        if fault:
            unreadable[place] = fault
        rows.append(record.cells)
    job.header, job.rows, job.unreadable, job.upload = tuple(head.cells), rows, unreadable, None
    size = org.bulk.options.batch_rows
    if not org.bulk.batches.take(-(-len(rows) // size)):
        raise FileRefusedError("ExceededQuota : the allowance of batches in 24 hours is used up")


def _read_for_the_record(job: IngestJob) -> None:
    """What was uploaded to a job that ends before its file was read is left over, as far as it can be read."""
    try:
        found = list(records(job.upload or b"", job.delimiter, job.line_ending))
    except FileRefusedError:
        found = []
    if found:
        job.header, job.rows = tuple(found[0].cells), [record.cells for record in found[1:]]


def _save_batch(org: SalesforceOrg, job: IngestJob, sobject: SObjectType, columns: tuple[Column, ...]) -> None:
    gate = RecordGate(of_kind(job.hits, "partial", "row_lock"))
    gate.expect(len(job.rows))
    refused = [gate.next() for _ in range(len(job.rows))] if job.hits else []
    death = struck(job, len(job.rows))
    last = min(len(job.rows), job.processed + org.bulk.options.batch_rows)
    last = last if death is None else min(last, death.after)
    save = _saver(org, job, sobject)
    began = org.clock()
    with hidden(org, job):
        for start in range(job.processed, last, CHUNK):
            seen: set[str] = set()
            for place in range(start, min(last, start + CHUNK)):
                _save_row(job, columns, place, save, seen, refusal_at(refused, place))
    job.worked_ms += max(1, int((org.clock() - began).total_seconds() * 1000))
    if death is not None and job.processed >= death.after:
        end(org, job, State.FAILED, death.message)
    elif job.processed >= len(job.rows):
        end(org, job, State.JOB_COMPLETE)


def _save_row(
    job: IngestJob, columns: Sequence[Column], place: int, save: Save, seen: set[str], refused: ApiError | None
) -> None:
    cells = job.rows[place]
    job.processed += 1
    try:
        if refused is not None:
            raise refused
        if place in job.unreadable:
            raise ApiError(UNREADABLE_ROW, job.unreadable[place])
        body, key = _body(job, columns, cells, seen)
        record_id, created = save(body, key)
    except (ApiError, MoreThanOneError) as error:
        job.failed += 1
        job.refused.append((_named_id(job, columns, cells), _error_text(_plain(error, columns, cells)), *cells))
    else:
        job.successful.append((record_id, "true" if created else "false", *cells))


def _body(
    job: IngestJob, columns: Sequence[Column], cells: Sequence[str], seen: set[str]
) -> tuple[dict[str, object], str]:
    """The record a row describes, and the value that names it (an id, an external id; empty for an insert)."""
    body: dict[str, object] = {}
    for column, cell in zip(columns, cells, strict=True):
        column.put(body, cell)
    if job.operation == "insert":
        return body, ""
    name = (_needed(job) or ["Id"])[0]
    field = columns[require(columns, name)].field
    value = body.pop(field.name, None)
    if value is None:
        if job.operation == "upsert" and field.type == "id":
            return body, ""
        raise ApiError("MISSING_ARGUMENT", f"{field.name} not specified")
    key = str(value)
    folded = key if field.case_sensitive or field.type == "id" else key.strip().lower()
    if folded in seen:
        raise _twice(job, field, key)
    seen.add(folded)
    return body, key


def _twice(job: IngestJob, field: Field, key: str) -> ApiError:
    if job.operation == "upsert":
        return ApiError("DUPLICATE_VALUE", f"Duplicate external id specified: {key}", (field.name,))
    return ApiError("DUPLICATE_VALUE", f"duplicate id in list: {key}", ("Id",))


def _saver(org: SalesforceOrg, job: IngestJob, sobject: SObjectType) -> Save:
    """What saves one row: given its body and key it returns the id, and whether the row is new."""
    actor = org.actor(job.user)

    def insert(body: dict[str, object], _key: str) -> tuple[str, bool]:
        return org.writer.create(sobject, body, actor), True

    def update(body: dict[str, object], key: str) -> tuple[str, bool]:
        record_id = _id(key)
        org.writer.update(sobject, record_id, body, actor)
        return record_id, False

    def delete(_body: dict[str, object], key: str) -> tuple[str, bool]:
        record_id = _id(key)
        org.writer.delete(sobject, record_id, actor)
        if job.operation == "hardDelete":
            org.db.table(sobject.name).drop(record_id)
        return record_id, False

    def upsert(body: dict[str, object], key: str) -> tuple[str, bool]:
        field = job.user.find(sobject, job.external_field or "Id")
        if field is None:
            raise ApiError("INVALID_FIELD", f"No such column '{job.external_field}' on entity '{sobject.name}'")
        if not key:
            return insert(body, key)
        done = org.writer.upsert(sobject, field, convert(field, key), body, actor)
        return done.id, done.created

    savers: dict[str, Save] = {
        "insert": insert, "update": update, "upsert": upsert, "delete": delete, "hardDelete": delete,
    }  # fmt: skip
    return savers[job.operation]


def _id(key: str) -> str:
    found = to_long(key)
    if found is None:
        raise ApiError("MALFORMED_ID", f"malformed id {key}", ("Id",))
    return found


def _plain(error: ApiError | MoreThanOneError, columns: Sequence[Column], cells: Sequence[str]) -> ApiError:
    """The error in the words of a bulk result: a value of the wrong type names its column."""
    if isinstance(error, MoreThanOneError):
        return ApiError("DUPLICATE_EXTERNAL_ID", f"more than one record found for external id field: {list(error.ids)}")
    if error.code != "JSON_PARSER_ERROR":
        return error
    for column, cell in zip(columns, cells, strict=False):
        if cell in ("", NULL) or column.parent_key:
            continue
        try:
            convert(column.field, cell)
        except ApiError as cause:
            if cause.code == "JSON_PARSER_ERROR":
                message = f"{column.field.label}: value not of required type: {cell}"
                return ApiError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, (column.field.name,))
    return error


def _named_id(job: IngestJob, columns: Sequence[Column], cells: Sequence[str]) -> str:
    """The id a refused row was about, where its file says so; the service tells it from API 53 on."""
    if float(job.version) < 53:
        return ""
    for column, cell in zip(columns, cells, strict=False):
        if column.field.type == "id" and column.name.lower() == "id":
            return to_long(cell) or ""
    return ""


def _error_text(error: ApiError) -> str:
    """`sf__Error`: code, text, fields. Punctuation UNCONFIRMED (salesforce.md 5.1)."""
    fields = f"{', '.join(error.fields)} " if error.fields else ""
    return f"{error.code}:{as_text(error.message)}:{fields}--"
