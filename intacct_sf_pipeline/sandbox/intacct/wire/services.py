"""`/services/...`: query, model, allowed operations, the number sequence. Source: the reference, 1.1, 4; OpenAPI."""

import re
from collections.abc import Mapping

from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.errors import forbidden, invalid_request, not_found
from intacct_sf_pipeline.sandbox.intacct.query.request import parse_query
from intacct_sf_pipeline.sandbox.intacct.query.service import find_object
from intacct_sf_pipeline.sandbox.intacct.schema.company import SEQUENCE
from intacct_sf_pipeline.sandbox.intacct.schema.dimensions import DIMENSIONS
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec
from intacct_sf_pipeline.sandbox.intacct.state.visibility import reachable
from intacct_sf_pipeline.sandbox.intacct.wire import envelopes
from intacct_sf_pipeline.sandbox.intacct.wire.messages import ApiRequest, Reply
from intacct_sf_pipeline.sandbox.intacct.wire.model import model, summary
from intacct_sf_pipeline.sandbox.intacct.writes.numbering import next_value

MAX_KEYS = 1000
_CAN = {"canView": "read", "canEdit": "update", "canDelete": "delete"}
_METHODS = {"read": "GET", "update": "PATCH", "delete": "DELETE"}


def query(company: IntacctCompany, request: ApiRequest) -> Reply:
    """One query, or several in an array answered by an array of envelopes.

    Raises:
        ApiError: 400, 403.
    """
    if isinstance(request.body, list):
        if not request.body:
            message = "A query array must hold at least one query"
            raise invalid_request(message)
        return Reply(200, [_one_query(company, request, entry) for entry in request.body])
    return Reply(200, _one_query(company, request, request.body))


def _one_query(company: IntacctCompany, request: ApiRequest, body: object) -> dict[str, object]:
    parsed = parse_query(body)
    if "read" in company.options.denied.get(parsed.object_name, ()):
        operation = "read"
        raise forbidden(operation, parsed.object_name)
    page = company.query(parsed, request.entity_key)
    company.transactions.queried(parsed.object_name)
    return envelopes.query_page(page)


def models(company: IntacctCompany, request: ApiRequest) -> Reply:
    """The model of one object, or the list of all.

    Raises:
        ApiError: 400, no such object, version or filter.
    """
    company.transactions.model_calls += 1
    wanted = request.query
    if wanted.get("version", "v1") not in ("v1", "1", "all"):
        message = "Version is not supported."
        raise invalid_request(message)
    catalog, idempotence = company.store.catalog, company.options.idempotency_supported
    name = wanted.get("name")
    if name:
        spec = find_object(company.store, name.removeprefix("objects/"))
        full = wanted.get("schema", "true").lower() != "false"
        return envelopes.result(model(catalog, spec, idempotence=idempotence) if full else summary(spec))
    chosen = [spec for spec in catalog if _fits(spec, wanted)]
    full = wanted.get("schema", "false").lower() == "true"
    shown = [model(catalog, spec, idempotence=idempotence) if full else summary(spec) for spec in chosen]
    return Reply(200, {envelopes.RESULT: shown, envelopes.META: envelopes.counts(len(shown))})


def _fits(spec: ObjectSpec, wanted: Mapping[str, str]) -> bool:
    kinds = wanted.get("type", "object").split(",")
    try:
        named = re.search(wanted.get("filter", ".*"), spec.name) is not None
    except re.error as error:
        message = "filter is not a valid regular expression"
        raise invalid_request(message) from error
    return named and ("object" in kinds or spec.kind in kinds)


def allowed_operations(company: IntacctCompany, request: ApiRequest) -> Reply:
    """What the user may do with each of up to 1000 records. Source: OpenAPI, allowed-operations.

    Raises:
        ApiError: 400.
    """
    body = request.body
    keys = body.get("keys") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(keys, list) or not 1 <= len(keys) <= MAX_KEYS:
        message = f"allowed-operations needs an object and 1 to {MAX_KEYS} keys"
        raise invalid_request(message)
    spec = find_object(company.store, str(body.get("object")))
    asked = body.get("operations") or list(_CAN)
    if not isinstance(asked, list) or set(map(str, asked)) - set(_CAN):
        message = f"operations may hold only {', '.join(_CAN)}"
        raise invalid_request(message)
    denied = company.options.denied.get(spec.name, frozenset())
    able = [word for word in asked if _CAN[word] not in denied and _METHODS[_CAN[word]] in spec.methods]
    rows = company.store[spec.name].rows
    shown = []
    for key in map(str, keys):
        row = rows.get(key)
        there = row is not None and reachable(company.store, spec, request.entity_key, row)
        shown.append({"key": key, "operations": able if there else []})
    return Reply(200, {envelopes.RESULT: shown, envelopes.META: envelopes.counts(len(shown))})


def dimensions(company: IntacctCompany, _request: ApiRequest) -> Reply:
    """The standard dimensions.

    Source: members as control-air-enterprises/intacct-php-sdk and fylein/fyle-intacct-api read them.
    """
    company.transactions.model_calls += 1
    shown = [
        {
            "dimensionName": dimension.name,
            "dimensionLabel": dimension.label,
            "termName": dimension.label,
            "isUserDefinedDimension": False,
            "isEnabledInGL": dimension.in_ledger,
            "dimensionEndpoint": f"/objects/{dimension.store_name}",
        }
        for dimension in DIMENSIONS
    ]
    return Reply(200, {envelopes.RESULT: shown, envelopes.META: envelopes.counts(len(shown))})


def session_id(company: IntacctCompany, request: ApiRequest) -> Reply:
    """A session id for the XML door. Source: OpenAPI, session id."""
    expires_in = request.session.expires_at - int(company.store.now().timestamp())
    opened = company.sessions.open_xml_session(request.session)
    return envelopes.result({"sessionId": opened, "expiresIn": expires_in})


def generate_next_value(company: IntacctCompany, request: ApiRequest) -> Reply:
    """The next number of a document sequence; body and answer are UNCONFIRMED.

    Raises:
        ApiError: 400 without a sequence, 404 for an unknown one.
    """
    body = request.body if isinstance(request.body, dict) else {}
    inner = body.get("documentSequence", body)
    word = (inner.get("key") or inner.get("id")) if isinstance(inner, dict) else None
    if not isinstance(word, str):
        message = "generate-next-value needs the id or key of a document sequence"
        raise invalid_request(message)
    row = company.store[SEQUENCE].find(word)
    if row is None:
        what = f"document sequence {word}"
        raise not_found(what)
    return envelopes.result({"id": row["id"], "nextValue": next_value(company.store, str(row["key"]))})
