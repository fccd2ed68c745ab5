"""Renders replies: the envelopes of success and of the failures at each level.

Source: the reference, 3.1 to 3.7 and 1 (content type). `includewhitespace` and `showadditionalerrorinfo` are heeded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.xml.elements import branch, leaf, serialized
from intacct_sf_pipeline.sandbox.intacct.xml.envelope import Control
from intacct_sf_pipeline.sandbox.intacct.xml.results import AdditionalInfo, ErrorEntry, FunctionResult
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import AuthenticationFault, ControlFault, EdgeFault

CONTENT_TYPE = 'text/xml; encoding="UTF-8";charset=UTF-8'
"""As recorded live in 2026 (public recordings of hotgluexyz/tap-intacct); without `charset` clients of Python's
`requests` that ask for text take the body for Latin-1.
"""


@dataclass(frozen=True)
class XmlReply:
    """One HTTP answer of this door."""

    status: int
    body: bytes
    content_type: str = CONTENT_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Authenticated:
    """What `authentication` tells after a successful sign-in; `timeout` None: not told."""

    user_id: str
    company_id: str
    location_id: str
    timestamp: str
    timeout: str | None


def response(control: Control, operations: Sequence[Element], status: int = 200) -> XmlReply:
    """The envelope around operations that were at least authenticated or refused."""
    root = branch("response", [_control(control, "success"), *operations])
    return XmlReply(status, _rendered(root, control.whitespace))


def operation(who: Authenticated, results: Sequence[FunctionResult], control: Control) -> Element:
    """One operation whose functions ran."""
    told = [
        leaf("status", "success"),
        leaf("userid", who.user_id),
        leaf("companyid", who.company_id),
        leaf("locationid", who.location_id),
        leaf("sessiontimestamp", who.timestamp),
    ]
    if who.timeout is not None:
        told.append(leaf("sessiontimeout", who.timeout))
    shown = [_result(result, control) for result in results]
    return branch("operation", [branch("authentication", told), *shown])


def refused_operation(fault: AuthenticationFault, control: Control) -> Element:
    """One operation that failed to authenticate. Source: the reference, 3.6."""
    told = [leaf("status", "failure"), leaf("userid", fault.user_id), leaf("companyid", fault.company_id)]
    return branch("operation", [branch("authentication", told), _errors([fault.error], control)])


def control_failure(fault: ControlFault, control: Control) -> XmlReply:
    """Nothing ran. Source: the reference, 3.4."""
    root = branch("response", [_control(control, "failure"), _errors(fault.errors, control)])
    return XmlReply(fault.status, _rendered(root, control.whitespace))


def edge_failure(fault: EdgeFault) -> XmlReply:
    """Refused by the edge. Source: the reference, 3.5."""
    return XmlReply(fault.status, edge_body(fault.code, fault.text), headers=fault.headers)


def edge_body(code: str, text: str) -> bytes:
    """The body of a refusal by the edge: `control` holds only `status`."""
    error = branch("error", [leaf("errorno", code), leaf("description", text)])
    control = branch("control", [leaf("status", "failure")])
    return _rendered(branch("response", [control, branch("errormessage", [error])]), whitespace=True)


def _control(control: Control, status: str) -> Element:
    told = [leaf("status", status), leaf("senderid", control.sender_id), leaf("controlid", control.control_id)]
    if control.dtd_version is not None:
        told.append(leaf("uniqueid", "true" if control.unique else "false"))
        told.append(leaf("dtdversion", control.dtd_version))
    return branch("control", told)


def _result(result: FunctionResult, control: Control) -> Element:
    shown = [
        leaf("status", result.status),
        leaf("function", result.function),
        leaf("controlid", result.control_id),
    ]
    if result.list_type is not None:
        counted = leaf("listtype", result.list_type.name)
        for name in ("start", "end", "total"):
            counted.set(name, str(getattr(result.list_type, name)))
        shown.append(counted)
    if result.key is not None:
        shown.append(leaf("key", result.key))
    if result.data is not None:
        data = branch("data", result.data.children)
        data.attrib.update(result.data.attributes)
        shown.append(data)
    if result.errors:
        shown.append(_errors(result.errors, control))
    return branch("result", shown)


def _errors(errors: Iterable[ErrorEntry], control: Control) -> Element:
    return branch("errormessage", [_error(error, control) for error in errors])


def _error(error: ErrorEntry, control: Control) -> Element:
    told = [] if error.errorno is None else [leaf("errorno", error.errorno)]
    told += [
        leaf("description", error.description),
        leaf("description2", error.description2),
        leaf("correction", error.correction),
    ]
    if control.more_error_info:
        told.append(_info(error.info or AdditionalInfo()))
    return branch("error", told)


def _info(info: AdditionalInfo) -> Element:
    """Element names are UNCONFIRMED. Source: the reference, 2.1."""
    placeholders = [
        branch("placeholder", [leaf("name", name), leaf("value", value)]) for name, value in info.placeholders.items()
    ]
    return branch(
        "additionalinfo",
        [
            leaf("errorid", info.errorid),
            leaf("category", info.category),
            leaf("target", info.target),
            leaf("descriptionid", info.description_id),
            leaf("description2id", info.description2_id),
            leaf("correctionid", info.correction_id),
            branch("placeholders", placeholders),
        ],
    )


def _rendered(root: Element, whitespace: bool) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{serialized(root, whitespace=whitespace)}'.encode()
