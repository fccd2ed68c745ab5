"""Writing records by sObject collections: new ones by upsert on their external id, changes by id; locked rows again
in smaller batches.

Source: REST Guide, sObject Collections: 200 records, results in order, HTTP 200 whatever the items say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.outcomes import BatchResult, Send, in_turn, outcome_of, send_isolated
from intacct_sf_pipeline.connectors.permit import pause
from intacct_sf_pipeline.connectors.salesforce.client import SalesforceClient
from intacct_sf_pipeline.connectors.salesforce.describe import Describes
from intacct_sf_pipeline.connectors.salesforce.faults import error_items, is_locked, item_refusal, unreadable
from intacct_sf_pipeline.connectors.salesforce.ids import full_id
from intacct_sf_pipeline.connectors.salesforce.locks import smaller_calls
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.connectors.values import nest
from intacct_sf_pipeline.model.errors import ValidationFailedError
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus

_LONGEST_LOCK: Final = 15.0
"""Seconds; the platform itself gives up after some ten (a figure often quoted, not documented)."""


class RecordWriter:
    """Writes records of one object at a time."""

    def __init__(self, client: SalesforceClient, describes: Describes, timing: Timing, lock_attempts: int) -> None:
        self._client, self._describes, self._timing, self._lock_attempts = client, describes, timing, lock_attempts

    def write(self, requests: Sequence[WriteRequest]) -> BatchResult:
        """Write at most one batch; outcomes stand in the order of the requests, creates are sent first."""
        fields = {request.ref: self.external_field(request) for request in requests if request.create}
        inserts = [request for request in requests if request.create and fields[request.ref] is None]
        upserts = [request for request in requests if request.create and fields[request.ref] is not None]
        updates = [request for request in requests if not request.create]
        first = _first_of_each(upserts)
        return in_turn(
            requests,
            [
                (first, lambda part: self._upsert(part, str(fields[part[0].ref]))),
                ([request for request in upserts if request not in first], _second_ones),
                (inserts, self.insert),
                (updates, self.update),
            ],
        )

    def insert(self, requests: Sequence[WriteRequest]) -> BatchResult:
        """Create records that have no external id."""

        def send(part: Sequence[WriteRequest]) -> list[WriteOutcome]:
            call = Call("salesforce", f"create {part[0].object}", write=True)
            return self._send(call, "POST", "composite/sobjects", part, [_body(call, request) for request in part])

        return self._patiently(requests, send)

    def update(self, requests: Sequence[WriteRequest]) -> BatchResult:
        """Change records by id."""

        def send(part: Sequence[WriteRequest]) -> list[WriteOutcome]:
            call = Call("salesforce", f"update {part[0].object}", write=True)
            bodies = [{"id": full_id(str(request.key)), **_body(call, request)} for request in part]
            return self._send(call, "PATCH", "composite/sobjects", part, bodies)

        return self._patiently(requests, send)

    def _upsert(self, requests: Sequence[WriteRequest], field: str) -> BatchResult:
        def send(part: Sequence[WriteRequest]) -> list[WriteOutcome]:
            call = Call("salesforce", f"upsert {part[0].object}", write=True)
            bodies = [{**_body(call, request), field: request.natural_id} for request in part]
            return self._send(call, "PATCH", f"composite/sobjects/{part[0].object}/{field}", part, bodies)

        return self._patiently(requests, send)

    def _send(
        self, call: Call, method: str, path: str, part: Sequence[WriteRequest], bodies: Sequence[Mapping[str, object]]
    ) -> list[WriteOutcome]:
        reply = self._client.send(call, method, path, {"allOrNone": False, "records": bodies})
        if not isinstance(reply, list) or len(reply) != len(part):
            raise unreadable(call, 200)
        return [_outcome(call, request, item) for request, item in zip(part, reply, strict=True)]

    def _patiently(self, requests: Sequence[WriteRequest], send: Send) -> BatchResult:
        """Send, then send again what met a locked row: fewer at a time, those of one parent together, with growing
        pauses.

        Only records of which the reply says that a lock kept them from being stored are sent again.
        """
        result = send_isolated(requests, send)
        for attempt in range(1, self._lock_attempts):
            by_ref = {outcome.ref: outcome for outcome in result.outcomes}
            locked = [request for request in requests if _is_locked(by_ref[request.ref])]
            if not locked or result.fatal is not None:
                break
            pause(1.0 + self._timing.spread(min(_LONGEST_LOCK, 2.0**attempt)), self._timing.sleep)
            size = max(1, len(requests) // 4**attempt)
            parts = smaller_calls(locked, size)
            again = in_turn(locked, [(part, lambda some: send_isolated(some, send)) for part in parts])
            by_ref.update((outcome.ref, outcome) for outcome in again.outcomes)
            result = BatchResult([by_ref[request.ref] for request in requests], again.fatal)
        return result

    def external_field(self, request: WriteRequest) -> str | None:
        """The field that carries the record's external id: flagged so by the org, and written with the id to be
        given.
        """
        if request.natural_id is None:
            return None
        columns = self._describes.of(request.object).schema.columns
        named = (name for name, value in request.values.items() if value == request.natural_id)
        return next((name for name in named if name in columns and columns[name].external_id), None)


def _body(call: Call, request: WriteRequest) -> dict[str, object]:
    for name, value in request.values.items():
        if isinstance(value, Decimal) and not value.is_finite():
            raise ValidationFailedError(
                call.reply(code="unsendable", message=f"{name} is not a finite number", fields=(name,))
            )
    try:
        return {"attributes": {"type": request.object}, **nest(request.values)}
    except ValueError as error:
        raise ValidationFailedError(call.reply(code="unsendable", message=str(error))) from None


def _outcome(call: Call, request: WriteRequest, item: object) -> WriteOutcome:
    if not isinstance(item, Mapping):
        return outcome_of(request, unreadable(call, 200))
    if not item.get("success"):
        return outcome_of(request, item_refusal(call, error_items(item.get("errors"))))
    key = full_id(str(item.get("id") or request.key))
    return WriteOutcome(request.ref, WriteStatus.WRITTEN, key=key, id=request.natural_id)


def _is_locked(outcome: WriteOutcome) -> bool:
    return outcome.status is WriteStatus.NOT_SENT and outcome.error is not None and is_locked(outcome.error)


def _first_of_each(requests: Sequence[WriteRequest]) -> list[WriteRequest]:
    """The first request for each external id; ids compare without case."""
    by_id: dict[str, WriteRequest] = {}
    for request in requests:
        by_id.setdefault(str(request.natural_id).casefold(), request)
    return list(by_id.values())


def _second_ones(requests: Sequence[WriteRequest]) -> BatchResult:
    """Further new records with an external id of this batch: sent later they would overwrite the first one."""
    call = Call("salesforce", f"upsert {requests[0].object}", write=True)
    reply = call.reply(
        code="DUPLICATE_EXTERNAL_ID", message="another new record of this run carries the same external id"
    )
    return BatchResult([outcome_of(request, ValidationFailedError(reply)) for request in requests])


def in_batches(requests: Sequence[WriteRequest], size: int) -> Iterator[Sequence[WriteRequest]]:
    """`requests` in runs of at most `size`."""
    for start in range(0, len(requests), size):
        yield requests[start : start + size]
