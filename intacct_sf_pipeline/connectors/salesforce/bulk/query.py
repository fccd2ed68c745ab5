"""Reading a whole object by a query job, where that takes fewer calls than its pages.

The rows must come out exactly as the query resource gives them: what each cell means is told by describe. Source:
Bulk Guide, Query; salesforce.md section 5.3.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.salesforce.bulk.api import COMPLETE, BulkApi, JobInfo
from intacct_sf_pipeline.connectors.salesforce.bulk.cells import Reading, reading
from intacct_sf_pipeline.connectors.salesforce.bulk.cost import Costs
from intacct_sf_pipeline.connectors.salesforce.bulk.patience import Patience, until
from intacct_sf_pipeline.connectors.salesforce.bulk.spool import read_rows, temporary_file
from intacct_sf_pipeline.connectors.salesforce.describe import Describes
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.model.errors import (
    PermissionDeniedError,
    RecordNotFoundError,
    TransientError,
    ValidationFailedError,
)

logger = logging.getLogger(__name__)
_PART: Final = 2_000
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """Some rows of a read; `missing` is told with the last part: how many were announced and did not come."""

    records: list[Record]
    missing: int = 0


class BulkReader:
    """Query jobs of one org."""

    def __init__(self, bulk: BulkApi, describes: Describes, costs: Costs, timing: Timing, patience: Patience) -> None:
        self._bulk, self._describes, self._costs = bulk, describes, costs
        self._timing, self._patience = timing, patience

    def pays(self, total: int, read: int) -> bool:
        """Whether a job takes fewer calls than the pages left after `read` of `total` rows."""
        return self._costs.job_reads(total, read=read)

    def rows(self, sobject: str, fields: Sequence[str], soql: str, *, deleted: bool) -> Iterator[Part] | None:
        """The rows of a query of `fields`, in parts; None when no job can give them."""
        readings = self._readings(sobject, fields)
        if readings is None:
            return None
        try:
            job = self._bulk.create_query(soql, deleted=deleted)
        except (ValidationFailedError, PermissionDeniedError, RecordNotFoundError) as error:
            logger.info("salesforce %s: no query job, reading pages: %s", sobject, error)
            return None
        info = self._ended(job)
        if info is None or info.state != COMPLETE:
            word = "is under way still" if info is None else f"{info.state}: {info.message}"
            logger.warning("salesforce %s: query job %s %s, reading pages", sobject, job.id, word)
            return None
        return self._parts(info, readings)

    def _readings(self, sobject: str, fields: Sequence[str]) -> dict[str, Reading] | None:
        found: dict[str, Reading] = {}
        for field in fields:
            kind = self._describes.kind(sobject, field)
            read = reading(kind) if kind is not None else None
            if read is None:
                return None
            found[field] = read
        return found

    def _ended(self, job: JobInfo) -> JobInfo | None:
        found: list[JobInfo] = []

        def over() -> bool:
            found[:] = [self._bulk.query(job.id)]
            return found[0].ended

        return found[0] if until(self._timing, self._patience, over) else None

    def _parts(self, job: JobInfo, readings: Mapping[str, Reading]) -> Iterator[Part]:
        locator: str | None = None
        count, announced = 0, 0
        visited = set[str]()
        while True:
            with temporary_file() as file:
                page = self._bulk.query_results(job.id, locator, self._costs.result_page, file)
                announced += page.rows
                for records in _grouped(file, readings):
                    count += len(records)
                    yield Part(records)
            if page.following is None:
                yield Part([], missing=max(0, max(announced, job.processed) - count))
                return
            if page.following in visited:
                raise TransientError(_CALL.reply(None, "astray", "the service keeps leading back to the same page"))
            visited.add(page.following)
            locator = page.following


_CALL: Final = Call("salesforce", "fetch query job results")


def _grouped(file: BinaryIO, readings: Mapping[str, Reading]) -> Iterator[list[Record]]:
    part: list[Record] = []
    for header, row in read_rows(file):
        part.append(_record(header, row, readings))
        if len(part) >= _PART:
            yield part
            part = []
    if part:
        yield part


def _record(header: Sequence[str], row: Sequence[str], readings: Mapping[str, Reading]) -> Record:
    """A row as the query resource would give it: parents' fields in records of their own."""
    record: dict[str, Any] = {}
    for name, text in zip(header, row, strict=True):
        *parents, field = name.split(".")
        node = record
        for parent in parents:
            node = node.setdefault(parent, {})
        node[field] = readings[name](text)
    return record
