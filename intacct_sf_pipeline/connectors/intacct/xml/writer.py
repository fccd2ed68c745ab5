"""Writing records: one function per record, so that each has an outcome and an idempotency key of its own; many
functions per request, none depending on another.

Source: the reference, 5 and 8.1 (recommended shape) and 2.4 (idempotency). A success that names no record, and the
refusal of a control id that was completed before, say that the write was done, not with which record: it is looked for
by its natural id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.paging import Pager
from intacct_sf_pipeline.connectors.intacct.query import KEY, Query, one_of
from intacct_sf_pipeline.connectors.intacct.xml.clearing import Clearing
from intacct_sf_pipeline.connectors.intacct.xml.client import XmlClient
from intacct_sf_pipeline.connectors.intacct.xml.columns import Column
from intacct_sf_pipeline.connectors.intacct.xml.document import element
from intacct_sf_pipeline.connectors.intacct.xml.envelope import Function
from intacct_sf_pipeline.connectors.intacct.xml.faults import classify
from intacct_sf_pipeline.connectors.intacct.xml.fields import object_of
from intacct_sf_pipeline.connectors.intacct.xml.model import XmlModels
from intacct_sf_pipeline.connectors.intacct.xml.payload import control_id, record_element
from intacct_sf_pipeline.connectors.intacct.xml.replies import Reply, Result, missing
from intacct_sf_pipeline.connectors.intacct.xml.rows import records
from intacct_sf_pipeline.connectors.meter import Meter
from intacct_sf_pipeline.connectors.outcomes import BatchResult, outcome_of, send_isolated
from intacct_sf_pipeline.model.errors import OutcomeUnknownError, ServiceError, ValidationFailedError
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus
from intacct_sf_pipeline.model.spend import CallKind

_BILLED: Final = frozenset({WriteStatus.WRITTEN, WriteStatus.UNKNOWN})


class XmlRecordWriter:
    """Writes records of one object at a time and counts what each costs: one transaction per record written."""

    def __init__(self, client: XmlClient, models: XmlModels, pager: Pager, meter: Meter) -> None:
        self._client, self._models, self._pager, self._meter = client, models, pager, meter
        self._clearing = Clearing(pager, models.usable)

    def write(self, requests: Sequence[WriteRequest], step: str = "w") -> BatchResult:
        """Write at most one batch; outcomes stand in the order of the requests, creates are sent first."""
        ordered = sorted(requests, key=lambda request: not request.create)
        result = send_isolated(ordered, lambda part: self._send(part, step))
        outcomes = {outcome.ref: outcome for outcome in result.outcomes}
        return BatchResult([outcomes[request.ref] for request in requests], result.fatal)

    def send(self, call: Call, functions: Sequence[Function], *, transaction: bool = False) -> Reply:
        """One request of functions that each change a record, and its price if no answer comes."""
        try:
            return self._client.write(call, functions, transaction=transaction)
        except OutcomeUnknownError:
            self._meter.bill(len(functions), CallKind.WRITE)
            raise

    def bill(self, records_written: int) -> None:
        """Count records written, or perhaps written, by `send`."""
        self._meter.bill(records_written, CallKind.WRITE)

    def control_id(self, key: str, step: str) -> str:
        """The control id of one function."""
        return control_id(self._client.options.company_id, key, step)

    def error(self, call: Call, result: Result | None) -> ServiceError:
        """What a result that is no success means."""
        if result is None:
            return missing(call)
        return classify(call, result.chain, self._client.options.throttle_wait)

    def _send(self, requests: Sequence[WriteRequest], step: str) -> list[WriteOutcome]:
        call = _call(requests[0])
        functions = [self._function(request, step) for request in requests]
        reply = self.send(call, functions)
        outcomes = [
            self._outcome(request, reply.results.get(function.control_id))
            for request, function in zip(requests, functions, strict=True)
        ]
        outcomes = self._looked_for(requests, outcomes)
        self._meter.bill(sum(outcome.status in _BILLED for outcome in outcomes), CallKind.WRITE)
        return self._clearing.checked(call, requests, outcomes, reply.at)

    def _function(self, request: WriteRequest, step: str) -> Function:
        call = self._element(request)
        return Function(self.control_id(request.idempotency_key, f"{step}.{call.tag}"), call)

    def _element(self, request: WriteRequest) -> Element:
        entry = object_of(request.object)
        try:
            record = record_element(entry, request, self._column(request), self._client.formats())
        except ValueError as error:
            reply = _call(request).reply(code="unsendable", message=str(error))
            raise ValidationFailedError(reply) from None
        return element("create" if request.create else "update", None, record)

    def _column(self, request: WriteRequest) -> Callable[[str], Column]:
        def column(name: str) -> Column:
            found = self._models.column(request.object, name)
            if found is None:
                raise ValueError(f"the company has no field {name}")
            return found

        return column

    def _outcome(self, request: WriteRequest, result: Result | None) -> WriteOutcome:
        if result is None or not result.succeeded:
            return outcome_of(request, self.error(_call(request), result))
        texts = next(records(result.data), {})
        key = texts.get("RECORDNO") or ""
        name = texts.get(object_of(request.object).id) or request.natural_id
        if not key:
            reply = _call(request).reply(200, "unnamed", "the reply names no record; it was done before")
            return outcome_of(request, OutcomeUnknownError(reply))
        return WriteOutcome(request.ref, WriteStatus.WRITTEN, key=key, id=name)

    def _looked_for(self, requests: Sequence[WriteRequest], outcomes: list[WriteOutcome]) -> list[WriteOutcome]:
        """The outcomes, those settled that say a write was done without saying which record it made.

        What cannot be found, now or at all, stays unknown.
        """
        lost = {o.ref for o in outcomes if o.status is WriteStatus.UNKNOWN and o.error and o.error.code != "missing"}
        named = {r.natural_id: r for r in requests if r.ref in lost and r.create and r.natural_id}
        if not named:
            return outcomes
        query = Query(requests[0].object, (KEY, "id"), (one_of("id", sorted(named)),))
        try:
            rows = self._pager.complete(query)
        except ServiceError:
            return outcomes
        found: Mapping[str, str] = {named[str(row["id"])].ref: str(row[KEY]) for row in rows if row["id"] in named}
        return [
            replace(o, status=WriteStatus.WRITTEN, key=found[o.ref], error=None, duplicate=False)
            if o.ref in found
            else o
            for o in outcomes
        ]


def _call(request: WriteRequest) -> Call:
    return Call("intacct", f"{'create' if request.create else 'update'} {request.object}", write=True)
