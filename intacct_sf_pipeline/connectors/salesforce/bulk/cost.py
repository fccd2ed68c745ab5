"""What writing and reading cost in API calls, by single calls and by jobs, and so from how many rows a job pays. Pure.

Source: REST Guide (200 records per collections call, 2,000 rows per page); Bulk Guide; Limits Ref: each HTTP call of a
job is a call, rows are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FEWEST_ROWS: Final = 2_000
"""Salesforce's own rule: below this, collections. Source: Bulk Guide."""

RESULT_PAGE: Final = 50_000
"""Rows asked for per page of a query job's results."""

EXPECTED_POLLS: Final = 5
"""How often a job is asked after, by the pauses of `patience` and the minutes that jobs of some 10,000 rows take."""

_WRITE_CALLS: Final = 3 + EXPECTED_POLLS + 2
"""Create, upload, close; polls; successful and failed results."""

_READ_CALLS: Final = 1 + EXPECTED_POLLS


@dataclass(frozen=True)
class Costs:
    """Sizes of one org's calls; `from_rows` overrides the sums: rows from which a job is used, 0: never."""

    write_batch: int
    page: int
    result_page: int
    from_rows: int | None = None

    def job_writes(self, rows: int) -> bool:
        """Whether writing so many records takes fewer calls by a job."""
        if self.from_rows is not None:
            return 0 < self.from_rows <= rows
        return rows >= FEWEST_ROWS and calls(rows, self.write_batch) > _WRITE_CALLS

    def job_reads(self, rows: int, *, read: int = 0) -> bool:
        """Whether a job takes fewer calls than the pages that are left after `read` of `rows`."""
        if self.from_rows is not None:
            return 0 < self.from_rows <= rows
        return _READ_CALLS + calls(rows, self.result_page) < calls(rows - read, self.page)


def calls(rows: int, per_call: int) -> int:
    """How many calls so many rows take."""
    return -(-max(0, rows) // per_call)
