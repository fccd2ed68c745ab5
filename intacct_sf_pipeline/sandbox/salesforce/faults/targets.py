"""What a request is about: the object it reads or writes, and how many records it writes."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType
from intacct_sf_pipeline.sandbox.salesforce.soql.parser import parse

_TYPE = re.compile(r'"type"\s*:\s*"(\w+)"')
_OBJECT = re.compile(r'"object"\s*:\s*"(\w+)"')
_FROM = re.compile(r"\bfrom\s+(\w+)", re.IGNORECASE)
_URL = re.compile(r'"url"\s*:\s*"([^"]+)"')
_VERSION = re.compile(r"v\d+\.\d")
_WRITES = ("POST", "PATCH", "PUT", "DELETE")


def object_of(org: SalesforceOrg, segments: Sequence[str], query: Mapping[str, str], raw: bytes) -> SObjectType | None:
    """The object type a request is about, or None. `segments` are those of the path after the version.

    Of a composite request the first sub-request that is about an object counts.
    """
    name = _name(org, segments, query)
    if name is None and segments and segments[0].lower() == "composite":
        text = raw.decode("utf-8", "replace")
        for url in _URL.findall(text):
            name = _name(org, *_address(url))
            if name is not None:
                break
        else:
            named = _TYPE.search(text)
            name = named[1] if named else None
    if name is None and segments and segments[0].lower() == "jobs":
        name = org.bulk.object_of(segments[2]) if len(segments) > 2 else _object_named(raw)
    return org.schema.find(name) if name else None


def _object_named(raw: bytes) -> str | None:
    """The object of a job about to be made: named, or read from by its query."""
    text = raw[:100_000].decode("utf-8", "replace")
    named = _OBJECT.search(text) or _FROM.search(text)
    return named[1] if named else None


def _name(org: SalesforceOrg, segments: Sequence[str], query: Mapping[str, str]) -> str | None:
    match [segment.lower() for segment in segments]:
        case ["sobjects", _, *_]:
            return segments[1]
        case ["composite", "sobjects" | "tree", _, *_]:
            return segments[2]
        case ["query" | "queryall"]:
            try:
                return parse(query.get("q", "")).source.text
            except ApiError:
                return None
        case ["query" | "queryall", _]:
            return org.cursors.sobject_of(segments[1])
        case _:
            return None


def records_of(method: str, segments: Sequence[str], query: Mapping[str, str], body: object) -> int:
    """How many records a request writes, those of its sub-requests included; 0 for reads."""
    words = [segment.lower() for segment in segments]
    members = body if isinstance(body, Mapping) else {}
    if method not in _WRITES or not words:
        return 0
    if words in (["composite"], ["composite", "batch"]):
        requests = members.get("compositeRequest", members.get("batchRequests"))
        return sum(map(_records_of_sub_request, requests)) if isinstance(requests, list) else 0
    if words == ["composite", "graph"]:
        graphs = members.get("graphs")
        return sum(_records_of_graph(graph) for graph in graphs) if isinstance(graphs, list) else 0
    if words[:2] == ["composite", "tree"]:
        return _records_of_tree(members)
    if words[:2] == ["composite", "sobjects"]:
        if method == "DELETE":
            return len([one for one in query.get("ids", "").split(",") if one.strip()])
        records = members.get("records")
        return len(records) if isinstance(records, list) else 0
    return 1 if words[0] == "sobjects" else 0


def _records_of_graph(graph: object) -> int:
    requests = graph.get("compositeRequest") if isinstance(graph, Mapping) else None
    return sum(map(_records_of_sub_request, requests)) if isinstance(requests, list) else 0


def _records_of_tree(node: Mapping[str, object]) -> int:
    """How many records stand below a member `records`, children included."""
    records = node.get("records")
    if not isinstance(records, list):
        return 0
    children = [value for one in records if isinstance(one, Mapping) for value in one.values()]
    return len(records) + sum(_records_of_tree(child) for child in children if isinstance(child, Mapping))


def _records_of_sub_request(request: object) -> int:
    if not isinstance(request, Mapping):
        return 0
    segments, query = _address(str(request.get("url", "")))
    body = request.get("body", request.get("richInput"))
    return records_of(str(request.get("method", "")).upper(), segments, query, body)


def _address(url: str) -> tuple[list[str], dict[str, str]]:
    """The segments after the version and the query of a sub-request's URL."""
    parts = urlsplit(url)
    segments = [unquote(part) for part in parts.path.strip("/").split("/")]
    start = next((place + 1 for place, part in enumerate(segments) if _VERSION.fullmatch(part)), 0)
    return segments[start:], dict(parse_qsl(parts.query))
