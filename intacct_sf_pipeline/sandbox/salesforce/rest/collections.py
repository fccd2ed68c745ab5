"""sObject collections: up to 200 records in one call.

Source: salesforce.md section 3.5; REST Guide, sObject Collections.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby

from intacct_sf_pipeline.sandbox.salesforce.bodies import convert
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError, not_found
from intacct_sf_pipeline.sandbox.salesforce.ids import to_long
from intacct_sf_pipeline.sandbox.salesforce.records import record
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.rest.rows import selected
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.store.database import RollbackError
from intacct_sf_pipeline.sandbox.salesforce.values import Value, as_text
from intacct_sf_pipeline.sandbox.salesforce.writer import MoreThanOneError

MAX_RECORDS = 200
MAX_RETRIEVED = 2_000
# UNCONFIRMED (salesforce.md 3.5): how many runs of one type a mixed call may have.
MAX_CHUNKS = 10

Item = dict[str, object]
Save = Callable[[], Item]


def create(call: Call) -> Reply:
    """POST: inserts records of any types."""
    records = _records(call)
    _check_chunks(records)
    actor = call.org.actor(call.user)

    def save(body: Mapping[str, object]) -> Item:
        return _done(call.org.writer.create(_type_of(call, body), body, actor))

    return _run(call, [partial(save, body) for body in records])


def update(call: Call) -> Reply:
    """PATCH: updates records by their `id`."""
    records = _records(call)
    _check_chunks(records)
    actor = call.org.actor(call.user)
    seen: set[str] = set()

    def save(body: Mapping[str, object]) -> Item:
        sobject = _type_of(call, body)
        record_id = _own_id(body)
        if record_id in seen:
            raise ApiError("DUPLICATE_VALUE", f"duplicate id in list: {record_id}", ("Id",))
        seen.add(record_id)
        fields = {key: value for key, value in body.items() if key.lower() != "id"}
        call.org.writer.update(sobject, record_id, fields, actor)
        return _done(record_id)

    return _run(call, [partial(save, body) for body in records])


def upsert(call: Call, sobject: str, field: str) -> Reply:
    """PATCH on an external id field: updates or inserts records of one type."""
    found = call.sobject(sobject)
    key = call.user.find(found, field)
    if key is None or not key.key_field:
        raise not_found()
    seen: set[Value] = set()

    def save(body: Mapping[str, object]) -> Item:
        if _type_of(call, body) != found:
            raise ApiError("INVALID_TYPE", f"all records must be of type {found.name}", whole_request=True)
        return _upsert_one(call, found, key, body, seen)

    return _run(call, [partial(save, body) for body in _records(call)], upserting=True)


def delete(call: Call) -> Reply:
    """DELETE: `ids=a,b`."""
    ids = [one.strip() for one in call.query.get("ids", "").split(",") if one.strip()]
    _check_size(len(ids))
    actor = call.org.actor(call.user)

    def save(text: str) -> Item:
        record_id = to_long(text)
        sobject = call.org.schema.of_id(record_id) if record_id is not None else None
        if record_id is None or sobject is None:
            raise ApiError("MALFORMED_ID", f"malformed id {text}")
        call.org.writer.delete(sobject, record_id, actor)
        return _done(record_id)

    return _run(call, [partial(save, text) for text in ids], all_or_none=call.flag("allOrNone"))


def retrieve(call: Call, sobject: str) -> Reply:
    """GET with `ids=` and `fields=`, or POST with both in the body: rows in order, null for missing ones."""
    found = call.sobject(sobject)
    if call.method == "POST":
        body = call.mapping_body()
        ids, names = _texts(body.get("ids"), "ids"), ",".join(_texts(body.get("fields"), "fields"))
    else:
        ids, names = call.query.get("ids", "").split(","), call.query.get("fields", "")
    if not names:
        raise ApiError("MISSING_ARGUMENT", "fields not specified")
    _check_size(len(ids), MAX_RETRIEVED)
    fields = selected(call, found, names)
    table = call.org.db.table(found.name)
    rows = [table.get(to_long(text.strip())) for text in ids]
    shown = [None if row is None or row["IsDeleted"] else record(found, row, fields, call.version) for row in rows]
    return Reply(body=shown)


def _upsert_one(call: Call, sobject: SObjectType, key: Field, body: Mapping[str, object], seen: set[Value]) -> Item:
    given = next((value for name, value in body.items() if name.lower() == key.name.lower()), None)
    fields = {name: value for name, value in body.items() if name.lower() != key.name.lower()}
    value = convert(key, given)
    actor = call.org.actor(call.user)
    if value is None and key.type == "id":
        return {**_done(call.org.writer.create(sobject, fields, actor)), "created": True}
    if value is None:
        raise ApiError("MISSING_ARGUMENT", f"{key.name} not specified")
    folded = value.lower() if isinstance(value, str) and not key.case_sensitive else value
    if folded in seen:
        raise ApiError("DUPLICATE_VALUE", f"Duplicate external id specified: {as_text(value)}", (key.name,))
    seen.add(folded)
    done = call.org.writer.upsert(sobject, key, value, fields, actor)
    return {**_done(done.id), "created": done.created}


def _run(call: Call, saves: Sequence[Save], *, upserting: bool = False, all_or_none: bool | None = None) -> Reply:
    """Runs the saves in order; with allOrNone one failure takes all of them back."""
    if all_or_none is None:
        all_or_none = call.mapping_body().get("allOrNone") is True
    items: list[Item] = []
    with call.org.db.transaction():
        items.extend(_attempt(call, save, upserting=upserting) for save in saves)
        if all_or_none and not all(item["success"] for item in items):
            raise RollbackError
    if all_or_none and not all(item["success"] for item in items):
        items = [_rolled_back(item) for item in items]
    return Reply(body=items)


def _attempt(call: Call, save: Save, *, upserting: bool) -> Item:
    try:
        call.admit()
        return save()
    except MoreThanOneError as error:
        message = (
            f"Duplicate external id specified: more than one record found for external id field: {list(error.ids)}"
        )
        return _failed(ApiError("DUPLICATE_EXTERNAL_ID", message), upserting=upserting)
    except ApiError as error:
        if error.whole_request:
            raise
        return _failed(error, upserting=upserting)


def _done(record_id: str) -> Item:
    return {"id": record_id, "success": True, "errors": []}


def _failed(error: ApiError, *, upserting: bool) -> Item:
    created: Item = {"created": False} if upserting else {}
    return {"success": False, **created, "errors": [error.item()]}


def _rolled_back(item: Item) -> Item:
    """What a good record reports when a bad neighbour took it back; `created` stays, as in the service."""
    if not item["success"]:
        return item
    message = "Record rolled back because not all records were valid and the request was using AllOrNone header"
    created: Item = {"created": item["created"]} if "created" in item else {}
    return {"success": False, **created, "errors": [ApiError("ALL_OR_NONE_OPERATION_ROLLED_BACK", message).item()]}


def _records(call: Call) -> list[Mapping[str, object]]:
    records = call.mapping_body().get("records")
    if not isinstance(records, list) or not all(isinstance(one, Mapping) for one in records):
        raise ApiError("JSON_PARSER_ERROR", "records: a list of objects is expected")
    _check_size(len(records))
    return records


def _check_size(count: int, most: int = MAX_RECORDS) -> None:
    if count > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise ApiError("EXCEEDED_ID_LIMIT", message)


def _check_chunks(records: Sequence[Mapping[str, object]]) -> None:
    chunks = sum(1 for _ in groupby(records, key=_type_name))
    if chunks > MAX_CHUNKS:
        raise ApiError(
            "INVALID_INPUT", f"records of different types make {chunks} chunks, at most {MAX_CHUNKS} are allowed"
        )


def _type_name(body: Mapping[str, object]) -> str:
    attributes = body.get("attributes")
    name = attributes.get("type") if isinstance(attributes, Mapping) else None
    if not isinstance(name, str):
        raise ApiError("INVALID_INPUT", "each record needs attributes with a type", whole_request=True)
    return name


def _type_of(call: Call, body: Mapping[str, object]) -> SObjectType:
    name = _type_name(body)
    found = call.org.schema.find(name)
    if found is None or not call.user.may_see(found):
        raise ApiError("INVALID_TYPE", f"sObject type '{name}' is not supported.", whole_request=True)
    return found


def _own_id(body: Mapping[str, object]) -> str:
    given = next((value for key, value in body.items() if key.lower() == "id"), None)
    if not isinstance(given, str):
        raise ApiError("MISSING_ARGUMENT", "Id not specified in an update call")
    found = to_long(given)
    if found is None:
        raise ApiError("MALFORMED_ID", f"malformed id {given}", ("Id",))
    return found


def _texts(value: object, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ApiError("JSON_PARSER_ERROR", f"{name}: a list of strings is expected")
    return value
