"""Writing records in batches: creates by POST, updates by PATCH, each an array on the object's collection.

Source: batch and idempotency guides. Batches are not atomic: each record stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.client import IntacctClient
from intacct_sf_pipeline.connectors.intacct.model import Models
from intacct_sf_pipeline.connectors.intacct.results import batch_key, read_outcomes
from intacct_sf_pipeline.connectors.meter import Meter
from intacct_sf_pipeline.connectors.outcomes import BatchResult, in_turn, send_isolated
from intacct_sf_pipeline.connectors.values import nest
from intacct_sf_pipeline.model.errors import OutcomeUnknownError, ValidationFailedError
from intacct_sf_pipeline.model.records import Scalar
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus
from intacct_sf_pipeline.model.spend import CallKind

_BILLED = frozenset({WriteStatus.WRITTEN, WriteStatus.UNKNOWN})


class RecordWriter:
    """Writes records of one object at a time and counts what each costs: one transaction per record written."""

    def __init__(self, client: IntacctClient, models: Models, meter: Meter) -> None:
        self._client, self._models, self._meter = client, models, meter

    def write(self, requests: Sequence[WriteRequest], step: str = "w") -> BatchResult:
        """Write at most one batch; outcomes stand in the order of the requests, creates are sent first.

        A record that Intacct numbers itself is sent alone, so that its idempotency key is its own: without an id to
        look for, repeating the very same call is the surest way to learn what became of it.
        """
        named = [request for request in requests if request.create and request.natural_id is not None]
        numbered = [request for request in requests if request.create and request.natural_id is None]
        updates = [request for request in requests if not request.create]
        return in_turn(
            requests,
            [
                (named, lambda part: send_isolated(part, lambda few: self._post(few, step))),
                *(([one], lambda part: send_isolated(part, lambda few: self._post(few, step))) for one in numbered),
                (updates, lambda part: send_isolated(part, lambda few: self._patch(few, step))),
            ],
        )

    def _post(self, requests: Sequence[WriteRequest], step: str) -> list[WriteOutcome]:
        call = Call("intacct", f"create {requests[0].object}", write=True)
        bodies = [self._body(call, request) for request in requests]
        return self.send(call, "POST", requests, bodies, step)

    def _patch(self, requests: Sequence[WriteRequest], step: str) -> list[WriteOutcome]:
        call = Call("intacct", f"update {requests[0].object}", write=True)
        bodies = [{"key": request.key, **self._body(call, request)} for request in requests]
        return self.send(call, "PATCH", requests, bodies, step)

    def send(
        self, call: Call, method: str, requests: Sequence[WriteRequest], bodies: Sequence[object], step: str
    ) -> list[WriteOutcome]:
        """One call for records of one object, and its price: what was written, or may have been."""
        path, key = f"/objects/{requests[0].object}", batch_key(requests, step)
        try:
            outcomes = read_outcomes(call, requests, self._client.write(call, method, path, bodies, key))
        except OutcomeUnknownError:
            self._meter.bill(len(requests), CallKind.WRITE)
            raise
        self._meter.bill(sum(outcome.status in _BILLED for outcome in outcomes), CallKind.WRITE)
        return outcomes

    def _body(self, call: Call, request: WriteRequest) -> dict[str, object]:
        values = dict(request.values)
        if request.create and request.natural_id is not None:
            values.setdefault("id", request.natural_id)
        try:
            return nest({name: self._value(request.object, name, value) for name, value in values.items()})
        except ValueError as error:
            raise ValidationFailedError(call.reply(code="unsendable", message=str(error))) from None

    def _value(self, object_name: str, name: str, value: Scalar) -> Scalar:
        """Decimals go out as the field's JSON type; most decimal fields of Intacct are texts. Source: object
        reference.
        """
        if not isinstance(value, Decimal):
            return value
        if not value.is_finite():
            raise ValueError(f"{name} is not a finite number")
        column = self._models.schema(object_name).columns.get(name)
        return value if column is not None and column.type in {"number", "integer"} else format(value, "f")
