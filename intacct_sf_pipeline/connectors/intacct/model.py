"""Which fields an object has for this company and user: the model service, flattened to dotted names and remembered.

Source: model service guide. `required` is false throughout in live models, so the documented requirements are added.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from intacct_sf_pipeline.connectors import capabilities
from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.client import IntacctClient
from intacct_sf_pipeline.connectors.intacct.query import STAMP
from intacct_sf_pipeline.connectors.values import Json
from intacct_sf_pipeline.model.errors import RecordNotFoundError, ServiceError
from intacct_sf_pipeline.model.results import ColumnSchema, ObjectSchema

logger = logging.getLogger(__name__)
REQUIRED: Final[Mapping[str, frozenset[str]]] = {
    "accounts-receivable/customer": frozenset({"name"}),
    "company-config/contact": frozenset({"id", "printAs"}),
    "inventory-control/item": frozenset({"id", "name", "itemType", "costMethod"}),
    "inventory-control/warehouse": frozenset({"id", "name"}),
}
_EMPTY: Final[Mapping[str, Json]] = {}


class Models:
    """Object models, asked for once each; also remembers fields that the query service refused although the model has
    them.
    """

    def __init__(self, client: IntacctClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._schemas: dict[str, ObjectSchema] = {}
        self._refused: dict[str, set[str]] = {}

    def schema(self, object_name: str) -> ObjectSchema:
        """The object's fields by dotted name.

        Raises:
            RecordNotFoundError: the company has no such object, or the user may not see it.
        """
        with self._lock:
            if object_name not in self._schemas:
                self._schemas[object_name] = self._ask(object_name)
            return self._schemas[object_name]

    def usable(self, object_name: str, columns: Sequence[str]) -> tuple[str, ...]:
        """Those of `columns` that may be queried as far as is known; all of them before the model was ever needed."""
        schema = self._schemas.get(object_name)
        refused = self._refused.get(object_name, set())
        known = columns if schema is None else [column for column in columns if column in schema.columns]
        return tuple(dict.fromkeys(column for column in known if column not in refused))

    def learn(self, object_name: str, columns: Sequence[str], error: ServiceError) -> bool:
        """After a refused query: find out which of `columns` cannot be queried; whether anything new was learnt.

        The model is read first; fields it lists but the query service still refuses are taken from the error.
        Source: REST-1106, and the `FIELD_PATH` placeholder of unknown paths.
        """
        if object_name not in self._schemas:
            self.schema(object_name)
            if len(self.usable(object_name, columns)) < len(columns):
                self._report(object_name, columns)
                return True
        named = {name for name in error.reply.fields if name in columns} - self._refused.get(object_name, set())
        self._refused.setdefault(object_name, set()).update(named)
        if named:
            self._report(object_name, columns)
        return bool(named)

    def _report(self, object_name: str, columns: Sequence[str]) -> None:
        missing = sorted(set(columns) - set(self.usable(object_name, columns)))
        logger.warning("intacct %s: fields that cannot be read are left out: %s", object_name, ", ".join(missing))

    def _ask(self, object_name: str) -> ObjectSchema:
        call = Call("intacct", f"model {object_name}")
        reply = self._client.get(call, "/services/core/model", {"name": object_name, "schema": "true"})
        if not isinstance(reply.result, Mapping):
            raise RecordNotFoundError(call.reply(reply.status, "notFound", "the model service knows no such object"))
        return read_model(object_name, reply.result)


def read_model(object_name: str, model: Mapping[str, Json]) -> ObjectSchema:
    """An `ObjectSchema` from the reply of the model service."""
    columns = {column.name: column for column in _columns(model, "", REQUIRED.get(object_name, frozenset()))}
    methods = str(model.get("httpMethods") or "").upper().split(",")
    able = {
        capabilities.CREATE: "POST" in methods,
        capabilities.UPDATE: "PATCH" in methods,
        capabilities.IDEMPOTENCY: bool(model.get("idempotenceSupported")),
        capabilities.MODIFIED_STAMP: STAMP in columns,
    }
    return ObjectSchema(object_name, columns, frozenset(name for name, present in able.items() if present))


def _columns(node: Mapping[str, Json], prefix: str, required: frozenset[str]) -> Iterator[ColumnSchema]:
    for name, spec in _members(node.get("fields")):
        yield _column(prefix + name, spec, required)
    for kind in ("groups", "refs"):
        for name, inner in _members(node.get(kind)):
            yield from _columns(inner, f"{prefix}{name}.", required)


def _members(node: Json) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Name and content; the service writes an empty collection as a list."""
    if isinstance(node, Mapping):
        for name, content in node.items():
            yield name, content if isinstance(content, Mapping) else _EMPTY


def _column(name: str, spec: Mapping[str, Json], required: frozenset[str]) -> ColumnSchema:
    writable = not spec.get("readOnly")
    length = spec.get("maxLength")
    values = spec.get("enum")
    form = str(spec.get("format") or spec.get("type") or "string")
    return ColumnSchema(
        name=name,
        type=form if form.startswith(("date", "decimal")) else str(spec.get("type") or "string"),
        max_length=length if isinstance(length, int) else None,
        creatable=writable,
        updatable=writable and spec.get("mutable") is not False,
        required=bool(spec.get("required")) or name in required,
        unique=name in {"key", "id"},
        values=tuple(str(value) for value in values if value is not None) if isinstance(values, list) else (),
    )
