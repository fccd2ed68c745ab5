"""Both doors as an ASGI application: `create_app(company)` serves `/ia/api/v1/...` and the XML gateway (`xml.door`).

Here are only HTTP matters of the REST service: reading bodies, the gate (throttling, authentication, entity header),
response headers, the request log. Serve it with the server's own `Date` header switched off: the company's clock
writes it.
"""

import asyncio
from collections.abc import Mapping
from email.utils import format_datetime

import orjson
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from intacct_sf_pipeline.sandbox.faults.plan import told
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.errors import (
    ApiError,
    GatewayError,
    OAuthError,
    TokenError,
    invalid_request,
    not_found,
)
from intacct_sf_pipeline.sandbox.intacct.faults.disturbance import Disturbance
from intacct_sf_pipeline.sandbox.intacct.schema.company import ENTITY_OBJECT
from intacct_sf_pipeline.sandbox.intacct.state.meter import RequestRecord
from intacct_sf_pipeline.sandbox.intacct.state.rates import HourlyCount, throttled
from intacct_sf_pipeline.sandbox.intacct.state.sessions import Session
from intacct_sf_pipeline.sandbox.intacct.wire import envelopes
from intacct_sf_pipeline.sandbox.intacct.wire.authorize import authorize
from intacct_sf_pipeline.sandbox.intacct.wire.dispatch import KEY_HEADER, Dispatcher
from intacct_sf_pipeline.sandbox.intacct.wire.messages import ApiRequest, Reply
from intacct_sf_pipeline.sandbox.intacct.wire.oauth import oauth_call
from intacct_sf_pipeline.sandbox.intacct.xml.door import create_route

BASE = "/ia/api/v1"
ENTITY_HEADER = "x-ia-api-param-entity"
_ANY_METHOD = ["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "HEAD"]
_AUTHORIZE = "/oauth2/authorize"
_BULK = "/services/bulk/job/create"


def create_app(company: IntacctCompany) -> Starlette:
    """The REST door and the XML door to a company.

    Args:
        company: its data, clock and switches.

    Returns:
        An ASGI application that answers everything, refusals in the vendor's shapes included.
    """
    return Starlette(routes=[create_route(company), Route("/{path:path}", _Door(company).answer, methods=_ANY_METHOD)])


class _Door:
    """Answers HTTP requests for one company and counts those in flight."""

    def __init__(self, company: IntacctCompany) -> None:
        self._company = company
        self._dispatcher = Dispatcher(company)
        self._in_flight = 0
        self._hour = HourlyCount(company.options)

    async def answer(self, request: Request) -> Response:
        """Answers one HTTP request."""
        arrived = self._company.store.now()
        trouble = Disturbance(self._company, told(request.scope))
        self._in_flight += 1
        seen: dict[str, str | None] = {}
        try:
            reply = await self._guarded(request, seen, trouble)
        except ClientDisconnect:
            reply = Reply(400)
        finally:
            left = self._company.options.api_concurrency - self._in_flight
            self._in_flight -= 1
        self._company.requests.append(
            RequestRecord(
                arrived,
                request.method,
                request.url.path,
                reply.status,
                seen.get("object"),
                seen.get("user"),
                seen.get("entity"),
                request.headers.get(KEY_HEADER),
            )
        )
        response = self._response(reply, left)
        self._company.store.clock.answered()
        return response

    async def _guarded(self, request: Request, seen: dict[str, str | None], trouble: Disturbance) -> Reply:
        dispatcher = self._dispatcher
        try:
            self._throttle()
            trouble.start()
            return trouble.spoil(await self._handle(request, seen, trouble))
        except GatewayError as fault:
            return envelopes.gateway_reply(fault, dispatcher.support_ids.next().replace("%7E", ":"))
        except TokenError as fault:
            return envelopes.token_reply(fault, dispatcher.support_ids.next())
        except OAuthError as fault:
            return Reply(fault.status, fault.body)
        except ApiError as fault:
            return envelopes.fault_reply(fault, dispatcher.support_ids.next())

    def _throttle(self) -> None:
        options, now = self._company.options, self._company.store.steady()
        if self._in_flight > options.api_concurrency:
            raise throttled(options, options.throttle_retry_after, now)
        self._hour.admit(now)

    async def _handle(self, request: Request, seen: dict[str, str | None], trouble: Disturbance) -> Reply:
        path = _below_base(request.url.path)
        content_type = request.headers.get("content-type", "")
        if path.startswith("/oauth2/"):
            body = await request.body()
            if path == _AUTHORIZE and request.method == "GET":
                with self._company.lock:
                    return authorize(self._company, request.query_params)
            with self._company.lock:
                return oauth_call(self._company, path[len("/oauth2/") :], request.method, content_type, body)
        if "xml" in content_type:
            raise GatewayError(400, "GW-0014", "Invalid Content Type")
        with self._company.lock:
            session = self._company.sessions.authenticate(request.headers.get("authorization"))
            entity_key = self._entity(request, session)
        seen |= {"user": session.user_id, "entity": entity_key, "object": _object_of(path)}
        parts = await _form_parts(request) if path == _BULK and request.method == "POST" else None
        body = b"" if parts is not None else await request.body()
        if self._company.options.service_seconds:
            await asyncio.sleep(self._company.options.service_seconds)
        api_request = ApiRequest(
            request.method,
            path,
            session,
            query=dict(request.query_params),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=_parse(body),
            has_body=bool(body.strip()),
            entity_key=entity_key,
            gate=trouble.gate,
            keys=trouble.keys,
        )
        if path == "/services/core/query" and isinstance(api_request.body, dict):
            seen["object"] = str(api_request.body.get("object"))
        with self._company.lock:
            trouble.strike(api_request)
        with self._company.lock, trouble.lateness():
            if parts is not None:
                return self._dispatcher.bulk.create(api_request, parts)
            return self._dispatcher.answer(api_request)

    def _entity(self, request: Request, session: Session) -> str | None:
        """The entity the request acts in: the header's, else the token's; an empty header means the top level."""
        wanted = request.headers.get(ENTITY_HEADER)
        if wanted is None:
            return session.entity_key
        if not wanted:
            return None
        key = self._company.store[ENTITY_OBJECT].by_id.get(wanted)
        if key is None:
            message = f"{wanted} is not a valid entity"
            raise invalid_request(message)
        return key

    def _response(self, reply: Reply, left: int) -> Response:
        options = self._company.options
        headers = {
            "Date": format_datetime(self._company.store.now(), usegmt=True),
            "X-IA-Throttle-Limit": str(options.api_concurrency),
            "X-IA-Throttle-Limit-Remaining": str(max(0, left)),
            "X-IA-TENANT-Throttle-Limit": str(options.company_concurrency),
            "X-IA-TENANT-Throttle-Limit-Remaining": str(
                max(0, left + options.company_concurrency - options.api_concurrency)
            ),
            **self._hour.headers(),
            **reply.headers,
        }
        if reply.body is None:
            return Response(status_code=reply.status, headers=headers)
        return Response(orjson.dumps(reply.body), reply.status, headers, "application/json")


def _below_base(path: str) -> str:
    """The path below `/ia/api/v1`; percent-encoding is already undone."""
    if path.startswith(BASE + "/"):
        return path[len(BASE) :]
    if path.startswith("/ia/api/"):
        message = "Version is not supported."
        raise invalid_request(message)
    raise not_found(path)


def _object_of(path: str) -> str | None:
    parts = path.split("/")
    return "/".join(parts[2:4]) if path.startswith("/objects/") else None


def _parse(body: bytes) -> object:
    if not body.strip():
        return None
    try:
        parsed: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        message = "The payload is not valid JSON"
        raise invalid_request(message) from error
    return parsed


async def _form_parts(request: Request) -> Mapping[str, bytes]:
    """The parts of a multipart body: fields by their name, files by their file name."""
    if "multipart/form-data" not in request.headers.get("content-type", ""):
        message = "A bulk request must be multipart/form-data"
        raise invalid_request(message)
    parts: dict[str, bytes] = {}
    try:
        async with request.form() as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    parts[name if name.startswith("ia::") else value.filename or name] = await value.read()
                else:
                    parts[name] = value.encode()
    except MultiPartException as error:
        raise invalid_request(error.message) from error
    return parts
