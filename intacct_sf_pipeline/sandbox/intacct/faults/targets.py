"""What a request is about: the object it reads or writes, and how many records it writes."""

from collections.abc import Mapping

from intacct_sf_pipeline.sandbox.intacct.schema.catalog import Catalog
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec

_COMPOSITE = "/services/core/composite"
_QUERY = "/services/core/query"


def object_of(catalog: Catalog, path: str, body: object) -> ObjectSpec | None:
    """The object a request is about, or None; of several queries or composite steps the first that is about one."""
    parts = path.strip("/").split("/")
    if parts[0] == "objects":
        return catalog.get("/".join(parts[1:3]))
    if path == _QUERY:
        asked = [entry for entry in _entries(body) if isinstance(entry.get("object"), str)]
        return next((catalog.get(str(entry["object"])) for entry in asked), None)
    if path == _COMPOSITE:
        found = (object_of(catalog, _path(step), step.get("body")) for step in _entries(body))
        return next((spec for spec in found if spec is not None), None)
    return None


def records_of(method: str, path: str, body: object) -> int:
    """How many records a request writes, those of its composite steps included; 0 for reads."""
    if path == _COMPOSITE:
        return sum(records_of(str(step.get("method")), _path(step), step.get("body")) for step in _entries(body))
    parts = path.strip("/").split("/")
    if parts[0] != "objects" or method not in ("POST", "PATCH", "DELETE"):
        return 0
    if method == "DELETE":
        return len(parts[3].split(",")) if len(parts) > 3 else 0
    return len(body) if isinstance(body, list) else 1


def _entries(body: object) -> list[Mapping[str, object]]:
    given = body if isinstance(body, list) else [body]
    return [entry for entry in given if isinstance(entry, Mapping)]


def _path(step: Mapping[str, object]) -> str:
    return str(step.get("path", "")).partition("?")[0]
