"""`POST /services/core/composite`: 2 to 10 requests in order, later ones using earlier results, no rollback.

Source: the reference, 6.4; REST Guide, Composite requests. Both `@{name.1.key}` and `@{name.key}` are understood.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from intacct_sf_pipeline.sandbox.intacct.errors import ApiError, invalid_request
from intacct_sf_pipeline.sandbox.intacct.wire import envelopes
from intacct_sf_pipeline.sandbox.intacct.wire.messages import ApiRequest, Reply

Handler: TypeAlias = Callable[[ApiRequest], Reply]

FEWEST, MOST = 2, 10
_REFERENCE = re.compile(r"@\{([^{}]+)\}")
_METHODS = ("GET", "POST", "PATCH", "DELETE")


def run_composite(request: ApiRequest, handle: Handler) -> Reply:
    """Runs the steps; the answer wraps one envelope per step done, the failing one last.

    Args:
        request: the composite request.
        handle: answers one step; never raises.

    Raises:
        ApiError: 400, the composite itself is malformed.
    """
    steps = _checked(request.body)
    results: dict[str, object] = {}
    replies: list[Reply] = []
    for step in steps:
        replies.append(_run(request, step, results, handle))
        if replies[-1].status >= envelopes.FIRST_ERROR:
            break
        name = step.get("resultReference")
        body = replies[-1].body
        if isinstance(name, str) and isinstance(body, dict):
            results[name] = body.get(envelopes.RESULT)
    failed = sum(reply.status >= envelopes.FIRST_ERROR for reply in replies)
    shown = [_element(reply) for reply in replies]
    status = 200 if not failed else replies[0].status if len(replies) == 1 else envelopes.MULTI_STATUS
    meta: dict[str, object] = envelopes.counts(len(replies), failed) if failed else {"totalCount": len(replies)}
    return Reply(status, {envelopes.RESULT: shown, envelopes.META: meta})


def _element(reply: Reply) -> dict[str, object]:
    body = reply.body if isinstance(reply.body, dict) else {envelopes.RESULT: reply.body} if reply.body else {}
    return {**body, envelopes.STATUS: reply.status}


def _checked(body: object) -> list[Mapping[str, object]]:
    if not isinstance(body, list) or not FEWEST <= len(body) <= MOST:
        message = f"A composite request must be an array of {FEWEST} to {MOST} requests"
        raise invalid_request(message)
    for step in body:
        path = step.get("path") if isinstance(step, dict) else None
        if not isinstance(path, str) or not path.startswith("/") or step.get("method") not in _METHODS:
            message = "Each composite step needs a method and a path that starts with /"
            raise invalid_request(message)
        if path.startswith("/services/core/composite"):
            message = "A composite request cannot hold another"
            raise invalid_request(message)
    return body


def _run(request: ApiRequest, step: Mapping[str, object], results: Mapping[str, object], handle: Handler) -> Reply:
    given = step.get("headers")
    headers = dict(request.headers) if given is None else {**request.headers}
    headers.pop("idempotency-key", None)
    if isinstance(given, Mapping):
        headers |= {str(name).lower(): str(value) for name, value in given.items()}
    path = _substitute(str(step["path"]), results)
    body = _substitute(step.get("body"), results)
    return handle(request.step(str(step["method"]), str(path), body, headers))


def _substitute(value: object, results: Mapping[str, object]) -> object:
    if isinstance(value, Mapping):
        return {name: _substitute(inner, results) for name, inner in value.items()}
    if isinstance(value, list):
        return [_substitute(inner, results) for inner in value]
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: str(_look_up(match[1], results)), value)
    return value


def _look_up(path: str, results: Mapping[str, object]) -> object:
    name, *members = path.split(".")
    if name not in results:
        raise _dangling(path)
    place: object = results[name]
    for member in members:
        if isinstance(place, list) and member.isdecimal() and 1 <= int(member) <= len(place):
            place = place[int(member) - 1]
        elif isinstance(place, Mapping) and member in place:
            place = place[member]
        elif not (isinstance(place, Mapping) and member == "1"):
            raise _dangling(path)
    return place


def _dangling(path: str) -> ApiError:
    return invalid_request(f"@{{{path}}} does not refer to an earlier result")
