"""query, queryAll and their further pages. Source: salesforce.md section 3.2."""

import re

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.rest.explain import explain
from intacct_sf_pipeline.sandbox.salesforce.soql.executor import run
from intacct_sf_pipeline.sandbox.salesforce.times import stamp

SMALLEST, LARGEST = 200, 2_000
_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


def query(call: Call) -> Reply:
    """Runs SOQL over rows that are not deleted; with `explain=` tells how it would be run."""
    explained = call.query.get("explain")
    if explained:
        return explain(call, explained)
    return page_of(call, required_statement(call), include_deleted=False)


def query_all(call: Call) -> Reply:
    """Runs SOQL over all rows, deleted and merged ones too."""
    return page_of(call, required_statement(call), include_deleted=True)


def required_statement(call: Call) -> str:
    """The statement of `q=`; raises MALFORMED_QUERY without one."""
    statement = call.query.get("q")
    if not statement:
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    return statement


def more(call: Call, locator: str) -> Reply:
    """A further page of an open cursor."""
    cursor_id, cursor, offset = call.org.cursors.find(locator)
    page_size = max(1, call.org.page_size(cursor.page_size))
    return _page(call, cursor_id, cursor.size, offset, cursor.render(offset, offset + page_size))


def page_of(call: Call, statement: str, *, include_deleted: bool) -> Reply:
    """The first page of a statement's result."""
    today = call.org.clock().date()
    asked = _batch_size(call.headers.get("sforce-query-options", ""))
    page_size = max(1, call.org.page_size(asked))
    org, user, version = call.org, call.user, call.version
    with org.late.drawn():
        result = run(org.db, user, statement, today=today, version=version, include_deleted=include_deleted)
        records = result.render(0, page_size)
    org.recent.note(org.db, user.id, result.rows, result.locks, stamp(org.clock()))
    if result.countable_only:
        return Reply(body={"totalSize": result.size, "done": True, "records": []})
    more_to_come = len(records) < result.size
    cursor_id = org.cursors.open(result.size, asked, result.render, result.sobject) if more_to_come else ""
    return _page(call, cursor_id, result.size, 0, records)


def _page(call: Call, cursor_id: str, size: int, offset: int, records: list[dict[str, object]]) -> Reply:
    after = offset + len(records)
    body: dict[str, object] = {"totalSize": size, "done": after >= size}
    if after < size:
        body["nextRecordsUrl"] = f"{call.base}/query/{cursor_id}-{after}"
    return Reply(body={**body, "records": records})


def _batch_size(options: str) -> int:
    """The page size asked for, brought within the service's bounds; the default without the header."""
    match = _BATCH_SIZE.search(options)
    return min(max(int(match[1]), SMALLEST), LARGEST) if match else LARGEST
