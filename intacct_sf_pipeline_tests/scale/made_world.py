"""Two services of any size that hold nothing in memory: every row follows from its number.

Customers and accounts, and their contacts, numbered from `FIRST` on; both sides agree until somebody edits. What is
written is believed: a new Salesforce record shows what its Intacct partner holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, islice

from intacct_sf_pipeline.model.clocks import Glance
from intacct_sf_pipeline.model.mapping import FeedSpec, SyncMapping
from intacct_sf_pipeline.model.records import Scalar, Side, SourceRow
from intacct_sf_pipeline.model.results import (
    ColumnSchema,
    ObjectSchema,
    Page,
    Quota,
    Spend,
    WriteOutcome,
    WriteRequest,
    WriteStatus,
)
from intacct_sf_pipeline.model.windows import Window

FIRST = 1_000_001
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
_NUMBER = re.compile(r"(\d{7})\D*$")
_PREFIX = {"accounts": "001", "contacts": "003"}
ROWS = ("customers", "contacts", "customer_contacts", "accounts")
Values = Mapping[str, Scalar]


class MovedClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def salesforce_id(feed: str, number: int) -> str:
    """The id of an account or contact."""
    return f"{_PREFIX[feed]}{number:012d}AAA"


def values_of(side: Side, feed: str, number: int) -> dict[str, Scalar]:
    """A row before anybody edits it; empty for feeds that have no rows."""
    make = _MADE.get((side, feed))
    return make(number) if make else {}


def _customer(n: int) -> dict[str, Scalar]:
    address = "contacts.default.mailingAddress"
    return {
        "key": f"{n}", "id": f"C{n}", "status": "active", "name": f"Invented {n} Ltd", "notes": None,
        "contacts.default.key": f"D{n}", "contacts.default.id": f"Default {n}", "contacts.default.phone1": phone(n),
        f"{address}.addressLine1": f"{n} Example Road", f"{address}.addressLine2": None,
        f"{address}.addressLine3": None, f"{address}.city": f"Town {n}", f"{address}.state": "CA",
        f"{address}.postCode": f"{n % 100_000:05d}", f"{address}.isoCountryCode": "US",
    }  # fmt: skip


def _account(n: int) -> dict[str, Scalar]:
    return {
        "Id": salesforce_id("accounts", n), "IntacctID__c": f"C{n}", "AccountNumber": f"C{n}",
        "Name": f"Invented {n} Ltd", "Type": "Customer - Direct", "Phone": phone(n), "Description": None,
        "BillingStreet": f"{n} Example Road", "BillingCity": f"Town {n}", "BillingState": "CA",
        "BillingPostalCode": f"{n % 100_000:05d}", "BillingCountry": "US",
    }  # fmt: skip


def _intacct_contact(n: int) -> dict[str, Scalar]:
    return {
        "key": f"{n}", "id": f"K{n}", "status": "active", "companyName": f"Invented {n} Ltd", "prefix": "Ms.",
        "firstName": f"First{n}", "lastName": f"Last{n}", "phone1": phone(n), "mobile": None,
        "email1": f"p{n}@invented.example",
    }  # fmt: skip


def _list_entry(n: int) -> dict[str, Scalar]:
    return {"key": f"{n}", "contact.key": f"{n}", "customer.key": f"{n}", "categoryName": "Buyer"}


def _salesforce_contact(n: int) -> dict[str, Scalar]:
    return {
        "Id": salesforce_id("contacts", n), "IntacctID__c": f"K{n}", "AccountId": salesforce_id("accounts", n),
        "Salutation": "Ms.", "FirstName": f"First{n}", "LastName": f"Last{n}", "Title": "Buyer", "Phone": phone(n),
        "MobilePhone": None, "Email": f"p{n}@invented.example",
    }  # fmt: skip


_MADE = {
    (Side.INTACCT, "customers"): _customer,
    (Side.INTACCT, "contacts"): _intacct_contact,
    (Side.INTACCT, "customer_contacts"): _list_entry,
    (Side.SALESFORCE, "accounts"): _account,
    (Side.SALESFORCE, "contacts"): _salesforce_contact,
}
_CONTACTS = ((Side.INTACCT, "contacts"), (Side.INTACCT, "customer_contacts"), (Side.SALESFORCE, "contacts"))


def phone(number: int) -> str:
    """A telephone number in international form."""
    return f"+1415{number}"


@dataclass
class MadeService:
    """One of the two services: `engine.ports.Connector` over rows that are made when they are asked for.

    `numbers` and `contacts` say which accounts and contacts exist; of a Salesforce that starts `empty`, those that were
    created. `calls` counts what was asked, by verb and feed or object.
    """

    side: Side
    mapping: SyncMapping
    clock: MovedClock
    numbers: range
    contacts: range
    empty: bool = False
    page_size: int = 2000
    calls: dict[str, int] = field(default_factory=dict)
    edits: dict[tuple[str, int], tuple[Values, datetime]] = field(default_factory=dict)
    born: set[int] = field(default_factory=set)

    def edit(self, feed: str, numbers: Iterable[int], **values: Scalar) -> None:
        """A person edits rows; `{n}` in a text stands for the row's number."""
        for n in numbers:
            self._set(
                feed, n, {k.replace("__", "."): v.format(n=n) if isinstance(v, str) else v for k, v in values.items()}
            )

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """See `Connector.read`."""
        server, size = self.clock(), self.page_size
        if window.full:
            rows: Iterator[SourceRow] = (self._row(feed, n) for n in self._existing(feed))
            total = len(self._range(feed))
        else:
            changed = [n for (name, n), (_, at) in self.edits.items() if name == feed.name and _within(at, window)]
            rows, total = (self._row(feed, n) for n in sorted(changed)), len(changed)
        for number in count():
            page = tuple(islice(rows, size))
            if page or not number:
                self._count(f"read {feed.name}")
                yield Page(page, server, total)
            if len(page) < size:
                return

    def lookup(self, feed: FeedSpec, columns: Sequence[str], by: str, values: Collection[str]) -> list[SourceRow]:
        """See `Connector.lookup`."""
        self._count(f"lookup {feed.name}", -(-len(values) // self.page_size))
        asked = {n: value for value in values if (n := _number(value)) is not None and n in self._range(feed)}
        rows = [self._row(feed, n) for n in asked if self._exists(feed, n)]
        return [row for row in rows if row.values.get(by) in values]

    def describe(self, object_name: str) -> ObjectSchema:
        """See `Connector.describe`: everything may be written."""
        feeds = [feed for feed in self.mapping.used_feeds() if feed.side is self.side and feed.object == object_name]
        names = {column for feed in feeds for column in self.mapping.columns(feed)}
        return ObjectSchema(
            object_name, {n: ColumnSchema(n, "string", external_id=n.startswith("IntacctID")) for n in names}
        )

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        """See `Connector.write`: everything succeeds."""
        self._count(f"write {requests[0].object}")
        yield [self._written(request) for request in requests]

    def spend(self) -> Spend:
        """See `Connector.spend`."""
        return Spend(sum(self.calls.values()), sum(self.calls.values()))

    def glances(self) -> Sequence[Glance]:
        """See `Connector.glances`."""
        return ()

    def quota(self) -> Quota | None:
        """See `Connector.quota`."""
        return None

    def newest(self, feed: FeedSpec) -> datetime | None:
        """See `Connector.newest`."""
        return max((at for (name, _), (_, at) in self.edits.items() if name == feed.name), default=START)

    def merged_into(self, feed: FeedSpec, keys: Collection[str]) -> Mapping[str, str]:
        """See `Connector.merged_into`."""
        return {}

    def batch_size(self) -> int:
        """See `Connector.batch_size`."""
        return 200

    def at_once(self) -> int:
        """See `Connector.at_once`."""
        return 1

    def goes_alone(self, request: WriteRequest) -> bool:
        """See `Connector.goes_alone`."""
        return False

    def jobs(self) -> None:
        """None are offered."""
        return

    def _written(self, request: WriteRequest) -> WriteOutcome:
        feed = next(f for f in self.mapping.used_feeds() if f.side is self.side and f.object == request.object)
        if request.create:
            number = _number(str(request.natural_id)) or 0
            key = salesforce_id(feed.name, number)
            self.born.add(number)
            return WriteOutcome(request.ref, WriteStatus.WRITTEN, key=key, id=request.natural_id)
        self._set(feed.name, _number(str(request.key)) or 0, request.values)
        return WriteOutcome(request.ref, WriteStatus.WRITTEN, key=request.key)

    def _set(self, feed: str, number: int, values: Values) -> None:
        before, _ = self.edits.get((feed, number), ({}, START))
        self.edits[feed, number] = {**before, **values}, self.clock()

    def _row(self, feed: FeedSpec, number: int) -> SourceRow:
        edited, at = self.edits.get((feed.name, number), ({}, START))
        values = {**values_of(self.side, feed.name, number), **edited}
        return SourceRow(str(values[feed.key]), values, at)

    def _range(self, feed: FeedSpec) -> range:
        if (self.side, feed.name) not in _MADE:
            return range(0)
        return self.contacts if (self.side, feed.name) in _CONTACTS else self.numbers

    def _existing(self, feed: FeedSpec) -> Iterator[int]:
        return (n for n in self._range(feed) if self._exists(feed, n))

    def _exists(self, feed: FeedSpec, number: int) -> bool:
        return not self.empty or number in self.born

    def _count(self, what: str, times: int = 1) -> None:
        self.calls[what] = self.calls.get(what, 0) + times


def made_world(
    mapping: SyncMapping, clock: MovedClock, numbers: range, contacts: range, *, empty: bool = False
) -> dict[Side, MadeService]:
    """Both services; `empty`: Salesforce has nothing yet."""
    return {
        side: MadeService(side, mapping, clock, numbers, contacts, empty=empty and side is Side.SALESFORCE)
        for side in Side
    }


def _number(text: str) -> int | None:
    found = _NUMBER.search(text)
    return int(found[1]) if found else None


def _within(at: datetime, window: Window) -> bool:
    return (window.start is None or at >= window.start) and (window.end is None or at < window.end)
