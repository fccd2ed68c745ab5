"""Working on a batch of rows: each is written on its own, and its outcome kept in the order of the batch.

Source: Bulk API Developer Guide, Loading Data; salesforce.md sections 4 and 5.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from intacct_sf_pipeline.sandbox.faults.records import RecordGate
from intacct_sf_pipeline.sandbox.salesforce.bodies import convert
from intacct_sf_pipeline.sandbox.salesforce.bulk_v1.model import AsyncError, Batch, Job, RowError, RowResult
from intacct_sf_pipeline.sandbox.salesforce.bulk_v1.reading import BulkRow, read_rows
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.ids import to_long
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field
from intacct_sf_pipeline.sandbox.salesforce.values import Value, as_text
from intacct_sf_pipeline.sandbox.salesforce.writer import MoreThanOneError

MOST_ROWS = 10_000
CHUNK = 200
LOCKED = "unable to obtain exclusive access to this record"
_CODES = {"JSON_PARSER_ERROR": "INVALID_TYPE_ON_FIELD_IN_RECORD"}
Writer = Callable[[BulkRow], tuple[str, bool]]


def work(org: SalesforceOrg, job: Job, batch: Batch, gate: RecordGate) -> None:
    """Writes the rows of a batch and ends it; a batch that cannot be read fails as a whole."""
    try:
        rows = read_rows(job.content_type, batch.body)
        _check(job, rows)
    except AsyncError as error:
        batch.fail(f"{error.code} : {error.message}")
        return
    gate.expect(len(rows))
    write = _writer(org, job)
    results: list[RowResult] = []
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        results.extend(_chunk(job, chunk, write, gate))
    batch.results = tuple(results)
    batch.processed = len(results)
    batch.state = "Completed"


def _check(job: Job, rows: Sequence[BulkRow]) -> None:
    if len(rows) > MOST_ROWS:
        raise AsyncError("InvalidBatch", f"Too many records in batch: {len(rows)} (maximum {MOST_ROWS})")
    known: set[str] = set()
    for row in rows:
        for name, value in row.items():
            if name not in known:
                _check_name(job, name, value)
                known.add(name)


def _check_name(job: Job, name: str, value: object) -> None:
    if job.user.find(job.sobject, name) is not None:
        return
    lookup = job.sobject.by_relationship.get(name.lower())
    if lookup is None or not isinstance(value, Mapping) or not job.user.visible(job.sobject, lookup):
        raise AsyncError("InvalidBatch", f"Field name not found : {name}")


def _chunk(job: Job, rows: Sequence[BulkRow], write: Writer, gate: RecordGate) -> list[RowResult]:
    """The outcomes of up to 200 rows, which the service saves together: keys may not repeat among them."""
    repeated = _repeated(job, rows)
    return [_attempt(_cleared(job, row), write, gate, repeated.get(id(row))) for row in rows]


def _repeated(job: Job, rows: Sequence[BulkRow]) -> Mapping[int, ApiError]:
    """Rows whose key an earlier row of the chunk has, by identity of the row."""
    name = job.external_id if job.operation == "upsert" else "Id" if job.operation != "insert" else None
    seen: set[str] = set()
    refused: dict[int, ApiError] = {}
    for row in rows:
        given = next((value for key, value in row.items() if name is not None and key.lower() == name.lower()), None)
        if not isinstance(given, str):
            continue
        key = to_long(given) or given.lower()
        if key in seen:
            what = f"Duplicate external id specified: {given}" if name != "Id" else f"duplicate id in list: {given}"
            refused[id(row)] = ApiError("DUPLICATE_VALUE", what, (name,) if name else ())
        seen.add(key)
    return refused


def _cleared(job: Job, row: BulkRow) -> BulkRow:
    """The row with a parent whose key is null turned into an empty lookup."""
    ready: BulkRow = {}
    for name, value in row.items():
        lookup = job.sobject.by_relationship.get(name.lower())
        empty = isinstance(value, Mapping) and not any(one for key, one in value.items() if key != "attributes")
        ready[lookup.name if empty and lookup is not None else name] = None if empty else value
    return ready


def _attempt(row: BulkRow, write: Writer, gate: RecordGate, repeated: ApiError | None) -> RowResult:
    try:
        refusal = gate.next()
        if refusal is not None:
            raise ApiError(refusal.code or "UNABLE_TO_LOCK_ROW", refusal.message or LOCKED)
        if repeated is not None:
            raise repeated
        record_id, created = write(row)
    except MoreThanOneError as error:
        message = f"Duplicate external id specified: more than one record found: {list(error.ids)}"
        return RowResult(None, False, RowError("DUPLICATE_EXTERNAL_ID", message))
    except ApiError as error:
        return RowResult(None, False, RowError(_CODES.get(error.code, error.code), error.message, error.fields))
    return RowResult(record_id, created)


def _writer(org: SalesforceOrg, job: Job) -> Writer:
    makers: Mapping[str, Callable[[SalesforceOrg, Job], Writer]] = {
        "insert": _insert,
        "update": _update,
        "upsert": _upsert,
        "delete": _delete,
        "hardDelete": _delete,
    }
    return makers[job.operation](org, job)


def _insert(org: SalesforceOrg, job: Job) -> Writer:
    def write(row: BulkRow) -> tuple[str, bool]:
        if _own_id(row) is not None:
            raise ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ("Id",))
        return org.writer.create(job.sobject, _without(row, "Id"), org.actor(job.user)), True

    return write


def _update(org: SalesforceOrg, job: Job) -> Writer:
    def write(row: BulkRow) -> tuple[str, bool]:
        record_id = _required_id(row, "an update")
        org.writer.update(job.sobject, record_id, _without(row, "Id"), org.actor(job.user))
        return record_id, False

    return write


def _upsert(org: SalesforceOrg, job: Job) -> Writer:
    key = key_of(job)

    def write(row: BulkRow) -> tuple[str, bool]:
        given = next((value for name, value in row.items() if name.lower() == key.name.lower()), None)
        fields = _without(_without(row, "Id"), key.name)
        value: Value = convert(key, given)
        if value is None and key.type == "id":
            return org.writer.create(job.sobject, fields, org.actor(job.user)), True
        if value is None:
            raise ApiError("MISSING_ARGUMENT", f"{key.name} not specified", (key.name,))
        done = org.writer.upsert(job.sobject, key, value, fields, org.actor(job.user))
        return done.id, done.created

    return write


def key_of(job: Job) -> Field:
    """The field that names the rows of an upsert; raises `AsyncError` when it cannot."""
    name = job.external_id or "Id"
    found = job.user.find(job.sobject, name)
    if found is None or not found.key_field:
        raise AsyncError("InvalidJob", f"InvalidIdField: external id field does not exist or is not an id: {name}")
    return found


def _delete(org: SalesforceOrg, job: Job) -> Writer:
    def write(row: BulkRow) -> tuple[str, bool]:
        record_id = _required_id(row, "a delete")
        if org.schema.of_id(record_id) is not job.sobject:
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        org.writer.delete(job.sobject, record_id, org.actor(job.user))
        if job.operation == "hardDelete":
            org.db.table(job.sobject.name).drop(record_id)
        return record_id, False

    return write


def _own_id(row: BulkRow) -> str | None:
    given = next((value for name, value in row.items() if name.lower() == "id"), None)
    return given if isinstance(given, str) and given.strip() else None


def _required_id(row: BulkRow, what: str) -> str:
    given = _own_id(row)
    if given is None:
        raise ApiError("MISSING_ARGUMENT", f"Id not specified in {what} call")
    found = to_long(given.strip())
    if found is None:
        raise ApiError("MALFORMED_ID", f"bad id {as_text(given)}", ("Id",))
    return found


def _without(row: BulkRow, name: str) -> BulkRow:
    return {key: value for key, value in row.items() if key.lower() != name.lower()}
