"""Single rows by external id. Source: salesforce.md section 3.4; REST Guide, sObject Rows by External ID."""

from intacct_sf_pipeline.sandbox.salesforce.bodies import convert, find_by
from intacct_sf_pipeline.sandbox.salesforce.errors import not_found
from intacct_sf_pipeline.sandbox.salesforce.ids import looks_like_id
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.rest.conditional import check_write
from intacct_sf_pipeline.sandbox.salesforce.rest.relationships import follow
from intacct_sf_pipeline.sandbox.salesforce.rest.rows import blob, is_blob, show
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value
from intacct_sf_pipeline.sandbox.salesforce.writer import MoreThanOneError

# From this version on an update by external id answers 200 with a body, before it 204 without one.
BODY_ON_UPDATE = 46.0


def read(call: Call, sobject: str, field: str, value: str) -> Reply:
    """GET by external id; also the address of a field that holds bytes, and of rows related to a row."""
    if is_blob(call, sobject, value):
        return blob(call, sobject, field, value)
    if looks_like_id(field) and call.sobject(sobject).field(field) is None:
        return follow(call, sobject, field, value)
    found, key = _key(call, sobject, field)
    row = _only_row(call, found, key, convert(key, value))
    return show(call, found, row)


def upsert(call: Call, sobject: str, field: str, value: str) -> Reply:
    """PATCH by external id: 201 created, 200 or 204 updated; `updateOnly=true` never inserts."""
    found, key = _key(call, sobject, field)
    wanted = convert(key, value)
    for row in find_by(call.org.db, found, key, wanted):
        check_write(call, found, row)
    done = call.org.writer.upsert(
        found,
        key,
        wanted,
        call.mapping_body(),
        call.org.actor(call.user),
        update_only=call.flag("updateOnly"),
    )
    if not done.created and call.number < BODY_ON_UPDATE:
        return Reply(204)
    body: dict[str, object] = {"id": done.id, "success": True, "errors": []}
    if call.number >= BODY_ON_UPDATE:
        body["created"] = done.created
    return Reply(201 if done.created else 200, body)


def create_by_id_field(call: Call, sobject: str) -> Reply:
    """POST on `/sobjects/Account/Id`: an insert, the Id being a null external id."""
    record_id = call.org.writer.create(call.sobject(sobject), call.mapping_body(), call.org.actor(call.user))
    return Reply(201, {"id": record_id, "success": True, "errors": [], "created": True})


def delete(call: Call, sobject: str, field: str, value: str) -> Reply:
    """DELETE by external id: 204."""
    found, key = _key(call, sobject, field)
    row = _only_row(call, found, key, convert(key, value))
    call.org.writer.delete(found, str(row["Id"]), call.org.actor(call.user))
    return Reply(204)


def _key(call: Call, sobject: str, name: str) -> tuple[SObjectType, Field]:
    found = call.sobject(sobject)
    key = call.user.find(found, name)
    if key is None or not key.key_field:
        raise not_found()
    return found, key


def _only_row(call: Call, sobject: SObjectType, key: Field, value: Value) -> Row:
    rows = find_by(call.org.db, sobject, key, value)
    if len(rows) > 1:
        raise MoreThanOneError(tuple(str(row["Id"]) for row in rows))
    if not rows:
        raise not_found()
    return rows[0]
