"""The limit on requests at work at once: long ones are counted, and one too many is refused.

Source: salesforce.md section 10: 25 requests of 20 seconds or longer in production and sandbox orgs, 5 in developer
orgs; shorter ones are not limited. The refusal's words are those that clients report (OrgCheck 432).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError


@dataclass(frozen=True)
class LoadLimits:
    """How much may be at work at once.

    Attributes:
        concurrent: long-running requests at once.
        long_seconds: a request counts from this age on.
        service_seconds: time each request spends inside the service, so that the limit can be felt.
    """

    concurrent: int = 25
    long_seconds: float = 20.0
    service_seconds: float = 0.0


class Load:
    """The requests at work."""

    def __init__(self, limits: LoadLimits, clock: Callable[[], datetime]) -> None:
        self.limits = limits
        self._clock = clock
        self._begun: dict[object, datetime] = {}

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Counts one request while the block runs.

        Raises:
            ApiError: 403 REQUEST_LIMIT_EXCEEDED, too many long ones are at work.
        """
        now = self._clock()
        ages = [(now - begun).total_seconds() for begun in self._begun.values()]
        if sum(age >= self.limits.long_seconds for age in ages) >= self.limits.concurrent:
            raise ApiError("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
        mark = object()
        self._begun[mark] = now
        try:
            yield
        finally:
            del self._begun[mark]
