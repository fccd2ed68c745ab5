"""When a failed call is tried again and how long is waited before: jittered exponential, the service's own hints first.

Only `TransientError` is repeated. Whoever raises it vouches that the call had no effect; a write that may have been
executed is an `OutcomeUnknownError` and is never repeated here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type

from intacct_sf_pipeline.connectors.permit import pause
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.model.errors import ServiceError, ThrottledError, TransientError

T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RetryOptions:
    """How patient a connector is; all times in seconds.

    Args:
        attempts: calls at most, the first one included.
        first_wait: upper bound of the random wait after the first failure; it doubles each time.
        longest_wait: cap of that bound (a hint from the service may exceed it).
        budget: no new attempt is begun when the time spent and the next wait together would exceed this.
    """

    attempts: int = 6
    first_wait: float = 1.0
    longest_wait: float = 60.0
    budget: float = 300.0


class RetryPolicy:
    """Calls functions until they succeed, fail for good, or patience ends."""

    def __init__(self, options: RetryOptions, timing: Timing) -> None:
        self._options = options
        self._timing = timing

    def call(self, function: Callable[[], T]) -> T:
        """The result of `function`; its last `TransientError` when patience ends, any other error at once."""
        began = self._timing.monotonic()

        def spent(state: RetryCallState) -> bool:
            elapsed = self._timing.monotonic() - began
            too_late = elapsed + state.upcoming_sleep > self._options.budget
            return too_late or state.attempt_number >= self._options.attempts

        retrying = Retrying(
            retry=retry_if_exception_type(TransientError),
            wait=self._wait,
            stop=spent,
            sleep=lambda seconds: pause(seconds, self._timing.sleep),
            before_sleep=_log,
            reraise=True,
        )
        return retrying(function)

    def _wait(self, state: RetryCallState) -> float:
        ceiling = min(self._options.longest_wait, self._options.first_wait * 2 ** (state.attempt_number - 1))
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, ThrottledError) and error.retry_after is not None:
            return error.retry_after + self._timing.spread(min(1.0, ceiling))
        return self._timing.spread(ceiling)


def _log(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, ServiceError):
        reply = error.reply
        logger.info(
            "%s %s: %s, HTTP %s %s; attempt %d follows in %.1f s",
            reply.system,
            reply.operation,
            type(error).__name__,
            reply.status,
            reply.code,
            state.attempt_number + 1,
            state.upcoming_sleep,
        )


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds the service asks to wait: the longest of `Retry-After` and every `*-Retry-After` or `*-RetryAfter`
    header.

    Names are compared without case; a value is a number of seconds or an HTTP date. None when there is no usable hint.
    Source: Intacct HTTP headers guide (several spellings); RFC 9110, 10.2.3.
    """
    hints = [
        seconds
        for name, value in headers.items()
        if name.lower().replace("-", "").endswith("retryafter")
        for seconds in [_seconds(value, now)]
        if seconds is not None
    ]
    return max(hints, default=None)


def _seconds(value: str, now: datetime) -> float | None:
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (ValueError, TypeError):
        return None
