"""The table of resources and the dispatcher that finds one for a call."""

from intacct_sf_pipeline.sandbox.salesforce.bulk import ingest as bulk_ingest
from intacct_sf_pipeline.sandbox.salesforce.bulk import query as bulk_query
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError, not_found
from intacct_sf_pipeline.sandbox.salesforce.rest import (
    collections,
    composite,
    discovery,
    external_rows,
    graphs,
    query,
    replication,
    rows,
)
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply, url_of
from intacct_sf_pipeline.sandbox.salesforce.rest.further_routes import FURTHER_ROUTES
from intacct_sf_pipeline.sandbox.salesforce.rest.route import Handler, Route
from intacct_sf_pipeline.sandbox.salesforce.rest.route import route as _route
from intacct_sf_pipeline.sandbox.salesforce.writer import MoreThanOneError

_METHODS = ("HEAD", "GET", "POST", "PUT", "PATCH", "DELETE")
_WRITES = ("POST", "PATCH", "PUT", "DELETE")


# Earlier routes win: fixed words stand before patterns that would take them for names.
ROUTES = (
    *FURTHER_ROUTES,
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
    _route("jobs/ingest", GET=bulk_ingest.listing, POST=bulk_ingest.create),
    _route("jobs/ingest/{}", GET=bulk_ingest.information, PATCH=bulk_ingest.change, DELETE=bulk_ingest.delete),
    _route("jobs/ingest/{}/batches", PUT=bulk_ingest.upload),
    _route("jobs/ingest/{}/successfulResults", GET=bulk_ingest.successful),
    _route("jobs/ingest/{}/failedResults", GET=bulk_ingest.failed),
    _route("jobs/ingest/{}/unprocessedrecords", GET=bulk_ingest.unprocessed),
    _route("jobs/query", GET=bulk_query.listing, POST=bulk_query.create),
    _route("jobs/query/{}", GET=bulk_query.information, PATCH=bulk_query.change, DELETE=bulk_query.delete),
    _route("jobs/query/{}/results", GET=bulk_query.results),
    _route("jobs/query/{}/resultPages", GET=bulk_query.result_pages),
    _route("sobjects/{}/{}/{}", GET=external_rows.read, PATCH=external_rows.upsert, DELETE=external_rows.delete),
)
COMPOSITES = (
    _route("composite", GET=composite.resources, POST=composite.composite),
    _route("composite/batch", POST=composite.batch),
    _route("composite/graph", POST=graphs.graph),
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
        known = {*route.handlers, *(("HEAD",) if "GET" in route.handlers else ())}
        allowed = ",".join(name for name in _METHODS if name in known)
        raise ApiError("METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed. Allowed are {allowed}")
    return handler


def _row_url(call: Call, record_id: str) -> str:
    sobject = call.org.schema.of_id(record_id)
    return url_of(call, sobject.name if sobject is not None else "", record_id)
