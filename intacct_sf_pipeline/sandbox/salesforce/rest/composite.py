"""Composite and batch: several requests in one.

Source: salesforce.md section 3.6; REST Guide, Composite and Composite Batch.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlsplit

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.rest.references import resolve, resolve_text
from intacct_sf_pipeline.sandbox.salesforce.rest.versions import read_version
from intacct_sf_pipeline.sandbox.salesforce.store.database import RollbackError

RESOURCES = ("tree", "batch", "sobjects", "graph")
MAX_REQUESTS = 25
MAX_QUERIES = 5
PREFIX = ("services", "data")
_REFERENCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
Dispatch = Callable[[Call], Reply]
Item = dict[str, object]


def resources(call: Call, dispatch: Dispatch) -> Reply:
    """GET /composite: where the composite resources are. Source: REST Guide, Composite Resources."""
    del dispatch
    return Reply(body={name: f"{call.base}/composite/{name}" for name in RESOURCES})


def composite(call: Call, dispatch: Dispatch) -> Reply:
    """POST /composite: dependent requests in order, one API call in all."""
    body = call.mapping_body()
    requests = listed(body.get("compositeRequest"))
    _check_queries(requests)
    if body.get("allOrNone") is True:
        items, _ = run_together(call, requests, dispatch)
    else:
        items = _run_dependent(call, requests, dispatch, stop=False)
    return Reply(body={"compositeResponse": items})


def run_together(call: Call, requests: Sequence[Mapping[str, object]], dispatch: Dispatch) -> tuple[list[Item], bool]:
    """Runs dependent requests all or none; the answers, and whether all went well."""
    with call.org.db.transaction():
        items = _run_dependent(call, requests, dispatch, stop=True)
        if not all(_is_ok(item) for item in items):
            raise RollbackError
    done = all(_is_ok(item) for item in items)
    if not done:
        items = [item if _is_culprit(item) else halted(item["referenceId"]) for item in items]
    return items, done


def batch(call: Call, dispatch: Dispatch) -> Reply:
    """POST /composite/batch: independent requests; each but the first is billed on top of the call itself."""
    body = call.mapping_body()
    requests = listed(body.get("batchRequests"))
    call.org.meter.charge(max(0, len(requests) - 1))
    halt = body.get("haltOnError") is True
    results: list[Item] = []
    for request in requests:
        if halt and any(not _batch_ok(result) for result in results):
            error = ApiError("BATCH_PROCESSING_HALTED", "Batch processing halted by request", status=412)
            reply = Reply.of_error(error)
        else:
            reply = _independent(call, request, dispatch)
        results.append({"statusCode": reply.status, "result": reply.body})
    return Reply(body={"hasErrors": any(not _batch_ok(r) for r in results), "results": results})


def _independent(call: Call, request: Mapping[str, object], dispatch: Dispatch) -> Reply:
    try:
        return dispatch(_inner_call(call, request, str(request.get("url", "")), request.get("richInput")))
    except ApiError as error:
        return Reply.of_error(error)


def _run_dependent(
    call: Call, requests: Sequence[Mapping[str, object]], dispatch: Dispatch, *, stop: bool
) -> list[Item]:
    bodies: dict[str, object] = {}
    items: list[Item] = []
    halted = False
    for request in requests:
        reference = request.get("referenceId")
        if not isinstance(reference, str) or reference in bodies:
            raise ApiError("INVALID_INPUT", "each sub-request needs a referenceId of its own")
        if not _REFERENCE_ID.fullmatch(reference):
            message = (
                f"Provided referenceId ('{reference}') must start with a letter or a number, and it can contain only "
                "letters, numbers and underscores ('_')."
            )
            raise ApiError("INVALID_INPUT", message)
        reply = Reply.of_error(_stopped()) if halted else _dependent(call, request, bodies, dispatch)
        bodies[reference] = reply.body if reply.ok else None
        item: Item = {
            "body": reply.body,
            "httpHeaders": dict(reply.headers),
            "httpStatusCode": reply.status,
            "referenceId": reference,
        }
        items.append(item)
        halted = halted or (stop and not reply.ok)
    return items


def _dependent(call: Call, request: Mapping[str, object], bodies: Mapping[str, object], dispatch: Dispatch) -> Reply:
    try:
        url = resolve_text(str(request.get("url", "")), bodies)
        inner = _inner_call(call, request, url, resolve(request.get("body"), bodies))
    except ApiError as error:
        return Reply.of_error(error)
    return dispatch(inner)


def _inner_call(call: Call, request: Mapping[str, object], url: str, body: object) -> Call:
    """The call of a sub-request, whose URL may begin at `/services/data` or at the version."""
    parts = urlsplit(url)
    segments = tuple(unquote(part) for part in parts.path.strip("/").split("/"))
    if segments[: len(PREFIX)] == PREFIX:
        segments = segments[len(PREFIX) :]
    version = read_version(segments[0]) if segments and segments[0] else call.version
    given = request.get("httpHeaders")
    headers = {str(k).lower(): str(v) for k, v in given.items()} if isinstance(given, Mapping) else {}
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    method = str(request.get("method", "")).upper()
    return replace(
        call,
        version=version,
        method=method,
        segments=segments[1:],
        query=query,
        headers=headers,
        body=body,
        nested=True,
    )


def listed(given: object, most: int = MAX_REQUESTS) -> list[Mapping[str, object]]:
    """A list of requests (or graphs) of a body; raises `ApiError` for none or too many."""
    if not isinstance(given, list) or not given or not all(isinstance(one, Mapping) for one in given):
        raise ApiError("JSON_PARSER_ERROR", "a non-empty list of requests is expected")
    if len(given) > most:
        raise ApiError("LIMIT_EXCEEDED", f"the number of sub-requests must not exceed {most}")
    return given


def _check_queries(requests: Sequence[Mapping[str, object]]) -> None:
    counted = sum(
        1 for r in requests if any(part in str(r.get("url", "")) for part in ("/query", "/composite/sobjects"))
    )
    if counted > MAX_QUERIES:
        raise ApiError("LIMIT_EXCEEDED", f"at most {MAX_QUERIES} sub-requests may be queries or collections")


def _is_ok(item: Item) -> bool:
    return isinstance(item["httpStatusCode"], int) and item["httpStatusCode"] < 300


def _batch_ok(result: Item) -> bool:
    return isinstance(result["statusCode"], int) and result["statusCode"] < 300


def _is_culprit(item: Item) -> bool:
    body = item["body"]
    halted = (
        isinstance(body, list)
        and body
        and isinstance(body[0], dict)
        and body[0].get("errorCode") == "PROCESSING_HALTED"
    )
    return not _is_ok(item) and not halted


def _stopped() -> ApiError:
    message = "The transaction was rolled back since another operation in the same transaction failed."
    return ApiError("PROCESSING_HALTED", message)


def halted(reference: object) -> Item:
    """The answer of a request that was not done, or taken back, because another failed."""
    return {"body": _stopped().single_body(), "httpHeaders": {}, "httpStatusCode": 400, "referenceId": reference}
