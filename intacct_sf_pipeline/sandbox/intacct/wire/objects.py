"""`/objects/...`: one, many, list; create, update, delete; batches, atomic or not.

Source: the reference, 3.1, 3.4, 6.1, 6.2; REST Guide, Batch requests.
"""

from collections.abc import Callable, Sequence
from functools import partial

from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.errors import (
    ApiError,
    bad_value,
    forbidden,
    invalid_request,
    locked,
    method_not_allowed,
    missing_field,
    not_found,
    payload_required,
    schema_fault,
    unprocessed,
)
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec
from intacct_sf_pipeline.sandbox.intacct.state.visibility import query_visibility
from intacct_sf_pipeline.sandbox.intacct.wire import envelopes
from intacct_sf_pipeline.sandbox.intacct.wire.documents import document, reference
from intacct_sf_pipeline.sandbox.intacct.wire.messages import ApiRequest, Reply
from intacct_sf_pipeline.sandbox.intacct.writes.actor import Actor

MAX_BATCH = 500
LIST_PAGE = 100
ATOMIC_HEADER = "x-ia-api-param-transaction"
_OPERATIONS = {"GET": "read", "POST": "create", "PATCH": "update", "DELETE": "delete"}


class _RolledBack(Exception):  # noqa: N818 - a signal inside this module, never an error a caller sees
    """Undoes an atomic batch."""


class ObjectService:
    """The object endpoints of one company."""

    def __init__(self, company: IntacctCompany, support_ids: envelopes.SupportIds) -> None:
        """Args: the company and the source of support ids."""
        self._company = company
        self._support_ids = support_ids

    def handle(self, request: ApiRequest) -> Reply:
        """Answers one request below `/objects/`.

        Raises:
            ApiError: 400, 403, 404, 405 or 422.
        """
        spec, keys = self._target(request.path)
        if request.method not in spec.methods:
            raise method_not_allowed(request.method, f"objects/{spec.name}")
        if request.method == "OPTIONS":
            return Reply(204, None, {"allow": ", ".join(sorted(spec.methods))})
        self.check_permission(_OPERATIONS[request.method], spec)
        if request.method == "GET":
            return self._get(request, spec, keys)
        if request.method == "DELETE":
            return self._delete(request, spec, keys)
        if not request.has_body:
            raise payload_required(request.method)
        return self._write(request, spec, keys)

    def check_permission(self, operation: str, spec: ObjectSpec) -> None:
        """Refuses what the user may not do.

        Raises:
            ApiError: 403.
        """
        if operation in self._company.options.denied.get(spec.name, ()):
            raise forbidden(operation, spec.name)

    def _target(self, path: str) -> tuple[ObjectSpec, tuple[str, ...]]:
        parts = path.strip("/").split("/")
        spec = self._company.store.catalog.get("/".join(parts[1:3]))
        if spec is None or len(parts) > 4:
            what = path.strip("/")
            raise not_found(what)
        return spec, tuple(parts[3].split(",")) if len(parts) == 4 else ()

    def _actor(self, request: ApiRequest) -> Actor:
        return self._company.actor(request.session, request.entity_key)

    def _get(self, request: ApiRequest, spec: ObjectSpec, keys: Sequence[str]) -> Reply:
        company = self._company
        if not keys:
            return self._list(request, spec)

        def read(key: str) -> tuple[int, dict[str, object]]:
            row = company.records.reach(self._actor(request), spec, key)
            company.transactions.read(spec.name)
            return 200, document(company.store, spec, row)

        if len(keys) == 1:
            status, shown = read(keys[0])
            return envelopes.result(shown, status)
        self._check_size(keys)
        return envelopes.batch_reply([self._element(partial(read, key)) for key in keys], mark_success=False)

    def _list(self, request: ApiRequest, spec: ObjectSpec) -> Reply:
        company = self._company
        with company.late.drawn():
            visible = query_visibility(company.store, spec, request.entity_key, include_private=False)
            rows = [row for row in company.store[spec.name].rows.values() if visible is None or visible(row)]
        company.transactions.queried(spec.name)
        shown = [reference(spec, row) for row in rows[:LIST_PAGE]]
        following = LIST_PAGE + 1 if len(rows) > LIST_PAGE else None
        meta = envelopes.page_meta(len(rows), 1, LIST_PAGE, following, None)
        return Reply(200, {envelopes.RESULT: shown, envelopes.META: meta})

    def _delete(self, request: ApiRequest, spec: ObjectSpec, keys: Sequence[str]) -> Reply:
        if not keys:
            raise method_not_allowed("DELETE", f"objects/{spec.name} without a key")
        actor = self._actor(request)

        def remove(key: str) -> tuple[int, dict[str, object]]:
            self._admit(request, spec)
            self._company.records.delete(actor, spec, key)
            return 204, {}

        if len(keys) == 1:
            remove(keys[0])
            return Reply(204)
        self._check_size(keys)
        elements = self._batch(request, [partial(remove, key) for key in keys])
        if all(status == 204 for status, _ in elements):
            return Reply(204)
        return envelopes.batch_reply(elements, mark_success=True)

    def _write(self, request: ApiRequest, spec: ObjectSpec, keys: Sequence[str]) -> Reply:
        body, actor = request.body, self._actor(request)
        creating = request.method == "POST"
        if (creating and keys) or len(keys) > 1:
            raise method_not_allowed(request.method, request.path)
        if isinstance(body, list) and not keys:
            self._check_size(body)
            write = self.create_one if creating else self.update_one

            def save(entry: object) -> tuple[int, dict[str, object]]:
                self._admit(request, spec)
                return write(actor, spec, entry)

            elements = self._batch(request, [partial(save, entry) for entry in body])
            return envelopes.batch_reply(elements, mark_success=self._company.options.batch_success_status)
        if not isinstance(body, dict):
            message = "The payload must be a JSON object"
            raise invalid_request(message)
        if creating or keys:
            self._admit(request, spec)
        if creating:
            status, shown = self.create_one(actor, spec, body)
        elif keys:
            status, shown = self.update_one(actor, spec, body if "key" in body else body | {"key": keys[0]}, keys[0])
        else:
            message = "PATCH without a key in the path needs an array of records"
            raise invalid_request(message)
        return envelopes.result(shown, status)

    def create_one(self, actor: Actor, spec: ObjectSpec, entry: object) -> tuple[int, dict[str, object]]:
        """Creates one record; 201 and its reference.

        Raises:
            ApiError: the refusal.
        """
        if not isinstance(entry, dict):
            raise schema_fault([bad_value("/", "must be an object")])
        key = self._company.records.create(actor, spec, entry)
        return 201, reference(spec, self._company.store[spec.name].rows[key])

    def update_one(
        self, actor: Actor, spec: ObjectSpec, entry: object, path_key: str | None = None
    ) -> tuple[int, dict[str, object]]:
        """Updates one record named by the path or its own `key`; 200 and its reference.

        Raises:
            ApiError: the refusal.
        """
        if not isinstance(entry, dict):
            raise schema_fault([bad_value("/", "must be an object")])
        key = path_key or entry.get("key")
        if not isinstance(key, str | int) or isinstance(key, bool):
            raise schema_fault([missing_field("key")])
        self._company.records.update(actor, spec, str(key), entry)
        return 200, reference(spec, self._company.store[spec.name].rows[str(key)])

    def _admit(self, request: ApiRequest, spec: ObjectSpec) -> None:
        """Counts one record to be written; refuses it when the service is told to."""
        refusal = request.gate.next()
        if refusal is not None:
            raise locked(request.method, spec.name, refusal.code, refusal.message)

    def _check_size(self, entries: Sequence[object]) -> None:
        if not 1 <= len(entries) <= MAX_BATCH:
            message = f"A batch must hold 1 to {MAX_BATCH} records, not {len(entries)}"
            raise invalid_request(message)

    def _batch(
        self, request: ApiRequest, steps: Sequence[Callable[[], tuple[int, dict[str, object]]]]
    ) -> list[tuple[int, dict[str, object]]]:
        if request.headers.get(ATOMIC_HEADER, "").strip().lower() != "true":
            return [self._element(step) for step in steps]
        return self._atomic(steps)

    def _atomic(
        self, steps: Sequence[Callable[[], tuple[int, dict[str, object]]]]
    ) -> list[tuple[int, dict[str, object]]]:
        """All or nothing: on the first failure everything is undone and the others read `unprocessed`."""
        skipped = unprocessed()
        meter = self._company.transactions
        written, by_object = meter.records_written, meter.by_object.copy()
        elements: list[tuple[int, dict[str, object]]] = []
        try:
            with self._company.store.transaction():
                for step in steps:
                    elements.append(self._element(step))
                    if elements[-1][0] >= envelopes.FIRST_ERROR:
                        raise _RolledBack
        except _RolledBack:
            meter.records_written, meter.by_object = written, by_object
            failed = len(elements) - 1
            return [
                elements[failed] if position == failed else (skipped.status, self._error(skipped))
                for position in range(len(steps))
            ]
        return elements

    def _element(self, step: Callable[[], tuple[int, dict[str, object]]]) -> tuple[int, dict[str, object]]:
        try:
            return step()
        except ApiError as fault:
            return fault.status, self._error(fault)

    def _error(self, fault: ApiError) -> dict[str, object]:
        return {envelopes.ERROR: envelopes.error_object(fault, self._support_ids.next())}
