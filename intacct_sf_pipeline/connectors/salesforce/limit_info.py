"""What every reply says about the org's API use: the header `Sforce-Limit-Info`.

Source: REST Guide, Limit Info Header: `api-usage=18/5000`, perhaps followed by `; api-bursts=...` or
`; per-app-api-usage=17/250(appName=x)`.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from intacct_sf_pipeline.model.results import Quota

HEADER: Final = "Sforce-Limit-Info"
_USAGE: Final = re.compile(r"(?:^|[\s;,])api-usage=(\d{1,18})/(\d{1,18})")


def read_limit_info(value: str | None, at: datetime) -> Quota | None:
    """The org's calls of the last 24 hours in a header's value, all its clients together; None when it tells none."""
    found = _USAGE.search(value or "")
    return Quota(used=int(found[1]), allowed=int(found[2]), at=at) if found else None


def used_up(quota: Quota | None) -> str:
    """What to do when no call is left."""
    known = f" ({quota.used} of {quota.allowed})" if quota is not None else ""
    return (
        f"all API calls of the last 24 hours are used{known}: wait until enough of them are a day old"
        " (Setup > Company Information > API Requests, Last 24 Hours), find who uses them, or buy more"
    )
