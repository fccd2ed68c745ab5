"""The HTTP side: an ASGI application that turns requests into calls and replies into responses.

What belongs here: reading and printing HTTP, authentication, billing and the request log. What resources do is in
`rest/`. The server must let heads of more than 16 KiB through (uvicorn: `h11_max_incomplete_event_size`) so that the
service's own 414 and 431 can be given, and leave the Date header to the application (uvicorn: `date_header=False`).
"""

import asyncio
import json
import zlib
from collections.abc import Callable
from decimal import Decimal
from email.utils import format_datetime
from urllib.parse import parse_qsl, unquote

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from intacct_sf_pipeline.sandbox.faults.plan import told
from intacct_sf_pipeline.sandbox.header_case import HeaderCase
from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.bulk_v1 import door as bulk_v1
from intacct_sf_pipeline.sandbox.salesforce.bulk_v1.jobs import Jobs
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.faults.disturbance import Disturbance
from intacct_sf_pipeline.sandbox.salesforce.faults.targets import records_of
from intacct_sf_pipeline.sandbox.salesforce.meter import LoggedRequest
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.rest.introspection import introspect
from intacct_sf_pipeline.sandbox.salesforce.rest.oauth import (
    Answer,
    OAuthError,
    TokenRequest,
    identity_document,
    issue,
    only_by_post,
    revoke,
)
from intacct_sf_pipeline.sandbox.salesforce.rest.routes import dispatch
from intacct_sf_pipeline.sandbox.salesforce.rest.versions import read_version, version_list
from intacct_sf_pipeline.sandbox.salesforce.rest.xml_body import as_xml, read_record, wants_xml
from intacct_sf_pipeline.sandbox.salesforce.soap import door as soap

MAX_URI = MAX_HEAD = 16_384
METHODS = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"]
_PREFIX_SEGMENTS = 2
_GZIP_FROM_BYTES = 1_000
_FILES = ("text/csv", "multipart/form-data")


def create_app(org: SalesforceOrg, base_url: Callable[[], str]) -> Starlette:
    """The application over `org`; `base_url` gives its own address, such as `http://127.0.0.1:8080`."""
    service = _Service(org, base_url)
    routes = [
        Route("/services/oauth2/token", service.token, methods=["POST", "GET"]),
        Route("/services/oauth2/revoke", service.revoke, methods=["POST", "GET"]),
        Route("/services/oauth2/introspect", service.introspect, methods=["POST"]),
        Route("/services/oauth2/userinfo", service.userinfo, methods=["GET", "POST"]),
        Route("/id/{organization}/{user}", service.identity, methods=["GET"]),
        Route("/services/Soap/{door:str}/{version:str}", service.soap, methods=["POST"]),
        Route("/services/Soap/{door:str}/{version:str}/{organization:str}", service.soap, methods=["POST"]),
        Route("/services/async/{version:str}/{rest:path}", service.asynchronous, methods=METHODS),
        Route("/services/apexrest/{rest:path}", service.apex, methods=METHODS),
        Route("/services/data", service.data, methods=METHODS),
        Route("/services/data/{rest:path}", service.data, methods=METHODS),
    ]
    packing = Middleware(GZipMiddleware, minimum_size=_GZIP_FROM_BYTES, compresslevel=1)
    return Starlette(routes=routes, middleware=[Middleware(HeaderCase), packing])


class _Service:
    def __init__(self, org: SalesforceOrg, base_url: Callable[[], str]) -> None:
        self._org = org
        self._base_url = base_url
        self._jobs = Jobs(org)

    async def token(self, request: Request) -> Response:
        """POST /services/oauth2/token; any other verb is refused as the service refuses it."""
        return await self._told_client(request, issue if request.method == "POST" else only_by_post)

    async def introspect(self, request: Request) -> Response:
        """POST /services/oauth2/introspect."""
        return await self._told_client(request, introspect)

    async def _told_client(self, request: Request, answer: Answer) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", errors="replace"), keep_blank_values=True))
        given = {**dict(request.query_params), **form}
        asked = TokenRequest(given, request.headers.get("authorization", ""), self._base_url())
        with self._org.lock:
            Disturbance(self._org, told(request.scope)).strike((), {}, b"")
            try:
                reply = Reply(body=answer(self._org, asked, self._base_url()), headers={"Cache-Control": "no-store"})
            except OAuthError as error:
                reply = Reply(error.status, error.body)
            return self._respond(request, reply, 0)

    async def revoke(self, request: Request) -> Response:
        """POST /services/oauth2/revoke with `token=`."""
        form = dict(parse_qsl((await request.body()).decode("utf-8", errors="replace")))
        token = form.get("token") or request.query_params.get("token", "")
        with self._org.lock:
            known = revoke(self._org, token)
            refused = {"error": "unsupported_token_type", "error_description": "this token type is not supported"}
            return self._respond(request, Reply(200) if known else Reply(400, refused), 0)

    async def userinfo(self, request: Request) -> Response:
        """GET /services/oauth2/userinfo."""
        return self._identity(request)

    async def identity(self, request: Request) -> Response:
        """GET /id/{organization}/{user}."""
        return self._identity(request)

    def _identity(self, request: Request) -> Response:
        with self._org.lock:
            try:
                user = self._user(request)
                reply = Reply(body=identity_document(self._org, user, self._base_url()))
            except ApiError as error:
                # The identity service speaks plain text. Source: Help, OAuth identity URLs.
                refused = Reply(403, raw=b"Bad_OAuth_Token", headers={"Content-Type": "text/plain"})
                reply = refused if error.status == 401 else Reply.of_error(error)
            return self._respond(request, reply, 0)

    async def soap(self, request: Request) -> Response:
        """POST /services/Soap/u/<version> and /c/<version>."""
        raw = await request.body()
        door = request.path_params["door"]
        with self._org.lock:
            before = self._org.api_calls
            Disturbance(self._org, told(request.scope)).strike((), {}, raw)
            known = door in soap.NAMES
            reply = self._soap_answer(door, request, raw) if known else Reply(404)
            return self._respond(request, reply, self._org.api_calls - before)

    def _soap_answer(self, door: str, request: Request, raw: bytes) -> Reply:
        return soap.answer(self._org, door, request.path_params["version"], raw, self._base_url())

    async def asynchronous(self, request: Request) -> Response:
        """Everything under /services/async: Bulk API 1.0."""
        raw = await body_of(request)
        org, segments = self._org, _segments(request)
        with org.lock:
            before = org.api_calls
            trouble = Disturbance(org, told(request.scope))
            trouble.strike(bulk_v1.about(self._jobs, segments[1:], raw), {}, raw)
            version, headers = request.path_params["version"], dict(request.headers)
            call = bulk_v1.AsyncCall(request.method, version, segments[1:], headers, raw, trouble.gate)
            with trouble.lateness():
                reply = bulk_v1.answer(org, self._jobs, call)
            return self._respond(request, reply, org.api_calls - before)

    async def apex(self, request: Request) -> Response:
        """Everything under /services/apexrest: the org has no Apex."""
        with self._org.lock:
            reply = Reply.of_error(ApiError("NOT_FOUND", "Could not find a match for URL"))
            return self._respond(request, reply, 0)

    async def data(self, request: Request) -> Response:
        """Everything under /services/data."""
        raw = await body_of(request)
        try:
            with self._org.at_work.counted():
                if self._org.at_work.limits.service_seconds:
                    await asyncio.sleep(self._org.at_work.limits.service_seconds)
                return self._data(request, raw)
        except ApiError as error:
            with self._org.lock:
                return self._respond(request, Reply.of_error(error), 0)

    def _data(self, request: Request, raw: bytes) -> Response:
        with self._org.lock:
            before = self._org.api_calls
            trouble = Disturbance(self._org, told(request.scope))
            try:
                reply = trouble.spoil(self._answer(request, raw, trouble))
            except ApiError as error:
                reply = Reply.of_error(error)
            return self._respond(request, reply, self._org.api_calls - before)

    def _answer(self, request: Request, raw: bytes, trouble: Disturbance) -> Reply:
        _check_length(request)
        segments = _segments(request)
        if not segments:
            return Reply(body=version_list())
        version = read_version(segments[0])
        query = dict(parse_qsl(request.url.query, keep_blank_values=True))
        trouble.strike(segments[1:], query, raw)
        user = self._user(request)
        self._org.meter.charge(1)
        headers = dict(request.headers)
        method = query.pop("_HttpMethod", request.method) if request.method == "POST" else request.method
        body = _json(request, raw)
        trouble.gate.expect(records_of(method.upper(), segments[1:], query, body))
        call = Call(
            self._org,
            user,
            version,
            method.upper(),
            segments[1:],
            query,
            headers,
            body,
            gate=trouble.gate,
            raw=raw,
            hits=trouble.hits,
        )
        with trouble.lateness():
            return dispatch(call)

    def _user(self, request: Request) -> User:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not scheme and not request.url.path.startswith("/services/data"):
            # The identity URL also takes the token as a parameter. Source: Help, Identity URLs; jsforce 3.10.
            scheme, token = "Bearer", request.query_params.get("oauth_token", "")
        if scheme.lower() not in ("bearer", "oauth"):
            raise ApiError("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
        return self._org.sessions.user_of(token.strip())

    def _respond(self, request: Request, reply: Reply, api_calls: int) -> Response:
        org = self._org
        headers = {"Date": format_datetime(org.clock(), usegmt=True), **reply.headers}
        if request.url.path.startswith("/services/data/v"):
            headers["Sforce-Limit-Info"] = org.meter.header()
        content = reply.raw
        if content is None and reply.body is not None and _speaks_xml(request):
            content = as_xml(reply.body)
            headers.setdefault("Content-Type", "application/xml;charset=UTF-8")
        elif content is None and reply.body is not None:
            content = _print(reply.body, pretty=request.headers.get("x-prettyprint") == "1")
            headers.setdefault("Content-Type", "application/json;charset=UTF-8")
        host = request.headers.get("x-original-host", request.headers.get("host", ""))
        entry = LoggedRequest(request.method, request.url.path, request.url.query, reply.status, api_calls, host)
        org.requests.append(entry)
        org.clock.answered()
        return Response(b"" if request.method == "HEAD" else content, reply.status, headers)


def _speaks_xml(request: Request) -> bool:
    return request.url.path.startswith("/services/data") and wants_xml(request.headers.get("accept", ""))


async def body_of(request: Request) -> bytes:
    """The body of a request, unpacked when the client compressed it; left as it is when that cannot be done."""
    raw = await request.body()
    if request.headers.get("content-encoding", "").strip().lower() not in ("gzip", "deflate"):
        return raw
    try:
        return zlib.decompress(raw, zlib.MAX_WBITS | 32)
    except zlib.error:
        return raw


def _check_length(request: Request) -> None:
    path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope.get("query_string", b"")
    uri = len(path) + len(query) + (1 if query else 0)
    if uri > MAX_URI:
        raise ApiError("URI_TOO_LONG", f"The URI is longer than {MAX_URI} bytes.")
    if uri + sum(len(name) + len(value) for name, value in request.headers.raw) > MAX_HEAD:
        raise ApiError("REQUEST_HEADER_FIELDS_TOO_LARGE", f"The URI and headers are longer than {MAX_HEAD} bytes.")


def _segments(request: Request) -> tuple[str, ...]:
    """The decoded path segments after `/services/data`; an encoded slash stays inside its segment."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    parts = raw.partition(b"?")[0].decode("ascii", errors="replace").strip("/").split("/")[_PREFIX_SEGMENTS:]
    return tuple(unquote(part) for part in parts if part)


def _json(request: Request, raw: bytes) -> object:
    if not raw.strip() or request.method in ("GET", "HEAD", "DELETE"):
        return None
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind in _FILES and _segments(request)[1:2] == ("jobs",):
        return None
    if kind in ("application/xml", "text/xml"):
        return read_record(raw)
    if kind != "application/json":
        raise ApiError(
            "UNSUPPORTED_MEDIA_TYPE", f"Content-Type header specified in HTTP request is not supported: {kind}"
        )
    try:
        return json.loads(raw.decode("utf-8"), parse_float=Decimal, parse_constant=_not_a_number)
    except UnicodeDecodeError:
        raise ApiError("JSON_PARSER_ERROR", "Invalid UTF-8 in the request body") from None
    except json.JSONDecodeError as error:
        message = f"{error.msg} at [line:{error.lineno}, column:{error.colno}]"
        raise ApiError("JSON_PARSER_ERROR", message) from None
    except (ValueError, RecursionError):
        raise ApiError("JSON_PARSER_ERROR", "a number is too long or the nesting too deep") from None


def _not_a_number(name: str) -> object:
    raise ApiError("JSON_PARSER_ERROR", f"Non-standard token '{name}': a number is expected")


def _print(body: object, *, pretty: bool) -> bytes:
    try:
        return orjson.dumps(body, option=orjson.OPT_INDENT_2 if pretty else 0)
    except orjson.JSONEncodeError:
        # An error message may quote half a surrogate pair that the client sent; only the escaping printer can.
        return json.dumps(body, default=float).encode("ascii")
