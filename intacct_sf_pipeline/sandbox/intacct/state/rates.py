"""Limits on how fast and how much at once: the refusal with its header in every spelling, and the hourly count.

Source: intacct-rest.md sections 1.3 (headers) and 8 (concurrency); HTTP headers guide.
"""

from collections import deque
from datetime import datetime, timedelta
from email.utils import format_datetime

from intacct_sf_pipeline.sandbox.intacct.errors import GatewayError
from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions

HOUR = timedelta(minutes=60)


def throttled(options: CompanyOptions, seconds: int, now: datetime) -> GatewayError:
    """429 GW-0010, with the header in which this company names the time to wait."""
    named = format_datetime(now + timedelta(seconds=seconds), usegmt=True) if options.throttle_as_date else str(seconds)
    headers: dict[str, str] = {options.throttle_header: named} if options.throttle_header else {}
    return GatewayError(429, "GW-0010", "API rate limit exceeded", headers)


class HourlyCount:
    """Requests of the last 60 minutes against the company's hard limit, if it has one."""

    def __init__(self, options: CompanyOptions) -> None:
        """Args: the switches, of which `hour_limit` counts."""
        self._options = options
        self._moments: deque[datetime] = deque()

    def admit(self, now: datetime) -> None:
        """Counts one request.

        Raises:
            GatewayError: 429, the limit is passed; its header says when the oldest request leaves the window.
        """
        limit = self._options.hour_limit
        if limit is None:
            return
        while self._moments and self._moments[0] <= now - HOUR:
            self._moments.popleft()
        if len(self._moments) >= limit:
            oldest = self._moments[0] if self._moments else now
            wait = max(1, round((oldest + HOUR - now).total_seconds()))
            headers = {**self.headers(), "X-IA-Hour-Rate-Limit-Retry-After": str(wait)}
            raise GatewayError(429, "GW-0010", "API rate limit exceeded", headers)
        self._moments.append(now)

    def headers(self) -> dict[str, str]:
        """What every answer says of the hourly limit; nothing without one."""
        limit = self._options.hour_limit
        if limit is None:
            return {}
        left = max(0, limit - len(self._moments))
        return {"X-IA-Hour-Rate-Limit": str(limit), "X-IA-Hour-Rate-Limit-Remaining": str(left)}
