"""Reads a request: control, operations, authentication, functions; refuses what the schema does not allow.

Source: the reference, 2.1 and 2.2. What a function's own element must look like is known to the checks in `handlers`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.xml.reading import NotXmlError, read
from intacct_sf_pipeline.sandbox.intacct.xml.schema_check import (
    Child,
    boolean,
    filled,
    in_order,
    one_of,
    one_word,
    optional,
    unexpected,
)
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import schema_faults

FunctionCheck = Callable[[Element], list[str]]
"""Findings about a call's element."""


@dataclass(frozen=True)
class Control:
    """The `control` of a request; `debug` and `policyid` are kept out of everything else."""

    sender_id: str = ""
    password: str = field(default="", repr=False)
    control_id: str = ""
    unique: bool = True
    unique_text: str | None = None
    dtd_version: str | None = None
    policy_id: str = ""
    whitespace: bool = True
    more_error_info: bool = False


@dataclass(frozen=True)
class Login:
    """A login by user and password; `location_id` None: the top level."""

    user_id: str
    company_id: str
    password: str = field(repr=False)
    location_id: str | None = None


@dataclass(frozen=True)
class Function:
    """One `function`: its control id and the call's element."""

    control_id: str
    call: Element


@dataclass(frozen=True)
class Operation:
    """One `operation`; exactly one of `login` and `session_id` is given."""

    login: Login | None
    session_id: str | None = field(repr=False)
    functions: tuple[Function, ...]
    transaction: bool


@dataclass(frozen=True)
class Envelope:
    """A request that fits the schema."""

    control: Control
    operations: tuple[Operation, ...]


def parse(body: bytes) -> Element:
    """The root element of a request.

    Raises:
        ControlFault: `XL03000003`, no well-formed XML, or with a document type declaration.
    """
    try:
        return read(body)
    except NotXmlError as error:
        raise schema_faults([str(error)], malformed=True) from None


def open_envelope(request: Element, check_function: FunctionCheck) -> Envelope:
    """The parts of a request.

    Raises:
        ControlFault: one `XL03000003` per finding of the schema.
    """

    def check_call(function: Element) -> list[str]:
        return _check_function(function, check_function)

    content = Child("content", 1, None, lambda found: in_order(found, Child("function", 1, None, check_call)))

    def check_operation(operation: Element) -> list[str]:
        findings = in_order(operation, Child("authentication", check=_check_authentication), content)
        transaction = operation.get("transaction", "false")
        if transaction not in ("true", "false"):
            findings.append(f"Attribute 'transaction': The value '{transaction}' is not 'true' or 'false'.")
        return findings

    if request.tag != "request":
        raise schema_faults([f"Element '{request.tag}': No matching global declaration available."])
    findings = in_order(request, Child("control", check=_check_control), Child("operation", 1, None, check_operation))
    if findings:
        raise schema_faults(findings)
    return Envelope(read_control(request), tuple(_operation(found) for found in request.findall("operation")))


def read_control(request: Element | None) -> Control:
    """The `control` of a request as far as it can be read, so that a refusal can echo it."""
    control = request.find("control") if request is not None else None
    if control is None:
        return Control()
    unique = control.findtext("uniqueid")
    return Control(
        _text(control, "senderid"),
        _text(control, "password"),
        _text(control, "controlid"),
        (unique or "").strip() != "false",
        unique.strip() if unique is not None else None,
        control.findtext("dtdversion"),
        _text(control, "policyid"),
        _text(control, "includewhitespace") != "false",
        _text(control, "showadditionalerrorinfo") == "true",
    )


def _check_control(control: Element) -> list[str]:
    return in_order(
        control,
        Child("senderid", check=filled),
        optional("password"),
        Child("controlid", check=filled),
        optional("uniqueid", boolean),
        Child("dtdversion", check=one_word("3.0", "2.1")),
        optional("policyid"),
        optional("debug"),
        optional("includewhitespace", boolean),
        optional("showadditionalerrorinfo", boolean),
    )


def _check_authentication(authentication: Element) -> list[str]:
    return one_of(authentication, Child("login", check=_check_login), Child("sessionid", check=filled))


def _check_login(login: Element) -> list[str]:
    return in_order(
        login,
        Child("userid"),
        Child("companyid"),
        Child("password"),
        optional("clientid"),
        optional("locationid"),
    )


def _check_function(function: Element, check: FunctionCheck) -> list[str]:
    findings = [] if function.get("controlid") else ["Element 'function': The attribute 'controlid' is required."]
    calls = list(function)
    if not calls:
        return [*findings, "Element 'function': Missing child element(s)."]
    if len(calls) > 1:
        return [*findings, unexpected(calls[1].tag, ())]
    return findings + check(calls[0])


def _operation(operation: Element) -> Operation:
    authentication = operation.find("authentication")
    login = authentication.find("login") if authentication is not None else None
    session = authentication.findtext("sessionid") if authentication is not None else None
    functions = tuple(
        Function(function.get("controlid", ""), function[0]) for function in operation.findall("content/function")
    )
    transaction = operation.get("transaction") == "true"
    return Operation(None if login is None else _login(login), session and session.strip(), functions, transaction)


def _login(login: Element) -> Login:
    return Login(
        _text(login, "userid"), _text(login, "companyid"), _text(login, "password"), _text(login, "locationid") or None
    )


def _text(parent: Element, name: str) -> str:
    return (parent.findtext(name) or "").strip()
