"""What the vendor bills and what the tests ask about: transactions, and a bounded log of requests.

Source: the reference, 8: every record created, updated or deleted counts one, a query one per page, a record read by
key one. Model and token calls are counted apart and not billed (UNCONFIRMED).
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class TransactionMeter:
    """Transactions so far.

    Attributes:
        records_written: records created, updated or deleted, inside batches too.
        query_pages: query calls.
        records_read: records read by key or listed pages.
        model_calls, token_calls: seen but not billed.
        by_object: the billed ones per object name.
    """

    records_written: int = 0
    query_pages: int = 0
    records_read: int = 0
    model_calls: int = 0
    token_calls: int = 0
    by_object: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """Billed transactions."""
        return self.records_written + self.query_pages + self.records_read

    def __int__(self) -> int:
        """Billed transactions, for plain arithmetic."""
        return self.total

    def wrote(self, object_name: str, records: int = 1) -> None:
        """Counts records written."""
        self.records_written += records
        self.by_object[object_name] += records

    def queried(self, object_name: str) -> None:
        """Counts one page of a query."""
        self.query_pages += 1
        self.by_object[object_name] += 1

    def read(self, object_name: str, records: int = 1) -> None:
        """Counts records read by key."""
        self.records_read += records
        self.by_object[object_name] += records

    def reset(self) -> None:
        """Starts again from nothing."""
        self.records_written = self.query_pages = self.records_read = self.model_calls = self.token_calls = 0
        self.by_object.clear()


@dataclass(frozen=True)
class RequestRecord:
    """One request as the log keeps it; never a token, a secret or a record's content.

    Attributes:
        at: when it arrived.
        method, path: as sent, without query string.
        status: HTTP status of the answer.
        object_name: the object asked for, where there is one.
        user: the signed-in user, or None.
        entity: the entity acted in, or None for the top level.
        idempotency_key: as sent.
        functions: names of the calls, for the XML door.
    """

    at: datetime
    method: str
    path: str
    status: int
    object_name: str | None = None
    user: str | None = None
    entity: str | None = None
    idempotency_key: str | None = None
    functions: tuple[str, ...] = ()
