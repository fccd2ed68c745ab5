"""One row of a job: which records can be one, under which key, and what its result means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.outcomes import outcome_of
from intacct_sf_pipeline.connectors.salesforce.bulk.cells import cell
from intacct_sf_pipeline.connectors.salesforce.faults import item_refusal
from intacct_sf_pipeline.connectors.salesforce.ids import full_id
from intacct_sf_pipeline.model.errors import ServiceReply, TransientError
from intacct_sf_pipeline.model.jobs import JobRow
from intacct_sf_pipeline.model.records import Scalar
from intacct_sf_pipeline.model.results import WriteRequest, WriteStatus

PRICES: Final = "PricebookEntry"
BY_JOB: Final = frozenset({"Account", "Contact", "Product2", PRICES})
"""Objects whose records go by jobs. Notes and states of holds are few and stay with single calls."""

_PARENTS: Final[Mapping[str, str]] = {"Contact": "AccountId", PRICES: "Product2Id"}
"""The lookup by which rows stand together, so that rows of one parent do not lock each other in parallel batches."""

_STANDARD: Final = "Pricebook2.IsStandard"

Placed = Callable[[WriteRequest], WriteRequest | None]
"""The request of a new price with its book's id, if that is the standard one; None for all others."""


@dataclass(frozen=True)
class Row:
    """A row's key, cells, and its parent (empty when it has none, or none is known)."""

    key: str
    cells: Mapping[str, str]
    parent: str


@dataclass(frozen=True)
class Entry:
    """How records of one object are entered into jobs, and results read.

    `operation` is the job's; `key_column` the column that carries a row's key, in uploads and in results.
    `external_field` is the same column for upserts, else None; `placed` is for new prices only.
    """

    sobject: str
    operation: str
    key_column: str
    external_field: str | None = None
    placed: Placed | None = None

    def row(self, request: WriteRequest) -> Row | None:
        """The row of a request; None when it cannot be one."""
        known = self._known(request)
        if known is None:
            return None
        key, values = known
        cells: dict[str, str] = {}
        for name, value in values.items():
            text = cell(value) if "." not in name else None
            if text is None:
                return None
            cells[name] = text
        cells[self.key_column] = key
        return Row(key, cells, cells.get(_PARENTS.get(self.sobject, ""), ""))

    def _known(self, request: WriteRequest) -> tuple[str, Mapping[str, Scalar]] | None:
        """What a request writes, and the key of its row."""
        if request.create != (self.operation != "update"):
            return None
        if self.operation == "update":
            fit = self.sobject != PRICES or request.current.get(_STANDARD) is True
            return (full_id(str(request.key)), request.values) if fit and request.values else None
        if self.placed is not None:
            placed = self.placed(request)
            key = str(placed.values.get(self.key_column) or "") if placed is not None else ""
            return (full_id(key), placed.values) if placed is not None and key else None
        named = request.natural_id and request.values.get(self.key_column) == request.natural_id
        return (str(request.natural_id), request.values) if named else None

    def written(self, result: Mapping[str, str]) -> JobRow:
        """A row of the successful results."""
        return JobRow(self._key(result), WriteStatus.WRITTEN, full_id(result.get("sf__Id", "")))

    def refused(self, result: Mapping[str, str]) -> JobRow:
        """A row of the failed results; the same meaning as the same error of a collections call has."""
        call = self._call()
        key = self._key(result)
        request = WriteRequest(key, "", self.sobject, self.operation != "update", None, None, {})
        outcome = outcome_of(request, item_refusal(call, [error_of(result.get("sf__Error", ""))]))
        target = result.get("sf__Id") or None
        return JobRow(key, outcome.status, full_id(target) if target else None, outcome.error, outcome.duplicate)

    def unreached(self, result: Mapping[str, str]) -> JobRow:
        """A row that the job never came to: it had no effect."""
        reply = self._call().reply(code="unprocessed", message="the job ended before it came to this record")
        error: ServiceReply = TransientError(reply).reply
        return JobRow(self._key(result), WriteStatus.NOT_SENT, error=error)

    def _key(self, result: Mapping[str, str]) -> str:
        text = result.get(self.key_column, "")
        return text if self.external_field else full_id(text)

    def _call(self) -> Call:
        return Call("salesforce", f"{self.operation} {self.sobject} by job", write=True)


def error_of(text: str) -> dict[str, object]:
    """`sf__Error` as an error object: code, text, fields, two dashes; the exact punctuation is not documented.

    Source: Bulk Guide, Get Job Failed Record Results (`REQUIRED_FIELD_MISSING:Required fields are missing:
    [Name]:Name --`).
    """
    code, _, rest = text.partition(":")
    message, colon, fields = rest.rpartition(":")
    if not colon or not fields.rstrip().endswith("--"):
        message, fields = rest, ""
    names = [name.strip() for name in fields.rstrip().removesuffix("--").split(",") if name.strip()]
    return {"statusCode": code.strip() or "unknown", "message": message or text, "fields": names}
