"""Single rows by id. Source: salesforce.md section 3.1; REST Guide, sObject Rows."""

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError, not_found
from intacct_sf_pipeline.sandbox.salesforce.records import record
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply, url_of
from intacct_sf_pipeline.sandbox.salesforce.rest.conditional import check_read, check_write, row_headers
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.values import Row


def create(call: Call, sobject: str) -> Reply:
    """POST on an object: 201 with the new id."""
    found = call.sobject(sobject)
    record_id = call.org.writer.create(found, call.mapping_body(), call.org.actor(call.user))
    headers = {"Location": url_of(call, found.name, record_id)}
    return Reply(201, {"id": record_id, "success": True, "errors": []}, headers)


def read(call: Call, sobject: str, record_id: str) -> Reply:
    """GET of a row, all fields or those of `fields=`."""
    found = call.sobject(sobject)
    return show(call, found, _row(call, found, record_id))


def update(call: Call, sobject: str, record_id: str) -> Reply:
    """PATCH of a row: 204."""
    found = call.sobject(sobject)
    row = _row(call, found, record_id)
    check_write(call, found, row)
    call.org.writer.update(found, str(row["Id"]), call.mapping_body(), call.org.actor(call.user))
    return Reply(204)


def delete(call: Call, sobject: str, record_id: str) -> Reply:
    """DELETE of a row: 204."""
    found = call.sobject(sobject)
    call.org.writer.delete(found, call.record_id(record_id), call.org.actor(call.user))
    return Reply(204)


def blob(call: Call, sobject: str, record_id: str, field: str) -> Reply:
    """GET of a field that holds bytes, such as `ContentNote/069.../Content`."""
    found = call.sobject(sobject)
    one = call.user.find(found, field)
    if one is None or one.type != "base64":
        raise not_found()
    content = _row(call, found, record_id)[one.name]
    return Reply(
        raw=content if isinstance(content, bytes) else b"", headers={"Content-Type": "application/octet-stream"}
    )


def is_blob(call: Call, sobject: str, field: str) -> bool:
    """Whether an object has a field of that name holding bytes."""
    found = call.org.schema.find(sobject)
    one = found.field(field) if found is not None else None
    return one is not None and one.type == "base64"


def show(call: Call, sobject: SObjectType, row: Row) -> Reply:
    """A row with the fields asked for, or 304."""
    fields = selected(call, sobject, call.query.get("fields"))
    early = check_read(call, sobject, row)
    if early is not None:
        return early
    return Reply(body=record(sobject, row, fields, call.version), headers=row_headers(sobject, row))


def selected(call: Call, sobject: SObjectType, names: str | None) -> tuple[Field, ...]:
    """The fields of a comma-separated list; all that the user may see when there is none."""
    if not names:
        return call.user.fields(sobject)
    return tuple(_field(call, sobject, name.strip()) for name in names.split(",") if name.strip())


def _field(call: Call, sobject: SObjectType, name: str) -> Field:
    found = call.user.find(sobject, name)
    if found is None:
        raise ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
    return found


def _row(call: Call, sobject: SObjectType, record_id: str) -> Row:
    return call.org.writer.existing(sobject, call.record_id(record_id))
