"""Which fields an object has for this user: describe, remembered; also which columns, parent paths included, can be
read.

Source: REST Guide, sObject Describe. A field without field-level access is missing here and answers INVALID_FIELD
in queries.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from intacct_sf_pipeline.connectors import capabilities
from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.salesforce.client import SalesforceClient
from intacct_sf_pipeline.connectors.salesforce.faults import unreadable
from intacct_sf_pipeline.model.results import ColumnSchema, ObjectSchema

STAMP: Final = "SystemModstamp"
_SIZED: Final = frozenset(
    {
        "string",
        "textarea",
        "phone",
        "url",
        "email",
        "picklist",
        "multipicklist",
        "combobox",
        "encryptedstring",
        "id",
        "reference",
    }
)


@dataclass(frozen=True)
class Described:
    """An object's schema, and its parents: relationship name -> object it leads to."""

    schema: ObjectSchema
    parents: Mapping[str, str]


class Describes:
    """Descriptions, asked for once each."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._known: dict[str, Described] = {}

    def of(self, sobject: str) -> Described:
        """The description of an object.

        Raises:
            RecordNotFoundError: the org has no such object, or the user no access to it.
        """
        with self._lock:
            if sobject not in self._known:
                call = Call("salesforce", f"describe {sobject}")
                body = self._client.get(call, f"sobjects/{sobject}/describe")
                if not isinstance(body, Mapping):
                    raise unreadable(call, 200)
                self._known[sobject] = read_describe(sobject, body)
            return self._known[sobject]

    def has(self, sobject: str, path: str) -> bool:
        """Whether `path`, a field or a parent's field such as `Account.Name`, can be read from `sobject`."""
        return self._has(sobject, path, ask=True)

    def kind(self, sobject: str, path: str) -> str | None:
        """The describe type of a field or a parent's field; None when it cannot be read."""
        relation, _, rest = path.partition(".")
        described = self.of(sobject)
        if rest:
            parent = described.parents.get(relation)
            return None if parent is None else self.kind(parent, rest)
        column = described.schema.columns.get(relation)
        return None if column is None else column.type

    def usable(self, sobject: str, columns: Sequence[str], *, ask: bool) -> tuple[str, ...]:
        """Those of `columns` that can be read; without `ask` nothing is described, and what is not known counts as
        readable.
        """
        return tuple(column for column in dict.fromkeys(columns) if self._has(sobject, column, ask=ask))

    def _has(self, sobject: str, path: str, *, ask: bool) -> bool:
        if not ask and sobject not in self._known:
            return True
        relation, _, rest = path.partition(".")
        described = self.of(sobject)
        if not rest:
            return relation in described.schema.columns
        parent = described.parents.get(relation)
        return parent is not None and self._has(parent, rest, ask=ask)


def read_describe(sobject: str, body: Mapping[str, object]) -> Described:
    """A `Described` from the reply of the describe resource."""
    fields = [field for field in _list(body.get("fields")) if isinstance(field, Mapping)]
    columns = {column.name: column for column in map(_column, fields)}
    parents = {
        str(field["relationshipName"]): str(targets[0])
        for field in fields
        if field.get("relationshipName") and (targets := _list(field.get("referenceTo")))
    }
    able = {
        capabilities.CREATE: bool(body.get("createable")),
        capabilities.UPDATE: bool(body.get("updateable")),
        capabilities.MODIFIED_STAMP: STAMP in columns,
        capabilities.DELETED_ROWS: "IsDeleted" in columns,
        capabilities.STATE_COUNTRY_CODES: any(name.endswith("CountryCode") for name in columns),
    }
    return Described(
        ObjectSchema(sobject, columns, frozenset(name for name, present in able.items() if present)), parents
    )


def _column(field: Mapping[str, object]) -> ColumnSchema:
    kind = str(field.get("type"))
    length = field.get("length")
    creatable = bool(field.get("createable"))
    scale = field.get("scale")
    return ColumnSchema(
        name=str(field.get("name")),
        type=kind,
        max_length=length if isinstance(length, int) and length > 0 and kind in _SIZED else None,
        creatable=creatable,
        updatable=bool(field.get("updateable")),
        required=creatable and not field.get("nillable") and not field.get("defaultedOnCreate"),
        unique=bool(field.get("unique")),
        external_id=bool(field.get("externalId")),
        values=_allowed(field),
        scale=scale if isinstance(scale, int) and kind in {"double", "currency", "percent"} else None,
    )


def _allowed(field: Mapping[str, object]) -> tuple[str, ...]:
    """The values of a restricted picklist; other picklists take any text."""
    if not field.get("restrictedPicklist"):
        return ()
    entries = [
        entry
        for entry in _list(field.get("picklistValues"))
        if isinstance(entry, Mapping) and entry.get("active", True)
    ]
    return tuple(str(entry.get("value")) for entry in entries)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
