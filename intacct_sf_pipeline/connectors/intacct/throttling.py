"""What a refusal for too many requests means: which limit it is, when it ends, and what makes it rarer. Pure.

Source: HTTP headers guide (`X-IA-Hour-Rate-Limit`, a hard limit within 60 minutes; `X-IA-Throttle-Limit` and
`X-IA-TENANT-Throttle-Limit`, requests open at once of the application and of the company); concurrency guide. XML Web
Services name no limit with their refusal, so both are told of.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from intacct_sf_pipeline.connectors.retry import retry_after
from intacct_sf_pipeline.model.errors import ServiceError, ThrottledError

_HOUR: Final = "x-ia-hour-rate-limit"
_RETRY: Final = "retryafter"
_NO_LOSS: Final = "nothing is lost, the next run goes on where this one stopped"
_RARER: Final = "if it comes often, widen the cadences in `schedule`, or let what matters less wait by a `budget`"
_FEWER: Final = "lower INTACCT_CONCURRENCY"
_OTHERS: Final = "all programs of the company count together"
_TOO_MANY: Final = (429, 503)


def explained(error: ServiceError, headers: Mapping[str, str], now: datetime) -> ServiceError:
    """`error`; one that says that there were too many requests with `limit_cure`, by the headers it came with."""
    if not isinstance(error, ThrottledError) or error.reply.status not in _TOO_MANY:
        return error
    return ThrottledError(error.reply, error.retry_after, limit_cure(headers, now, retry_after(headers, now)))


def limit_cure(headers: Mapping[str, str], now: datetime, wait: float | None) -> str:
    """What to do about a refusal with status 429, by the headers of the reply.

    Args:
        headers: of the reply, names in any case.
        now: when it came, aware.
        wait: seconds that the service asked to wait, None if it did not.
    """
    told = {name.lower(): value.strip() for name, value in headers.items()}
    until = "" if wait is None else f" until about {_minute(now + timedelta(seconds=wait)):%H:%M} UTC"
    if _is_hourly(told):
        limit = told.get(_HOUR, "")
        many = f"the {limit} requests" if limit.isdigit() else "the requests"
        return f"{many} that Intacct serves within an hour are used up{until}; {_NO_LOSS}; {_RARER} ({_OTHERS})"
    if any("throttle-limit" in name for name in told):
        return f"too many requests were open at once: {_FEWER} ({_OTHERS}); {_NO_LOSS}"
    return (
        f"Intacct limits the requests open at once and those within an hour, and served none{until}; {_NO_LOSS}; "
        f"{_RARER}; {_FEWER} if requests at once are meant ({_OTHERS})"
    )


def _is_hourly(told: Mapping[str, str]) -> bool:
    """Whether the limit of the hour is meant: nothing of it is left, or the time to wait is named for it."""
    return told.get(f"{_HOUR}-remaining") == "0" or any(
        name.startswith(_HOUR) and name.replace("-", "").endswith(_RETRY) for name in told
    )


def _minute(moment: datetime) -> datetime:
    """The next full minute."""
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
