"""Requests: control, authentication, functions, in the order the schema wants. Source: web services, requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from pydantic import SecretStr

from intacct_sf_pipeline.connectors.intacct.xml.document import element, render
from intacct_sf_pipeline.connectors.intacct.xml.options import IntacctXmlOptions

LONGEST_CONTROL_ID = 256
"""Source: vendor SDKs."""


@dataclass(frozen=True)
class Function:
    """One function: its control id, by which its result is found and, in unique writes, known again; and the call."""

    control_id: str
    call: Element


@dataclass(frozen=True)
class Request:
    """What one request asks for.

    `unique`: functions whose control id was completed before are not run again. `transaction`: all or none.
    """

    functions: Sequence[Function]
    unique: bool = False
    transaction: bool = False


def login(options: IntacctXmlOptions) -> Element:
    """Authentication by user and password; the order of the children matters."""
    return element(
        "login",
        None,
        element("userid", options.user_id),
        element("companyid", options.company_id),
        element("password", options.user_password.get_secret_value()),
    )


def session(session_id: SecretStr) -> Element:
    """Authentication by a session."""
    return element("sessionid", session_id.get_secret_value())


def document(options: IntacctXmlOptions, request: Request, authentication: Element, control_id: str) -> bytes:
    """A request in UTF-8. It holds secrets: it is sent, never logged or kept."""
    control = element(
        "control",
        None,
        element("senderid", options.sender_id),
        element("password", options.sender_password.get_secret_value()),
        element("controlid", control_id),
        element("uniqueid", _flag(request.unique)),
        element("dtdversion", "3.0"),
        element("includewhitespace", "false"),
    )
    functions = (element("function", None, f.call, controlid=f.control_id) for f in request.functions)
    operation = element(
        "operation",
        None,
        element("authentication", None, authentication),
        element("content", None, *functions),
        transaction=_flag(request.transaction),
    )
    return render(element("request", None, control, operation))


def _flag(value: bool) -> str:
    return "true" if value else "false"
