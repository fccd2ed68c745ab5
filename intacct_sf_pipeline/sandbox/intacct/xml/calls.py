"""One function call as its handler gets it, and what a handler is.

The explicit table of handlers is `handlers.HANDLERS` (a module of its own, because it imports every handler and every
handler imports this). Values of answers are in `results` and may be imported from here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.faults.records import OPEN, RecordGate
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.wire.messages import KeyUse
from intacct_sf_pipeline.sandbox.intacct.writes.actor import Actor
from intacct_sf_pipeline.sandbox.intacct.xml.door_state import DoorState
from intacct_sf_pipeline.sandbox.intacct.xml.formats import Formats
from intacct_sf_pipeline.sandbox.intacct.xml.results import (
    AdditionalInfo,
    Data,
    ErrorEntry,
    FunctionResult,
    ListType,
    RawBody,
    Status,
    XmlFault,
)
from intacct_sf_pipeline.sandbox.intacct.xml.xml_sessions import XmlSession

__all__ = [
    "AdditionalInfo",
    "Data",
    "ErrorEntry",
    "FunctionCall",
    "FunctionResult",
    "Handler",
    "ListType",
    "RawBody",
    "Status",
    "XmlFault",
]


@dataclass(frozen=True)
class FunctionCall:
    """One `function` of an authenticated request.

    Attributes:
        company: the tenant; its lock is held while a handler runs.
        state: what the door keeps between requests (support ids, result sets, completed control ids).
        name: tag of the call: `query`, `create`, `create_customer`, ...
        element: the call's element; names without namespace.
        control_id: the function's `controlid`.
        actor: user and entity (`entity_key`, None for the top level) the session acts in; for `company.records`.
        session: who signed in; its `session_id` is None after a login without session.
        sender_id: the web services sender.
        company_id: the tenant's id as signed in to.
        unique: `control/uniqueid`.
        in_transaction: `operation@transaction`.
        formats: how dates are shown to and read from this user.
        gate: knows of records the service is told to refuse; ask once per record written, in order.
        keys: what becomes of a unique control id, as the service is told (HEEDED, IGNORED, FORGOTTEN).
        endpoint: this door's own address.
    """

    company: IntacctCompany
    state: DoorState
    name: str
    element: Element
    control_id: str
    actor: Actor
    session: XmlSession
    sender_id: str
    company_id: str
    unique: bool
    in_transaction: bool
    formats: Formats
    gate: RecordGate = OPEN
    keys: KeyUse = KeyUse.HEEDED
    endpoint: str = ""

    def text(self, name: str) -> str:
        """The text of a child without blanks around it; empty when there is none."""
        return (self.element.findtext(name) or "").strip()

    def answer(self, data: Data | None = None, *, key: str | None = None) -> FunctionResult:
        """A successful result."""
        return FunctionResult(self.name, self.control_id, data=data, key=key)

    def failed(self, fault: XmlFault) -> FunctionResult:
        """The result a fault makes."""
        return FunctionResult(self.name, self.control_id, Status.FAILURE, fault.data, errors=fault.errors)


Handler: TypeAlias = Callable[[FunctionCall], FunctionResult]
"""Answers one call or raises `XmlFault`; raises nothing else for what a client sends."""
