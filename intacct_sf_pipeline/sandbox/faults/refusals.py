"""Refusals of the sandbox's own making, in the shapes of either vendor.

Source: salesforce.md section 4; intacct-rest.md sections 3.2, 3.3, 8 and 10.
"""

from __future__ import annotations

import json

from intacct_sf_pipeline.sandbox.faults.rules import FaultRule
from intacct_sf_pipeline.sandbox.faults.xml_refusals import xml_refusal

_PROXY_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head>"
    b"<body><h1>Service Unavailable</h1><p>The server is temporarily unable to serve you.</p></body></html>\n"
)
_AS_HTML = ("content-type", "text/html; charset=utf-8")
_FIRST_OF_CDN = 520
"""Intacct's content delivery network answers with statuses of its own from here on, 524 among them (xml.md 3.8)."""

_DEFAULT_STATUS = 500
_SALESFORCE_CODES = {
    400: "UNABLE_TO_LOCK_ROW",
    401: "INVALID_SESSION_ID",
    403: "REQUEST_LIMIT_EXCEEDED",
    404: "NOT_FOUND",
    500: "UNKNOWN_EXCEPTION",
    503: "SERVER_UNAVAILABLE",
}

Headers = list[tuple[str, str]]


def refusal(rule: FaultRule, *, xml: bool = False) -> tuple[int, Headers, bytes]:
    """Return status, headers and body of a rule's refusal in the shape of its service, or of Intacct's XML gateway."""
    if rule.fault == "html_503":
        return 503, [_AS_HTML, ("retry-after", "1")], _PROXY_PAGE
    if rule.fault == "cdn_page" or _from_cdn(rule):
        return rule.status or 503, [_AS_HTML, *rule.headers], _cdn_page(rule.status or 503)
    if xml:
        return xml_refusal(rule)
    as_json = ("content-type", "application/json;charset=UTF-8")
    if rule.fault in ("throttle", "throttle_text"):
        return _throttled(rule, as_json)
    status = rule.status or _DEFAULT_STATUS
    headers = [*rule.headers]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(as_json)
    if isinstance(rule.body, str):
        return status, headers, rule.body.encode("utf-8")
    body = rule.body if rule.body is not None else _error_body(rule, status)
    return status, headers, json.dumps(body).encode("utf-8")


def _from_cdn(rule: FaultRule) -> bool:
    status = rule.status or 0
    return rule.service == "intacct" and rule.body is None and _FIRST_OF_CDN <= status < _FIRST_OF_CDN + 10


def _cdn_page(status: int) -> bytes:
    """A page of the content delivery network; clients know it by `cf-error-details`."""
    title = "A timeout occurred" if status == 524 else "Web server is returning an unknown error"
    return (
        f"<!DOCTYPE html>\n<html><head><title>{status}: {title}</title></head><body>"
        f'<div id="cf-wrapper"><div id="cf-error-details"><h1>Error {status}</h1><p>{title}</p></div></div>'
        "</body></html>\n"
    ).encode()


def _throttled(rule: FaultRule, as_json: tuple[str, str]) -> tuple[int, Headers, bytes]:
    if rule.fault == "throttle_text":
        return 200, [as_json], json.dumps(_gateway_body("GW-0010", "API rate limit exceeded")).encode()
    if rule.service == "salesforce":
        text = "TotalRequests Limit exceeded."
        return 403, [as_json], json.dumps([{"message": text, "errorCode": "REQUEST_LIMIT_EXCEEDED"}]).encode()
    limits = [
        ("X-IA-Throttle-Limit", "6"),
        ("X-IA-Throttle-Limit-Remaining", "0"),
        ("X-IA-Throttle-Limit-RetryAfter", str(rule.retry_after)),
    ]
    return 429, [as_json, *limits], json.dumps(_gateway_body("GW-0010", "API rate limit exceeded")).encode()


def _error_body(rule: FaultRule, status: int) -> object:
    if rule.service == "salesforce":
        code = rule.code or _SALESFORCE_CODES.get(status, "UNKNOWN_EXCEPTION")
        return [{"message": rule.message or "The sandbox was told to fail here.", "errorCode": code}]
    message = rule.message or "The sandbox was told to fail here."
    if status >= 500 or status in (401, 429):
        gateway = {401: "GW-0031", 429: "GW-0010"}.get(status, "GW-0001")
        return _gateway_body(rule.code or gateway, message)
    error = {"code": rule.code or "operationFailed", "message": message, "errorId": "REST-7001", "supportId": "SIM%7E1"}
    return {"ia::result": {"ia::error": error}, "ia::meta": {"totalCount": 1, "totalSuccess": 0, "totalError": 1}}


def _gateway_body(code: str, message: str) -> dict[str, object]:
    return {"ia::error": {"code": code, "message": message, "details": {"requestId": "SIM:1"}}}
