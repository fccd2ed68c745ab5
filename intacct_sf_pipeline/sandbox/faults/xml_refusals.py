"""Refusals of the sandbox's own making, in the shapes of Intacct's XML gateway.

Source: intacct-xml.md sections 3.4, 3.5, 3.8 and 8.4.
"""

from __future__ import annotations

from html import escape

from intacct_sf_pipeline.sandbox.faults.rules import FaultRule

Headers = list[tuple[str, str]]
_CONTENT_TYPE = ("content-type", 'text/xml; encoding="UTF-8";charset=UTF-8')
_LIMIT = "API rate limit exceeded [Request ID: SIM:0]"
_CODES = {400: "GW-0011", 401: "XMLGW_JPP0002", 429: "GW-0010"}
_DEFAULT_STATUS = 500
_FIRST_OF_SERVER = 500


def xml_refusal(rule: FaultRule) -> tuple[int, Headers, bytes]:
    """Return status, headers and body of a rule's refusal; most are worded by the edge before the application."""
    if rule.fault == "throttle_text":
        return 200, [_CONTENT_TYPE], _body("GW-0010", _LIMIT)
    if rule.fault == "throttle":
        return 429, [_CONTENT_TYPE, ("retry-after", str(rule.retry_after))], _body("GW-0010", _LIMIT)
    status = rule.status or _DEFAULT_STATUS
    headers = [*rule.headers]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(_CONTENT_TYPE)
    if isinstance(rule.body, str):
        return status, headers, rule.body.encode("utf-8")
    code = rule.code or ("GW-0001" if status >= _FIRST_OF_SERVER else _CODES.get(status, "GW-0011"))
    return status, headers, _body(code, rule.message or "The sandbox was told to fail here.")


def _body(code: str, text: str) -> bytes:
    error = f"<error><errorno>{escape(code)}</errorno><description>{escape(text)}</description></error>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<response><control><status>failure</status></control>'
        f"<errormessage>{error}</errormessage></response>"
    ).encode()
