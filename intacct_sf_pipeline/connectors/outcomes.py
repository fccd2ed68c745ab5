"""From errors to outcomes: what a failed write means for each record, and how one bad record is kept from spoiling
its batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.engine.writing.worker import StoppedError
from intacct_sf_pipeline.model.errors import (
    AuthenticationError,
    DuplicateRecordError,
    OutcomeUnknownError,
    QuotaExceededError,
    ServiceError,
    TransientError,
    ValidationFailedError,
)
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus

Send = Callable[[Sequence[WriteRequest]], list[WriteOutcome]]


@dataclass(frozen=True)
class BatchResult:
    """The outcome of each request, in order; `fatal` is the error that makes further calls pointless for now."""

    outcomes: list[WriteOutcome]
    fatal: ServiceError | None = None


Step = Callable[[Sequence[WriteRequest]], BatchResult]


def outcome_of(request: WriteRequest, error: ServiceError) -> WriteOutcome:
    """What `error` means for one record: rejected, unknown, or not sent (no effect, may be tried again)."""
    if isinstance(error, OutcomeUnknownError):
        status = WriteStatus.UNKNOWN
    elif isinstance(error, TransientError | AuthenticationError | QuotaExceededError | StoppedError):
        status = WriteStatus.NOT_SENT
    else:
        status = WriteStatus.REJECTED
    return WriteOutcome(
        request.ref, status, key=request.key, error=error.reply, duplicate=isinstance(error, DuplicateRecordError)
    )


def send_isolated(requests: Sequence[WriteRequest], send: Send) -> BatchResult:
    """Send a batch; when the service refuses it as a whole for its content, halve it until the culprits stand alone.

    A refusal of the whole call had no effect, so sending the halves repeats nothing. An error that is no fault of the
    records (throttled, signed out, quota) ends the batch: what was not sent says so, and the error is given back as
    `fatal`.
    """
    if not requests:
        return BatchResult([])
    try:
        return BatchResult(send(requests))
    except ValidationFailedError as error:
        if len(requests) == 1:
            return BatchResult([outcome_of(requests[0], error)])
        return _halves(requests, send)
    except ServiceError as error:
        outcomes = [outcome_of(request, error) for request in requests]
        fatal = error if outcomes[0].status is WriteStatus.NOT_SENT else None
        return BatchResult(outcomes, fatal)


def _halves(requests: Sequence[WriteRequest], send: Send) -> BatchResult:
    middle = len(requests) // 2
    first = send_isolated(requests[:middle], send)
    if first.fatal is not None:
        fatal = first.fatal
        return BatchResult([*first.outcomes, *(outcome_of(request, fatal) for request in requests[middle:])], fatal)
    second = send_isolated(requests[middle:], send)
    return BatchResult([*first.outcomes, *second.outcomes], second.fatal)


def in_turn(requests: Sequence[WriteRequest], steps: Sequence[tuple[Sequence[WriteRequest], Step]]) -> BatchResult:
    """Run steps one after the other until one ends the work; outcomes in the order of `requests`, each of which is in
    one step.
    """
    outcomes: dict[str, WriteOutcome] = {}
    fatal: ServiceError | None = None
    for part, step in steps:
        if fatal is not None:
            outcomes.update((request.ref, outcome_of(request, fatal)) for request in part)
        elif part:
            result = step(part)
            outcomes.update((outcome.ref, outcome) for outcome in result.outcomes)
            fatal = result.fatal
    return BatchResult([outcomes[request.ref] for request in requests], fatal)
