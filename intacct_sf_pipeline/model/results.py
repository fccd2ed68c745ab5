"""What steps give back: counts, outcomes and reports.

Turned into JSON by the CLI and into metadata by the orchestration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from intacct_sf_pipeline.model.errors import ServiceReply
from intacct_sf_pipeline.model.plans import Baseline
from intacct_sf_pipeline.model.records import CanonicalRecord, Link, Scalar, Side, SourceRow
from intacct_sf_pipeline.model.spend import CallKind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Extent:
    """The rows whose `column` is one of `values`."""

    column: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a feed. `server_time` is the service's clock when the read began (same on every page).

    `missing` is how many rows the service announced with this page and did not send. With `all_of`, the page holds all
    rows there are of that extent: others of it are gone (deleted records that a service tells of by their ids).
    """

    rows: tuple[SourceRow, ...]
    server_time: datetime
    total: int | None = None
    missing: int = 0
    all_of: Extent | None = None


@dataclass(frozen=True, slots=True)
class LandCounts:
    """Rows of one feed put into its landing table: read, and of these new, changed or deleted."""

    read: int = 0
    new: int = 0
    changed: int = 0
    deleted: int = 0

    def __add__(self, other: LandCounts) -> LandCounts:
        """Sum of both."""
        return LandCounts(
            self.read + other.read, self.new + other.new, self.changed + other.changed, self.deleted + other.deleted
        )


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One primary row with the related rows that belong to it, ready to be composed into a canonical record.

    `row` is None when the primary row is deleted or gone; `related` maps alias -> rows in key order.
    """

    key: str
    row: Mapping[str, Scalar] | None
    modified: datetime | None = None
    related: Mapping[str, tuple[Mapping[str, Scalar], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """Work taken from a queue: `tokens` are given back to the store when the work is committed."""

    tokens: tuple[int, ...]
    items: tuple[T, ...]

    def __bool__(self) -> bool:
        """Whether there was any work."""
        return bool(self.tokens)


@dataclass(frozen=True, slots=True)
class Case:
    """A record or a linked pair to be reconciled."""

    link: Link | None
    intacct: CanonicalRecord | None
    salesforce: CanonicalRecord | None
    baseline: Baseline | None = None

    def record(self, side: Side) -> CanonicalRecord | None:
        """The record of `side`."""
        return self.intacct if side is Side.INTACCT else self.salesforce


@dataclass(frozen=True, slots=True)
class MatchGroup:
    """All records that share one match key, by side; `linked` are those which have a partner already."""

    intacct: tuple[str, ...] = ()
    salesforce: tuple[str, ...] = ()
    linked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ColumnSchema:
    """What a service says about one of its fields (describe / model), as far as writing depends on it."""

    name: str
    type: str
    max_length: int | None = None
    creatable: bool = True
    updatable: bool = True
    required: bool = False
    unique: bool = False
    external_id: bool = False
    values: tuple[str, ...] = ()
    scale: int | None = None


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    """What a service says about one object: its fields by (dotted) name, and capabilities a caller may test for."""

    object: str
    columns: Mapping[str, ColumnSchema]
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """One record to write.

    `values` maps vendor columns (dotted, `alias.column` for related rows) to raw values; None clears. `current` holds
    the columns a sink may need to address related rows (their keys, the former parent). `natural_id` is the id or
    external id of a record to create. `place` is the Intacct entity to write in; None: where the connection is.
    """

    ref: str
    entity: str
    object: str
    create: bool
    key: str | None
    natural_id: str | None
    values: Mapping[str, Scalar]
    current: Mapping[str, Scalar] = field(default_factory=dict)
    idempotency_key: str = ""
    place: str | None = None


class WriteStatus(StrEnum):
    """How a write ended: unknown means it was sent and must be settled by looking.

    Not_sent had no effect and may be tried again.
    """

    WRITTEN = "written"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """The service's answer to one write request.

    `saved` names the columns that were stored although the request as a whole was refused (it took several calls).
    """

    ref: str
    status: WriteStatus
    key: str | None = None
    id: str | None = None
    error: ServiceReply | None = None
    duplicate: bool = False
    saved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spend:
    """API use of one system.

    `billed` in the vendor's own unit (Intacct transactions, Salesforce calls), and raw requests; `kinds` has the same
    by what the calls were for, where that is known.
    """

    billed: int = 0
    requests: int = 0
    kinds: Mapping[CallKind, Spend] = field(default_factory=dict)

    def __sub__(self, other: Spend) -> Spend:
        """What was spent since `other`."""
        none = Spend()
        kinds = {kind: self.kinds.get(kind, none) - other.kinds.get(kind, none) for kind in {*self.kinds, *other.kinds}}
        kinds = {kind: spent for kind, spent in kinds.items() if spent.billed or spent.requests}
        return Spend(self.billed - other.billed, self.requests - other.requests, kinds)


@dataclass(frozen=True, slots=True)
class Quota:
    """How far a vendor's allowance of calls is used, by all clients together, as last told at `at` (UTC).

    Salesforce: API calls of the rolling 24 hours.
    """

    used: int
    allowed: int
    at: datetime

    @property
    def left(self) -> int:
        """Calls that may still be made."""
        return max(0, self.allowed - self.used)


@dataclass(frozen=True, slots=True)
class StepReport:
    """Counts of one step (extract, stage, reconcile, write-back) of one entity, feed or side.

    `waiting` says why it did nothing, when the budget kept it back.
    """

    step: str
    subject: str
    counts: Mapping[str, int] = field(default_factory=dict)
    spend: Spend = field(default_factory=Spend)
    seconds: float = 0.0
    preview: tuple[Mapping[str, Scalar], ...] = ()
    lag_seconds: float | None = None
    waiting: str = ""
