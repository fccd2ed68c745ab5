"""Bulk jobs: one object, one operation, a file of records, done later. Source: the reference, 6.8; OpenAPI, bulk.

A job waits as `queued`; the next look at its status does the work and finds it `completed`. Records stand alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

import orjson

from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.errors import (
    ApiError,
    bad_value,
    forbidden,
    invalid_request,
    locked,
    method_not_allowed,
    not_found,
    schema_fault,
)
from intacct_sf_pipeline.sandbox.intacct.query.service import find_object
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec
from intacct_sf_pipeline.sandbox.intacct.wire import envelopes
from intacct_sf_pipeline.sandbox.intacct.wire.messages import ApiRequest, Reply
from intacct_sf_pipeline.sandbox.intacct.wire.objects import ObjectService
from intacct_sf_pipeline.sandbox.intacct.writes.actor import Actor

_VERBS = {"create": "POST", "update": "PATCH", "delete": "DELETE"}


@dataclass
class _Job:
    job_id: str
    spec: ObjectSpec
    operation: str
    actor: Actor
    records: list[object]
    results: list[tuple[int, dict[str, object]]] | None = field(default=None)


class BulkService:
    """The bulk jobs of one company."""

    def __init__(self, company: IntacctCompany, objects: ObjectService, support_ids: envelopes.SupportIds) -> None:
        """Args: the company, the object endpoints that do each record, the source of support ids."""
        self._company = company
        self._objects = objects
        self._support_ids = support_ids
        self._jobs: dict[str, _Job] = {}
        self._numbers = count(1)

    def create(self, request: ApiRequest, parts: Mapping[str, bytes]) -> Reply:
        """Takes a job.

        Args:
            request: the caller.
            parts: `ia::requestBody` and the file under the name the request body gives as `jobFile`.

        Raises:
            ApiError: 400, 403 or 405.
        """
        order = _json(parts.get("ia::requestBody"), "ia::requestBody")
        if not isinstance(order, dict):
            message = "ia::requestBody must be a JSON object"
            raise invalid_request(message)
        spec = find_object(self._company.store, str(order.get("objectName", "")).removeprefix("objects/"))
        operation = str(order.get("operation"))
        if operation not in _VERBS or order.get("fileContentType", "json") != "json":
            message = "operation must be create, update or delete, and fileContentType json"
            raise invalid_request(message)
        if _VERBS[operation] not in spec.methods:
            raise method_not_allowed(_VERBS[operation], f"objects/{spec.name}")
        if operation in self._company.options.denied.get(spec.name, ()):
            raise forbidden(operation, spec.name)
        records = _json(parts.get(str(order.get("jobFile"))), "the file named by jobFile")
        if not isinstance(records, list):
            message = "The job file must be a JSON array of records"
            raise invalid_request(message)
        job_id = f"0d1c-{next(self._numbers):06d}"
        actor = self._company.actor(request.session, request.entity_key)
        self._jobs[job_id] = _Job(job_id, spec, operation, actor, records)
        created = self._company.store.now().strftime("%Y-%m-%dT%H:%M:%S")
        status_url = f"/services/bulk/job/status?jobId={job_id}"
        return envelopes.result({"jobId": job_id, "statusURL": status_url, "createdDateTime": created})

    def status(self, request: ApiRequest) -> Reply:
        """Looks at a job, doing its work if it waits; with `download=true` its results.

        Raises:
            ApiError: 404, no such job.
        """
        job = self._jobs.get(request.query.get("jobId", ""))
        if job is None:
            what = "Bulk job"
            raise not_found(what)
        if job.results is None:
            request.gate.expect(len(job.records))
            job.results = [self._record(request, job, record) for record in job.records]
        if request.query.get("download", "").lower() == "true":
            reply = envelopes.batch_reply(job.results, mark_success=True)
            return Reply(200, reply.body)
        failed = sum(status >= envelopes.FIRST_ERROR for status, _ in job.results)
        shown = {
            "jobId": job.job_id,
            "status": "completed",
            "percentComplete": 100,
            "downloadURL": f"/services/bulk/job/status?jobId={job.job_id}&download=true",
            "jobStatusFile": f"{job.job_id}-response.json",
        }
        return Reply(200, {envelopes.RESULT: shown, envelopes.META: envelopes.counts(len(job.results), failed)})

    def _record(self, request: ApiRequest, job: _Job, record: object) -> tuple[int, dict[str, object]]:
        steps: dict[str, Callable[[], tuple[int, dict[str, object]]]] = {
            "create": lambda: self._objects.create_one(job.actor, job.spec, record),
            "update": lambda: self._objects.update_one(job.actor, job.spec, record),
            "delete": lambda: self._delete(job, record),
        }
        try:
            refusal = request.gate.next()
            if refusal is not None:
                raise locked(_VERBS[job.operation], job.spec.name, refusal.code, refusal.message)
            return steps[job.operation]()
        except ApiError as fault:
            return fault.status, {envelopes.ERROR: envelopes.error_object(fault, self._support_ids.next())}

    def _delete(self, job: _Job, record: object) -> tuple[int, dict[str, object]]:
        key = record.get("key") if isinstance(record, dict) else record
        if not isinstance(key, str | int):
            raise schema_fault([bad_value("/key", "must name the record")])
        self._company.records.delete(job.actor, job.spec, str(key))
        return 204, {}


def _json(data: bytes | None, name: str) -> object:
    if data is None:
        message = f"The multipart body lacks {name}"
        raise invalid_request(message)
    try:
        parsed: object = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        message = f"{name} is not valid JSON"
        raise invalid_request(message) from error
    return parsed
