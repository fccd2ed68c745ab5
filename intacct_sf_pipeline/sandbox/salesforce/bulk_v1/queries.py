"""Working on a batch that holds a statement; with PK chunking the service splits it into batches by ranges of ids.

Source: Bulk API Developer Guide, Bulk Query and PK Chunking; tap-salesforce 2.8 (how clients read the batches).
"""

from collections.abc import Iterator, Mapping, Sequence

from intacct_sf_pipeline.sandbox.salesforce.bulk_v1.model import AsyncError, Batch, Job, QueryResult
from intacct_sf_pipeline.sandbox.salesforce.bulk_v1.reading import text_of
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.bulk_rules import check_bulk, check_bulk_columns, is_chunkable
from intacct_sf_pipeline.sandbox.salesforce.soql.executor import Result, run
from intacct_sf_pipeline.sandbox.salesforce.soql.parser import parse

BATCH_PREFIX, RESULT_PREFIX = "751", "752"
RESULT_ROWS = 250_000
"""Rows per result set: the service cuts at 1 GB; a round number stands for it."""

Records = Sequence[Mapping[str, object]]


def work(org: SalesforceOrg, job: Job, batch: Batch) -> None:
    """Runs the statement of a batch and ends it; with PK chunking further batches hold the results."""
    try:
        statement = text_of(batch.body).strip()
        query = parse(statement)
        check_bulk(query)
        _check_object(job, query)
        result = _run(org, job, statement)
        check_bulk_columns({field.type for _, field in result.columns})
    except ApiError as error:
        batch.fail(f"InvalidBatch : Failed to process query: {error.code}: {error.message}")
        return
    except AsyncError as error:
        batch.fail(f"{error.code} : {error.message}")
        return
    records = result.render(0, result.size)
    if job.chunk_size is not None and is_chunkable(query):
        batch.state = "NotProcessed"
        for part in _chunks(org, job, records):
            _finish(org, _further(org, job, batch), result, part)
        return
    _finish(org, batch, result, records)


def _check_object(job: Job, query: ast.Query) -> None:
    named = query.source.text
    if named.lower() != job.sobject.name.lower():
        message = f"The object in the query, {named}, does not match the object of the job, {job.sobject.name}"
        raise AsyncError("InvalidBatch", message)


def _run(org: SalesforceOrg, job: Job, statement: str) -> Result:
    with org.late.drawn():
        return run(
            org.db,
            job.user,
            statement,
            today=org.clock().date(),
            version=job.version,
            include_deleted=job.operation == "queryAll",
        )


def _chunks(org: SalesforceOrg, job: Job, records: Records) -> Iterator[Records]:
    """The records by ranges of ids; ranges are cut over all rows of the object, so a part may be empty."""
    ids = sorted(org.db.table(job.sobject.name).rows)
    size = job.chunk_size or 1
    place = {record_id: index // size for index, record_id in enumerate(ids)}
    parts: list[list[Mapping[str, object]]] = [[] for _ in range(max(1, -(-len(ids) // size)))]
    for record in records:
        parts[place[_id_of(record)]].append(record)
    return iter(parts)


def _id_of(record: Mapping[str, object]) -> str:
    attributes = record["attributes"]
    return str(attributes["url"]).rpartition("/")[2] if isinstance(attributes, Mapping) else ""


def _further(org: SalesforceOrg, job: Job, first: Batch) -> Batch:
    batch = Batch(org.ids.new(BATCH_PREFIX), job.id, first.body, first.created, first.modified, 0)
    job.batches[batch.id] = batch
    return batch


def _finish(org: SalesforceOrg, batch: Batch, result: Result, records: Records) -> None:
    columns = tuple(path for path, _ in result.columns)
    times = frozenset(path for path, field in result.columns if field.type == "datetime")
    for start in range(0, max(1, len(records)), RESULT_ROWS):
        part = tuple(records[start : start + RESULT_ROWS])
        batch.queries[org.ids.new(RESULT_PREFIX)] = QueryResult(columns, times, part)
    batch.processed = len(records)
    batch.state = "Completed"
