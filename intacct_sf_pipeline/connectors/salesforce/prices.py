"""Writing price book entries by the rules of the platform.

An entry's product and book are set once. The standard price comes before any other of the same product. An entry
that copies the standard price must be told to stop, in a call of its own, before it takes a price. There is no
external id, so an entry that exists already is answered as a duplicate. Source: Object Reference (PricebookEntry);
Help, UseStandardPrice.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.outcomes import BatchResult, in_turn, outcome_of
from intacct_sf_pipeline.connectors.salesforce.ids import full_id
from intacct_sf_pipeline.connectors.salesforce.reader import Reader
from intacct_sf_pipeline.connectors.salesforce.soql import one_of
from intacct_sf_pipeline.connectors.salesforce.writer import RecordWriter
from intacct_sf_pipeline.model.errors import ServiceError, ValidationFailedError
from intacct_sf_pipeline.model.records import Scalar
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus

OBJECT: Final = "PricebookEntry"
STANDARD: Final = "standard"
_BOOK_COLUMNS: Final = frozenset({"Pricebook2Id", "Pricebook2.Name", "Pricebook2.IsStandard"})
_FIXED: Final = _BOOK_COLUMNS | {"Product2Id", "CurrencyIsoCode"}
_COPIES: Final = "UseStandardPrice"
_PRICE: Final = "UnitPrice"
_CALL: Final = Call("salesforce", f"create {OBJECT}", write=True)


@dataclass(frozen=True)
class Books:
    """The org's price books: the standard one, and the others by name without case (None: the name is not unique)."""

    standard: str | None
    named: Mapping[str, str | None]

    def find(self, values: Mapping[str, Scalar]) -> str | None:
        """The id of the book that `values` name by id, as the standard one, or by name."""
        if values.get("Pricebook2Id"):
            return full_id(str(values["Pricebook2Id"]))
        name = str(values.get("Pricebook2.Name") or "").casefold()
        if values.get("Pricebook2.IsStandard") is True or name == STANDARD:
            return self.standard
        return self.named.get(name)


class PriceWriter:
    """Writes price book entries; the same promises as `RecordWriter`."""

    def __init__(self, reader: Reader, records: RecordWriter) -> None:
        self._reader, self._records = reader, records
        self._asking = threading.Lock()
        self._books: Books | None = None

    def write(self, requests: Sequence[WriteRequest]) -> BatchResult:
        """Write at most one batch: standard prices, then other books' prices, then changes."""
        creates = [request for request in requests if request.create]
        try:
            placed = self._placed(creates)
        except ServiceError as error:
            return BatchResult([outcome_of(request, error) for request in requests], error)
        standard = self._books.standard if self._books else None
        first = [r for r in creates if r.ref in placed and placed[r.ref].values["Pricebook2Id"] == standard]
        others = [r for r in creates if r.ref in placed and placed[r.ref].values["Pricebook2Id"] != standard]
        return in_turn(
            requests,
            [
                ([r for r in creates if r.ref not in placed], _no_such_book),
                (first, lambda part: self._records.insert([placed[request.ref] for request in part])),
                (others, lambda part: self._records.insert([placed[request.ref] for request in part])),
                ([request for request in requests if not request.create], self._update),
            ],
        )

    def standard_entry(self, request: WriteRequest) -> WriteRequest | None:
        """A new entry with the id of its book, if that is the standard one; else None.

        Raises:
            ServiceError: the books could not be asked for.
        """
        placed = self._placed([request]).get(request.ref)
        standard = self._books.standard if self._books else None
        return placed if placed is not None and placed.values["Pricebook2Id"] == standard else None

    def _placed(self, creates: Sequence[WriteRequest]) -> dict[str, WriteRequest]:
        """The creations with the id of their book; those whose book does not exist are left out. Books are asked for
        when needed.
        """
        if not creates:
            return {}
        with self._asking:
            books = self._books
            if books is None or any(books.find(request.values) is None for request in creates):
                books = self._books = self._ask()
        placed = {}
        for request in creates:
            book = books.find(request.values)
            if book is not None:
                values = {name: value for name, value in request.values.items() if name not in _BOOK_COLUMNS}
                placed[request.ref] = replace(request, values={**values, "Pricebook2Id": book})
        return placed

    def _ask(self) -> Books:
        standard: str | None = None
        named: dict[str, str | None] = {}
        for record in self._reader.records("Pricebook2", ("Id", "Name", "IsStandard"), (), deleted=False):
            key, name = full_id(str(record["Id"])), str(record["Name"]).casefold()
            standard = key if record["IsStandard"] else standard
            named[name] = None if name in named else key
        return Books(standard, named)

    def _update(self, requests: Sequence[WriteRequest]) -> BatchResult:
        """Change entries by id."""
        changes = [replace(r, values={k: v for k, v in r.values.items() if k not in _FIXED}) for r in requests]
        copying = [r for r in changes if r.current.get(_COPIES) is True and _PRICE in r.values]
        return in_turn(
            requests,
            [
                ([r for r in changes if not r.values], _nothing_to_do),
                (copying, self._freed),
                ([r for r in changes if r.values and r not in copying], self._tried),
            ],
        )

    def _freed(self, requests: Sequence[WriteRequest]) -> BatchResult:
        """Tell entries that copy the standard price to stop, then change those that did."""
        stopped = self._records.update([replace(request, values={_COPIES: False}) for request in requests])
        outcomes = {outcome.ref: outcome for outcome in stopped.outcomes}
        going = [request for request in requests if outcomes[request.ref].status is WriteStatus.WRITTEN]
        if stopped.fatal is not None or not going:
            return stopped
        changed = self._records.update(going)
        outcomes.update((outcome.ref, outcome) for outcome in changed.outcomes)
        return BatchResult([outcomes[request.ref] for request in requests], changed.fatal)

    def _tried(self, requests: Sequence[WriteRequest]) -> BatchResult:
        """Change entries; those refused because they copy the standard price, unknown to the caller, are freed and
        changed.
        """
        result = self._records.update(requests)
        outcomes = {outcome.ref: outcome for outcome in result.outcomes}
        refused = {full_id(str(r.key)): r for r in requests if _PRICE in r.values and _is_integrity(outcomes[r.ref])}
        if result.fatal is not None or not refused:
            return result
        conditions = [one_of("Id", sorted(refused)), f"{_COPIES} = true"]
        copying = [str(record["Id"]) for record in self._reader.records(OBJECT, ("Id",), conditions, deleted=False)]
        if not copying:
            return result
        again = self._freed([refused[full_id(key)] for key in copying])
        outcomes.update((outcome.ref, outcome) for outcome in again.outcomes)
        return BatchResult([outcomes[request.ref] for request in requests], again.fatal)


def _is_integrity(outcome: WriteOutcome) -> bool:
    return outcome.error is not None and outcome.error.code == "FIELD_INTEGRITY_EXCEPTION"


def _nothing_to_do(requests: Sequence[WriteRequest]) -> BatchResult:
    return BatchResult([WriteOutcome(r.ref, WriteStatus.WRITTEN, key=r.key, id=r.natural_id) for r in requests])


def _no_such_book(requests: Sequence[WriteRequest]) -> BatchResult:
    message = "the org has no price book of this name, or several; create it, rename one, or change the mapping"
    error = ValidationFailedError(_CALL.reply(code="NO_SUCH_PRICE_BOOK", message=message, fields=("Pricebook2Id",)))
    return BatchResult([outcome_of(request, error) for request in requests])
