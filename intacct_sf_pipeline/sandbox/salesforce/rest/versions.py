"""API versions: which are live, which are retired, and the list of them.

Source: salesforce.md sections 3.1 and 12.17.
"""

import re

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError, not_found

OLDEST, FIRST_LIVE, NEWEST = 7, 31, 67
_SEGMENT = re.compile(r"v(\d{1,3})\.(\d)")
_SEASONS = ("Spring", "Summer", "Winter")
_SPRING_26 = 66


def read_version(segment: str) -> str:
    """The version of a path segment such as `v59.0`; raises 410 for retired ones and 404 for unknown ones."""
    match = _SEGMENT.fullmatch(segment)
    if match is None or match[2] != "0" or not OLDEST <= int(match[1]) <= NEWEST:
        raise not_found()
    if int(match[1]) < FIRST_LIVE:
        raise ApiError(
            "UNSUPPORTED_API_VERSION", f"API version {match[1]}.0 has been retired. Use a supported version."
        )
    return f"{match[1]}.0"


def version_list() -> list[dict[str, str]]:
    """The live versions, oldest first."""
    return [
        {"label": _label(n), "url": f"/services/data/v{n}.0", "version": f"{n}.0"}
        for n in range(FIRST_LIVE, NEWEST + 1)
    ]


def _label(number: int) -> str:
    years, season = divmod(number - _SPRING_26, len(_SEASONS))
    winter = _SEASONS[season] == "Winter"
    return f"{_SEASONS[season]} '{26 + years + winter:02d}"
