"""composite/tree: parents with their children in one call, all or none.

Source: salesforce.md section 3.7; REST Guide, sObject Tree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.store.database import RollbackError

MOST_RECORDS, DEEPEST = 200, 5


@dataclass(frozen=True, slots=True)
class _Node:
    reference: str
    sobject: SObjectType
    fields: Mapping[str, object]
    lookup: Field | None
    children: "tuple[_Node, ...]"


def create(call: Call, sobject: str) -> Reply:
    """POST: 201 with an id for each reference, or 400 with what is wrong and nothing stored."""
    found = call.sobject(sobject)
    records = call.mapping_body().get("records")
    if not isinstance(records, list) or not records:
        raise ApiError("INVALID_INPUT", "records: a list of records is expected")
    roots = [_node(call, found, one, None, 1) for one in records]
    nodes = [node for root in roots for node in _all(root)]
    if len(nodes) > MOST_RECORDS:
        raise ApiError("INVALID_INPUT", f"The request cannot hold more than {MOST_RECORDS} records")
    references = [node.reference for node in nodes]
    if len(set(references)) != len(references):
        raise ApiError("INVALID_INPUT", "Duplicate ReferenceId provided in the request")
    results: list[dict[str, object]] = []
    errors: list[dict[str, object]] = []
    with call.org.db.transaction():
        for root in roots:
            _save(call, root, None, results, errors)
        if errors:
            raise RollbackError
    if errors:
        return Reply(400, {"hasErrors": True, "results": errors})
    return Reply(201, {"hasErrors": False, "results": results})


def _save(
    call: Call, node: _Node, parent: str | None, results: list[dict[str, object]], errors: list[dict[str, object]]
) -> None:
    own = {**node.fields, node.lookup.name: parent} if node.lookup is not None else node.fields
    try:
        call.admit()
        record_id = call.org.writer.create(node.sobject, own, call.org.actor(call.user))
    except ApiError as error:
        errors.append({"referenceId": node.reference, "errors": [error.item()]})
        return
    results.append({"referenceId": node.reference, "id": record_id})
    for child in node.children:
        _save(call, child, record_id, results, errors)


def _all(node: _Node) -> Iterator[_Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _node(call: Call, sobject: SObjectType, body: object, lookup: Field | None, depth: int) -> _Node:
    if not isinstance(body, Mapping):
        raise ApiError("JSON_PARSER_ERROR", "a record is expected")
    if depth > DEEPEST:
        raise ApiError("INVALID_INPUT", f"Records cannot be nested deeper than {DEEPEST} levels")
    attributes = body.get("attributes")
    given = attributes if isinstance(attributes, Mapping) else {}
    reference, kind = given.get("referenceId"), given.get("type")
    if not isinstance(reference, str) or not reference:
        raise ApiError("INVALID_INPUT", "Include a reference ID for each record in the request")
    if isinstance(kind, str) and kind.lower() != sobject.name.lower():
        raise ApiError("INVALID_INPUT", f"Record type {kind} does not match {sobject.name}")
    fields: dict[str, object] = {}
    children: list[_Node] = []
    for name, value in body.items():
        records = value.get("records") if isinstance(value, Mapping) else None
        if isinstance(records, list):
            child, link = _relation(call, sobject, name)
            children.extend(_node(call, child, one, link, depth + 1) for one in records)
        else:
            fields[name] = value
    return _Node(reference, sobject, fields, lookup, tuple(children))


def _relation(call: Call, sobject: SObjectType, name: str) -> tuple[SObjectType, Field]:
    for relation in call.org.schema.children.get(sobject.name, ()):
        if relation.name is not None and relation.name.lower() == name.lower():
            return relation.child, relation.field
    raise ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
