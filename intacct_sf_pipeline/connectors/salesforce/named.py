"""Owners by user name and record types by developer name: looked up once, written as ids.

A mapping names people and types as people do; ids differ from org to org. A name that is not known, or no longer in
use, is refused record by record. Source: Object Reference (User, RecordType); salesforce.md 8.1.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.outcomes import BatchResult, in_turn, outcome_of
from intacct_sf_pipeline.connectors.salesforce.ids import full_id
from intacct_sf_pipeline.connectors.salesforce.reader import Reader
from intacct_sf_pipeline.connectors.salesforce.soql import one_of
from intacct_sf_pipeline.model.errors import ServiceError, ServiceReply, ValidationFailedError
from intacct_sf_pipeline.model.results import WriteRequest

Write = Callable[[Sequence[WriteRequest]], BatchResult]


@dataclass(frozen=True)
class _Kind:
    """One column that names a record: where it is looked up, what is written, and what is said of a wrong name."""

    column: str
    target: str
    sobject: str
    name: str
    unknown: str
    what: str
    per_object: bool = False


_KINDS: Final = (
    _Kind("Owner.Username", "OwnerId", "User", "Username", "NO_SUCH_USER", "user"),
    _Kind(
        "RecordType.DeveloperName",
        "RecordTypeId",
        "RecordType",
        "DeveloperName",
        "NO_SUCH_RECORD_TYPE",
        "record type of this object",
        per_object=True,
    ),
)
_COLUMNS: Final = frozenset(kind.column for kind in _KINDS)
_UNUSED: Final = {"User": "INACTIVE_OWNER_OR_USER", "RecordType": "NO_SUCH_RECORD_TYPE"}


class NamedRecords:
    """Ids by name, remembered while they are good; what is unknown or inactive is asked for again each time."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._ids: dict[tuple[str, str, str], str] = {}

    def write(self, requests: Sequence[WriteRequest], write: Write) -> BatchResult:
        """Hand `requests` to `write` with ids instead of names; those whose names are no good are refused."""
        if not any(_names(request) for request in requests):
            return write(requests)
        try:
            errors = self._learn(requests)
        except ServiceError as error:
            return BatchResult([outcome_of(request, error) for request in requests], error)
        wrong = {r.ref: reply for r in requests if (reply := self._refusal(r, errors)) is not None}
        good = [self._with_ids(request) for request in requests if request.ref not in wrong]

        def refuse(part: Sequence[WriteRequest]) -> BatchResult:
            return BatchResult([outcome_of(request, ValidationFailedError(wrong[request.ref])) for request in part])

        return in_turn(requests, [([r for r in requests if r.ref in wrong], refuse), (good, write)])

    def resolved(self, request: WriteRequest) -> WriteRequest | None:
        """One request with ids instead of names; None when a name is no good.

        Raises:
            ServiceError: the org could not be asked.
        """
        if not _names(request):
            return request
        return None if self._refusal(request, self._learn([request])) else self._with_ids(request)

    def _learn(self, requests: Sequence[WriteRequest]) -> Mapping[tuple[str, str, str], str]:
        """Look up the names that are not known yet, one call for each kind and object; codes of those no good."""
        wanted: dict[tuple[_Kind, str], set[str]] = {}
        errors: dict[tuple[str, str, str], str] = {}
        with self._lock:
            for request in requests:
                for kind in _names(request):
                    key = _key(kind, request)
                    if key[2] and key not in self._ids:
                        wanted.setdefault((kind, key[1]), set()).add(key[2])
            for (kind, sobject), few in wanted.items():
                errors |= self._ask(kind, sobject, few)
        return errors

    def _ask(self, kind: _Kind, sobject: str, few: set[str]) -> dict[tuple[str, str, str], str]:
        conditions = [one_of(kind.name, sorted(few)), *([f"SobjectType = '{sobject}'"] if kind.per_object else [])]
        fields = ("Id", kind.name, "IsActive")
        errors = {(kind.column, sobject, name): kind.unknown for name in few}
        for record in self._reader.records(kind.sobject, fields, conditions, deleted=False):
            key = (kind.column, sobject, str(record[kind.name]).casefold())
            if record["IsActive"] is False:
                errors[key] = _UNUSED[kind.sobject]
            else:
                errors.pop(key, None)
                self._ids[key] = full_id(str(record["Id"]))
        return errors

    def _refusal(self, request: WriteRequest, errors: Mapping[tuple[str, str, str], str]) -> ServiceReply | None:
        call = Call("salesforce", f"write {request.object}", write=True)
        for kind in _names(request):
            key = _key(kind, request)
            code = errors.get(key) if key[2] else "REQUIRED_FIELD_MISSING"
            if code is None:
                continue
            told = {"REQUIRED_FIELD_MISSING": "cannot be emptied", kind.unknown: f"names no {kind.what} in use"}
            message = f"{kind.column} {told.get(code, 'names a user who is not active')}"
            return call.reply(code=code, message=message, fields=(kind.column,))
        return None

    def _with_ids(self, request: WriteRequest) -> WriteRequest:
        values = {name: value for name, value in request.values.items() if name not in _COLUMNS}
        with self._lock:
            ids = {kind.target: self._ids[_key(kind, request)] for kind in _names(request)}
        return replace(request, values={**values, **ids})


def _names(request: WriteRequest) -> list[_Kind]:
    """The kinds of names that a request holds."""
    return [kind for kind in _KINDS if kind.column in request.values]


def _key(kind: _Kind, request: WriteRequest) -> tuple[str, str, str]:
    name = str(request.values[kind.column] or "").casefold()
    return kind.column, request.object if kind.per_object else "", name
