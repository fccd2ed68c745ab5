"""From the body of a request to its reply: schema, sender, sign-in, functions, in this order.

Source: the reference, 2 and 3: a fault at one level hides all below it. Used under the company's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.faults.disturbance import Disturbance
from intacct_sf_pipeline.sandbox.intacct.writes.actor import Actor
from intacct_sf_pipeline.sandbox.intacct.xml import reply
from intacct_sf_pipeline.sandbox.intacct.xml.calls import FunctionCall, Status
from intacct_sf_pipeline.sandbox.intacct.xml.door_state import DoorState
from intacct_sf_pipeline.sandbox.intacct.xml.envelope import (
    Control,
    Envelope,
    Operation,
    open_envelope,
    parse,
    read_control,
)
from intacct_sf_pipeline.sandbox.intacct.xml.formats import Formats, user_formats
from intacct_sf_pipeline.sandbox.intacct.xml.handlers import HANDLERS, check_function
from intacct_sf_pipeline.sandbox.intacct.xml.operation import run_operation
from intacct_sf_pipeline.sandbox.intacct.xml.result_sets import ResultSets
from intacct_sf_pipeline.sandbox.intacct.xml.schema.catalog import XmlSchema
from intacct_sf_pipeline.sandbox.intacct.xml.spoiling import spoiled
from intacct_sf_pipeline.sandbox.intacct.xml.targets import object_of, records_of
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import (
    AuthenticationFault,
    ControlFault,
    invalid_tenant,
    no_policy,
    sender_not_authorised,
    unauthorised_http,
    wrong_sender,
)
from intacct_sf_pipeline.sandbox.intacct.xml.xml_sessions import XmlSession


@dataclass
class Seen:
    """What the request log is told of a request; never a secret or a record's content."""

    object_name: str | None = None
    user: str | None = None
    entity: str | None = None
    functions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Caller:
    """Where a request came in, and what disturbs it."""

    endpoint: str
    pod: int
    seen: Seen
    trouble: Disturbance


class Gateway:
    """The gateway of one company."""

    def __init__(self, company: IntacctCompany) -> None:
        """Args: the company."""
        self._company = company
        self._state = DoorState(XmlSchema(company.store), ResultSets(company.store.steady))
        self._request_ids = count(1)

    def request_id(self) -> str:
        """An id as refusals of the edge carry it."""
        return f"SIM:{next(self._request_ids)}"

    def answer(self, body: bytes, endpoint: str, pod: int, seen: Seen, trouble: Disturbance) -> reply.XmlReply:
        """The reply to one request body.

        Args:
            body: as sent.
            endpoint: address the request came in at.
            pod: which of the company's endpoints that is.
            seen: filled in for the log.
            trouble: the faults of this request.

        Raises:
            EdgeFault: refused by the edge.
        """
        request: Element | None = None
        try:
            request = parse(body)
            options = self._company.options.xml
            envelope = open_envelope(request, lambda call: check_function(call, options))
            self._admit(envelope.control)
        except ControlFault as fault:
            return reply.control_failure(fault, read_control(request))
        caller = _Caller(endpoint, pod, seen, trouble)
        self._announce(envelope, caller)
        with trouble.lateness():
            return self._run(envelope, caller)

    def _admit(self, control: Control) -> None:
        """Checks the sender.

        Raises:
            ControlFault, EdgeFault: as the switch `wrong_sender` says; asynchronous delivery is not offered.
        """
        if not self._company.xml_sessions.knows_sender(control.sender_id, control.password):
            manner = self._company.options.xml.wrong_sender
            if manner == "gateway":
                raise invalid_tenant(self.request_id())
            raise unauthorised_http() if manner == "unauthorized" else wrong_sender()
        if control.policy_id:
            raise no_policy(control.policy_id)

    def _announce(self, envelope: Envelope, caller: _Caller) -> None:
        """Tells the log and the faults what the request is about."""
        calls = [function.call for operation in envelope.operations for function in operation.functions]
        caller.seen.functions.extend(call.tag for call in calls)
        about = next((found for call in calls if (found := object_of(self._state.schema, call)) is not None), None)
        caller.seen.object_name = None if about is None else about.store_name or about.name
        spec = None if about is None else self._company.store.catalog.get(about.store_name)
        caller.trouble.meet(sum(records_of(call) for call in calls), spec)
        if caller.trouble.has("expire_results"):
            self._state.results.expire()
        if caller.trouble.has("endpoint_change"):
            self._company.xml_sessions.move()

    def _run(self, envelope: Envelope, caller: _Caller) -> reply.XmlReply:
        control, shown, raw = envelope.control, [], []
        for operation in envelope.operations:
            try:
                session = self._sign_in(operation, caller, control)
            except AuthenticationFault as fault:
                shown.append(reply.refused_operation(fault, control))
                continue
            calls = self._calls(operation, session, control, caller)
            done = run_operation(calls, HANDLERS, transaction=operation.transaction)
            results = spoiled(done, caller.trouble.hits)
            raw += [result.raw for result in results if result.status is Status.SUCCESS]
            shown.append(reply.operation(self._authenticated(session), results, control))
        bodies = [body for body in raw if body is not None]
        if bodies and len(bodies) == sum(len(operation.functions) for operation in envelope.operations):
            return reply.XmlReply(200, b"".join(body.body for body in bodies), bodies[0].content_type)
        return reply.response(control, shown)

    def _sign_in(self, operation: Operation, caller: _Caller, control: Control) -> XmlSession:
        sessions, options = self._company.xml_sessions, self._company.options.xml
        login = operation.login
        if (
            login is not None
            and options.unknown_company == "gateway"
            and login.company_id != sessions.access.company_id
        ):
            raise invalid_tenant(self.request_id())
        session = (
            sessions.sign_in(login) if login is not None else sessions.resume(operation.session_id or "", caller.pod)
        )
        if not options.sender_authorised:
            raise sender_not_authorised(control.sender_id, session.user_id, sessions.access.company_id)
        caller.seen.user, caller.seen.entity = session.user_id, session.entity_key
        return session

    def _calls(
        self, operation: Operation, session: XmlSession, control: Control, caller: _Caller
    ) -> Sequence[FunctionCall]:
        actor = Actor(session.user_key, session.user_id, session.entity_key, "api", control.sender_id)
        formats: Formats = user_formats(self._company.options.xml)
        return [
            FunctionCall(
                self._company,
                self._state,
                function.call.tag,
                function.call,
                function.control_id,
                actor,
                session,
                control.sender_id,
                self._company.xml_sessions.access.company_id,
                control.unique,
                operation.transaction,
                formats,
                caller.trouble.gate,
                caller.trouble.keys,
                caller.endpoint,
            )
            for function in operation.functions
        ]

    def _authenticated(self, session: XmlSession) -> reply.Authenticated:
        told = self._company.options.xml.session_timeout_told
        return reply.Authenticated(
            session.user_id,
            self._company.xml_sessions.access.company_id,
            session.location_id,
            session.started.isoformat(timespec="seconds"),
            session.ends.isoformat(timespec="seconds") if told else None,
        )
