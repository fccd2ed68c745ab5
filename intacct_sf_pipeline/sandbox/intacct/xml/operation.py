"""Runs the functions of one operation, one after the other: each once (`uniqueid`), all or none (`transaction`).

Source: the XML reference, 2.4, 8.1 and 8.2. What the reply to a repeated control id looks like, and whether functions
after the culprit of a transaction appear, is UNCONFIRMED: switches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from intacct_sf_pipeline.sandbox.intacct.wire.messages import KeyUse
from intacct_sf_pipeline.sandbox.intacct.xml.calls import (
    ErrorEntry,
    FunctionCall,
    FunctionResult,
    Handler,
    Status,
    XmlFault,
)
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import ROLLED_BACK

_ROLLED_BACK = ErrorEntry(
    ROLLED_BACK, "", "The entire transaction in this operation has been rolled back due to an error."
)


class _RolledBack(Exception):  # noqa: N818 - a signal inside this module, never an error a caller sees
    """Undoes an operation."""


def run_operation(
    calls: Sequence[FunctionCall], handlers: Mapping[str, Handler], *, transaction: bool
) -> list[FunctionResult]:
    """The results of the functions, in the order of the request; one for each unless a switch says otherwise.

    Args:
        calls: the functions; every name is in `handlers` (the frame refuses others as schema faults).
        handlers: tag of a call -> its handler.
        transaction: all or nothing.
    """
    if transaction:
        return _all_or_nothing(calls, handlers)
    results = []
    for call in calls:
        result, fresh = _once(call, handlers[call.name], ())
        results.append(result)
        if fresh:
            _remember(call, result)
    return results


def run_function(call: FunctionCall, handler: Handler) -> FunctionResult:
    """The handler's result; a fault becomes a failure."""
    try:
        return handler(call)
    except XmlFault as fault:
        return call.failed(fault)


def _once(call: FunctionCall, handler: Handler, earlier: Sequence[FunctionResult]) -> tuple[FunctionResult, bool]:
    """The result of a function, and whether it has run now; `earlier` completed in the same transaction."""
    company = call.company
    if call.unique and company.options.idempotency_supported and call.keys is not KeyUse.IGNORED:
        hours, now = company.options.xml.control_id_hours, company.store.steady()
        known = next((result for result in earlier if result.control_id == call.control_id), None)
        known = known or call.state.completed.find(call.sender_id, call.control_id, now, hours)
        if known is not None:
            return _repeated(call, known), False
    return run_function(call, handler), True


def _remember(call: FunctionCall, result: FunctionResult) -> None:
    """Keeps what completed; a service that died in the middle (`cut_off`) remembers nothing."""
    if call.unique and result.status is Status.SUCCESS and not call.gate.cut:
        call.state.completed.keep(call.sender_id, result, call.company.store.steady())


def _repeated(call: FunctionCall, known: FunctionResult) -> FunctionResult:
    """The answer to a control id that has completed: nothing is run again."""
    manner = call.company.options.xml.repeated_control_id
    if manner == "stored" and call.keys is not KeyUse.FORGOTTEN:
        return replace(known, function=call.name)
    if manner == "silent" and call.keys is not KeyUse.FORGOTTEN:
        return call.answer()
    text = f"Duplicate control ID {call.control_id}: a function with this control ID was already processed"
    support_id = call.state.support_ids.next()
    error = ErrorEntry("BL01001973", "", f"{text} [Support ID: {support_id}]", "Use a unique control ID.")
    return call.failed(XmlFault([error]))


def _all_or_nothing(calls: Sequence[FunctionCall], handlers: Mapping[str, Handler]) -> list[FunctionResult]:
    results: list[FunctionResult] = []
    fresh: list[tuple[FunctionCall, FunctionResult]] = []
    meter = calls[0].company.transactions
    counted = (meter.records_written, meter.by_object.copy())
    try:
        with calls[0].company.store.transaction():
            for call in calls:
                result, ran = _once(call, handlers[call.name], [done for _, done in fresh])
                results.append(result)
                if result.status is not Status.SUCCESS:
                    raise _RolledBack
                if ran:
                    fresh.append((call, result))
    except _RolledBack:
        meter.records_written, meter.by_object = counted
        return _rolled_back(calls, results[-1], len(results) - 1)
    for call, result in fresh:
        _remember(call, result)
    return results


def _rolled_back(calls: Sequence[FunctionCall], culprit: FunctionResult, place: int) -> list[FunctionResult]:
    """The results of an operation taken back. Source: the XML reference, 8.2; `aborted` in the vendor's SDK tests."""
    options = calls[0].company.options.xml
    own = (*culprit.errors, _ROLLED_BACK) if options.culprit_aborted else culprit.errors
    shown = []
    for position, call in enumerate(calls):
        bare = FunctionResult(call.name, call.control_id)
        if position == place:
            shown.append(bare.with_status(Status.ABORTED if options.culprit_aborted else Status.FAILURE, own))
        elif position < place or not options.transaction_stops:
            shown.append(bare.with_status(Status.ABORTED, [_ROLLED_BACK]))
    return shown
