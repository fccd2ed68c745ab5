"""Envelopes: from a SOAP request to a SOAP answer, sessions and faults included.

Source: salesforce.md section 2.3 (envelope and fault shapes); SOAP API Guide, Core Data Types (ApiFault).
"""

from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Reply
from intacct_sf_pipeline.sandbox.salesforce.rest.versions import read_version
from intacct_sf_pipeline.sandbox.salesforce.soap.calls import OPERATIONS, SoapCall
from intacct_sf_pipeline.sandbox.salesforce.soap.login import LOGIN_CODES, login
from intacct_sf_pipeline.sandbox.salesforce.soap.xml import XmlError, child, leaf, local, read, tag, text

NAMES = {"u": "partner", "c": "enterprise"}
LOGIN, LOGOUT = "login", "logout"
_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}Envelope"
_FAULT_TYPES = {"INVALID_SESSION_ID": "UnexpectedErrorFault", "INVALID_ID_FIELD": "InvalidIdFault"}


class _EnvelopeError(Exception):
    """The envelope is wrong: answered by a fault of the SOAP layer, not of the service."""


def answer(org: SalesforceOrg, door: str, version: str, body: bytes, base_url: str = "") -> Reply:
    """The answer to one POST on `/services/Soap/<door>/<version>`; faults are answers too (HTTP 500).

    `base_url` is the org's own address, which `login` hands out.
    """
    name = NAMES[door]
    try:
        operation, header = _opened(body)
        version = read_version(f"v{version}")
        if local(operation) == LOGIN:
            response = tag("loginResponse", login(org, operation, door, version, base_url))
            return _reply(200, _envelope(f'xmlns="urn:{name}.soap.sforce.com"', tag("soapenv:Body", response)))
        user = _user(org, header)
        org.meter.charge(1)
        call = SoapCall(org, user, operation, text(child(child(header, "AllOrNoneHeader"), "allOrNone")) == "true")
        results = "".join(OPERATIONS[local(operation)](call))
        if local(operation) == LOGOUT:
            org.sessions.revoke(_token(header))
        response = tag(f"{local(operation)}Response", results)
        return _reply(200, _success(org, name, response))
    except ApiError as error:
        return _reply(500, _fault(name, error))
    except _EnvelopeError as error:
        return _reply(500, _soap_fault(str(error)))


def _opened(body: bytes) -> tuple[Element, Element | None]:
    """The operation's element and the header of an envelope."""
    try:
        envelope = read(body)
    except XmlError as error:
        raise _EnvelopeError(f"Unable to parse the request: {error}") from None
    body_element = child(envelope, "Body")
    operations = [] if body_element is None else list(body_element)
    if envelope.tag != _ENVELOPE or len(operations) != 1:
        raise _EnvelopeError("a SOAP envelope with one operation in its body is expected")
    if local(operations[0]) not in (LOGIN, *OPERATIONS):
        raise _EnvelopeError(f"No operation available for request {operations[0].tag}")
    return operations[0], child(envelope, "Header")


def _user(org: SalesforceOrg, header: Element | None) -> User:
    try:
        return org.sessions.user_of(_token(header))
    except ApiError as error:
        if error.code != "INVALID_SESSION_ID":
            raise
        message = "Invalid Session ID found in SessionHeader: Illegal Session"
        raise ApiError("INVALID_SESSION_ID", message) from None


def _token(header: Element | None) -> str:
    return text(child(child(header, "SessionHeader"), "sessionId"))


def _success(org: SalesforceOrg, name: str, response: str) -> str:
    limit = leaf("current", org.meter.used) + leaf("limit", org.meter.quota) + leaf("type", "API REQUESTS")
    header = tag("LimitInfoHeader", tag("limitInfo", limit))
    return _envelope(
        f'xmlns="urn:{name}.soap.sforce.com"',
        f"<soapenv:Header>{header}</soapenv:Header><soapenv:Body>{response}</soapenv:Body>",
    )


def _fault(name: str, error: ApiError) -> str:
    kind = "LoginFault" if error.code in LOGIN_CODES else _FAULT_TYPES.get(error.code, "UnexpectedErrorFault")
    detail = leaf("sf:exceptionCode", error.code) + leaf("sf:exceptionMessage", error.message)
    inner = (
        leaf("faultcode", f"sf:{error.code}")
        + leaf("faultstring", f"{error.code}: {error.message}")
        + tag("detail", f'<sf:{kind} xsi:type="sf:{kind}">{detail}</sf:{kind}>')
    )
    body = tag("soapenv:Body", tag("soapenv:Fault", inner))
    return _envelope(f'xmlns:sf="urn:fault.{name}.soap.sforce.com"', body)


def _soap_fault(message: str) -> str:
    inner = leaf("faultcode", "soapenv:Client") + leaf("faultstring", message)
    return _envelope("", tag("soapenv:Body", tag("soapenv:Fault", inner)))


def _envelope(names: str, content: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {names}>{content}</soapenv:Envelope>'
    )


def _reply(status: int, envelope: str) -> Reply:
    return Reply(status, raw=envelope.encode("utf-8"), headers={"Content-Type": "text/xml;charset=UTF-8"})
