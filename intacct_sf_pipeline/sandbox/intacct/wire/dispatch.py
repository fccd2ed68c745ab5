"""From an authenticated request to its reply: finds the service, applies the idempotency key, words the refusals."""

import hashlib
from functools import partial

import orjson

from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.errors import ApiError, method_not_allowed, not_found, payload_required
from intacct_sf_pipeline.sandbox.intacct.state.idempotency import StoredReply
from intacct_sf_pipeline.sandbox.intacct.wire import envelopes, services
from intacct_sf_pipeline.sandbox.intacct.wire.bulk import BulkService
from intacct_sf_pipeline.sandbox.intacct.wire.composite import Handler, run_composite
from intacct_sf_pipeline.sandbox.intacct.wire.messages import ApiRequest, KeyUse, Reply
from intacct_sf_pipeline.sandbox.intacct.wire.objects import ObjectService

KEY_HEADER = "idempotency-key"
CACHED_HEADER = "x-ia-idempotency-cached-date"


class Dispatcher:
    """Answers authenticated requests of one company."""

    def __init__(self, company: IntacctCompany) -> None:
        """Args: the company."""
        self.company = company
        self.support_ids = envelopes.SupportIds()
        self._objects = ObjectService(company, self.support_ids)
        self.bulk = BulkService(company, self._objects, self.support_ids)
        self._services: dict[str, tuple[str, Handler]] = {
            "/services/core/query": ("POST", partial(services.query, company)),
            "/services/core/model": ("GET", partial(services.models, company)),
            "/services/core/allowed-operations/list": ("POST", partial(services.allowed_operations, company)),
            "/services/core/composite": ("POST", partial(run_composite, handle=self.answer)),
            "/services/company-config/dimensions/list": ("GET", partial(services.dimensions, company)),
            "/services/core/session/id": ("GET", partial(services.session_id, company)),
            "/services/bulk/job/status": ("GET", self.bulk.status),
            "/services/company-config/document-sequence/generate-next-value": (
                "POST",
                partial(services.generate_next_value, company),
            ),
        }

    def answer(self, request: ApiRequest) -> Reply:
        """The reply, refusals included; never raises for what a client sends."""
        try:
            return self._once(request) if self._keyed(request) else self._route(request)
        except ApiError as fault:
            return envelopes.fault_reply(fault, self.support_ids.next())

    def _keyed(self, request: ApiRequest) -> bool:
        """Whether the idempotency key counts: POST and PATCH on objects only."""
        return (
            self.company.options.idempotency_supported
            and request.keys is not KeyUse.IGNORED
            and KEY_HEADER in request.headers
            and request.method in ("POST", "PATCH")
            and request.path.startswith("/objects/")
        )

    def _once(self, request: ApiRequest) -> Reply:
        key, store, now = request.headers[KEY_HEADER], self.company.idempotency, self.company.store.steady()
        stored = store.begin(key, fingerprint(request), now, forgotten=request.keys is KeyUse.FORGOTTEN)
        if stored is not None:
            cached = stored.at.strftime("%Y-%m-%dT%H:%M:%SZ")
            body = stored.body if isinstance(stored.body, dict) else None
            return Reply(stored.status, body, {"Idempotency-Key": key, CACHED_HEADER: cached})
        try:
            reply = self._route(request)
        except ApiError as fault:
            reply = envelopes.fault_reply(fault, self.support_ids.next())
        except BaseException:
            store.abandon(key)
            raise
        if request.gate.cut:
            store.abandon(key)  # the service died before it could keep the answer
        else:
            store.finish(key, StoredReply(reply.status, reply.body, now))
        return Reply(reply.status, reply.body, {**reply.headers, "Idempotency-Key": key})

    def _route(self, request: ApiRequest) -> Reply:
        path = request.path.rstrip("/")
        if path.startswith("/objects/"):
            return self._objects.handle(request)
        service = self._services.get(path)
        if service is None:
            raise not_found(path.strip("/"))
        method, answer = service
        if request.method != method:
            raise method_not_allowed(request.method, path.strip("/"))
        if method == "POST" and not request.has_body:
            raise payload_required(method)
        return answer(request)


def fingerprint(request: ApiRequest) -> str:
    """Digest of what makes two requests the same: verb, path, body."""
    body = orjson.dumps(request.body, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(b"\0".join([request.method.encode(), request.path.encode(), body])).hexdigest()
