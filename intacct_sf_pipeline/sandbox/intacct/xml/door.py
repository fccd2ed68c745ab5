"""The XML gateway over HTTP: `POST /ia/xml/xmlgw.phtml` and nothing else.

Here are only HTTP matters: the concurrency limit, bodies, headers, the request log. What a request says and who sends
it is settled in `gateway`. Source: the reference, 1 and 3.8.
"""

import asyncio
from email.utils import format_datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from intacct_sf_pipeline.sandbox.faults.plan import told
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.faults.disturbance import Disturbance
from intacct_sf_pipeline.sandbox.intacct.state.meter import RequestRecord
from intacct_sf_pipeline.sandbox.intacct.xml import reply
from intacct_sf_pipeline.sandbox.intacct.xml.gateway import Gateway, Seen
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import EdgeFault, rate_limited

PATH = "/ia/xml/xmlgw.phtml"
_ANY_METHOD = ["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "HEAD"]
_HTTP = 80
POD = "pod"
"""Query parameter of endpoints a company has moved to; the first endpoint has none."""


def create_route(company: IntacctCompany) -> Route:
    """The route of the XML door to a company; other methods than POST are answered 405."""
    return Route(PATH, _Door(company).answer, methods=_ANY_METHOD)


class _Door:
    """Answers HTTP requests for one company and counts those in flight."""

    def __init__(self, company: IntacctCompany) -> None:
        self._company = company
        self._gateway = Gateway(company)
        self._in_flight = 0

    async def answer(self, request: Request) -> Response:
        """Answers one HTTP request."""
        if request.method != "POST":
            return Response(status_code=405, headers={"Allow": "POST"})
        company = self._company
        arrived = company.store.now()
        trouble = Disturbance(company, told(request.scope))
        seen = Seen()
        self._in_flight += 1
        try:
            answered = await self._guarded(request, seen, trouble)
        except ClientDisconnect:
            answered = reply.XmlReply(400, b"")
        finally:
            self._in_flight -= 1
        company.requests.append(
            RequestRecord(
                arrived,
                request.method,
                request.url.path,
                answered.status,
                seen.object_name,
                seen.user,
                seen.entity,
                functions=tuple(seen.functions),
            )
        )
        headers = {
            "Date": format_datetime(company.store.now(), usegmt=True),
            "Content-Type": answered.content_type,
            **answered.headers,
        }
        company.store.clock.answered()
        return Response(answered.body, answered.status, headers)

    async def _guarded(self, request: Request, seen: Seen, trouble: Disturbance) -> reply.XmlReply:
        company = self._company
        try:
            if self._in_flight > company.options.xml.concurrency:
                raise rate_limited(self._gateway.request_id(), company.options.xml.throttle_retry_after)
            trouble.start()
            body = await request.body()
            if company.options.service_seconds:
                await asyncio.sleep(company.options.service_seconds)
            pod = request.query_params.get(POD, "0")
            with company.lock:
                return self._gateway.answer(
                    body, _endpoint(request), int(pod) if pod.isdecimal() else -1, seen, trouble
                )
        except EdgeFault as fault:
            return reply.edge_failure(fault)


def _endpoint(request: Request) -> str:
    """This door's address as the client called it, without the query string.

    A client that named no port came through something that ends TLS in front of this door, which has a port of its own.
    """
    url, server = request.url, request.scope.get("server")
    direct = url.port is not None or server is None or server[1] == _HTTP
    return f"{url.scheme if direct else 'https'}://{url.netloc}{url.path}"
