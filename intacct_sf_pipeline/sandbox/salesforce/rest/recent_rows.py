"""Recently viewed rows. Source: REST Guide, Recently Viewed Items and sObject Basic Information."""

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.records import record
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType

MOST = 200


def recent(call: Call) -> Reply:
    """GET: the rows this user saw last, of any object."""
    given = call.query.get("limit", str(MOST))
    if not given.isdecimal():
        raise ApiError("INVALID_INPUT", f"limit: a number is expected, not {given}")
    return Reply(body=recent_items(call)[: int(given)])


def recent_items(call: Call, sobject: SObjectType | None = None) -> list[dict[str, object]]:
    """The rows this user saw last, with Id and name; of one object when given."""
    shown: list[dict[str, object]] = []
    for record_id in call.org.recent.of(call.user.id):
        found, row = call.org.schema.of_id(record_id), call.org.db.row(record_id)
        if found is None or row is None or row["IsDeleted"] or (sobject is not None and found is not sobject):
            continue
        fields = tuple(f for f in call.user.fields(found) if f.type == "id" or f.name_field)
        shown.append(record(found, row, fields, call.version))
    return shown
