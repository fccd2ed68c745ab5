"""What the service bills and what was asked: the API request meter and the request log.

Source: salesforce.md section 10 ("Counting").
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError

WINDOW = timedelta(hours=24)
LOG_LENGTH = 20_000


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One answered request; `api_calls` is what it cost, `user_agent` and `host` what the client said."""

    method: str
    path: str
    query: str
    status: int
    api_calls: int
    host: str


class ApiMeter:
    """Counts API requests in a rolling window of 24 hours against the org's quota."""

    def __init__(self, clock: Callable[[], datetime], quota: int) -> None:
        self._clock = clock
        self.quota = quota
        self.total = 0
        self._minutes: deque[tuple[datetime, int]] = deque()
        self._in_window = 0

    @property
    def used(self) -> int:
        """Requests of the last 24 hours."""
        oldest = self._clock() - WINDOW
        while self._minutes and self._minutes[0][0] <= oldest:
            self._in_window -= self._minutes.popleft()[1]
        return self._in_window

    def charge(self, calls: int) -> None:
        """Bills `calls` requests; raises REQUEST_LIMIT_EXCEEDED when the quota is used up."""
        if self.used >= self.quota:
            raise ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        minute = self._clock().replace(second=0, microsecond=0)
        if self._minutes and self._minutes[-1][0] == minute:
            self._minutes[-1] = (minute, self._minutes[-1][1] + calls)
        else:
            self._minutes.append((minute, calls))
        self._in_window += calls
        self.total += calls

    def header(self) -> str:
        """The value of Sforce-Limit-Info."""
        return f"api-usage={self.used}/{self.quota}"
