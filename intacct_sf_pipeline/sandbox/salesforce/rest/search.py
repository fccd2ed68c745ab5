"""search and parameterizedSearch. Source: REST Guide, Search and Parameterized Search."""

from collections.abc import Mapping

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.records import attributes
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.soql.executor import run
from intacct_sf_pipeline.sandbox.salesforce.soql.sosl import (
    GROUPS,
    MOST_RECORDS,
    Returning,
    Search,
    malformed_search,
    parse_search,
    statement_of,
)
from intacct_sf_pipeline.sandbox.salesforce.soql.text_search import row_test, searched_fields

# From this version on the records stand in an object, before it in a bare list. Source: REST Guide, Search.
OBJECT_SINCE = 37.0
_NOT_SEARCHED = frozenset({"organization", "recordtype", "contentdocumentlink", "pricebookentry"})


def search(call: Call) -> Reply:
    """GET with `q=`: SOSL."""
    text = call.query.get("q")
    if not text:
        raise malformed_search("A search string has to be specified")
    return _reply(call, _found(call, parse_search(text)))


def parameterized(call: Call) -> Reply:
    """GET or POST with the parts of a search as parameters."""
    given = dict(call.mapping_body()) if call.method == "POST" else _from_query(call.query)
    words = given.get("q")
    if not isinstance(words, str) or not words.strip():
        raise ApiError("MISSING_ARGUMENT", "q not specified")
    group = str(given.get("in", "ALL")).upper().removesuffix(" FIELDS")
    if group not in GROUPS:
        raise ApiError("INVALID_INPUT", f"in: unknown search group {group}")
    returning = tuple(_object(one, given) for one in _listed(given.get("sobjects", given.get("sobject"))))
    return _reply(call, _found(call, Search(words, group, returning, _number(given, "overallLimit", MOST_RECORDS))))


def _found(call: Call, wanted: Search) -> list[dict[str, object]]:
    returning = wanted.returning or tuple(
        statement_of(sobject.name, "Id")
        for sobject in sorted(call.org.schema.types.values(), key=lambda one: one.name)
        if call.user.may_see(sobject) and sobject.name.lower() not in _NOT_SEARCHED
    )
    records: list[dict[str, object]] = []
    for one in returning:
        records.extend(_of_object(call, wanted, one))
    return records[: wanted.limit]


def _of_object(call: Call, wanted: Search, one: Returning) -> list[dict[str, object]]:
    sobject = call.org.schema.find(one.sobject)
    if sobject is None or not call.user.may_see(sobject):
        raise ApiError("INVALID_TYPE", f"sObject type '{one.sobject}' is not supported.")
    keep = row_test(wanted.words, searched_fields(call.user, sobject, wanted.group))
    with call.org.late.drawn():
        result = run(
            call.org.db,
            call.user,
            one.statement,
            today=call.org.clock().date(),
            version=call.version,
            include_deleted=False,
            keep=keep,
        )
        records = result.render(0, min(result.size, MOST_RECORDS))
    return [
        {"attributes": attributes(sobject.name, row["Id"], call.version), **record}
        for row, record in zip(result.rows, records, strict=False)
    ]


def _reply(call: Call, records: list[dict[str, object]]) -> Reply:
    return Reply(body={"searchRecords": records} if call.number >= OBJECT_SINCE else records)


def _from_query(query: Mapping[str, str]) -> dict[str, object]:
    """The parameters of a GET in the shape of a POST's body: `Account.fields` becomes a member of the object."""
    given: dict[str, object] = dict(query)
    names = [name.strip() for name in query.get("sobject", "").split(",") if name.strip()]
    given["sobjects"] = [
        {"name": name, **{key.partition(".")[2]: value for key, value in query.items() if key.startswith(f"{name}.")}}
        for name in names
    ]
    return given


def _listed(given: object) -> list[Mapping[str, object]]:
    if given is None:
        return []
    many = given if isinstance(given, list) else [given]
    return [one if isinstance(one, Mapping) else {"name": str(one)} for one in many]


def _object(one: Mapping[str, object], given: Mapping[str, object]) -> Returning:
    name = one.get("name")
    if not isinstance(name, str):
        raise ApiError("MISSING_ARGUMENT", "sobjects: name not specified")
    fields = one.get("fields", given.get("fields"))
    listed = ",".join(str(field) for field in fields) if isinstance(fields, list) else str(fields or "Id")
    where = f"WHERE {one['where']}" if one.get("where") else ""
    order = f"ORDER BY {one['orderBy']}" if one.get("orderBy") else ""
    limit = _number(one, "limit", _number(given, "defaultLimit", MOST_RECORDS))
    return statement_of(name, listed, f"{where} {order} LIMIT {limit}")


def _number(given: Mapping[str, object], name: str, default: int) -> int:
    value = given.get(name, default)
    try:
        return int(str(value))
    except ValueError:
        raise ApiError("INVALID_INPUT", f"{name}: a number is expected") from None
