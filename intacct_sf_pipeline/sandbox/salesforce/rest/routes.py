"""The table of resources and the dispatcher that finds one for a call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError, not_found
from intacct_sf_pipeline.sandbox.salesforce.rest import (
    collections,
    composite,
    discovery,
    external_rows,
    query,
    replication,
    rows,
)
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply, url_of
from intacct_sf_pipeline.sandbox.salesforce.writer import MoreThanOneError

Handler = Callable[..., Reply]
_WRITES = ("POST", "PATCH", "PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class Route:
    """A path pattern and its handlers by method; `{}` stands for one segment, handed to the handler."""

    pattern: tuple[str, ...]
    handlers: Mapping[str, Handler]

    def match(self, segments: Sequence[str]) -> tuple[str, ...] | None:
        """The segments that stand for `{}`, or None when the path is another."""
        if len(segments) != len(self.pattern):
            return None
        taken: list[str] = []
        for wanted, given in zip(self.pattern, segments, strict=True):
            if wanted == "{}":
                taken.append(given)
            elif wanted.lower() != given.lower():
                return None
        return tuple(taken)


def _route(path: str, **handlers: Handler) -> Route:
    return Route(tuple(path.split("/")) if path else (), handlers)


# Earlier routes win: fixed words stand before patterns that would take them for names.
ROUTES = (
    _route("", GET=discovery.resources),
    _route("limits", GET=discovery.limits),
    _route("sobjects", GET=discovery.sobjects),
    _route("query", GET=query.query),
    _route("queryAll", GET=query.query_all),
    _route("query/{}", GET=query.more),
    _route("queryAll/{}", GET=query.more),
    _route("composite/sobjects", POST=collections.create, PATCH=collections.update, DELETE=collections.delete),
    _route("composite/sobjects/{}", GET=collections.retrieve, POST=collections.retrieve),
    _route("composite/sobjects/{}/{}", PATCH=collections.upsert),
    _route("sobjects/{}", GET=discovery.basic_information, POST=rows.create),
    _route("sobjects/{}/describe", GET=discovery.describe_object),
    _route("sobjects/{}/updated", GET=replication.updated),
    _route("sobjects/{}/deleted", GET=replication.deleted),
    _route("sobjects/{}/Id", POST=external_rows.create_by_id_field),
    _route("sobjects/{}/{}", GET=rows.read, PATCH=rows.update, DELETE=rows.delete),
    _route("sobjects/{}/{}/{}", GET=external_rows.read, PATCH=external_rows.upsert, DELETE=external_rows.delete),
)
COMPOSITES = (
    _route("composite", POST=composite.composite),
    _route("composite/batch", POST=composite.batch),
)


def dispatch(call: Call) -> Reply:
    """Answers a call, sub-requests included. Refusals become replies; nothing half-done is kept."""
    try:
        for route in COMPOSITES:
            if route.match(call.segments) is not None and not call.nested:
                return _handler(route, call)(call, dispatch)
        for route in ROUTES:
            taken = route.match(call.segments)
            if taken is not None:
                handler = _handler(route, call)
                if call.segments[:1] == ("sobjects",) and call.method in _WRITES:
                    call.admit()
                return handler(call, *taken)
        raise not_found()
    except ApiError as error:
        return Reply.of_error(error)
    except MoreThanOneError as error:
        return Reply(300, [_row_url(call, record_id) for record_id in error.ids])


def _handler(route: Route, call: Call) -> Handler:
    method = "GET" if call.method == "HEAD" else call.method
    handler = route.handlers.get(method)
    if handler is None:
        allowed = ",".join(sorted(route.handlers))
        raise ApiError("METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed. Allowed are {allowed}")
    return handler


def _row_url(call: Call, record_id: str) -> str:
    sobject = call.org.schema.of_id(record_id)
    return url_of(call, sobject.name if sobject is not None else "", record_id)
