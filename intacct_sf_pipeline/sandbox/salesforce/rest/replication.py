"""getUpdated and getDeleted. Source: salesforce.md section 3.8; SOAP API Guide, getUpdated() and getDeleted().

The start precedes the end by more than a minute (SOAP API Guide); "the API ignores the seconds portion" of both (REST
Guide, Get Updated, Get Deleted), so whole minutes are what counts.
"""

from datetime import datetime, timedelta

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType
from intacct_sf_pipeline.sandbox.salesforce.times import moment_of, moment_text, parse_moment, stamp
from intacct_sf_pipeline.sandbox.salesforce.values import Row

UPDATED_DAYS, DELETED_DAYS = 30, 15
MAX_IDS = 600_000
MINUTE = timedelta(minutes=1)


def updated(call: Call, sobject: str) -> Reply:
    """Ids of rows created or changed in the window, deleted ones left out."""
    found, start, end = _window(call, sobject, UPDATED_DAYS)
    ids = [row["Id"] for row in _stamped(call, found, start, end) if not row["IsDeleted"]]
    if len(ids) > MAX_IDS:
        raise ApiError("EXCEEDED_ID_LIMIT", f"more than {MAX_IDS} ids in the window")
    return Reply(body={"ids": ids, "latestDateCovered": _covered(call, end)})


def deleted(call: Call, sobject: str) -> Reply:
    """Rows deleted in the window, merged ones included."""
    found, start, end = _window(call, sobject, DELETED_DAYS)
    rows = _stamped(call, found, start, end)
    records = [{"deletedDate": row["SystemModstamp"], "id": row["Id"]} for row in rows if row["IsDeleted"]]
    if len(records) > MAX_IDS:
        raise ApiError("EXCEEDED_ID_LIMIT", f"more than {MAX_IDS} ids in the window")
    body = {
        "deletedRecords": records,
        "earliestDateAvailable": stamp(call.org.clock() - timedelta(days=DELETED_DAYS)),
        "latestDateCovered": _covered(call, end),
    }
    return Reply(body=body)


def _stamped(call: Call, sobject: SObjectType, start: datetime, end: datetime) -> list[Row]:
    with call.org.late.drawn():
        return list(call.org.db.table(sobject.name).stamped(stamp(start), moment_text(end)))


def _window(call: Call, sobject: str, days: int) -> tuple[SObjectType, datetime, datetime]:
    found = call.sobject(sobject)
    if not found.replicateable:
        raise ApiError("INVALID_TYPE_FOR_OPERATION", f"entity type {found.name} does not support replicate")
    start, end = _moment(call, "start"), _moment(call, "end")
    if end - start < MINUTE:
        # The code is documented, the words are UNCONFIRMED.
        raise ApiError("INVALID_REPLICATION_DATE", "startDate must be at least one minute before endDate")
    if start < call.org.clock() - timedelta(days=days):
        raise ApiError("INVALID_REPLICATION_DATE", f"startDate cannot be more than {days} days ago")
    return found, start, end


def _moment(call: Call, name: str) -> datetime:
    """A parameter of the window. "The API ignores the seconds portion" (REST Guide, Get Updated, Get Deleted)."""
    given = call.query.get(name)
    # A plus sign that was not percent-encoded arrives as a blank before the offset.
    found = parse_moment(given.replace(" ", "+")) if given else None
    if found is None:
        raise ApiError("INVALID_REPLICATION_DATE", f"Required parameter '{name}' is missing or not a dateTime")
    return moment_of(found).replace(second=0, microsecond=0)


def _covered(call: Call, end: datetime) -> str:
    """The moment before which nothing can still appear: behind every open transaction, never after now."""
    moments = [stamp(end), stamp(call.org.clock()), *(one.started for one in call.org.open_transactions)]
    late = call.org.late.oldest()
    return min(moments if late is None else [*moments, stamp(late)])
